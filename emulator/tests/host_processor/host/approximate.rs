//! Results that the manual leaves to the processor within an error: reciprocal estimates (SDM 2B:
//! relative error at most 1.5 * 2^-12) and transcendental functions (SDM 1 8.3.10: 1 ulp). What lies
//! within both sides' errors counts as the same.

use iced_x86::Mnemonic as M;

use super::case::{Case, Outcome};

/// Relative errors of two estimates together.
const ESTIMATES: f64 = 2.0 * 1.5 / 4096.0;
/// Units in the last place of two functions together.
const ULPS: i128 = 2;

/// Gives the emulator's outcome the host's bits where both are as good.
pub fn settle(case: &Case, host: &Outcome, guest: &mut Outcome) {
    let (theirs, ours) = (&host.registers.floats, &mut guest.registers.floats);
    match case.instruction().mnemonic() {
        M::Rcpps | M::Rcpss | M::Rsqrtps | M::Rsqrtss | M::Vrcpps | M::Vrcpss | M::Vrsqrtps | M::Vrsqrtss => {
            for (a, b) in theirs.lanes.iter().flatten().zip(ours.lanes.iter_mut().flatten()) {
                *b = (0..4).rev().fold(0, |sum, n| {
                    sum << 32 | u128::from(estimate((*a >> (32 * n)) as u32, (*b >> (32 * n)) as u32))
                });
            }
        }
        M::Fsin | M::Fcos | M::Fsincos | M::Fptan | M::Fpatan | M::F2xm1 | M::Fyl2x | M::Fyl2xp1 => {
            for (a, b) in theirs.stack.iter().zip(&mut ours.stack) {
                if (ordinal(*a) - ordinal(*b)).abs() <= ULPS {
                    *b = *a;
                }
            }
            // Whether and which way the last bit was rounded, and what follows if that is not masked.
            ours.status = ours.status & !0x82b0 | theirs.status & 0x82b0;
        }
        _ => {}
    }
}

fn estimate(theirs: u32, ours: u32) -> u32 {
    let (a, b) = (f64::from(f32::from_bits(theirs)), f64::from(f32::from_bits(ours)));
    let tiny = |x: f64| x.abs() < f64::from(f32::MIN_POSITIVE) * 1.001;
    let same = (a - b).abs() <= ESTIMATES * a.abs()
        || tiny(a) && tiny(b) && a.is_sign_negative() == b.is_sign_negative();
    if same { theirs } else { ours }
}

/// Values in their order, as integers.
fn ordinal((sig, se): (u64, u16)) -> i128 {
    let magnitude = i128::from(se & 0x7fff) << 63 | i128::from(sig & (u64::MAX >> 1));
    if se >> 15 != 0 { -magnitude } else { magnitude }
}
