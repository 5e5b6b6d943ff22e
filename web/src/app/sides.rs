//! The machines side by side, each with its heading and counters.

use yew::prelude::*;

use crate::links::Level;
use crate::store::Intent;
use crate::units::{digits, rate};
use crate::views::{Scene, ViewProps};
use crate::words::{Term, words};

use super::root::Known;

/// What the pair is made of.
#[derive(Clone, PartialEq, Properties)]
pub struct SidesProps {
    /// The store, and what it knows.
    pub known: Known,
    /// What the scenes are given.
    pub view: ViewProps,
}

/// The machines side by side.
#[component]
pub fn Sides(props: &SidesProps) -> Html {
    let count = props.known.lab.session.sides.len();
    html! { <div class={classes!("pair", (count == 1).then_some("alone"))}>{ for (0..count).map(|side| one(props, side)) }</div> }
}

fn one(props: &SidesProps, side: usize) -> Html {
    let lab = &props.known.lab;
    let Some(setup) = lab.session.sides.get(side) else { return Html::default() };
    let explains = lab.level() >= Level::Explain;
    let focused = explains && lab.focus() == side && lab.session.sides.len() > 1;
    let id = format!("side-{side}");
    let view = ViewProps { side, ..props.view.clone() };
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

fn focus_button(props: &SidesProps, side: usize, focused: bool) -> Html {
    let store = props.known.store.clone();
    let onclick = move |_: MouseEvent| store.perform(Intent::Focus(u8::try_from(side).unwrap_or_default()));
    let text = if focused { words().focus_here } else { words().focus_on };
    let name = props.known.lab.session.sides.get(side).map_or("", |s| &s.title).to_string();
    html! {
        <button type="button" class="focus-button" aria-pressed={focused.to_string()} {onclick}
            aria-label={format!("{}: {name}", words().focus)}>{ text }</button>
    }
}

/// Result, share of the reference, exits and interrupts a second.
fn counters(props: &SidesProps, side: usize) -> Html {
    let lab = &props.known.lab;
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
