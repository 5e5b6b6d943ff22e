//! The stretch of time that a timeline shows: zoom, pan, pixels.

use lab_protocol::{Bucket, TimelineWindow};

/// The shortest stretch, picoseconds.
pub const SHORTEST: u64 = 20_000;

/// A stretch of virtual time in picoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Window {
    /// From.
    pub from: u64,
    /// To.
    pub to: u64,
}

/// Pixels on which it is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Area {
    /// Left edge.
    pub left: f32,
    /// Width.
    pub width: f32,
}

impl Window {
    /// A stretch inside the run, not shorter than the shortest, of about this length.
    fn new(from: f64, span: f64, end: u64) -> Self {
        let end = end.max(SHORTEST);
        let span = (span.max(0.0) as u64).clamp(SHORTEST, end);
        let from = (from.max(0.0) as u64).min(end - span);
        Self { from, to: from + span }
    }

    /// The whole run.
    pub fn whole(end: u64) -> Self {
        Self { from: 0, to: end.max(SHORTEST) }
    }

    /// How long it is; never 0.
    pub fn span(self) -> u64 {
        self.to.saturating_sub(self.from).max(1)
    }

    /// So much shorter or longer (factor below or above 1), with the point at `share` of it in its place.
    pub fn zoom(self, share: f64, factor: f64, end: u64) -> Self {
        let span = self.span() as f64;
        let fixed = self.from as f64 + span * share;
        let new = (span * factor).clamp(SHORTEST as f64, end.max(SHORTEST) as f64);
        Self::new(fixed - new * share, new, end)
    }

    /// Moved by a share of its length.
    pub fn pan(self, share: f64, end: u64) -> Self {
        let span = self.span() as f64;
        Self::new(self.from as f64 + span * share, span, end)
    }

    /// As long as it is, with a moment in the middle.
    pub fn around(self, time: u64, end: u64) -> Self {
        let span = self.span() as f64;
        Self::new(time as f64 - span / 2.0, span, end)
    }

    /// A stretch with a margin of a third on both sides.
    pub fn fit(from: u64, to: u64, end: u64) -> Self {
        let span = to.saturating_sub(from) as f64;
        Self::new(from as f64 - span / 3.0, span * 5.0 / 3.0, end)
    }

    /// Where a moment is, which may be far outside the area.
    pub fn x(self, time: u64, area: Area) -> f32 {
        let since = time as f64 - self.from as f64;
        area.left + (since / self.span() as f64) as f32 * area.width
    }

    /// The moment at a pixel.
    pub fn time(self, x: f32, area: Area) -> u64 {
        let share = f64::from((x - area.left) / area.width.max(1.0)).clamp(0.0, 1.0);
        self.from + (share * self.span() as f64) as u64
    }

    /// What the worker is asked for: a column a pixel, and half as many while it runs.
    pub fn asked(self, area: Area, running: bool) -> TimelineWindow {
        let columns = if running { area.width / 2.0 } else { area.width };
        TimelineWindow { from: self.from, to: self.to, columns: columns.clamp(1.0, 4096.0) as u16 }
    }
}

/// The pixels of a bucket that was counted over one window, drawn in another: left edge and width.
pub fn pixels(bucket: &Bucket, counted: TimelineWindow, shown: Window, area: Area) -> (f32, f32) {
    let column = counted.to.saturating_sub(counted.from) as f64 / f64::from(counted.columns.max(1));
    let start = counted.from as f64 + column * f64::from(bucket.column);
    let scale = f64::from(area.width) / shown.span() as f64;
    let x = f64::from(area.left) + (start - shown.from as f64) * scale;
    (x as f32, (column * f64::from(bucket.width.max(1)) * scale) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    const END: u64 = 20_000_000_000;
    const AREA: Area = Area { left: 100.0, width: 800.0 };

    #[test]
    fn zooming_keeps_the_moment_under_the_pointer() {
        let mut window = Window::whole(END);
        let time = window.time(420.0, AREA);
        let share = f64::from((420.0 - AREA.left) / AREA.width);
        for _ in 0..12 {
            window = window.zoom(share, 0.5, END);
            let x = window.x(time, AREA);
            assert!((x - 420.0).abs() < 0.5, "{x}");
        }
    }

    #[test]
    fn one_gets_from_the_whole_run_to_nanoseconds_and_back() {
        let mut window = Window::whole(END);
        for _ in 0..60 {
            window = window.zoom(0.3, 0.7, END);
        }
        assert_eq!(window.span(), SHORTEST);
        for _ in 0..90 {
            window = window.zoom(0.3, 1.4, END);
        }
        assert_eq!(window, Window::whole(END));
    }

    #[test]
    fn nothing_leaves_the_run() {
        let start = Window { from: 1_000_000, to: 3_000_000 };
        for window in [
            start.pan(-9.0, END),
            start.pan(1e9, END),
            start.around(0, END),
            start.around(END * 2, END),
            Window::fit(5, 1, 0),
        ] {
            assert!(window.to <= END && window.from < window.to, "{window:?}");
        }
    }

    #[test]
    fn a_bucket_is_where_its_columns_are() {
        let counted = TimelineWindow { from: 0, to: 800_000, columns: 800 };
        let bucket = Bucket { column: 200, width: 4, ..Bucket::default() };
        for (shown, x, w) in [
            (Window { from: 0, to: 800_000 }, 300.0, 4.0),
            (Window { from: 200_000, to: 600_000 }, 100.0, 8.0),
            (Window { from: 400_000, to: 800_000 }, -300.0, 8.0),
        ] {
            let (px, pw) = pixels(&bucket, counted, shown, AREA);
            assert!((px - x).abs() < 0.01 && (pw - w).abs() < 0.01, "{px} {pw}");
        }
    }
}
