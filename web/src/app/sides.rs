//! The machines side by side, each with its heading and counters.

use yew::prelude::*;

use crate::links::Level;
use crate::store::Intent;
use crate::units::{digits, rate};
use crate::views::{Scene, ViewProps};
use crate::words::{Term, words};

use super::root::Known;

/// The machines side by side.
pub fn sides(props: &Known, view: &ViewProps) -> Html {
    let count = props.lab.session.sides.len();
    let alone = (count == 1).then_some("alone");
    html! { <div class={classes!("pair", alone)}>{ for (0..count).map(|side| one(props, view, side)) }</div> }
}

fn one(props: &Known, view: &ViewProps, side: usize) -> Html {
    let lab = &props.lab;
    let Some(setup) = lab.session.sides.get(side) else { return Html::default() };
    let explains = lab.level() >= Level::Explain;
    let focused = explains && lab.focus() == side && lab.session.sides.len() > 1;
    let id = format!("side-{side}");
    let view = ViewProps { side, ..view.clone() };
    html! {
        <section key={side} class={classes!("card", "side", focused.then_some("focused"))} aria-labelledby={id.clone()}>
            <div class="side-head">
                <div class="side-name">
                    <h2 {id}>{ &setup.title }</h2>
                    if explains && lab.session.sides.len() > 1 {
                        { focus_button(props, side, focused) }
                    }
                    <p class="muted">{ &setup.subtitle }</p>
                </div>
                if explains {
                    { counters(props, side) }
                }
            </div>
            <Scene ..view />
        </section>
    }
}

fn focus_button(props: &Known, side: usize, focused: bool) -> Html {
    let store = props.store.clone();
    let onclick = move |_: MouseEvent| store.perform(Intent::Focus(u8::try_from(side).unwrap_or_default()));
    let text = if focused { words().focus_here } else { words().focus_on };
    let name = props.lab.session.sides.get(side).map_or("", |s| &s.title).to_string();
    html! {
        <button type="button" class="focus-button" aria-pressed={focused.to_string()} {onclick}
            aria-label={format!("{}: {name}", words().focus)}>{ text }</button>
    }
}

/// Result, share of the reference, exits and interrupts a second.
fn counters(props: &Known, side: usize) -> Html {
    let lab = &props.lab;
    let Some(counts) = lab.frame.sides.get(side).map(|side| &side.counts) else { return Html::default() };
    let dash = || words().no_reference.to_string();
    let result = counts.result.map_or_else(dash, digits);
    let percent = counts.percent_of_reference;
    let width = format!("width:{:.0}%", percent.unwrap_or(0.0).clamp(0.0, 100.0));
    html! {
        <dl class="counters">
            <div class="big"><dd>{ result }</dd><dt>{ &lab.session.unit }</dt></div>
            <div class="share">
                <dd><span class="meter" aria-hidden="true"><span style={width} /></span>
                    { percent.map_or_else(dash, |p| format!("{p:.0} %")) }</dd>
                <dt><Term name="bare-metal">{ words().of_bare_metal }</Term></dt>
            </div>
            <div class="exits"><dd>{ rate(counts.exits_per_second) }</dd><dt><Term name="exit">{ words().exits_per_second }</Term></dt></div>
            <div><dd>{ rate(counts.interrupts_per_second) }</dd><dt><Term name="interrupt">{ words().interrupts_per_second }</Term></dt></div>
        </dl>
    }
}
