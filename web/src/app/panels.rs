//! Which panels are shown where: by the level, or as an embedding page asks.

use lab_protocol::Command;
use yew::prelude::*;

use crate::links::{Level, Mode};
use crate::raf;
use crate::store::{Act, Lab, Panel};
use crate::views::{self, Follow, Inspector, Log, Plots, Timeline, ViewProps};
use crate::words::{fill, words};

use super::bill::bill;
use super::card::card;
use super::knobs::{breakpoints, knobs};
use super::root::Known;
use super::sides::sides;

/// All panels.
#[component]
pub fn Panels(props: &Known) -> Html {
    let lab = &props.lab;
    let send = use_callback(props.store.clone(), |command: Command, store| store.send(command));
    let close = use_callback(props.store.clone(), |(), store| store.act(Act::Follow(false)));
    let still = use_memo((), |()| raf::reduced_motion());
    if !lab.shows() {
        return html! { <div class="pair waiting" aria-hidden="true"><div class="card side" /><div class="card side" /></div> };
    }
    let (frame, session) = (lab.frame.clone(), lab.session.clone());
    let view =
        ViewProps { frame, session, side: lab.focus(), send, level: depth(lab.level()), still: *still };
    if lab.following {
        let ViewProps { frame, session, send, still, .. } = view;
        return html! { <section class="card p-follow" aria-label={words().follow}>
        <Follow {frame} {session} {send} {still} on_close={close} /></section> };
    }
    let shown = |name: &str, level: Level| shown(lab, name, level);
    html! {
        <div class="panels">
            if shown("scene", Level::Story) { { sides(props, &view) } }
            if shown("bill", Level::Story) { { bill(lab, &view) } }
            // A place of its own, also while there is nothing: what stands before it is not made anew.
            if let Some(why) = why(lab, &view) { { why } }
            if shown("timeline", Level::Explain) {
                { card(words().timeline, "timeline", Html::default(), html! { <Timeline ..view.clone() /> }) }
            }
            if shown("state", Level::Inspect) { { inspectors(props, &view) } }
            if shown("log", Level::Explain) {
                { card(words().log, "log", Html::default(), html! { <Log ..view.clone() /> }) }
            }
            if lab.link.mode != Mode::View && shown("knobs", Level::Explain) { { settings(props) } }
        </div>
    }
}

/// What may be turned, and the breakpoints.
fn settings(props: &Known) -> Html {
    let body = html! {
        <>
            { knobs(props) }
            if props.lab.level() == Level::Inspect { { breakpoints(props) } }
        </>
    };
    card(words().knobs, "knobs", Html::default(), body)
}

/// Whether a panel is shown: as an embedding page asks, else from a level on.
fn shown(lab: &Lab, name: &str, level: Level) -> bool {
    let asked = &lab.link.panels;
    if asked.is_empty() { lab.level() >= level } else { asked.iter().any(|panel| panel == name) }
}

/// The views' word for a level.
fn depth(level: Level) -> views::Level {
    match level {
        Level::Story => views::Level::Story,
        Level::Explain => views::Level::Explain,
        Level::Inspect => views::Level::Inspect,
    }
}

/// Why the selected exit happened, on the side where there is an answer.
fn why(lab: &Lab, view: &ViewProps) -> Option<Html> {
    if lab.level() == Level::Story {
        return None;
    }
    let answers = |side: &usize| lab.frame.sides.get(*side).is_some_and(|s| s.why.is_some());
    let side = Some(lab.focus()).filter(answers).or_else(|| (0..lab.frame.sides.len()).find(answers))?;
    let view = ViewProps { side, ..view.clone() };
    Some(card(words().why, "why", Html::default(), views::why(&view)))
}

/// State, code, plots and console of the machine in focus, one at a time.
fn inspectors(props: &Known, view: &ViewProps) -> Html {
    let lab = &props.lab;
    let tabs = [
        (Panel::State, words().state),
        (Panel::Code, words().code),
        (Panel::Plots, words().plots),
        (Panel::Console, words().console),
    ];
    let tab = |(panel, text): (Panel, &'static str)| {
        let store = props.store.clone();
        let onclick = move |_: MouseEvent| store.act(Act::Panel(panel));
        html! { <button type="button" aria-pressed={(lab.panel == panel).to_string()} {onclick}>{ text }</button> }
    };
    let beside = html! { <div class="choice" role="group" aria-label={words().details}>{ for tabs.into_iter().map(tab) }</div> };
    let title = lab.session.sides.get(lab.focus()).map_or("", |side| &side.title);
    let body = match lab.panel {
        Panel::State => html! { <Inspector ..view.clone() /> },
        Panel::Code => views::code(view),
        Panel::Plots => html! { <Plots ..view.clone() /> },
        Panel::Console => views::console(view),
    };
    card(&fill(words().inside, &[("side", title)]), "state", beside, body)
}
