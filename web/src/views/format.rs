//! Numbers and times as the page writes them: `1 204.318 µs`, `48 000`, `102 K`.
//!
//! All of it is integer arithmetic: what is shown does not depend on how a float prints.

/// Between groups of three digits: a narrow space that does not break.
pub const GROUP: char = '\u{202f}';

/// Units of time with their length in picoseconds, longest first.
const UNITS: [(u64, &str); 5] =
    [(1_000_000_000_000, "s"), (1_000_000_000, "ms"), (1_000_000, "µs"), (1_000, "ns"), (1, "ps")];

/// A whole number in groups of three digits.
pub fn group(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 * GROUP.len_utf8());
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(GROUP);
        }
        text.push(digit);
    }
    text
}

/// `n / 10^places` with exactly so many places.
pub fn decimal(n: u64, places: u32) -> String {
    let scale = 10u64.pow(places.min(18));
    if places == 0 {
        return group(n);
    }
    format!("{}.{:0width$}", group(n / scale), n % scale, width = places as usize)
}

/// A float's nearest thousandth as an integer; nothing sensible becomes 0.
fn thousandths(x: f64) -> u64 {
    if x.is_finite() && x > 0.0 { (x * 1000.0).round().min(1e18) as u64 } else { 0 }
}

/// A number to three significant digits, at most `places` of them behind the point.
pub fn significant(x: f64, places: u32) -> String {
    let milli = thousandths(x);
    let wanted = match milli {
        0..10_000 => 2,
        10_000..100_000 => 1,
        _ => 0,
    };
    let places = wanted.min(places);
    let scale = f64::from(10u32.pow(places));
    let scaled = if milli > 0 { (x * scale).round().min(1e18) as u64 } else { 0 };
    decimal(scaled, places)
}

/// A moment in microseconds, to the nanosecond: `1 204.318 µs`.
pub fn moment(picoseconds: u64) -> String {
    format!("{}{GROUP}µs", decimal(picoseconds / 1_000, 3))
}

/// A duration to two or three digits in the unit that suits it: `5.9 µs`, `812 ns`.
pub fn duration(picoseconds: u64) -> String {
    let (length, unit) =
        UNITS.into_iter().find(|(length, _)| picoseconds >= *length).unwrap_or((1_000, "ns"));
    if picoseconds == 0 {
        return format!("0{GROUP}ns");
    }
    let tenths = (u128::from(picoseconds) * 10 + u128::from(length) / 2) / u128::from(length);
    let tenths = u64::try_from(tenths).unwrap_or(u64::MAX);
    let number = if length > 1 && tenths < 1_000 && (tenths < 100 || !tenths.is_multiple_of(10)) {
        decimal(tenths, 1)
    } else {
        group((tenths + 5) / 10)
    };
    format!("{number}{GROUP}{unit}")
}

/// How often a second, for a small space: `102 K`, `0.8 K`, `42`.
pub fn rate(per_second: f64) -> String {
    let milli = thousandths(per_second);
    match milli {
        0..100_000 => group((milli + 500) / 1000),
        100_000..999_500_000 => {
            let tenths = (milli + 50_000) / 100_000;
            let number = if tenths < 100 { decimal(tenths, 1) } else { group((milli + 500_000) / 1_000_000) };
            format!("{number}{GROUP}K")
        }
        _ => format!("{}{GROUP}M", significant(per_second / 1e6, 1)),
    }
}

/// How often a second, in words of a sentence: two digits that count, `48 000`.
pub fn often(per_second: f64) -> String {
    let mut n = thousandths(per_second).saturating_add(500) / 1000;
    let mut scale = 1;
    while n >= 100 {
        n = (n + 5) / 10;
        scale *= 10;
    }
    group(n * scale)
}

/// A vector: `0x61`.
pub fn vector(v: u8) -> String {
    format!("{v:#04x}")
}

/// Tenths of a pixel are enough for a path: `12.5`.
pub fn px(x: f32) -> String {
    let tenths = (x.clamp(-1e6, 1e6) * 10.0).round() as i32;
    let (sign, tenths) = (if tenths < 0 { "-" } else { "" }, tenths.unsigned_abs());
    if tenths % 10 == 0 {
        format!("{sign}{}", tenths / 10)
    } else {
        format!("{sign}{}.{}", tenths / 10, tenths % 10)
    }
}

/// Puts the arguments where the template has `{}`, in order.
pub fn fill(template: &str, arguments: &[&str]) -> String {
    let mut parts = template.split("{}");
    let mut text = String::from(parts.next().unwrap_or_default());
    for (i, part) in parts.enumerate() {
        text.push_str(arguments.get(i).copied().unwrap_or_default());
        text.push_str(part);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// With ordinary spaces, so that a test can be read.
    fn plain(text: String) -> String {
        text.replace(GROUP, " ")
    }

    #[test]
    fn digits_stand_in_threes() {
        for (n, text) in
            [(0, "0"), (999, "999"), (1_000, "1 000"), (48_000, "48 000"), (1_234_567, "1 234 567")]
        {
            assert_eq!(plain(group(n)), text);
        }
    }

    #[test]
    fn a_moment_is_microseconds_to_the_nanosecond() {
        for (ps, text) in [
            (0, "0.000 µs"),
            (1_204_318_000, "1 204.318 µs"),
            (999, "0.000 µs"),
            (20_000_000_000_000, "20 000 000.000 µs"),
        ] {
            assert_eq!(plain(moment(ps)), text);
        }
    }

    #[test]
    fn a_duration_takes_the_unit_that_suits_it() {
        for (ps, text) in [
            (0, "0 ns"),
            (15_000, "15 ns"),
            (400, "400 ps"),
            (812_000, "812 ns"),
            (5_900_000, "5.9 µs"),
            (5_000_000, "5.0 µs"),
            (5_960_000, "6.0 µs"),
            (99_960_000, "100 µs"),
            (1_250_000_000, "1.3 ms"),
            (2_000_000_000_000, "2.0 s"),
        ] {
            assert_eq!(plain(duration(ps)), text, "{ps}");
        }
        assert_eq!(plain(duration(u64::MAX)), "18 446 744 s");
    }

    #[test]
    fn a_rate_is_short() {
        for (x, text) in [
            (0.0, "0"),
            (42.4, "42"),
            (800.0, "0.8 K"),
            (48_123.0, "48 K"),
            (101_900.0, "102 K"),
            (1_250_000.0, "1.3 M"),
            (f64::NAN, "0"),
            (-3.0, "0"),
        ] {
            assert_eq!(plain(rate(x)), text, "{x}");
        }
    }

    #[test]
    fn how_often_keeps_two_digits() {
        for (x, text) in
            [(0.4, "0"), (7.0, "7"), (48_123.0, "48 000"), (99_600.0, "100 000"), (1_049.0, "1 100")]
        {
            assert_eq!(plain(often(x)), text, "{x}");
        }
    }

    #[test]
    fn three_digits_count() {
        for (x, places, text) in [
            (3.2449, 2, "3.24"),
            (3.2449, 1, "3.2"),
            (59.96, 1, "60.0"),
            (5.0, 1, "5.0"),
            (1234.5, 1, "1 235"),
        ] {
            assert_eq!(plain(significant(x, places)), text, "{x}");
        }
    }

    #[test]
    fn a_path_needs_tenths() {
        for (x, text) in [(12.0, "12"), (12.54, "12.5"), (-0.26, "-0.3"), (-0.01, "0"), (0.96, "1")] {
            assert_eq!(px(x), text);
        }
    }

    #[test]
    fn templates_are_filled_in_order() {
        assert_eq!(fill("{} of {}", &["a", "b"]), "a of b");
        assert_eq!(fill("{} of {}", &["a"]), "a of ");
        assert_eq!(fill("none", &["a"]), "none");
    }
}
