//! SHA-1 and SHA-256 (SDM 2B "SHA1RNDS4" and on; FIPS 180-4).

use super::lanes::*;
use super::packed::{Ternary, packed};
use crate::cpu::float::Env;

/// SHA-1's functions and constants by round group.
fn group(n: u8, b: u32, c: u32, d: u32) -> u32 {
    match n & 3 {
        0 => (b & c ^ !b & d).wrapping_add(0x5a82_7999),
        1 => (b ^ c ^ d).wrapping_add(0x6ed9_eba1),
        2 => (b & c ^ b & d ^ c & d).wrapping_add(0x8f1b_bcdc),
        _ => (b ^ c ^ d).wrapping_add(0xca62_c1d6),
    }
}

packed! {
    Sha1rnds4 |state, words, imm| {
        let ([mut d, mut c, mut b, mut a], w) = (doubles(state), doubles(words));
        let mut e = 0u32;
        for n in 0..4 {
            let sum = group(imm, b, c, d).wrapping_add(a.rotate_left(5)).wrapping_add(w[3 - n]).wrapping_add(e);
            (a, b, c, d, e) = (sum, a, b.rotate_left(30), c, d);
        }
        of_doubles([d, c, b, a])
    };
    Sha1nexte |a, b, _| {
        let mut words = doubles(b);
        words[3] = words[3].wrapping_add(doubles(a)[3].rotate_left(30));
        of_doubles(words)
    };
    Sha1msg1 |a, b, _| {
        let (x, y) = (doubles(a), doubles(b));
        of_doubles([x[0] ^ y[2], x[1] ^ y[3], x[2] ^ x[0], x[3] ^ x[1]])
    };
    Sha1msg2 |a, b, _| {
        let (x, y) = (doubles(a), doubles(b));
        let w16 = (x[3] ^ y[2]).rotate_left(1);
        let (w17, w18) = ((x[2] ^ y[1]).rotate_left(1), (x[1] ^ y[0]).rotate_left(1));
        of_doubles([(x[0] ^ w16).rotate_left(1), w18, w17, w16])
    };
    Sha256msg1 |a, b, _| {
        let (x, y) = (doubles(a), doubles(b));
        let next = [x[1], x[2], x[3], y[0]];
        of_doubles(std::array::from_fn(|n| x[n].wrapping_add(small(next[n], 7, 18, 3))))
    };
    Sha256msg2 |a, b, _| {
        let (x, y) = (doubles(a), doubles(b));
        let w16 = x[0].wrapping_add(small(y[2], 17, 19, 10));
        let w17 = x[1].wrapping_add(small(y[3], 17, 19, 10));
        let (w18, w19) = (x[2].wrapping_add(small(w16, 17, 19, 10)), x[3].wrapping_add(small(w17, 17, 19, 10)));
        of_doubles([w16, w17, w18, w19])
    };
}

fn small(x: u32, r: u32, s: u32, shift: u32) -> u32 {
    x.rotate_right(r) ^ x.rotate_right(s) ^ x >> shift
}

fn big(x: u32, r: u32, s: u32, t: u32) -> u32 {
    x.rotate_right(r) ^ x.rotate_right(s) ^ x.rotate_right(t)
}

/// SHA256RNDS2: the words with their constants are in XMM0.
pub struct Sha256rnds2;

impl Ternary for Sha256rnds2 {
    fn apply(_: &mut Env, cdgh: u128, abef: u128, words: u128) -> u128 {
        let [mut h, mut g, mut d, mut c] = doubles(cdgh);
        let [mut f, mut e, mut b, mut a] = doubles(abef);
        for word in &doubles(words)[..2] {
            let choice = e & f ^ !e & g;
            let first = choice.wrapping_add(big(e, 6, 11, 25)).wrapping_add(*word).wrapping_add(h);
            let majority = a & b ^ a & c ^ b & c;
            let second = majority.wrapping_add(big(a, 2, 13, 22));
            (h, g, f, e) = (g, f, e, first.wrapping_add(d));
            (d, c, b, a) = (c, b, a, first.wrapping_add(second));
        }
        of_doubles([f, e, b, a])
    }
}
