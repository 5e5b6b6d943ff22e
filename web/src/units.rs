//! Virtual time and counts as a reader sees them.

/// A moment: microseconds with three decimals and thousands set apart, `1 204.318 µs`.
pub fn moment(picoseconds: u64) -> String {
    let nanoseconds = picoseconds / 1_000;
    format!("{}.{:03} µs", thousands(nanoseconds / 1_000), nanoseconds % 1_000)
}

/// The exact anchor of a moment, to the picosecond: `t=1204.318us`.
pub fn anchor(picoseconds: u64) -> String {
    let text = format!("{}.{:06}", picoseconds / 1_000_000, picoseconds % 1_000_000);
    let text = text.trim_end_matches('0').trim_end_matches('.');
    format!("t={text}us")
}

/// A stretch of time with three digits at most: `5.9 µs`, `20 ms`.
pub fn stretch(picoseconds: u64) -> String {
    let scales =
        [(1_000_000_000_000, "s"), (1_000_000_000, "ms"), (1_000_000, "µs"), (1_000, "ns"), (1, "ps")];
    let (scale, unit) = scales.into_iter().find(|(scale, _)| picoseconds >= *scale).unwrap_or((1, "ps"));
    format!("{} {unit}", digits(picoseconds as f64 / scale as f64))
}

/// A number in two or three digits: `102 K`, `0.8 K`, `48`.
pub fn rate(value: f64) -> String {
    let scales = [(1e9, " G"), (1e6, " M"), (1e3, " K")];
    let (scale, unit) = scales.into_iter().find(|(scale, _)| value.abs() >= *scale).unwrap_or((1.0, ""));
    format!("{}{unit}", digits(value / scale))
}

/// A number with one decimal below ten, none from there.
pub fn digits(value: f64) -> String {
    let rounded = (value * 10.0).round() / 10.0;
    if rounded.abs() >= 10.0 || rounded.fract() == 0.0 {
        format!("{value:.0}")
    } else {
        format!("{rounded:.1}")
    }
}

/// A whole number with thin spaces between thousands.
pub fn thousands(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 * 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

/// A number as it is typed: digits, and more of them behind a point. What the standard library reads numbers with weighs
/// a twentieth of the page.
pub fn decimal(text: &str) -> Option<f64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let number = |digits: &str| match digits {
        "" => Some(0),
        digits => digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse::<u64>().ok()).flatten(),
    };
    let places = part.bytes().fold(1.0, |ten, _| ten * 10.0);
    let value = number(whole)? as f64 + number(part)? as f64 / places;
    (text.len() > usize::from(text.contains('.'))).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_a_number_or_none() {
        let rows = [
            ("0", Some(0.0)),
            ("1.5", Some(1.5)),
            (".25", Some(0.25)),
            ("300.", Some(300.0)),
            ("16384", Some(16384.0)),
        ];
        let none = ["", ".", "-1", "1e3", "inf", "1.2.3", "+4", "99999999999999999999"];
        for (text, number) in rows.into_iter().chain(none.map(|text| (text, None))) {
            assert_eq!(decimal(text), number, "{text:?}");
        }
    }

    #[test]
    fn times_and_numbers_read_as_a_person_writes_them() {
        assert_eq!(moment(1_204_318_421), "1\u{202f}204.318 µs");
        assert_eq!(anchor(1_204_318_421), "t=1204.318421us");
        assert_eq!(anchor(1_204_000_000), "t=1204us");
        assert_eq!(anchor(0), "t=0us");
        assert_eq!(stretch(5_900_000), "5.9 µs");
        assert_eq!(stretch(20_000_000_000), "20 ms");
        assert_eq!(stretch(0), "0 ps");
        assert_eq!(rate(102_000.0), "102 K");
        assert_eq!(rate(820.0), "820");
        assert_eq!(rate(4_800.0), "4.8 K");
        assert_eq!(rate(0.0), "0");
        assert_eq!(digits(9.96), "10");
        assert_eq!(thousands(u64::MAX), "18 446 744 073 709 551 615".replace(' ', "\u{202f}"));
    }
}
