//! The timeline: lanes of each machine over a window of time, from the whole run to nanoseconds.

mod input;
mod paint;
mod palette;
mod pick;
mod plan;
mod twin;
mod window;

use std::rc::Rc;

use lab_protocol::{Command, RunState, Selection, Views};
use wasm_bindgen::JsCast;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};
use yew::prelude::*;

use super::ViewProps;
use super::measure::use_width;
use super::theme::use_theme;
use super::words::words;
use crate::raf;
use input::{Gesture, use_wheel};
use paint::Painting;
use palette::Palette;
use plan::Plan;
use window::Window;

/// The timeline of every machine.
#[component]
pub fn Timeline(props: &ViewProps) -> Html {
    let (node, width) = use_width(900.0);
    let theme = use_theme();
    let canvas = use_node_ref();
    let plan = Rc::new(Plan::new(width, props.frame.sides.len(), props.level));
    let end = end(props);
    let window = use_state_eq(|| None::<Window>);
    let shown = window.unwrap_or_else(|| start(props, end));
    let asked = use_mut_ref(|| None);
    let palette = use_mut_ref(|| None::<((u32, bool), Palette)>);
    let time = props.frame.sides.get(usize::from(props.frame.selection.side)).map_or(0, |s| s.time);
    let last = use_mut_ref(|| time);
    let moved = last.replace(time) != time;
    let now = asked_for(props, shown, end, (window.is_none(), moved));
    {
        // Where the moment has taken the window along, it stays.
        let window = window.clone();
        use_effect_with((shown, now), move |(shown, now)| {
            if window.is_some() && shown != now {
                window.set(Some(*now));
            }
        });
    }
    {
        let (send, asked, view) =
            (props.send.clone(), asked.clone(), now.asked(plan.area, props.frame.state == RunState::Running));
        use_effect_with(view, move |view| {
            if asked.replace(Some(*view)) != Some(*view) {
                send.emit(Command::Watch(Box::new(Views { timeline: Some(*view), ..Views::default() })));
            }
        });
    }
    {
        let (canvas, plan, props) = (canvas.clone(), plan.clone(), props.clone());
        use_effect_with((props, plan, now, theme), move |(props, plan, window, theme)| {
            let key = (*theme, raf::matches("(prefers-color-scheme: dark)"));
            draw(&canvas, props, plan, *window, &mut palette.borrow_mut(), key).unwrap_or_default();
        });
    }
    let go = Gesture {
        plan: plan.clone(),
        window: now,
        end,
        props: props.clone(),
        set: window.setter(),
        canvas: canvas.clone(),
    };
    let held = use_mut_ref(input::Held::default);
    use_wheel(&canvas, go.clone());
    let (w, h) = plan.size;
    let style = format!("width:{w}px;height:{h}px");
    html! { <div class="v-timeline" ref={node}>
        { tools(&go, end) }
        <canvas ref={canvas} {style} tabindex="0" role="application" aria-label={words().timeline_canvas}
            onkeydown={go.keys()} onpointerdown={go.down(&held)} onpointermove={go.moved(&held)}
            onpointerup={go.up(&held)} onpointercancel={go.cancel(&held)} />
        <twin::Twin ..props.clone() />
    </div> }
}

/// The end of the longest run.
fn end(props: &ViewProps) -> u64 {
    props.frame.sides.iter().map(|s| s.end.0.max(s.time)).max().unwrap_or(0).max(window::SHORTEST)
}

/// At first some twenty interrupts about now, or what a link asked for.
fn start(props: &ViewProps, end: u64) -> Window {
    let side = props.frame.sides.get(usize::from(props.frame.selection.side));
    let time = side.map_or(0, |s| s.time);
    Window { from: 0, to: 210_000_000 }.around(time, end)
}

/// The window that is wanted now: the moment stays in it while it runs, and where it has `moved`.
fn asked_for(props: &ViewProps, shown: Window, end: u64, (untouched, moved): (bool, bool)) -> Window {
    let follows = moved || props.frame.state == RunState::Running;
    if !follows || (untouched && shown.span() >= end) {
        return shown;
    }
    let time = props.frame.sides.get(usize::from(props.frame.selection.side)).map_or(0, |s| s.time);
    if time > shown.to || time < shown.from { shown.around(time, end) } else { shown }
}

/// Draws on the canvas at the screen's own resolution.
fn draw(
    canvas: &NodeRef,
    props: &ViewProps,
    plan: &Plan,
    window: Window,
    known: &mut Option<((u32, bool), Palette)>,
    theme: (u32, bool),
) -> Option<()> {
    let canvas = canvas.cast::<HtmlCanvasElement>()?;
    let ratio = web_sys::window()?.device_pixel_ratio().clamp(1.0, 3.0);
    let (w, h) = ((f64::from(plan.size.0) * ratio) as u32, (f64::from(plan.size.1) * ratio) as u32);
    if (canvas.width(), canvas.height()) != (w, h) {
        canvas.set_width(w);
        canvas.set_height(h);
    }
    let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    context.set_transform(ratio, 0.0, 0.0, ratio, 0.0, 0.0).ok()?;
    let titles: Vec<_> = (0..props.frame.sides.len()).map(|i| props.title(i).to_string()).collect();
    // Asking for the colours makes the browser bring its styles up to date: once a theme, not once a frame.
    if known.as_ref().is_none_or(|(of, _)| *of != theme) {
        *known = Some((theme, Palette::of(&canvas)));
    }
    let (_, palette) = known.as_ref()?;
    Painting { plan, window, frame: &props.frame, titles: &titles, palette }.draw(&context);
    Some(())
}

/// Zoom and two places to go, as buttons.
fn tools(go: &Gesture, end: u64) -> Html {
    let w = words();
    let button = |text: &'static str, name: &'static str, to: Option<Window>| {
        let set = go.set.clone();
        let onclick = move |_: MouseEvent| set.set(to);
        html! { <button type="button" aria-label={name} title={name} disabled={to.is_none()} {onclick}>{ text }</button> }
    };
    let life =
        go.props.frame.sides.get(usize::from(go.props.frame.selection.side)).and_then(|s| s.life.as_ref());
    let chosen = life.and_then(paint::extent).map(|(from, to)| Window::fit(from, to, end));
    html! { <div class="v-tools" role="group" aria-label={w.timeline_zoom}>
        { button("−", w.zoom_out, Some(go.window.zoom(0.5, 2.0, end))) }
        { button("+", w.zoom_in, Some(go.window.zoom(0.5, 0.5, end))) }
        { button(w.whole_run, w.whole_run, Some(Window::whole(end))) }
        { button(w.selection, w.selection, chosen) }
        <span class="v-range">{ range(go.window) }</span>
    </div> }
}

/// From and to in words.
fn range(window: Window) -> String {
    use super::format::{duration, fill, moment};
    fill(words().range, &[&moment(window.from), &moment(window.to), &duration(window.span())])
}

/// Selects an event of a machine.
pub fn select(side: usize, event: u64) -> Command {
    Command::Select(Selection {
        side: u8::try_from(side).unwrap_or_default(),
        event: Some(event),
        life: None,
    })
}
