//! Kernels of a few instructions, by every loader.

use emulator::machine::{Config, Machine, Module};
use iced_x86::code_asm::*;

use crate::protected_lab::{End, assemble, elf_32, peek};

const AT: u64 = 0x10_0000;

fn load(image: &[u8], cmdline: &str, modules: &[Module<'_>]) -> Machine {
    let mut config = Config::default_pc();
    config.memory = 8 << 20;
    let mut machine = Machine::new(&config).expect("a small machine");
    machine.load_kernel(image, cmdline, modules).expect("it loads");
    machine
}

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

fn text(end: &End, at: u64) -> String {
    let mut bytes = [0; 32];
    assert!(end.machine.read_memory(at, &mut bytes));
    let line = bytes.split(|b| *b == 0).next().unwrap_or_default();
    String::from_utf8_lossy(line).into_owned()
}

/// A version 1 header without addresses, as the first bytes of a segment, and code behind it.
fn kernel_1(flags: u32) -> Vec<u8> {
    let magic = 0x1bad_b002u32;
    let mut code = words(&[magic, flags, 0u32.wrapping_sub(magic).wrapping_sub(flags), 0x9090_9090]);
    code.extend(assemble(32, AT + 16, &|a| {
        a.mov(ecx, dword_ptr(ebx + 24))?;
        a.mov(edx, dword_ptr(ecx))?;
        a.mov(edx, dword_ptr(edx))?;
        a.mov(esi, dword_ptr(ebx + 16))?;
        a.mov(edi, dword_ptr(ecx + 8))?;
        a.hlt()
    }));
    code
}

const MODULES: &[Module<'_>] = &[Module { data: &[0xef, 0xbe, 0xad, 0xde], cmdline: "first a=1" }];

#[test]
fn multiboot_1_by_elf_headers() {
    let mut image = elf_32(AT, &kernel_1(3));
    image[24] = 0x10; // The entry is behind the header.
    let end = End::of(load(&image, "quiet", MODULES));
    assert_eq!((end.register(0), end.register(2)), (0x2bad_b002, 0xdead_beef));
    assert_eq!(
        (text(&end, end.register(6)), text(&end, end.register(7))),
        ("quiet".into(), "first a=1".into())
    );
    let info = end.register(3);
    assert_eq!((peek(&end.machine, info + 4), peek(&end.machine, info + 8)), (639, 7 << 10));
    assert_eq!((end.value("control/CR0"), end.value("segments/CS/limit")), (0x11, 0xffff_ffff));
}

#[test]
fn multiboot_1_by_addresses() {
    let magic = 0x1bad_b002u32;
    let flags = 0x1_0000u32;
    let sum = 0u32.wrapping_sub(magic).wrapping_sub(flags);
    let at = AT as u32;
    let mut image = words(&[magic, flags, sum, at, at, 0, 0, at + 32]);
    image.extend(assemble(32, AT + 32, &|a| a.hlt()));
    let end = End::of(load(&image, "", &[]));
    assert_eq!((end.register(0), end.machine.registers(0).rip), (0x2bad_b002, AT + 33));
}

#[test]
fn multiboot_2_gives_tags() {
    let (magic, length) = (0xe852_50d6u32, 24u32);
    let mut code = words(&[magic, 0, length, 0u32.wrapping_sub(magic).wrapping_sub(length), 0, 8]);
    code.extend(assemble(32, AT + 24, &|a| a.hlt()));
    let mut image = elf_32(AT, &code);
    // Tags of a header begin at a multiple of 8 in the file.
    image.splice(84..84, [0; 4]);
    (image[24], image[56]) = (24, 88);
    let end = End::of(load(&image, "quiet", MODULES));
    assert_eq!(end.register(0), 0x36d7_6289);
    let info = end.register(3);
    let total = u64::from(peek(&end.machine, info));
    let mut kinds = Vec::new();
    let mut at = info + 8;
    while at < info + total {
        kinds.push(peek(&end.machine, at));
        if kinds.last() == Some(&3) {
            assert_eq!(peek(&end.machine, peek(&end.machine, at + 8).into()), 0xdead_beef);
            assert_eq!(text(&end, at + 16), "first a=1");
        }
        at += u64::from(peek(&end.machine, at + 4)).next_multiple_of(8);
    }
    assert_eq!((kinds, at), (vec![1, 2, 3, 4, 6, 15, 0], info + total));
}

#[test]
fn plain_elf_of_32_bits_finds_a_start_info() {
    let code = assemble(32, AT, &|a| {
        a.mov(ecx, dword_ptr(ebx))?;
        a.hlt()
    });
    let end = End::of(load(&elf_32(AT, &code), "", &[]));
    assert_eq!(end.register(1), 0x336e_c578);
}

#[test]
fn what_is_no_kernel_is_refused() {
    let mut machine = Machine::new(&Config::default_pc()).expect("a machine");
    for image in [&b""[..], b"\x7fELF", b"MZ", &[0; 64]] {
        assert!(machine.load_kernel(image, "", &[]).is_err());
    }
}
