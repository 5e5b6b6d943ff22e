//! Bars and their clock as SVG.

use lab_protocol::{LifeView, Phase};
use yew::prelude::*;

use super::layout::{BAR, Clock, NARROW, Segment};
use super::names;
use crate::views::Level;
use crate::views::format::px;
use crate::views::text::{Face, clip, fit, width};
use crate::words::Term;

/// The size of a label in a bar.
pub const SIZE: f32 = 13.0;
/// The widest column of names.
const NAMES: f32 = 168.0;

/// Where bars stand: one below the other, each with its name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rows {
    /// The whole width.
    pub width: f32,
    /// Names stand above the bars.
    pub narrow: bool,
    /// Where bars begin.
    pub left: f32,
    /// Room above each bar for marks.
    pub above: f32,
}

impl Rows {
    /// Rows for these names in a width.
    pub fn new<'a>(width_now: f32, names: impl Iterator<Item = &'a str>, above: f32) -> Self {
        let narrow = width_now < NARROW;
        let widest = names.map(|n| width(n, SIZE, Face::Bold)).fold(0.0, f32::max).min(NAMES);
        Self { width: width_now, narrow, left: if narrow { 0.0 } else { widest + 14.0 }, above }
    }

    /// Room for bars; the clock's last label needs a little at the right.
    pub fn room(self) -> f32 {
        (self.width - self.left - 2.0).max(40.0)
    }

    /// A bar's top edge.
    pub fn y(self, row: usize) -> f32 {
        row as f32 * self.pitch() + self.above + if self.narrow { 20.0 } else { 0.0 }
    }

    fn pitch(self) -> f32 {
        BAR + self.above + if self.narrow { 28.0 } else { 10.0 }
    }

    /// The height with the clock below.
    pub fn height(self, rows: usize) -> f32 {
        self.y(rows.saturating_sub(1)) + BAR + 28.0
    }

    /// A row's name.
    pub fn name(self, row: usize, name: &str) -> Html {
        let y = self.y(row);
        if self.narrow {
            return html! { <text class="v-bar-name" x="0" y={px(y - 7.0 - self.above)}>{ name.to_string() }</text> };
        }
        let name = clip(name, NAMES, SIZE, Face::Bold);
        html! { <text class="v-bar-name" x={px(self.left - 14.0)} y={px(y + 20.5)} text-anchor="end">{ name }</text> }
    }
}

/// One stretch with the first of its labels that fits.
pub fn segment(s: &Segment, y: f32, labels: &[&str], selected: bool) -> Html {
    let class = classes!("v-phase", names::class(s.phase), selected.then_some("v-selected"));
    let label = fit(labels, s.w - 10.0, SIZE, Face::Bold).map(|label| {
        html! { <text x={px(s.x + s.w / 2.0)} y={px(y + 20.5)} text-anchor="middle">{ label.to_string() }</text> }
    });
    html! { <g {class}>
        <rect x={px(s.x)} y={px(y)} width={px(s.w)} height={px(BAR)} rx={px((s.w / 3.0).min(6.0))} />
        if names::is_lost(s.phase) {
            <rect class="v-hatched" fill="url(#v-hatch)" x={px(s.x)} y={px(y)} width={px(s.w)} height={px(BAR)} rx={px((s.w / 3.0).min(6.0))} />
        }
        if s.cut { { torn(if s.phase == Phase::Device { s.x } else { s.x + s.w }, y) } }
        { label }
    </g> }
}

/// The pattern of what the host takes: the second channel beside its colour.
pub fn patterns() -> Html {
    html! { <defs><pattern id="v-hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <path d="M0 0V7" class="v-hatch-line" />
    </pattern></defs> }
}

/// A torn edge: it goes on.
fn torn(x: f32, y: f32) -> Html {
    let step = BAR / 4.0;
    let mut d = format!("M{} {}", px(x + 1.0), px(y));
    for i in 0..4 {
        let top = y + step * i as f32;
        d.push_str(&format!("L{} {}L{} {}", px(x - 5.0), px(top + step / 2.0), px(x + 1.0), px(top + step)));
    }
    html! { <path class="v-torn" {d} /> }
}

/// The clock's axis.
pub fn axis(clock: Clock, y: f32) -> Html {
    let ticks = clock.ticks();
    let end = clock.left + clock.width;
    let tick = |at: u64| {
        let (x, label) = (clock.since(at), ticks.label(at));
        let half = width(&label, 12.0, Face::Plain) / 2.0;
        let (text_x, anchor) = match () {
            () if x - half < 0.0 => (0.0, "start"),
            () if x + half > end => (end, "end"),
            () => (x, "middle"),
        };
        html! { <>
            <path d={format!("M{} {}v5", px(x), px(y))} />
            <text x={px(text_x)} y={px(y + 19.0)} text-anchor={anchor}>{ label }</text>
        </> }
    };
    html! { <g class="v-axis">
        <path d={format!("M{} {}H{}", px(clock.left), px(y), px(end))} />
        { for ticks.within(0, clock.span).map(tick) }
    </g> }
}

/// The colours that stand for the phases that these lives have.
pub fn legend<'a>(lives: impl Iterator<Item = &'a LifeView>, level: Level) -> Html {
    let mut seen: Vec<Phase> = Vec::new();
    for (phase, _, _) in lives.flat_map(|life| life.phases.iter()) {
        if !seen.contains(phase) {
            seen.push(*phase);
        }
    }
    let item = |phase: Phase| {
        html! {
            <li><span class={classes!("v-swatch", names::class(phase))}></span><Term name={names::term(phase)}>{ names::phase(phase, level) }</Term></li>
        }
    };
    html! { <ul class="v-legend">{ for seen.into_iter().map(item) }</ul> }
}
