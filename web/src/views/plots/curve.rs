//! Values as a curve in a box.

use crate::views::format::px;
use crate::views::geometry::Rect;

/// The least round number that is not less: 1, 2, 2.5, 5 times a power of ten. For the top of an axis.
pub fn top(values: &[f32]) -> f32 {
    let most = values.iter().copied().filter(|v| v.is_finite()).fold(0.0f32, f32::max);
    if most <= 0.0 {
        return 1.0;
    }
    let decade = 10f32.powf(most.log10().floor());
    [1.0, 2.0, 2.5, 5.0, 10.0].iter().map(|m| m * decade).find(|t| *t >= most).unwrap_or(most)
}

/// A curve through the values for the `d` attribute; what is not a number leaves a gap.
pub fn curve(values: &[f32], top: f32, area: Rect) -> String {
    let step = area.w / values.len().saturating_sub(1).max(1) as f32;
    let mut d = String::new();
    let mut up = true;
    for (i, value) in values.iter().enumerate() {
        if !value.is_finite() {
            up = true;
            continue;
        }
        let y = area.bottom() - (value / top).clamp(0.0, 1.0) * area.h;
        d.push(if up { 'M' } else { 'L' });
        d.push_str(&format!("{} {}", px(area.x + i as f32 * step), px(y)));
        up = false;
    }
    d
}

/// The last value that is one.
pub fn last(values: &[f32]) -> Option<f32> {
    values.iter().rev().copied().find(|v| v.is_finite())
}

/// The upper bound within which half of the counts are.
pub fn median(histogram: &[(u32, u32)]) -> Option<u32> {
    let total: u64 = histogram.iter().map(|(_, n)| u64::from(*n)).sum();
    let mut seen = 0;
    histogram
        .iter()
        .find(|(_, n)| {
            seen += u64::from(*n);
            total > 0 && seen * 2 >= total
        })
        .map(|(bound, _)| *bound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_ends_at_a_round_number() {
        for (most, end) in [(0.0, 1.0), (0.9, 1.0), (3.1, 5.0), (102_000.0, 200_000.0), (2.4, 2.5)] {
            assert!((top(&[most]) / end - 1.0).abs() < 1e-3, "{most}: {}", top(&[most]));
        }
    }

    #[test]
    fn a_curve_spans_its_box_and_leaves_gaps() {
        let area = Rect::new(10.0, 0.0, 100.0, 50.0);
        assert_eq!(curve(&[0.0, 5.0, 10.0], 10.0, area), "M10 50L60 25L110 0");
        assert_eq!(curve(&[0.0, f32::NAN, 10.0], 10.0, area), "M10 50M110 0");
        assert_eq!(curve(&[], 10.0, area), "");
    }

    #[test]
    fn half_are_within_the_median() {
        assert_eq!(median(&[(10, 1), (20, 3), (30, 1)]), Some(20));
        assert_eq!(median(&[(10, 0)]), None);
        assert_eq!(median(&[]), None);
    }

    #[test]
    fn the_last_number_counts() {
        assert_eq!(last(&[1.0, 2.0, f32::NAN]), Some(2.0));
        assert_eq!(last(&[]), None);
    }
}
