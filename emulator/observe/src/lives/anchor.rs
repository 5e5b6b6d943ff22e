//! Names of moments that outlive small changes: `nic:17/exit.1`, `nic:17/eoi`, `t=1204.318us`, `#12345`.

use std::fmt;
use std::str::FromStr;

use emulator::time::Time;
use emulator::trace::Kind;

use super::Class;

/// What a step of an interrupt is called in an anchor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StepName(&'static str);

const NAMES: [(&str, &[Kind]); 12] = [
    ("raised", &[Kind::Raised]),
    ("message", &[Kind::Message]),
    ("remapped", &[Kind::Remapped]),
    ("pending", &[Kind::Pending]),
    ("coalesced", &[Kind::Coalesced]),
    ("blocked", &[Kind::Blocked]),
    ("dropped", &[Kind::Dropped]),
    ("acknowledged", &[Kind::Acknowledged]),
    ("delivered", &[Kind::Delivered]),
    ("injected", &[Kind::Injected]),
    ("exit", &[Kind::VmExit]),
    ("eoi", &[Kind::Eoi, Kind::VirtualEoi]),
];

impl StepName {
    /// An EOI, direct or virtual.
    pub const EOI: StepName = StepName("eoi");
    /// A VM exit.
    pub const EXIT: StepName = StepName("exit");

    /// The name of steps of that kind.
    pub fn of(kind: Kind) -> StepName {
        let name = NAMES.iter().find(|(_, kinds)| kinds.contains(&kind));
        StepName(name.map_or(kind.name(), |(name, _)| name))
    }

    /// Whether steps of that kind have this name.
    pub fn is(self, kind: Kind) -> bool {
        StepName::of(kind) == self
    }
}

/// A moment's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Anchor {
    /// A step of an interrupt, or its beginning.
    Life {
        /// The interrupt's class.
        class: Class,
        /// Its number within it, from 1.
        number: u32,
        /// The step, and which of several, from 1.
        step: Option<(StepName, Option<u32>)>,
    },
    /// A virtual time.
    Time(Time),
    /// A record's index.
    Index(u64),
}

/// Why a text is no anchor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnchorError {
    /// The text has none of the forms.
    Form(String),
    /// No class of interrupts is called so.
    Class(String),
    /// No step is called so.
    Step(String),
    /// Not a number where one is expected.
    Number(String),
}

impl fmt::Display for AnchorError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = |all: &mut dyn Iterator<Item = &'static str>| all.collect::<Vec<_>>().join(", ");
        match self {
            AnchorError::Form(text) => {
                write!(f, "{text:?} names no moment; expected nic:17, nic:17/exit.1, t=1204.318us or #12345")
            }
            AnchorError::Class(text) => {
                let classes = names(&mut Class::NAMES.iter().map(|(_, name)| *name));
                write!(f, "no interrupt is called {text:?}; expected one of {classes}")
            }
            AnchorError::Step(text) => {
                let steps = names(&mut NAMES.iter().map(|(name, _)| *name));
                write!(f, "an interrupt has no step {text:?}; expected one of {steps}")
            }
            AnchorError::Number(text) => write!(f, "{text:?} is not a number; expected one from 1"),
        }
    }
}

impl std::error::Error for AnchorError {}

impl fmt::Display for Anchor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Anchor::Index(index) => write!(f, "#{index}"),
            Anchor::Time(time) => write!(f, "t={}us", micros(*time)),
            Anchor::Life { class, number, step: None } => write!(f, "{class}:{number}"),
            Anchor::Life { class, number, step: Some((name, None)) } => {
                write!(f, "{class}:{number}/{}", name.0)
            }
            Anchor::Life { class, number, step: Some((name, Some(nth))) } => {
                write!(f, "{class}:{number}/{}.{nth}", name.0)
            }
        }
    }
}

/// Microseconds with as many places as there are.
fn micros(time: Time) -> String {
    let (whole, rest) = (time.0 / 1_000_000, time.0 % 1_000_000);
    if rest == 0 { whole.to_string() } else { format!("{whole}.{rest:06}").trim_end_matches('0').to_string() }
}

/// A decimal number of units of 10^`places` picoseconds, exactly.
fn decimal(text: &str, places: u32) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) || fraction.len() > places as usize {
        return None;
    }
    let scale = 10u64.checked_pow(places)?;
    let rest = if fraction.is_empty() { 0 } else { fraction.parse::<u64>().ok()? };
    let rest = rest.checked_mul(10u64.checked_pow(places - fraction.len() as u32)?)?;
    whole.parse::<u64>().ok()?.checked_mul(scale)?.checked_add(rest)
}

fn time(text: &str) -> Option<Time> {
    const UNITS: [(&str, u32); 4] = [("ns", 3), ("us", 6), ("ms", 9), ("s", 12)];
    let unit = UNITS.iter().find_map(|(unit, places)| Some((text.strip_suffix(unit)?, *places)));
    unit.and_then(|(number, places)| decimal(number, places)).map(Time)
}

fn number(text: &str) -> Result<u32, AnchorError> {
    text.parse().ok().filter(|n| *n > 0).ok_or_else(|| AnchorError::Number(text.to_string()))
}

impl FromStr for Anchor {
    type Err = AnchorError;

    fn from_str(text: &str) -> Result<Anchor, AnchorError> {
        let form = || AnchorError::Form(text.to_string());
        if let Some(index) = text.strip_prefix('#') {
            return index.parse().map(Anchor::Index).map_err(|_| form());
        }
        if let Some(at) = text.strip_prefix("t=") {
            return time(at).map(Anchor::Time).ok_or_else(form);
        }
        let (life, step) = text.split_once('/').map_or((text, None), |(life, step)| (life, Some(step)));
        let (class, n) = life.split_once(':').ok_or_else(form)?;
        let step = step.map(|step| {
            let (name, nth) = step.split_once('.').map_or((step, None), |(name, nth)| (name, Some(nth)));
            let known = NAMES.iter().find(|(known, _)| *known == name);
            let name =
                known.map(|(name, _)| StepName(name)).ok_or_else(|| AnchorError::Step(name.to_string()))?;
            Ok((name, nth.map(number).transpose()?))
        });
        Ok(Anchor::Life { class: class.parse()?, number: number(n)?, step: step.transpose()? })
    }
}
