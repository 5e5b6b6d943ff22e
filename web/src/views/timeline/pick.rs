//! What a click or a key means on a timeline.

use lab_protocol::{Bucket, Frame, TimelineView};

use super::paint::shifted;
use super::plan::Plan;
use super::window::{Window, pixels};
use crate::views::Level;

/// How near a click must be to an event, in pixels.
const NEAR: f32 = 9.0;

/// What was clicked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Picked {
    /// An event of a machine.
    Event(usize, u64),
    /// A moment of a machine.
    Time(usize, u64),
}

/// What is at a point of the lanes.
pub fn pick(plan: &Plan, window: Window, frame: &Frame, x: f32, y: f32) -> Option<Picked> {
    let row = plan.row_at(y)?;
    let view = frame.sides.get(row.side)?.timeline.as_ref()?;
    let own = shifted(frame, row.side, window);
    let buckets = view.lanes.iter().find(|(lane, _)| *lane == row.lane).map(|(_, b)| b.as_slice());
    let distance = |b: &Bucket| {
        let (left, w) = pixels(b, view.window, own, plan.area);
        (left + w / 2.0 - x).abs()
    };
    let events = buckets.unwrap_or_default().iter().filter_map(|b| Some((distance(b), b.event?)));
    let nearest = events.min_by(|a, b| a.0.total_cmp(&b.0)).filter(|(d, _)| *d <= NEAR);
    Some(match nearest {
        Some((_, event)) => Picked::Event(row.side, event),
        None => Picked::Time(row.side, own.time(x, plan.area)),
    })
}

/// Every single event of a view with its column, in the order of time.
pub fn singles(view: &TimelineView, level: Level) -> Vec<(u16, u64)> {
    let lanes = super::plan::lanes(level);
    let buckets = view.lanes.iter().filter(|(lane, _)| lanes.contains(lane)).flat_map(|(_, b)| b);
    let mut list: Vec<_> = buckets.filter_map(|b| Some((b.column, b.event?))).collect();
    list.sort_by_key(|(_, event)| *event);
    list.dedup_by_key(|(_, event)| *event);
    list
}

/// The single event before or after an event.
pub fn neighbour(view: &TimelineView, level: Level, event: u64, back: bool) -> Option<u64> {
    let list = singles(view, level);
    let mut events = list.iter().map(|(_, event)| *event);
    if back { events.rfind(|e| *e < event) } else { events.find(|e| *e > event) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lab_protocol::{Lane, SideFrame, TimelineWindow};

    fn frame() -> Frame {
        let one = |column, event| Bucket { column, width: 1, amount: 1, halted: 0, event: Some(event) };
        let view = TimelineView {
            window: TimelineWindow { from: 0, to: 1_000_000, columns: 500 },
            lanes: vec![(Lane::Interrupts, vec![one(50, 7), one(400, 30)]), (Lane::Eois, vec![one(80, 9)])],
            ..TimelineView::default()
        };
        Frame { sides: vec![SideFrame { timeline: Some(view), ..SideFrame::default() }], ..Frame::default() }
    }

    #[test]
    fn a_click_on_a_shape_is_its_event_and_elsewhere_a_moment() {
        let (frame, window) = (frame(), Window { from: 0, to: 1_000_000 });
        let plan = Plan::new(624.0, 1, Level::Explain);
        let y = plan.rows[1].y + 5.0;
        let x = |column: f32| plan.area.left + (column + 0.5) / 500.0 * plan.area.width;
        assert_eq!(pick(&plan, window, &frame, x(50.0) + 4.0, y), Some(Picked::Event(0, 7)));
        let Some(Picked::Time(0, time)) = pick(&plan, window, &frame, x(200.0), y) else {
            panic!("no moment")
        };
        assert!(time.abs_diff(401_000) < 2_000, "{time}");
        assert_eq!(pick(&plan, window, &frame, x(50.0), 0.0), None);
    }

    #[test]
    fn one_walks_from_event_to_event_over_the_lanes() {
        let frame = frame();
        let Some(view) = &frame.sides[0].timeline else { panic!("no view") };
        let walk = |event, back| neighbour(view, Level::Explain, event, back);
        assert_eq!((walk(7, false), walk(9, false), walk(30, false)), (Some(9), Some(30), None));
        assert_eq!((walk(30, true), walk(8, true), walk(7, true)), (Some(9), Some(7), None));
    }
}
