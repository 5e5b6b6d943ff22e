//! Values with units, as written in scenarios and on the command line.

use std::fmt;
use std::str::FromStr;

use emulator::time::Time;
use serde::{Deserialize, Serialize};

/// A size of memory: a whole number of KiB, MiB or GiB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Bytes(pub u64);

/// A virtual duration: a whole number of ns, us, ms or s.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Duration(pub Time);

/// A non-negative decimal number, kept exact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ratio {
    /// Numerator.
    pub numerator: u64,
    /// Denominator, a power of ten.
    pub denominator: u64,
}

/// Splits `"128 MiB"` into 128 and its unit's size in `units`.
fn scaled(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '_')?;
    let number: u64 = text[..digits].replace('_', "").parse().ok()?;
    let unit = text[digits..].trim();
    let scale = units.iter().find(|(name, _)| *name == unit)?.1;
    number.checked_mul(scale)
}

impl FromStr for Bytes {
    type Err = String;

    fn from_str(text: &str) -> Result<Bytes, String> {
        const UNITS: [(&str, u64); 3] = [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)];
        let error = || {
            format!("{text:?} is not a size; expected a whole number of KiB, MiB or GiB, as in \"128 MiB\"")
        };
        scaled(text, &UNITS).map(Bytes).ok_or_else(error)
    }
}

impl FromStr for Duration {
    type Err = String;

    fn from_str(text: &str) -> Result<Duration, String> {
        const UNITS: [(&str, u64); 4] =
            [("ns", 1_000), ("us", 1_000_000), ("ms", 1_000_000_000), ("s", 1_000_000_000_000)];
        let error = || {
            format!("{text:?} is not a duration; expected a whole number of ns, us, ms or s, as in \"20us\"")
        };
        scaled(text, &UNITS).map(|ps| Duration(Time(ps))).ok_or_else(error)
    }
}

impl FromStr for Ratio {
    type Err = String;

    fn from_str(text: &str) -> Result<Ratio, String> {
        let error = || {
            format!("{text:?} is not a factor; expected a decimal number with at most 6 places, as in 0.5")
        };
        let (whole, places) = text.split_once('.').unwrap_or((text, ""));
        if places.len() > 6 || whole.is_empty() || !text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
            return Err(error());
        }
        let numerator = format!("{whole}{places}").parse().map_err(|_| error())?;
        Ok(Ratio { numerator, denominator: 10u64.pow(places.len() as u32) })
    }
}

impl TryFrom<String> for Bytes {
    type Error = String;

    fn try_from(text: String) -> Result<Bytes, String> {
        text.parse()
    }
}

impl TryFrom<String> for Duration {
    type Error = String;

    fn try_from(text: String) -> Result<Duration, String> {
        text.parse()
    }
}

impl From<Bytes> for String {
    fn from(bytes: Bytes) -> String {
        bytes.to_string()
    }
}

impl From<Duration> for String {
    fn from(duration: Duration) -> String {
        duration.to_string()
    }
}

/// In a whole number of nanoseconds; scenarios know no finer unit.
impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ns", self.0.0 / 1_000)
    }
}

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} KiB", self.0 >> 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_durations_carry_their_unit() {
        assert_eq!("128 MiB".parse(), Ok(Bytes(128 << 20)));
        assert_eq!("1_024KiB".parse(), Ok(Bytes(1 << 20)));
        assert_eq!("20us".parse(), Ok(Duration(Time::us(20))));
        assert_eq!("2 s".parse(), Ok(Duration(Time::ms(2_000))));
        for wrong in ["", "128", "MiB", "1 MB", "-1 MiB", "99999999999 GiB", "1.5 GiB"] {
            assert!(wrong.parse::<Bytes>().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn what_is_written_reads_as_the_same() {
        for duration in [Duration(Time::us(20)), Duration(Time::ms(3))] {
            assert_eq!(String::from(duration).parse(), Ok(duration));
        }
        assert_eq!(String::from(Bytes(128 << 20)).parse(), Ok(Bytes(128 << 20)));
    }

    #[test]
    fn factors_are_exact() {
        assert_eq!("0.5".parse(), Ok(Ratio { numerator: 5, denominator: 10 }));
        assert_eq!("2".parse(), Ok(Ratio { numerator: 2, denominator: 1 }));
        for wrong in ["", ".5", "-1", "1e3", "1.2.3", "0.1234567"] {
            assert!(wrong.parse::<Ratio>().is_err(), "{wrong:?}");
        }
    }
}
