//! Two lives on one clock: which stretch is where.

use lab_protocol::{LifeView, Phase};

use crate::views::ticks::Ticks;

/// The height of a bar.
pub const BAR: f32 = 32.0;
/// Below this width a bar's name stands above it.
pub const NARROW: f32 = 620.0;
/// Pixels between ticks, at least.
const APART: f32 = 76.0;
/// How much of the life's length the work after it may take at most, in percent.
const WORK: u64 = 60;

/// A clock from 0 to `span` on `width` pixels from `left`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Clock {
    /// Picoseconds.
    pub span: u64,
    /// Where 0 is.
    pub left: f32,
    /// Pixels.
    pub width: f32,
}

impl Clock {
    /// A clock long enough for these lives. Work that goes on long after them is cut.
    pub fn of<'a>(lives: impl Iterator<Item = &'a LifeView>, left: f32, width: f32) -> Self {
        let (mut end, mut busy) = (0, 0);
        for life in lives {
            let length = |last: Option<&(Phase, u64, u64)>| last.map_or(0, |p| p.2.saturating_sub(start(life)));
            end = end.max(length(life.phases.last()));
            busy = busy.max(length(life.phases.iter().rfind(|p| p.0 != Phase::Work)));
        }
        let most = if busy > 0 { busy.saturating_add(busy / 100 * WORK) } else { end };
        Self { span: end.min(most).max(1), left, width: width.max(1.0) }
    }

    /// Where a time since a life's start is; beyond the end, the end.
    pub fn x(self, since: u64) -> f32 {
        self.left + (since.min(self.span) as f64 / self.span as f64) as f32 * self.width
    }

    /// The time since the start at a pixel.
    pub fn time(self, x: f32) -> u64 {
        (f64::from((x - self.left).clamp(0.0, self.width) / self.width) * self.span as f64) as u64
    }

    /// Ticks that stand far enough apart for their labels.
    pub fn ticks(self) -> Ticks {
        let apart = (self.span as f64 * f64::from(APART / self.width)) as u64;
        Ticks::new(self.span, apart)
    }
}

/// When a life begins.
pub fn start(life: &LifeView) -> u64 {
    life.phases.first().map_or(0, |p| p.1)
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
    /// It goes on beyond the clock's end.
    pub cut: bool,
}

/// A life's stretches with a hair between them; what is too short to see is still two pixels wide.
pub fn segments(life: &LifeView, clock: Clock) -> Vec<Segment> {
    let start = start(life);
    let mut least = clock.left;
    let mut list = Vec::with_capacity(life.phases.len());
    for (phase, from, to) in life.phases.iter().copied() {
        let since = |t: u64| t.saturating_sub(start);
        if since(from) >= clock.span || to <= from {
            continue;
        }
        let x = clock.x(since(from)).max(least);
        let end = clock.x(since(to)).max(x + 3.0).min(clock.left + clock.width);
        let w = (end - x - 1.5).max(0.0);
        list.push(Segment { phase, time: (from, to), x, w, cut: since(to) > clock.span });
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
        let short = life(&[(Phase::Device, 5_000, 5_900), (Phase::Handler, 5_900, 14_100), (Phase::Work, 14_100, 40_000)]);
        let long = through();
        let clock = Clock::of([&long, &short].into_iter(), 0.0, 1000.0);
        let handler = |life| segments(life, clock).into_iter().find(|s| s.phase == Phase::Handler).map(|s| s.w);
        let (a, b) = (handler(&long).unwrap_or_default(), handler(&short).unwrap_or_default());
        assert!((a - b).abs() < 4.0, "the same work has the same length: {a} {b}");
    }

    #[test]
    fn a_pixel_and_its_time_agree() {
        let clock = Clock { span: 24_000_000, left: 100.0, width: 800.0 };
        for time in [0, 6_000_000, 23_900_000] {
            assert!(clock.time(clock.x(time)).abs_diff(time) < 40);
        }
        assert_eq!((clock.time(-5.0), clock.time(9e9)), (0, 24_000_000));
    }

    #[test]
    fn an_empty_or_strange_life_is_no_trouble() {
        for life in [life(&[]), life(&[(Phase::Work, 9, 3)]), life(&[(Phase::Device, 0, u64::MAX)])] {
            let clock = Clock::of([&life].into_iter(), 0.0, 0.0);
            segments(&life, clock);
            assert!(clock.ticks().within(0, clock.span).count() <= 10);
        }
    }
}
