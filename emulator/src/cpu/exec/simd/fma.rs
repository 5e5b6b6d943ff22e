//! Fused multiply-add.

use std::marker::PhantomData;

use super::float::{double, single};
use super::lanes::*;
use super::packed::Ternary;
use crate::cpu::float::{Env, Format, Fused, fused};

/// What is added or subtracted.
pub mod kind {
    /// VFMADD.
    pub const ADD: u8 = 0;
    /// VFMSUB.
    pub const SUB: u8 = 1;
    /// VFNMADD.
    pub const NEGATED_ADD: u8 = 2;
    /// VFNMSUB.
    pub const NEGATED_SUB: u8 = 3;
    /// VFMADDSUB: even elements subtract.
    pub const ADD_SUB: u8 = 4;
    /// VFMSUBADD: even elements add.
    pub const SUB_ADD: u8 = 5;
}

/// An instruction: its format, whether it is a scalar, the order of operands (132, 213, 231), its kind.
pub struct Fma<F, const SCALAR: bool, const ORDER: u32, const KIND: u8>(PhantomData<F>);

fn signs(kind: u8, n: usize) -> Fused {
    let subtracts = match kind {
        kind::SUB | kind::NEGATED_SUB => true,
        kind::ADD_SUB => n.is_multiple_of(2),
        kind::SUB_ADD => !n.is_multiple_of(2),
        _ => false,
    };
    let negated = matches!(kind, kind::NEGATED_ADD | kind::NEGATED_SUB);
    Fused { negate_product: negated, negate_addend: subtracts }
}

/// One element from the first source, the last, and the destination.
fn element<F: Format, const ORDER: u32, const KIND: u8>(n: usize, a: F, b: F, c: F, env: &mut Env) -> F {
    let (x, y, z) = match ORDER {
        132 => (c, b, a),
        213 => (a, c, b),
        _ => (a, b, c),
    };
    fused(x, y, z, [x, y, z], signs(KIND, n), env)
}

impl<const SCALAR: bool, const ORDER: u32, const KIND: u8> Ternary for Fma<u32, SCALAR, ORDER, KIND> {
    const BYTES: usize = if SCALAR { 4 } else { 16 };

    fn apply(env: &mut Env, a: u128, b: u128, c: u128) -> u128 {
        let (x, y, z) = (doubles(a), doubles(b), doubles(c));
        let mut at = |n: usize| element::<u32, ORDER, KIND>(n, x[n], y[n], z[n], env);
        if SCALAR { single(c, at(0)) } else { of_doubles(std::array::from_fn(at)) }
    }
}

impl<const SCALAR: bool, const ORDER: u32, const KIND: u8> Ternary for Fma<u64, SCALAR, ORDER, KIND> {
    const BYTES: usize = if SCALAR { 8 } else { 16 };

    fn apply(env: &mut Env, a: u128, b: u128, c: u128) -> u128 {
        let (x, y, z) = (quads(a), quads(b), quads(c));
        let mut at = |n: usize| element::<u64, ORDER, KIND>(n, x[n], y[n], z[n], env);
        if SCALAR { double(c, at(0)) } else { of_quads(std::array::from_fn(at)) }
    }
}
