//! AES (SDM 1 12.13; FIPS 197) and carry-less multiplication.

use super::lanes::*;
use super::packed::packed;

/// Multiplies by x in GF(2^8) modulo x^8 + x^4 + x^3 + x + 1.
const fn double(value: u8) -> u8 {
    value << 1 ^ if value >> 7 != 0 { 0x1b } else { 0 }
}

const fn multiply(a: u8, b: u8) -> u8 {
    let (mut product, mut term, mut n) = (0, a, 0);
    while n < 8 {
        if b >> n & 1 != 0 {
            product ^= term;
        }
        term = double(term);
        n += 1;
    }
    product
}

/// The S-box: the inverse, then an affine map (FIPS 197 5.1.1).
const fn substitution() -> [u8; 256] {
    let mut table = [0; 256];
    let mut n = 0;
    while n < 256 {
        let (mut inverse, mut k) = (n as u8, 0);
        // The inverse is the 254th power.
        while k < 253 {
            inverse = multiply(inverse, n as u8);
            k += 1;
        }
        let r = inverse;
        table[n] = r ^ r.rotate_left(1) ^ r.rotate_left(2) ^ r.rotate_left(3) ^ r.rotate_left(4) ^ 0x63;
        n += 1;
    }
    table
}

const fn inverted(table: &[u8; 256]) -> [u8; 256] {
    let mut inverse = [0; 256];
    let mut n = 0;
    while n < 256 {
        inverse[table[n] as usize] = n as u8;
        n += 1;
    }
    inverse
}

static FORWARD: [u8; 256] = substitution();
static BACKWARD: [u8; 256] = inverted(&substitution());

/// ShiftRows (`by` 5) or its inverse (13): byte `n` of the state comes from byte `n * by` modulo 16.
fn rows(state: u128, by: usize, table: &[u8; 256]) -> u128 {
    let from = bytes(state);
    of_bytes(std::array::from_fn(|n| table[usize::from(from[n * by % 16])]))
}

/// Multiplies each column by a polynomial whose coefficients, from the diagonal on, these are.
fn columns(state: u128, coefficients: [u8; 4]) -> u128 {
    let from = bytes(state);
    let byte = |n: usize| {
        let column = n & !3;
        (0..4).fold(0, |sum, k| sum ^ multiply(from[column + (n + k) % 4], coefficients[k]))
    };
    of_bytes(std::array::from_fn(byte))
}

const MIX: [u8; 4] = [2, 3, 1, 1];
const UNMIX: [u8; 4] = [14, 11, 13, 9];

fn substituted(word: u32) -> u32 {
    u32::from_le_bytes(word.to_le_bytes().map(|byte| FORWARD[usize::from(byte)]))
}

packed! {
    Aesenc |a, b, _| columns(rows(a, 5, &FORWARD), MIX) ^ b;
    Aesenclast |a, b, _| rows(a, 5, &FORWARD) ^ b;
    Aesdec |a, b, _| columns(rows(a, 13, &BACKWARD), UNMIX) ^ b;
    Aesdeclast |a, b, _| rows(a, 13, &BACKWARD) ^ b;
    Aesimc |_, b, _| columns(b, UNMIX);
    Aeskeygenassist |_, b, imm| {
        let d = doubles(b);
        let (x, y) = (substituted(d[1]), substituted(d[3]));
        let turned = |word: u32| word.rotate_right(8) ^ u32::from(imm);
        of_doubles([x, turned(x), y, turned(y)])
    };
    Pclmulqdq |a, b, imm| {
        let (x, y) = (quads(a)[usize::from(imm & 1)], quads(b)[usize::from(imm >> 4 & 1)]);
        (0..64).filter(|n| y >> n & 1 != 0).fold(0, |sum, n| sum ^ u128::from(x) << n)
    };
}
