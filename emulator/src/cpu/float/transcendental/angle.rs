//! Arctangent.

use super::{ONE, PI, below_one, inexact, square};
use crate::cpu::float::extended::{F80, operands};
use crate::cpu::float::wide::{Wide, multiply_high};
use crate::cpu::float::{Env, Kind};

const THREE_QUARTERS_PI: Wide = Wide::constant(1, 0x96cb_e3f9_990e_91a7_9394_c9e8_a0a5_159d);

/// atan(k / 16) in units of 2^-128.
const ARCTANGENTS: [u128; 17] = [
    0x0000_0000_0000_0000_0000_0000_0000_0000,
    0x0ffa_addb_967e_f4e3_6cb2_792d_c0e2_e0d5,
    0x1fd5_ba9a_ac2f_6dc6_5912_f313_e7d1_11df,
    0x2f72_f697_9cb6_044d_1ec2_d3e2_0727_1d22,
    0x3eb6_ebf2_5901_bac5_5b71_e7bd_7de8_85f9,
    0x4d89_dcdc_1faf_2f34_e2d5_da4c_693d_7994,
    0x5bd8_6507_937b_c239_c551_9091_6e7f_2242,
    0x6993_bb0f_308f_f2db_213e_4af4_800f_389b,
    0x76b1_9c15_86ed_3da2_b7f2_22f6_5e1d_4682,
    0x832b_f4a6_d986_7e2a_4b6a_09cb_61a5_15c1,
    0x8f00_5d5e_f7f5_9f9b_5c83_5e16_65c4_3748,
    0x9a2f_80e6_71bd_da20_4226_f8e2_204f_f3bd,
    0xa4bc_7d19_34f7_0924_19a8_7f2a_457d_ac9f,
    0xaeac_4c38_b4d8_c080_1472_5e2f_3e52_070a,
    0xb805_3e2b_c231_9e73_cb2d_a552_10a4_443d,
    0xc0ce_85b8_ac52_6640_89dd_62c4_6e92_fa25,
    0xc90f_daa2_2168_c234_c4c6_628b_80dc_1cd1,
];

/// atan(q) for q from 0 to 1.
fn arctangent(q: Wide) -> Wide {
    let nearest = (q.fixed() >> 122).div_ceil(2).min(16) as usize;
    let centre = Wide::integer(nearest as i32).scaled(-4);
    let t = if nearest == 0 { q } else { q.minus(centre).over(Wide::ONE.plus(q.times(centre))) };
    if t.sig == 0 {
        return Wide::normal(false, -1, ARCTANGENTS[nearest]);
    }
    // t (1 - t^2/3 + t^4/5 - ...), summed from the far end.
    let t2 = square(t);
    let odd = |k: u128| ONE / (2 * k + 1);
    let series = (0..14).rev().fold(odd(14), |sum, k| odd(k) - (multiply_high(t2, sum) << 1));
    let part = t.times(below_one(series));
    Wide::normal(false, -1, ARCTANGENTS[nearest]).plus(part)
}

/// FPATAN: the angle of the point (x, y).
pub fn angle(y: F80, x: F80, env: &mut Env) -> F80 {
    let (b, a) = match operands(y, x, env) {
        Ok(pair) => pair,
        Err(nan) => return nan,
    };
    env.denormal(a.denormal || b.denormal);
    let turned = |value: Wide, env: &mut Env| inexact(Wide { sign: b.sign, ..value }, env);
    match (b.kind, a.kind) {
        (Kind::Infinity, Kind::Infinity) if a.sign => turned(THREE_QUARTERS_PI, env),
        (Kind::Infinity, Kind::Infinity) => turned(PI.scaled(-2), env),
        (Kind::Infinity, _) => turned(PI.scaled(-1), env),
        (Kind::Zero, _) | (_, Kind::Infinity) if a.sign => turned(PI, env),
        (Kind::Zero, _) | (_, Kind::Infinity) => F80::zero(b.sign),
        (_, Kind::Zero) => turned(PI.scaled(-1), env),
        _ => turned(finite_angle(Wide::of(b).magnitude(), Wide::of(a)), env),
    }
}

fn finite_angle(y: Wide, x: Wide) -> Wide {
    let steep = (y.exp, y.sig) > (x.exp, x.sig);
    let (small, large) = if steep { (x.magnitude(), y) } else { (y, x.magnitude()) };
    let angle = arctangent(small.over(large));
    let angle = if steep { PI.scaled(-1).minus(angle) } else { angle };
    if x.sign { PI.minus(angle) } else { angle }
}
