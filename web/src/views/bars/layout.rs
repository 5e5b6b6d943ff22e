//! Two lives on one clock: which stretch is where.

use lab_protocol::{LifeView, Phase};

use crate::views::ticks::Ticks;

/// The height of a bar.
pub const BAR: f32 = 32.0;
/// Below this width a bar's name stands above it.
pub const NARROW: f32 = 620.0;
/// Pixels between ticks, at least.
const APART: f32 = 76.0;
/// The device's wait takes at most one part in so many.
const LEAD: u64 = 9;
/// How much of the life's length the work after it may take at most, in percent.
const WORK: u64 = 120;

/// A clock that starts `lead` before a life's zero and ends `span` after it, on `width` pixels from `left`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Clock {
    /// Picoseconds before zero.
    pub lead: u64,
    /// Picoseconds after it.
    pub span: u64,
    /// The left edge.
    pub left: f32,
    /// Pixels.
    pub width: f32,
}

impl Clock {
    /// A clock long enough for these lives. Work that goes on long after them is cut, and so is the
    /// time for which the device waits before it speaks.
    pub fn of<'a>(lives: impl Iterator<Item = &'a LifeView>, left: f32, width: f32) -> Self {
        let (mut end, mut busy, mut waits) = (0, 0, 0);
        for life in lives {
            let length =
                |last: Option<&(Phase, u64, u64)>| last.map_or(0, |p| p.2.saturating_sub(zero(life)));
            end = end.max(length(life.phases.last()));
            busy = busy.max(length(life.phases.iter().rfind(|p| p.0 != Phase::Work)));
            waits = waits.max(zero(life) - life.phases.first().map_or(zero(life), |p| p.1.min(zero(life))));
        }
        let most = if busy > 0 { busy.saturating_add(busy / 100 * WORK) } else { end };
        let span = end.min(most).max(1);
        Self { lead: waits.min(span / LEAD), span, left, width: width.max(1.0) }
    }

    /// Where a moment of a life is; beyond the ends, the ends.
    pub fn x(self, life: &LifeView, time: u64) -> f32 {
        let since = i128::from(time) - i128::from(zero(life));
        let whole = i128::from(self.lead) + i128::from(self.span);
        let into = (since + i128::from(self.lead)).clamp(0, whole);
        self.left + (into as f64 / whole as f64) as f32 * self.width
    }

    /// Whether a moment of a life is on the clock.
    pub fn holds(self, life: &LifeView, time: u64) -> bool {
        let since = i128::from(time) - i128::from(zero(life));
        since >= -i128::from(self.lead) && since <= i128::from(self.span)
    }

    /// Where a time since zero is.
    pub fn since(self, time: u64) -> f32 {
        let whole = self.lead as f64 + self.span as f64;
        self.left + ((self.lead as f64 + time.min(self.span) as f64) / whole) as f32 * self.width
    }

    /// Ticks that stand far enough apart for their labels.
    pub fn ticks(self) -> Ticks {
        let apart = (self.span as f64 * f64::from(APART / self.width)) as u64;
        Ticks::new(self.span, apart)
    }
}

/// A life's zero: when the device has spoken.
pub fn zero(life: &LifeView) -> u64 {
    match life.phases.first() {
        Some((Phase::Device, _, end)) => *end,
        Some((_, from, _)) => *from,
        None => 0,
    }
}

/// A stretch of a bar.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Segment {
    /// What happens.
    pub phase: Phase,
    /// From and to, picoseconds of virtual time.
    pub time: (u64, u64),
    /// Left edge.
    pub x: f32,
    /// Width.
    pub w: f32,
    /// It goes on beyond one of the clock's ends.
    pub cut: bool,
}

/// A life's stretches with a hair between them; what is too short to see is still two pixels wide.
pub fn segments(life: &LifeView, clock: Clock) -> Vec<Segment> {
    let mut least = clock.left;
    let mut list = Vec::with_capacity(life.phases.len());
    let edge = clock.left + clock.width;
    for (phase, from, to) in life.phases.iter().copied() {
        let x = clock.x(life, from).max(least);
        if x >= edge || to <= from {
            continue;
        }
        let end = clock.x(life, to).max(x + 3.0).min(edge);
        let cut = !clock.holds(life, to) || !clock.holds(life, from);
        list.push(Segment { phase, time: (from, to), x, w: (end - x - 1.5).max(0.0), cut });
        least = end;
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    fn life(phases: &[(Phase, u64, u64)]) -> LifeView {
        LifeView { phases: phases.to_vec(), ..LifeView::default() }
    }

    fn through() -> LifeView {
        life(&[
            (Phase::Device, 1_000, 1_900),
            (Phase::Pending, 1_900, 1_901),
            (Phase::Arrival, 1_901, 7_800),
            (Phase::Handler, 7_800, 16_000),
            (Phase::SignOff, 16_000, 18_200),
            (Phase::Work, 18_200, 90_000),
        ])
    }

    #[test]
    fn stretches_follow_each_other_and_stay_on_the_clock() {
        for width in [120.0, 300.0, 1100.0] {
            let life = through();
            let clock = Clock::of([&life].into_iter(), 40.0, width);
            let list = segments(&life, clock);
            assert_eq!(list.len(), 6);
            for pair in list.windows(2) {
                assert!(pair[0].x + pair[0].w <= pair[1].x, "{pair:?}");
            }
            for s in &list {
                assert!(s.w > 1.0 && s.x >= 40.0 && s.x + s.w <= 40.0 + width, "{s:?}");
            }
            assert!(list.last().is_some_and(|s| s.cut), "the work goes on");
        }
    }

    #[test]
    fn two_lives_share_one_clock() {
        let short = life(&[
            (Phase::Device, 5_000, 5_900),
            (Phase::Handler, 5_900, 14_100),
            (Phase::Work, 14_100, 40_000),
        ]);
        let long = through();
        let clock = Clock::of([&long, &short].into_iter(), 0.0, 1000.0);
        let handler =
            |life| segments(life, clock).into_iter().find(|s| s.phase == Phase::Handler).map(|s| s.w);
        let (a, b) = (handler(&long).unwrap_or_default(), handler(&short).unwrap_or_default());
        assert!((a - b).abs() < 4.0, "the same work has the same length: {a} {b}");
    }

    #[test]
    fn a_device_that_waits_long_does_not_hide_the_rest() {
        let late = life(&[(Phase::Device, 0, 1_000_000), (Phase::Arrival, 1_000_000, 1_005_000)]);
        let clock = Clock::of([&late].into_iter(), 0.0, 1000.0);
        let list = segments(&late, clock);
        assert!(list[0].w < 200.0 && list[0].cut && list[1].w > 700.0, "{list:?}");
        assert!((clock.since(0) - clock.x(&late, 1_000_000)).abs() < 0.1, "zero is when it has spoken");
    }

    #[test]
    fn an_empty_or_strange_life_is_no_trouble() {
        for life in [life(&[]), life(&[(Phase::Work, 9, 3)]), life(&[(Phase::Device, 0, u64::MAX)])] {
            let clock = Clock::of([&life].into_iter(), 0.0, 0.0);
            segments(&life, clock);
            assert!(clock.ticks().within(0, clock.span).count() <= 10 && clock.width >= 1.0);
        }
    }
}
