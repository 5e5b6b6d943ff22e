//! One interrupt's life on each side, on one clock; a click or an arrow key goes to a step.

use lab_protocol::{Command, LifeStep, LifeView, Selection, StepKind, TokenKind};
use yew::prelude::*;

use super::draw::{Rows, axis, legend, patterns, segment};
use super::layout::{BAR, Clock, Segment, segments};
use super::{names, twin};
use crate::views::ViewProps;
use crate::views::format::{duration, fill, group, px, vector};
use crate::views::geometry::Point;
use crate::views::marks::mark;
use crate::views::scene::step_name;
use crate::views::words::words;

/// Room above a bar for its steps' marks.
const MARKS: f32 = 16.0;
/// How near a click must be to a mark, in pixels.
const NEAR: f32 = 7.0;

/// One interrupt's life on each side, so wide.
pub fn life_bar(props: &ViewProps, node: NodeRef, width: f32) -> Html {
    let lives: Vec<_> = props.frame.sides.iter().map(|s| s.life.as_ref()).collect();
    if lives.iter().all(Option::is_none) {
        return html! { <div class="v-life" ref={node}><p class="v-empty">{ words().life_none }</p></div> };
    }
    let titles: Vec<_> = (0..lives.len()).map(|i| props.title(i).to_string()).collect();
    let rows = Rows::new(width, titles.iter().map(String::as_str), MARKS);
    let clock = Clock::of(lives.iter().copied().flatten(), rows.left, rows.room());
    let height = rows.height(lives.len());
    let at = Drawn { props, rows, clock };
    let selection = props.frame.selection;
    let selected = selection.event.map(|event| (usize::from(selection.side), event));
    html! { <div class="v-life" ref={node}>
        <p class="v-facts">{ for lives.iter().copied().flatten().take(1).map(facts) }</p>
        <svg class="v-bars" width={width.to_string()} height={height.to_string()} role="group" aria-label={words().life}>
            { patterns() }
            { for lives.iter().enumerate().map(|(i, life)| at.row(i, *life, titles.get(i).map_or("", String::as_str))) }
            { axis(clock, height - 26.0) }
        </svg>
        { legend(lives.iter().copied().flatten(), props.level) }
        { twin::table(&lives, &titles, selected) }
    </div> }
}

fn facts(life: &LifeView) -> Html {
    let w = words();
    let (number, v) = (group(life.number.into()), vector(life.vector));
    let which = if life.vector == life.guest_vector {
        fill(w.life_facts, &[&number, &v])
    } else {
        fill(w.life_facts_both, &[&number, &v, &vector(life.guest_vector)])
    };
    let packets = fill(w.life_packets, &[&group(life.packets.0), &group(life.packets.1)]);
    let latency = fill(w.latency, &[&duration(life.latency)]);
    html! { <><span>{ which }</span><span>{ packets }</span><span>{ latency }</span></> }
}

/// What a row is drawn from.
struct Drawn<'a> {
    props: &'a ViewProps,
    rows: Rows,
    clock: Clock,
}

impl Drawn<'_> {
    fn row(&self, side: usize, life: Option<&LifeView>, title: &str) -> Html {
        let Some(life) = life else { return self.rows.name(side, title) };
        let (rows, clock) = (self.rows, self.clock);
        let y = rows.y(side);
        let now = self.props.frame.sides.get(side).map_or(0, |s| s.time);
        let current = current(life, self.selected(side), now);
        let draw = |s: Segment| {
            let name = names::phase(s.phase, self.props.level);
            let takes = fill(words().takes, &[name, &duration(s.time.1.saturating_sub(s.time.0))]);
            let on = current.and_then(|i| life.steps.get(i)).is_some_and(|step| within(step.time, s.time));
            segment(&s, y, &[&takes, name], on)
        };
        html! { <g class="v-life-row" role="slider" tabindex="0" aria-label={title.to_string()}
            aria-valuemin="1" aria-valuemax={life.steps.len().to_string()}
            aria-valuenow={current.map_or(1, |i| i + 1).to_string()}
            aria-valuetext={current.and_then(|i| life.steps.get(i)).map(|s| s.text.clone())}
            onkeydown={self.keys(side, life, current)} onclick={self.click(side, life)}>
            { rows.name(side, title) }
            <rect class="v-hit" x={px(clock.left - 3.0)} y={px(y - MARKS)} width={px(clock.width + 6.0)} height={px(BAR + MARKS + 3.0)} rx="6" />
            { for segments(life, clock).into_iter().map(draw) }
            { for life.steps.iter().enumerate().map(|(i, step)| self.step(life, step, y, current == Some(i))) }
            { self.cursor(life, now, y) }
        </g> }
    }

    fn selected(&self, side: usize) -> Option<u64> {
        let selection = self.props.frame.selection;
        selection.event.filter(|_| usize::from(selection.side) == side)
    }

    fn step(&self, life: &LifeView, step: &LifeStep, y: f32, on: bool) -> Html {
        let at = Point::new(self.clock.x(life, step.time), y - 8.0);
        html! { <g class={classes!("v-step", on.then_some("v-selected"))}>
            <title>{ format!("{} · {}", step_name(step.kind), step.text) }</title>
            { mark(shape(step.kind), at, if on { 6.5 } else { 4.5 }) }
        </g> }
    }

    /// Where the machine is now.
    fn cursor(&self, life: &LifeView, now: u64, y: f32) -> Html {
        if !self.clock.holds(life, now) {
            return Html::default();
        }
        let x = self.clock.x(life, now);
        html! { <path class="v-cursor" d={format!("M{} {}v{}", px(x), px(y - 2.0), px(BAR + 4.0))} /> }
    }

    fn keys(&self, side: usize, life: &LifeView, current: Option<usize>) -> Callback<KeyboardEvent> {
        let send = self.props.send.clone();
        let (number, events) = (life.number, life.steps.iter().map(|s| s.event).collect::<Vec<_>>());
        Callback::from(move |key: KeyboardEvent| {
            let last = events.len().saturating_sub(1);
            let to = match key.key().as_str() {
                "ArrowRight" | "ArrowUp" => current.map_or(0, |i| (i + 1).min(last)),
                "ArrowLeft" | "ArrowDown" => current.map_or(0, |i| i.saturating_sub(1)),
                "Home" => 0,
                "End" => last,
                _ => return,
            };
            key.prevent_default();
            key.stop_propagation();
            if let Some(event) = events.get(to) {
                send.emit(select(side, *event, number));
            }
        })
    }

    fn click(&self, side: usize, life: &LifeView) -> Callback<MouseEvent> {
        let (send, clock, life) = (self.props.send.clone(), self.clock, life.clone());
        Callback::from(move |event: MouseEvent| {
            let Some(svg) =
                event.target_dyn_into::<web_sys::Element>().and_then(|e| e.closest("svg").ok().flatten())
            else {
                return;
            };
            let x = event.client_x() as f32 - svg.get_bounding_client_rect().left() as f32;
            if let Some(step) = hit(&life, clock, x) {
                send.emit(select(side, step.event, life.number));
            }
        })
    }
}

fn within(time: u64, (from, to): (u64, u64)) -> bool {
    time >= from && time < to
}

fn select(side: usize, event: u64, life: u32) -> Command {
    let side = u8::try_from(side).unwrap_or_default();
    Command::Select(Selection { side, event: Some(event), life: Some(life) })
}

/// The step that is selected, or the last one before now.
fn current(life: &LifeView, selected: Option<u64>, now: u64) -> Option<usize> {
    let chosen = selected.and_then(|event| life.steps.iter().position(|s| s.event == event));
    chosen.or_else(|| life.steps.iter().rposition(|s| s.time <= now))
}

/// The step that a click at a pixel means: the nearest mark, else the first step of the phase there.
fn hit(life: &LifeView, clock: Clock, x: f32) -> Option<&LifeStep> {
    let at = |step: &LifeStep| clock.x(life, step.time);
    let nearest = life.steps.iter().min_by(|a, b| (at(a) - x).abs().total_cmp(&(at(b) - x).abs()))?;
    if (at(nearest) - x).abs() <= NEAR {
        return Some(nearest);
    }
    let segment = segments(life, clock).into_iter().find(|s| x < s.x + s.w)?;
    life.steps.iter().find(|s| s.time >= segment.time.0).or(life.steps.last())
}

/// The mark of a step.
pub fn shape(kind: StepKind) -> TokenKind {
    match kind {
        StepKind::Packet => TokenKind::Packet,
        StepKind::ArrivalExit | StepKind::HostHandler | StepKind::EoiExit | StepKind::Resumed => {
            TokenKind::Exit
        }
        StepKind::Eoi => TokenKind::Eoi,
        _ => TokenKind::Interrupt,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lab_protocol::Phase;

    fn life() -> LifeView {
        let step = |kind, event, time| LifeStep { kind, event, time, text: String::new() };
        LifeView {
            steps: vec![
                step(StepKind::Raised, 10, 1_000),
                step(StepKind::Pending, 11, 2_000),
                step(StepKind::Delivered, 12, 6_000),
                step(StepKind::Eoi, 13, 9_000),
            ],
            phases: vec![
                (Phase::Device, 1_000, 2_000),
                (Phase::Handler, 2_000, 9_000),
                (Phase::Work, 9_000, 11_000),
            ],
            ..LifeView::default()
        }
    }

    #[test]
    fn a_click_means_the_mark_or_the_phase() {
        let clock = Clock { lead: 1_000, span: 9_000, left: 0.0, width: 1000.0 };
        for (x, event) in [(0.0, 10), (104.0, 11), (300.0, 11), (503.0, 12), (950.0, 13)] {
            assert_eq!(hit(&life(), clock, x).map(|s| s.event), Some(event), "{x}");
        }
        assert!(hit(&LifeView::default(), clock, 5.0).is_none());
    }

    #[test]
    fn the_selection_is_current_and_else_the_time() {
        for (selected, now, step) in
            [(Some(12), 0, Some(2)), (None, 2_500, Some(1)), (None, 10, None), (Some(99), 9_500, Some(3))]
        {
            assert_eq!(current(&life(), selected, now), step);
        }
    }
}
