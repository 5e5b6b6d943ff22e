//! The host's arithmetic against the integers', and what the comparison with a processor cannot show.

use super::extended::{F80, FULL, add};
use super::fast::{self, Host, slow_product, slow_quotient, slow_root, slow_sum};
use super::{Env, Format, flag};

/// All exceptions masked, to nearest, an inexact result reported before: when the host may compute.
const OLD: u32 = 0x1f80 | flag::PE;

fn random(state: &mut u64) -> u64 {
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    state.wrapping_mul(0x2545_f491_4f6c_dd1d)
}

/// Operands of all kinds, many with exponents at an end or near each other.
fn operand<F: Format>(state: &mut u64) -> F {
    let word = random(state);
    let bits = word >> (64 - size_of::<F>() * 8);
    let fraction = (1u64 << (F::PRECISION - 1)) - 1;
    let middle = (F::LIMITS.max_exp as u64 - 3 + (word & 7)) << (F::PRECISION - 1);
    F::of(match random(state) % 6 {
        0 => bits & !(F::SIGN - 1 - fraction),
        1 => bits | (F::SIGN - 1 - fraction),
        2 => bits & (F::SIGN | fraction >> 3 << 3) | ((1 << (F::PRECISION - 1)) * (word % 3)),
        3 | 4 => bits & (F::SIGN | fraction) | middle,
        _ => bits,
    })
}

fn agree<F: Host>(mut state: u64) {
    let (mut slow, mut quick) = (Env::new(OLD), Env::new(OLD));
    for _ in 0..200_000 {
        let (a, b) = (operand::<F>(&mut state), operand::<F>(&mut state));
        let pairs = [
            (fast::add(a, b, &mut quick), slow_sum(a, b, false, &mut slow)),
            (fast::subtract(a, b, &mut quick), slow_sum(a, b, true, &mut slow)),
            (fast::multiply(a, b, &mut quick), slow_product(a, b, &mut slow)),
            (fast::divide(a, b, &mut quick), slow_quotient(a, b, &mut slow)),
            (fast::square_root(a, &mut quick), slow_root(a, &mut slow)),
        ];
        for (n, (x, y)) in pairs.into_iter().enumerate() {
            assert_eq!(x, y, "operation {n} of {a:x?} and {b:x?}");
        }
        assert_eq!((quick.flags | flag::PE, quick.flags & 1), (slow.flags | flag::PE, slow.flags & 1));
        (slow.flags, quick.flags) = (0, 0);
    }
}

#[test]
fn the_hosts_singles_are_the_integers() {
    agree::<u32>(0x5eed);
}

#[test]
fn the_hosts_doubles_are_the_integers() {
    agree::<u64>(0xfeed);
}

#[test]
fn an_unmasked_overflow_of_the_x87_moves_the_exponent() {
    let greatest = F80 { sig: u64::MAX, se: 0x7ffe };
    let mut env = Env::x87(0x37f & !8);
    let sum = add(greatest, greatest, false, &FULL, &mut env);
    assert_eq!((sum, env.flags), (F80 { sig: u64::MAX, se: 0x7fff - 0x6000 }, flag::OE));
}
