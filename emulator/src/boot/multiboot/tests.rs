//! Headers that are right, and what is said about those that are not.

use super::header::{Header, Version, find};
use super::*;

fn words(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// A version 1 header with its checksum and what follows.
fn one(flags: u32, rest: &[u32]) -> Vec<u8> {
    let magic = 0x1bad_b002u32;
    let mut all = words(&[magic, flags, 0u32.wrapping_sub(magic).wrapping_sub(flags)]);
    all.extend(words(rest));
    all
}

/// A version 2 header around these tags.
fn two(tags: &[u32]) -> Vec<u8> {
    let (magic, length) = (0xe852_50d6u32, 16 + 4 * tags.len() as u32 + 8);
    let mut all = words(&[magic, 0, length, 0u32.wrapping_sub(magic).wrapping_sub(length)]);
    all.extend(words(tags));
    all.extend(words(&[0, 8]));
    all
}

fn refused(image: &[u8]) -> String {
    Header::parse(image).expect_err("it is refused").to_string()
}

#[test]
fn a_header_is_found_by_magic_and_sum() {
    assert_eq!(find(&one(3, &[])), Some((Version::One, 0)));
    assert_eq!(find(&two(&[])), Some((Version::Two, 0)));
    let mut wrong = one(3, &[]);
    wrong[8] ^= 1;
    assert_eq!(find(&wrong), None);
    let mut late = vec![0; 8192];
    late.extend(one(3, &[]));
    assert_eq!(find(&late), None);
}

#[test]
fn addresses_say_what_is_loaded() {
    let mut image = one(0x1_0003, &[0x10_0000, 0x10_0000, 0x10_0024, 0x10_1000, 0x10_0020]);
    image.extend([0xf4; 4]);
    let header = Header::parse(&image).expect("it is right");
    let load = header.load.expect("it has addresses");
    let segment = segment(&image, &load).expect("it fits the file");
    assert_eq!((segment.address, segment.data.len(), segment.size), (0x10_0000, 0x24, 0x1000));
    assert!(super::segment(&image[..0x22], &load).unwrap_err().to_string().contains("truncated"));
}

#[test]
fn what_cannot_be_given_is_named() {
    assert!(refused(&one(7, &[])).contains("multiboot flags"));
    assert!(refused(&one(0x1_0000, &[1])).contains("truncated"));
    assert!(refused(&two(&[5, 20, 0, 0, 0, 0])).contains("required multiboot tag is 0x5"));
    assert!(Header::parse(&two(&[5 | 1 << 16, 20, 0, 0, 0, 0])).is_ok());
    assert!(refused(&two(&[1, 12, 8, 0])).contains("information tag is 0x8"));
    assert!(refused(&two(&[3, 4])).contains("truncated"));
    assert!(refused(&two(&[3, 400, 0, 0])).contains("truncated"));
}

#[test]
fn an_address_tag_without_an_entry_is_refused_by_name() {
    let address = [2, 24, 0x10_0000, 0x10_0000, 0, 0];
    assert!(refused(&two(&address)).contains("entry address tags is 0x0; expected 1 (type 3)"));
    let entered = [&address[..], &[3, 12, 0x10_0040, 0]].concat();
    let header = Header::parse(&two(&entered)).expect("it is right");
    assert_eq!(header.entry, Some(0x10_0040));
    // A tag that has no room for its fields does not have them as 0.
    assert!(refused(&two(&[3, 8])).contains("tag's size is 0x8"));
    assert!(refused(&two(&[2, 16, 0x10_0000, 0x10_0000])).contains("tag's size is 0x10"));
}

#[test]
fn no_prefix_of_a_header_is_a_panic() {
    for image in [one(0x1_0003, &[0x10_0000; 5]), two(&[2, 24, 1, 2, 3, 4, 3, 12, 9, 0])] {
        for len in 0..image.len() {
            let image = &image[..len];
            if let Some(load) = Header::parse(image).ok().and_then(|h| h.load) {
                let _ = segment(image, &load);
            }
        }
    }
}
