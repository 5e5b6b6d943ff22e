//! Approximations held to the manual's bounds by name: RCPPS and RSQRTPS (SDM 2B: relative error at most 1.5 * 2^-12),
//! and the x87's transcendental functions (SDM 1 8.3.10: less than 1 ulp to nearest, 1.5 ulps otherwise).

use iced_x86::Code;

use super::case::{CODE, DATA_SIZE, Ending, Registers};
use super::encode;
use super::floats::Floats;
use super::guest::Guest;
use super::native;
use super::random::Random;
use super::reference::{self, Argument, HALF_PI_66, Real};

/// Arguments for each function, if `EXITLESS_ARGUMENTS` says nothing else.
const TIMES: u32 = 3000;
/// Instructions for each estimate, of four numbers.
const ESTIMATES: u32 = 6000;
const RELATIVE: f64 = 1.5 / 4096.0;

/// What an estimate is of.
type Exact = fn(f64) -> f64;

/// An x87 function: its name, its bytes, how its arguments are chosen, and its exact results, ST(0) first.
struct Function {
    name: &'static str,
    bytes: [u8; 2],
    arguments: fn(&mut Random) -> (Argument, Argument),
    exact: fn(Argument, Argument) -> Vec<Real>,
}

#[rustfmt::skip]
const FUNCTIONS: [Function; 8] = [
    Function { name: "F2XM1", bytes: [0xd9, 0xf0], arguments: |r| (below_one(r), any(r)), exact: |x, _| vec![reference::f2xm1(x)] },
    Function { name: "FYL2X", bytes: [0xd9, 0xf1], arguments: |r| (positive(r), any(r)), exact: |x, y| vec![reference::fyl2x(x, y)] },
    Function { name: "FYL2XP1", bytes: [0xd9, 0xf9], arguments: |r| (near_zero(r), any(r)), exact: |x, y| vec![reference::fyl2xp1(x, y)] },
    Function { name: "FSIN", bytes: [0xd9, 0xfe], arguments: |r| (angle(r), any(r)), exact: |x, _| vec![reference::fsin(x)] },
    Function { name: "FCOS", bytes: [0xd9, 0xff], arguments: |r| (angle(r), any(r)), exact: |x, _| vec![reference::fcos(x)] },
    Function { name: "FSINCOS", bytes: [0xd9, 0xfb], arguments: |r| (angle(r), any(r)), exact: |x, _| vec![reference::fcos(x), reference::fsin(x)] },
    Function { name: "FPTAN", bytes: [0xd9, 0xf2], arguments: |r| (angle(r), any(r)), exact: |x, _| vec![one(), reference::fptan(x)] },
    Function { name: "FPATAN", bytes: [0xd9, 0xf3], arguments: |r| (any(r), any(r)), exact: |x, y| vec![reference::fpatan(y, x)] },
];

/// What FPTAN pushes.
fn one() -> Real {
    reference::fcos(Argument { negative: false, significand: 1 << 63, exponent: -16000 })
}

/// Significands: any, one with few bits, or one at an end.
fn significand(random: &mut Random) -> u64 {
    let word = random.word() | 1 << 63;
    match random.below(6) {
        0 => 1 << 63,
        1 => u64::MAX - random.below(4),
        2 => 1 << 63 | random.below(4),
        3 => word & u64::MAX << random.below(63),
        _ => word,
    }
}

fn argument(random: &mut Random, lowest: i32, highest: i32) -> Argument {
    let wide = (highest - lowest) as u64 + 1;
    // Mostly where the function is no straight line.
    let down = if random.once_in(4) { random.below(wide) } else { random.below(wide.min(70)) };
    Argument {
        negative: random.once_in(2),
        significand: significand(random),
        exponent: highest - down as i32,
    }
}

fn any(random: &mut Random) -> Argument {
    let exponent =
        if random.once_in(2) { random.below(80) as i32 - 40 } else { random.below(16000) as i32 - 8000 };
    Argument { exponent, ..argument(random, 0, 0) }
}

fn positive(random: &mut Random) -> Argument {
    let near = match random.below(4) {
        // 1 and a bit, or not quite.
        0 => Argument {
            significand: 1 << 63 | random.word() >> (1 + random.below(63)),
            exponent: 0,
            negative: false,
        },
        1 => Argument {
            significand: !(random.word() >> (1 + random.below(63))),
            exponent: -1,
            negative: false,
        },
        2 => argument(random, -3, 3),
        _ => argument(random, -16382, 16383),
    };
    Argument { negative: false, ..near }
}

fn below_one(random: &mut Random) -> Argument {
    if random.once_in(20) {
        Argument { significand: 1 << 63, ..argument(random, 0, 0) }
    } else {
        argument(random, -16000, -1)
    }
}

/// Up to 1 - sqrt(1/2), which is 0.2928...
fn near_zero(random: &mut Random) -> Argument {
    const LIMIT: u64 = 0x95f6_1998_0c43_36f7;
    let x = argument(random, -8000, -2);
    let below = (1 << 63) + x.significand % (LIMIT - (1 << 63));
    let significand = if x.exponent == -2 { below } else { x.significand };
    Argument { significand, ..x }
}

/// Any magnitude below 2^63, or next to a multiple of a quarter of a turn.
fn angle(random: &mut Random) -> Argument {
    if random.once_in(2) {
        return argument(random, -16000, 62);
    }
    let quarters = 1 + (random.word() >> 1 >> random.below(63)) % (1 << 62);
    let exact = super::exact::Fixed::integer(quarters) * *HALF_PI_66;
    let exponent = exact.top().unwrap_or(0);
    let significand = exact.shifted(63 - exponent).floor() as u64;
    let moved = significand.wrapping_add(random.below(5)).wrapping_sub(2) | 1 << 63;
    let x = Argument { negative: random.once_in(2), significand: moved, exponent };
    if exponent > 62 { argument(random, -16000, 62) } else { x }
}

fn st(x: Argument) -> (u64, u16) {
    (x.significand, (x.exponent + 16383) as u16 | u16::from(x.negative) << 15)
}

/// The guest alone.
struct Lab {
    guest: Guest,
    data: Vec<u8>,
    random: Random,
    times: u32,
}

impl Lab {
    fn run(&mut self, bytes: &[u8], floats: Floats) -> Floats {
        let input = Registers { general: [0; 16], rip: CODE + 0x2000, rflags: 2, floats };
        let outcome = self.guest.run(bytes, &input, &mut self.data);
        assert_eq!(outcome.ending, Ending::Retired, "{bytes:02x?}");
        outcome.registers.floats
    }

    /// The worst error of a function: to nearest, and otherwise.
    fn function(&mut self, function: &Function) -> [(f64, String); 2] {
        let mut worst = [(0.0, String::new()), (0.0, String::new())];
        let mut results = 0;
        for n in 0..self.times {
            let (x, y) = (function.arguments)(&mut self.random);
            let rounding = if n % 4 == 0 { 1 + self.random.below(3) as u16 } else { 0 };
            let mut floats = Floats { stack: [(0, 0); 8], ..Floats::random(&mut self.random) };
            // Two registers hold something, so FSINCOS has room.
            (floats.control, floats.status, floats.valid) = (0x37f | rounding << 10, 0x3000, 0xc0);
            (floats.stack[0], floats.stack[1]) = (st(x), st(y));
            let after = self.run(&function.bytes, floats);
            let exact = (function.exact)(x, y);
            for (place, (exact, got)) in exact.iter().zip(after.stack).enumerate() {
                let exponent = exact.value.top().map_or(0, |top| top + exact.exponent);
                if !(-16380..16383).contains(&exponent) {
                    continue;
                }
                results += 1;
                let error = reference::ulps(*exact, got);
                let worst = &mut worst[usize::from(rounding != 0)];
                if error > worst.0 {
                    *worst = (error, format!("{} of {x:x?}, {y:x?}, ST({place}) {got:x?}", function.name));
                }
            }
        }
        assert!(results > self.times / 2, "{}: {results} results that are normal", function.name);
        worst
    }

    /// The worst relative error of an estimate over numbers of all magnitudes.
    fn estimate(&mut self, code: Code, exact: Exact) -> (f64, String) {
        let mut worst = (0.0, String::new());
        for _ in 0..ESTIMATES {
            let bytes = loop {
                let bytes = encode::code(code, &mut self.random).expect("a code of the tables");
                let i = super::case::decode(&bytes, CODE + 0x2000).0;
                if i.op1_register().is_xmm() {
                    break bytes[..i.len()].to_vec();
                }
            };
            let i = super::case::decode(&bytes, CODE + 0x2000).0;
            let mut floats = Floats::random(&mut self.random);
            floats.mxcsr = 0x1f80;
            let source: [u32; 4] = std::array::from_fn(|_| self.random.word() as u32);
            floats.lanes[i.op1_register().number()][0] =
                source.iter().rev().fold(0, |sum, word| sum << 32 | u128::from(*word));
            let after = self.run(&bytes, floats).lanes[i.op0_register().number()][0];
            for (n, word) in source.into_iter().enumerate() {
                let got = f32::from_bits((after >> (32 * n)) as u32);
                let x = f32::from_bits(word);
                let error = relative(x, got, exact);
                if error > worst.0 {
                    worst = (error, format!("{code:?} of {x:e}: {got:e}"));
                }
            }
        }
        worst
    }
}

/// The relative error; tiny results are 0 of their sign, tiny operands are 0 (SDM 2B "RCPPS").
fn relative(x: f32, got: f32, exact: Exact) -> f64 {
    let tiny = f32::MIN_POSITIVE;
    let operand = if x.abs() < tiny { 0f32.copysign(x) } else { x };
    let exact = exact(operand.into());
    let same = match () {
        () if exact.is_nan() => got.is_nan(),
        () if exact.is_infinite() => f64::from(got) == exact,
        // Next to the least normal number an estimate may be either.
        () if exact.abs() < f64::from(tiny) => {
            got.is_sign_negative() == exact.is_sign_negative() && (got == 0.0 || got.abs() >= tiny)
        }
        () => return ((f64::from(got) - exact) / exact).abs(),
    };
    if same { 0.0 } else { f64::INFINITY }
}

/// The reference's constants are those of the books, and it tells a wrong bit.
fn check_reference() {
    assert_eq!(reference::PI.shifted(126).floor(), 0xc90f_daa2_2168_c234_c4c6_628b_80dc_1cd1, "pi");
    assert_eq!(reference::LN_2.shifted(128).floor(), 0xb172_17f7_d1cf_79ab_c9e3_b398_03f2_f6af, "ln 2");
    // Arctan 1 is a quarter of pi, 0.c90f...c234c: half an ulp at most, and two more if two bits are wrong.
    let one = Argument { negative: false, significand: 1 << 63, exponent: 0 };
    let quarter = reference::fpatan(one, one);
    let error = |wrong: u64| reference::ulps(quarter, (0xc90f_daa2_2168_c235 + wrong, 0x3ffe));
    assert!(error(0) < 0.5 && error(2) > 2.0 && error(2) < 2.5, "{} {}", error(0), error(2));
}

/// Holds every approximation to its bound, and prints the worst error by name.
pub fn hold() {
    let _turn = native::turn(64);
    check_reference();
    let times = super::number("EXITLESS_ARGUMENTS", TIMES.into()) as u32;
    let random = Random(super::number("EXITLESS_SEED", 0x5eed_b0d5).max(1));
    let mut lab = Lab { guest: Guest::new(), data: vec![0; DATA_SIZE], random, times };
    let mut over = Vec::new();
    let mut judge = |name: &str, unit: &str, (error, which): (f64, String), bound: f64| {
        println!("  {name}: at most {error:.6} {unit}, where {bound} is allowed");
        if error.is_nan() || error > bound {
            over.push(which);
        }
    };
    let estimates: [(&str, Code, Exact); 2] = [
        ("RCPPS", Code::Rcpps_xmm_xmmm128, |x| 1.0 / x),
        ("RSQRTPS", Code::Rsqrtps_xmm_xmmm128, |x| 1.0 / x.sqrt()),
    ];
    for (name, code, exact) in estimates {
        let (error, which) = lab.estimate(code, exact);
        judge(name, "* 1.5 * 2^-12", (error / RELATIVE, which), 1.0);
    }
    for function in &FUNCTIONS {
        let [nearest, otherwise] = lab.function(function);
        judge(function.name, "ulp to nearest", nearest, 1.0);
        judge(function.name, "ulp otherwise", otherwise, 1.5);
    }
    assert!(over.is_empty(), "beyond the manual's bounds: {over:#?}");
}
