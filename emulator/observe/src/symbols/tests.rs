//! Names found, names refused, and tables that lie.

use super::*;

fn symbol(address: u64, size: u64, name: &str) -> Symbol {
    Symbol { address, size, code: true, name: name.to_string() }
}

fn symbols() -> Symbols {
    Symbols::new(vec![
        symbol(0x2000, 0x100, "a::b::run"),
        symbol(0x1000, 0, "start"),
        symbol(0x2100, 8, "c::stop"),
        symbol(0x9000, 4, "d::stop"),
        symbol(0x2000, 0, "label"),
    ])
}

#[test]
fn an_address_lies_in_a_symbol_or_in_none() {
    let s = symbols();
    let name = |address| s.name(address).unwrap_or_default();
    assert_eq!([name(0x2000), name(0x2004), name(0x20ff)], ["a::b::run", "a::b::run+0x4", "a::b::run+0xff"]);
    assert_eq!([name(0x1010), name(0x2108), name(0xfff)], ["start+0x10", "", ""]);
}

#[test]
fn a_name_is_found_whole_or_by_its_only_ending() {
    let s = symbols();
    let find = |name| s.find(name).map(|s| s.address);
    assert_eq!([find("a::b::run"), find("run"), find("start")], [Some(0x2000), Some(0x2000), Some(0x1000)]);
    assert_eq!([find("stop"), find("un"), find("")], [None; 3]);
    assert_eq!(s.like("stop"), ["c::stop", "d::stop"]);
}

/// An image with one section header for a symbol table, one for its strings.
fn image() -> Vec<u8> {
    let mut f = vec![0u8; 64];
    f[..6].copy_from_slice(b"\x7fELF\x02\x01");
    f[40] = 64;
    f[60] = 2;
    let mut header = |kind: u8, offset: u8, size: u8, link: u8| {
        let mut h = [0u8; 64];
        (h[4], h[24], h[32], h[40]) = (kind, offset, size, link);
        f.extend_from_slice(&h);
    };
    header(2, 192, 48, 1);
    header(3, 240, 6, 0);
    f.extend_from_slice(&[0; 24]);
    let mut entry = [0u8; 24];
    (entry[0], entry[4], entry[6], entry[9], entry[16]) = (1, 2, 1, 0x20, 4);
    f.extend_from_slice(&entry);
    f.extend_from_slice(b"\0main\0");
    f
}

#[test]
fn a_table_is_read_and_no_cut_or_changed_byte_makes_the_reader_panic() {
    let image = image();
    assert_eq!(Symbols::of_elf(&image).find("main").map(|s| (s.address, s.size)), Some((0x2000, 4)));
    for len in 0..image.len() {
        _ = Symbols::of_elf(&image[..len]);
    }
    for at in 0..image.len() {
        for value in [0, 1, 0x7f, 0xff] {
            let mut wrong = image.clone();
            wrong[at] = value;
            _ = Symbols::of_elf(&wrong);
        }
    }
}
