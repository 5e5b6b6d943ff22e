//! The scrub bar: any moment of what is recorded.

use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::store::{Intent, Store};
use crate::units::{anchor, moment};
use crate::words::words;

use super::root::Known;

/// Picoseconds in a step of the bar.
const STEP: u64 = 1_000;

/// The scrub bar of the machine in focus. While it is dragged, a new place is asked for when the last
/// one was reached, and where it is let go at any rate.
#[component]
pub fn Scrub(props: &Known) -> Html {
    let dragged = use_state(|| None::<u64>);
    let Some(side) = props.lab.focused() else { return Html::default() };
    let end = side.end.0.max(side.time);
    let value = |event: &web_sys::Event| {
        let input: Option<HtmlInputElement> = event.target().and_then(|t| t.dyn_into().ok());
        input.map(|input| (input.value_as_number().max(0.0) as u64).saturating_mul(STEP))
    };
    let seek = |store: &Store, time: Option<u64>| {
        time.into_iter().for_each(|time| store.perform(Intent::Seek(anchor(time))));
    };
    let oninput = {
        let (store, dragged) = (props.store.clone(), dragged.clone());
        move |event: InputEvent| {
            dragged.set(value(&event));
            seek(&store, value(&event).filter(|_| !store.now().waits()));
        }
    };
    let onchange = {
        let (store, dragged) = (props.store.clone(), dragged.clone());
        move |event: Event| {
            dragged.set(None);
            seek(&store, value(&event));
        }
    };
    let time = dragged.unwrap_or(side.time);
    html! {
        <input class="scrub" type="range" min="0" max={(end / STEP).max(1).to_string()} step="1"
            value={(time / STEP).to_string()} {oninput} {onchange}
            aria-label={words().scrub} aria-valuetext={moment(time)} />
    }
}
