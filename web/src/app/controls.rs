//! Run, step, until, speed, time: the bar of the deeper levels.

use lab_protocol::{Alignment, RunState, Step};
use wasm_bindgen::JsCast;
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use crate::store::{Act, Intent, Lab};
use crate::units::moment;
use crate::words::{Term, fill, words};

use super::root::Known;
use super::scrub::Scrub;
use super::speed::speed_slider;
use super::until::UntilMenu;

/// The bar.
pub fn controls(props: &Known) -> Html {
    let lab = &props.lab;
    let press = |intent: Intent| {
        let store = props.store.clone();
        Callback::from(move |_: MouseEvent| store.perform(intent.clone()))
    };
    let goes = lab.goes();
    html! {
        <section class="controls" aria-label={words().controls}>
            <div class="row">
                <button type="button" class="icon" aria-label={words().to_start} title={words().to_start} onclick={press(Intent::Seek("t=0us".into()))}>{ "|◀" }</button>
                <button type="button" aria-label={words().step_back_label} onclick={press(Intent::StepUnit(true))}>{ "◀ " }{ words().step_back }</button>
                <button type="button" class="dark run" onclick={press(Intent::RunOrPause)}>
                    <span aria-hidden="true">{ if goes { "❚❚" } else { "▶" } }</span>
                    { if goes { words().pause } else { words().run } }
                </button>
                <button type="button" aria-label={words().step_label} onclick={press(Intent::StepUnit(false))}>{ words().step }{ " ▶" }</button>
                { unit_choice(props) }
                <UntilMenu ..props.clone() />
                { speed_slider(props) }
                <p class="now"><span class="state" data-state={word(lab)}>{ state(lab) }</span>
                    <Term name="virtual-time">{ words().time }</Term>
                    <output class="mono" aria-label={words().time_label}>
                        { lab.focused().map(|side| moment(side.time)).unwrap_or_default() }</output></p>
            </div>
            <div class="row">
                <Scrub ..props.clone() />
                if lab.frame.sides.len() > 1 { { align_choice(props) } }
            </div>
        </section>
    }
}

/// The one run state, in words.
fn state(lab: &Lab) -> String {
    match &lab.frame.state {
        _ if lab.ticking => words().running_events.into(),
        RunState::Idle => words().idle.into(),
        RunState::Busy(job) => {
            fill(words().busy, &[("what", &job.what), ("percent", &(job.permille / 10).to_string())])
        }
        RunState::Running => words().running.into(),
        RunState::Paused => words().paused.into(),
        RunState::Halted(why) => fill(words().halted, &[("why", why)]),
        RunState::Fault(why) => fill(words().fault, &[("why", why)]),
    }
}

/// The one run state, for the style.
fn word(lab: &Lab) -> &'static str {
    match &lab.frame.state {
        _ if lab.goes() => "running",
        RunState::Busy(_) => "busy",
        RunState::Fault(_) => "fault",
        RunState::Halted(_) => "halted",
        _ => "paused",
    }
}

/// How far a step goes.
fn unit_choice(props: &Known) -> Html {
    const UNITS: [Step; 5] = [Step::Instruction, Step::Over, Step::Event, Step::Exit, Step::Interrupt];
    let text = |unit: Step| match unit {
        Step::Instruction => words().by_instruction,
        Step::Over => words().by_call,
        Step::Event => words().by_event,
        Step::Exit => words().by_exit,
        Step::Interrupt => words().by_interrupt,
    };
    let onchange = {
        let store = props.store.clone();
        move |event: Event| {
            let select: Option<HtmlSelectElement> = event.target().and_then(|t| t.dyn_into().ok());
            let unit =
                select.and_then(|select| UNITS.get(usize::try_from(select.selected_index()).ok()?).copied());
            unit.into_iter().for_each(|unit| store.act(Act::Unit(unit)));
        }
    };
    let now = props.lab.unit;
    html! {
        <select aria-label={words().step_unit} title={words().step_unit} {onchange}>
            { for UNITS.into_iter().map(|unit| html! { <option selected={unit == now}>{ text(unit) }</option> }) }
        </select>
    }
}

/// Same time, or same interrupt.
fn align_choice(props: &Known) -> Html {
    let now = props.lab.frame.alignment;
    let one = |(alignment, text): (Alignment, &'static str)| {
        let store = props.store.clone();
        let onclick = move |_: MouseEvent| store.perform(Intent::Align(alignment));
        html! { <button type="button" aria-pressed={(now == alignment).to_string()} {onclick}>{ text }</button> }
    };
    html! {
        <div class="choice align" role="group" aria-label={words().align}>
            <span class="muted">{ words().align }</span>
            { one((Alignment::Time, words().align_time)) }
            { one((Alignment::Interrupt, words().align_interrupt)) }
        </div>
    }
}
