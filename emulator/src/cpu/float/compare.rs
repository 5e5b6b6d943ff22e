//! Comparison, minimum and maximum.

use std::cmp::Ordering;

use super::format::Format;
use super::number::{Kind, Number};
use super::{Env, flag};

/// How two operands relate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// One is a NaN.
    Unordered,
    /// The first is less.
    Less,
    /// They are equal.
    Equal,
    /// The first is greater.
    Greater,
}

/// The order of two numbers, neither a NaN.
pub fn order(a: Number, b: Number) -> Order {
    let magnitude = |n: Number| match n.kind {
        Kind::Zero => (0, 0, 0),
        Kind::Finite => (1, n.exp, n.sig),
        _ => (2, 0, 0),
    };
    let (x, y) = (magnitude(a), magnitude(b));
    let ordering = match (a.sign, b.sign) {
        _ if a.is_zero() && b.is_zero() => Ordering::Equal,
        (false, true) => Ordering::Greater,
        (true, false) => Ordering::Less,
        (false, false) => x.cmp(&y),
        (true, true) => y.cmp(&x),
    };
    match ordering {
        Ordering::Less => Order::Less,
        Ordering::Equal => Order::Equal,
        Ordering::Greater => Order::Greater,
    }
}

fn compare_with<F: Format>(a: F, b: F, signals: bool, env: &mut Env) -> Order {
    let daz = env.denormals_are_zero();
    let (x, y) = (a.unpack(daz), b.unpack(daz));
    if x.is_nan() || y.is_nan() {
        if signals || x.signals() || y.signals() {
            env.raise(flag::IE);
        }
        return Order::Unordered;
    }
    env.denormal(x.denormal || y.denormal);
    order(x, y)
}

/// Compares; any NaN is invalid.
pub fn compare<F: Format>(a: F, b: F, env: &mut Env) -> Order {
    compare_with(a, b, true, env)
}

/// Compares; only a signalling NaN is invalid.
pub fn compare_quiet<F: Format>(a: F, b: F, env: &mut Env) -> Order {
    compare_with(a, b, false, env)
}

/// The second operand unless the first is less (SDM 2B "MINPS"); so for NaNs and two zeros.
pub fn min<F: Format>(a: F, b: F, env: &mut Env) -> F {
    select(a, b, Order::Less, env)
}

/// The second operand unless the first is greater (SDM 2B "MAXPS").
pub fn max<F: Format>(a: F, b: F, env: &mut Env) -> F {
    select(a, b, Order::Greater, env)
}

fn select<F: Format>(a: F, b: F, wanted: Order, env: &mut Env) -> F {
    let chosen = if compare(a, b, env) == wanted { a } else { b };
    let number = chosen.unpack(env.denormals_are_zero());
    if number.is_zero() { F::zero(number.sign) } else { chosen }
}
