//! Which views are open at which level.

use std::rc::Rc;

use lab_protocol::{LogWindow, TimelineWindow, Views};

use crate::links::Level;

use super::lab::{Lab, Panel};

/// Rows of the log at first.
const LOG_ROWS: u16 = 12;
/// Columns of the timeline until it knows its width.
const COLUMNS: u16 = 800;
/// Lines of code.
const LINES: u16 = 24;
/// Points of a plot.
const POINTS: u16 = 240;

/// Opens what the level and the panel show, and closes the rest; a view that was open keeps its window.
pub fn views(lab: &Lab) -> Rc<Views> {
    let now = &lab.views;
    let explains = lab.level() >= Level::Explain;
    let inspects = |panel| lab.level() == Level::Inspect && lab.panel == panel;
    Rc::new(Views {
        timeline: explains.then(|| now.timeline.unwrap_or_else(|| whole(lab))),
        log: explains.then(|| now.log.unwrap_or(LogWindow { first: None, rows: LOG_ROWS, kinds: u64::MAX })),
        inspect: inspects(Panel::State).then(|| now.inspect.clone().unwrap_or_default()),
        code: inspects(Panel::Code).then(|| now.code.unwrap_or(LINES)),
        plots: inspects(Panel::Plots).then(|| now.plots.unwrap_or(POINTS)),
    })
}

/// The whole run so far.
fn whole(lab: &Lab) -> TimelineWindow {
    let to = lab.frame.sides.iter().map(|side| side.end.0.max(side.time)).max().unwrap_or(0);
    TimelineWindow { from: 0, to: to.max(1), columns: COLUMNS }
}

/// A view's new window among those that are open: what it does not speak of stays.
pub fn merge(now: &Views, new: Views) -> Views {
    Views {
        timeline: now.timeline.and(new.timeline.or(now.timeline)),
        log: now.log.and(new.log.or(now.log)),
        inspect: now.inspect.as_ref().and(new.inspect.or_else(|| now.inspect.clone())),
        code: now.code.and(new.code.or(now.code)),
        plots: now.plots.and(new.plots.or(now.plots)),
    }
}
