//! Draws a timeline on a canvas from its buckets: density where many events share a pixel, shapes
//! where few do.

use lab_protocol::{Bucket, Frame, Lane, LifeView, TimelineView, TimelineWindow};
use web_sys::CanvasRenderingContext2d as Canvas;

use super::palette::Palette;
use super::plan::{LANE, Plan, Row, STRIP};
use super::window::{Window, pixels};
use crate::views::geometry::Point;
use crate::views::text::{Face, width};
use crate::views::ticks::Ticks;
use crate::views::words::words;

/// Shapes stand at least so far apart; where they cannot, they are lines.
const APART: f32 = 7.0;
/// The height of the processor's bar.
const BAR: f32 = 16.0;
/// Half a shape's size.
const SHAPE: f32 = 5.0;
/// Counts at which a density reaches the lane's full height.
const FULL: f32 = 64.0;

/// What is drawn.
pub struct Painting<'a> {
    /// Where.
    pub plan: &'a Plan,
    /// Which stretch, in the time of the side in focus.
    pub window: Window,
    /// What.
    pub frame: &'a Frame,
    /// The sides' titles.
    pub titles: &'a [String],
    /// Colours and faces.
    pub palette: &'a Palette,
}

impl Painting<'_> {
    /// Draws all of it.
    pub fn draw(&self, canvas: &Canvas) {
        let (w, h) = self.plan.size;
        canvas.clear_rect(0.0, 0.0, w.into(), h.into());
        self.names(canvas);
        canvas.save();
        canvas.begin_path();
        rect(canvas, self.plan.area.left - 1.0, 0.0, self.plan.area.width + 2.0, self.plan.axis + 1.0);
        canvas.clip();
        for side in 0..self.frame.sides.len() {
            self.life(canvas, side);
        }
        self.plan.rows.iter().for_each(|row| self.lane(canvas, row));
        if !self.plan.named() {
            self.names_in_lanes(canvas);
        }
        for side in 0..self.frame.sides.len() {
            self.cursor(canvas, side);
        }
        canvas.restore();
        self.axis(canvas);
        self.overview(canvas);
    }

    fn view(&self, side: usize) -> Option<&TimelineView> {
        self.frame.sides.get(side)?.timeline.as_ref()
    }

    /// A time of a side's, on the clock of the side in focus.
    fn focused(&self, side: usize, time: u64) -> u64 {
        time.saturating_add_signed(-shift(self.frame, side))
    }

    fn names(&self, canvas: &Canvas) {
        let p = self.palette;
        for (side, y) in &self.plan.titles {
            let title = self.titles.get(*side).map_or("", String::as_str);
            p.text(canvas, title, Point::new(0.0, y + 13.0), &p.ink, &p.bold, "left");
        }
        for row in self.plan.rows.iter().filter(|_| self.plan.named()) {
            let at = Point::new(self.plan.area.left - 12.0, row.y + LANE / 2.0 + 4.0);
            p.text(canvas, name(row.lane), at, &p.muted, &p.plain, "right");
        }
        canvas.set_fill_style_str(&p.line);
        for row in &self.plan.rows {
            fill(canvas, self.plan.area.left, row.y + LANE - 0.5, self.plan.area.width, 1.0);
        }
    }

    /// Without a column of their own the names stand over what is drawn, on the page's ground.
    fn names_in_lanes(&self, canvas: &Canvas) {
        let p = self.palette;
        for row in &self.plan.rows {
            let (text, at) = (name(row.lane), Point::new(self.plan.area.left + 2.0, row.y + 10.0));
            canvas.set_fill_style_str(&p.card);
            canvas.set_global_alpha(0.8);
            fill(canvas, at.x - 2.0, row.y, width(text, 12.0, Face::Plain) + 4.0, 13.0);
            canvas.set_global_alpha(1.0);
            p.text(canvas, text, at, &p.muted, &p.plain, "left");
        }
    }

    /// The selected interrupt's life as a band behind a side's lanes.
    fn life(&self, canvas: &Canvas, side: usize) {
        let Some((from, to)) = self.frame.sides.get(side).and_then(|s| s.life.as_ref()).and_then(extent)
        else {
            return;
        };
        let (window, area) = (self.window, self.plan.area);
        let (from, to) = (self.focused(side, from), self.focused(side, to));
        let (a, b) = (window.x(from, area).max(-9.0), window.x(to, area).min(area.left + area.width + 9.0));
        let rows = self.plan.rows.iter().filter(|row| row.side == side);
        canvas.set_fill_style_str(&self.palette.band);
        rows.for_each(|row| fill(canvas, a, row.y, (b - a).max(2.0), LANE));
    }

    fn lane(&self, canvas: &Canvas, row: &Row) {
        let Some(view) = self.view(row.side) else { return };
        let Some((_, buckets)) = view.lanes.iter().find(|(lane, _)| *lane == row.lane) else { return };
        let (window, area) = (self.window, self.plan.area);
        let counted = TimelineWindow {
            from: self.focused(row.side, view.window.from),
            to: self.focused(row.side, view.window.to),
            ..view.window
        };
        let placed = buckets.iter().map(|b| (b, pixels(b, counted, window, area)));
        let seen = placed.filter(|(_, (x, w))| x + w >= area.left && *x <= area.left + area.width);
        if row.lane == Lane::Processor {
            return self.processor(canvas, row, &seen.collect::<Vec<_>>());
        }
        let selected =
            self.frame.selection.event.filter(|_| usize::from(self.frame.selection.side) == row.side);
        let (mut last, mut ring, mut shapes) = (f32::NEG_INFINITY, None, Vec::new());
        canvas.set_fill_style_str(self.palette.outline(row.lane));
        for (bucket, (x, w)) in seen {
            let middle = x + w / 2.0;
            let at = Point::new(middle, row.y + LANE / 2.0);
            if bucket.amount == 1 && middle - last >= APART {
                shapes.push(at);
            } else {
                density(canvas, row.y, x, w, bucket.amount);
            }
            last = middle;
            if bucket.event.is_some() && bucket.event == selected {
                ring = Some(at);
            }
        }
        canvas.set_fill_style_str(self.palette.lane(row.lane));
        canvas.set_stroke_style_str(self.palette.outline(row.lane));
        canvas.set_line_width(1.0);
        shapes.into_iter().for_each(|at| shape(canvas, row.lane, at, SHAPE));
        ring.into_iter().for_each(|at| self.ring(canvas, at));
    }

    /// Guest below, host above, by their shares; halted time is left empty. One pass for each colour.
    fn processor(&self, canvas: &Canvas, row: &Row, seen: &[(&Bucket, (f32, f32))]) {
        let top = row.y + (LANE - BAR) / 2.0;
        let share = |amount: u32| amount.min(255) as f32 / 255.0 * BAR;
        let host = |b: &Bucket| share(b.amount);
        let guest = |b: &Bucket| (BAR - share(b.amount) - share(b.halted.into())).max(0.0);
        canvas.set_fill_style_str(&self.palette.host);
        for (b, (x, w)) in seen.iter().filter(|(b, _)| b.amount > 0) {
            fill(canvas, *x, top, w.max(0.75), host(b));
        }
        canvas.set_fill_style_str(&self.palette.guest);
        for (b, (x, w)) in seen.iter().filter(|(b, _)| b.amount < 255) {
            fill(canvas, *x, top + BAR - guest(b), w.max(0.75), guest(b));
        }
    }

    fn ring(&self, canvas: &Canvas, at: Point) {
        canvas.set_stroke_style_str(&self.palette.ink);
        canvas.set_line_width(2.0);
        canvas.begin_path();
        circle(canvas, at, SHAPE + 3.5);
        canvas.stroke();
    }

    /// Where a machine is now.
    fn cursor(&self, canvas: &Canvas, side: usize) {
        let Some(time) = self.frame.sides.get(side).map(|s| s.time) else { return };
        let rows = || self.plan.rows.iter().filter(|row| row.side == side);
        let (Some(first), Some(last)) = (rows().next(), rows().next_back()) else { return };
        let x = self.window.x(self.focused(side, time), self.plan.area);
        canvas.set_fill_style_str(&self.palette.ink);
        fill(canvas, x - 0.75, first.y - 4.0, 1.5, last.y + LANE - first.y + 4.0);
        canvas.begin_path();
        polygon(canvas, &[(x - 5.0, first.y - 8.0), (x + 5.0, first.y - 8.0), (x, first.y - 1.0)]);
        canvas.fill();
    }

    fn axis(&self, canvas: &Canvas) {
        let (p, area) = (self.palette, self.plan.area);
        canvas.set_fill_style_str(&p.edge);
        fill(canvas, area.left, self.plan.axis, area.width, 1.0);
        let apart = self.window.span() as f64 * f64::from(110.0 / area.width);
        let ticks = Ticks::new(self.window.to, apart as u64);
        for at in ticks.within(self.window.from, self.window.to).take(64) {
            let (x, label) = (self.window.x(at, area), ticks.label(at));
            canvas.set_fill_style_str(&p.edge);
            fill(canvas, x - 0.5, self.plan.axis, 1.0, 5.0);
            let half = width(&label, 12.0, Face::Plain) / 2.0;
            let x = x.clamp(half, (area.left + area.width - half).max(half));
            p.text(canvas, &label, Point::new(x, self.plan.axis + 18.0), &p.muted, &p.plain, "center");
        }
    }

    /// Interrupts over the whole run, and the window in it.
    fn overview(&self, canvas: &Canvas) {
        let (p, area, y) = (self.palette, self.plan.area, self.plan.strip);
        canvas.set_fill_style_str(&p.raised);
        fill(canvas, area.left, y, area.width, STRIP);
        let focus = usize::from(self.frame.selection.side);
        let Some((counts, end)) = self.view(focus).map(|v| (&v.overview.0, v.overview.1)) else { return };
        let most = counts.iter().copied().max().unwrap_or(0).max(1);
        let step = area.width / counts.len().max(1) as f32;
        canvas.set_fill_style_str(&p.irq_line);
        for (i, count) in counts.iter().enumerate() {
            let h = f32::from(*count) / f32::from(most) * (STRIP - 4.0);
            fill(canvas, area.left + i as f32 * step, y + STRIP - h, (step - 0.75).max(0.75), h);
        }
        let run = Window::whole(end);
        let (a, b) = (run.x(self.window.from, area).max(area.left), run.x(self.window.to, area));
        canvas.set_stroke_style_str(&p.ink);
        canvas.set_line_width(2.0);
        let b = b.min(area.left + area.width);
        canvas.stroke_rect(f64::from(a), f64::from(y), f64::from((b - a).max(4.0)), f64::from(STRIP));
    }
}

/// How much later a side's clock is than that of the side in focus: they may be aligned by an interrupt.
fn shift(frame: &Frame, side: usize) -> i64 {
    frame.sides.get(side).and_then(|s| s.timeline.as_ref()).map_or(0, |timeline| timeline.shift)
}

/// The stretch in a side's own time.
pub fn shifted(frame: &Frame, side: usize, window: Window) -> Window {
    let own = |time: u64| time.saturating_add_signed(shift(frame, side));
    Window { from: own(window.from), to: own(window.to) }
}

/// From the device's word to the guest's work.
pub fn extent(life: &LifeView) -> Option<(u64, u64)> {
    let last = life.phases.iter().rfind(|p| p.0 != lab_protocol::Phase::Work)?;
    Some((life.phases.first()?.1, last.2))
}

/// A lane's name.
pub fn name(lane: Lane) -> &'static str {
    let w = words();
    match lane {
        Lane::Processor => w.lane_processor,
        Lane::Interrupts => w.lane_interrupts,
        Lane::Eois => w.lane_eois,
        Lane::Nic => w.nic,
        Lane::Iommu => w.iommu,
        Lane::Apic => w.apic,
    }
}

/// How high a density stands, out of the lane's room.
pub fn height(amount: u32) -> f32 {
    let share = (1.0 + amount as f32).ln() / (1.0 + FULL).ln();
    5.0 + share.min(1.0) * (LANE - 11.0)
}

fn density(canvas: &Canvas, y: f32, x: f32, w: f32, amount: u32) {
    let h = height(amount);
    fill(canvas, x, y + LANE - 3.0 - h, w.max(1.0), h);
}

fn shape(canvas: &Canvas, lane: Lane, at: Point, r: f32) {
    canvas.begin_path();
    match lane {
        Lane::Eois => circle(canvas, at, r * 0.9),
        Lane::Nic => rect(canvas, at.x - r * 0.7, at.y - r, r * 1.4, r * 2.0),
        Lane::Iommu => polygon(canvas, &[(at.x, at.y - r), (at.x + r, at.y + r), (at.x - r, at.y + r)]),
        Lane::Apic => rect(canvas, at.x - 1.25, at.y - r * 1.3, 2.5, r * 2.6),
        Lane::Processor | Lane::Interrupts => {
            polygon(canvas, &[(at.x, at.y - r), (at.x + r, at.y), (at.x, at.y + r), (at.x - r, at.y)]);
        }
    }
    canvas.fill();
    canvas.stroke();
}

fn polygon(canvas: &Canvas, points: &[(f32, f32)]) {
    for (i, (x, y)) in points.iter().enumerate() {
        if i == 0 {
            canvas.move_to((*x).into(), (*y).into())
        } else {
            canvas.line_to((*x).into(), (*y).into())
        }
    }
    canvas.close_path();
}

fn circle(canvas: &Canvas, at: Point, r: f32) {
    // The arc of a finite radius that is not negative never fails.
    let _ = canvas.arc(at.x.into(), at.y.into(), r.into(), 0.0, std::f64::consts::TAU);
}

fn rect(canvas: &Canvas, x: f32, y: f32, w: f32, h: f32) {
    canvas.rect(x.into(), y.into(), w.into(), h.into());
}

fn fill(canvas: &Canvas, x: f32, y: f32, w: f32, h: f32) {
    canvas.fill_rect(x.into(), y.into(), w.into(), h.into());
}

#[cfg(test)]
mod tests {
    use super::*;
    use lab_protocol::SideFrame;

    #[test]
    fn more_events_stand_higher_up_to_the_lane() {
        let heights: Vec<_> = [1, 4, 16, 64, 4096].map(height).to_vec();
        assert!(heights.windows(2).all(|p| p[0] <= p[1]) && heights[0] > 2.0 && heights[4] <= LANE);
    }

    #[test]
    fn a_side_aligned_by_interrupt_is_shifted() {
        let side = |shift| SideFrame {
            timeline: Some(TimelineView { shift, ..TimelineView::default() }),
            ..SideFrame::default()
        };
        let frame = Frame { sides: vec![side(0), side(220), side(-100)], ..Frame::default() };
        let window = Window { from: 510, to: 540 };
        assert_eq!(shifted(&frame, 1, window), Window { from: 730, to: 760 });
        assert_eq!(shifted(&frame, 2, window), Window { from: 410, to: 440 });
        assert_eq!(shifted(&frame, 7, window), window);
    }
}
