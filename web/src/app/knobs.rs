//! What may be turned, and the breakpoints.

use lab_protocol::{Command, Knob, KnobKind};
use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use crate::store::{Breakpoint, Store};
use crate::units::{decimal, digits};
use crate::words::words;

use super::root::Known;

/// Steps of a slider.
const STEPS: f64 = 1000.0;

/// Every knob of the session.
pub fn knobs(props: &Known) -> Html {
    let session = &props.lab.session;
    if session.knobs.is_empty() {
        return html! { <p class="muted">{ words().no_knobs }</p> };
    }
    html! {
        <div class="knobs">
            { for session.knobs.iter().map(|knob| html! {
                <OneKnob key={knob.key.clone()} store={props.store.clone()} knob={knob.clone()} />
            }) }
        </div>
    }
}

#[derive(PartialEq, Properties)]
struct OneProps {
    store: Store,
    knob: Knob,
}

/// One knob: it is set when it is let go, and shows its value while it moves.
#[component]
fn OneKnob(props: &OneProps) -> Html {
    let knob = &props.knob;
    let moving = use_state(|| None::<String>);
    use_effect_with(knob.value.clone(), {
        let moving = moving.clone();
        move |_| moving.set(None)
    });
    let set = {
        let (store, key) = (props.store.clone(), knob.key.clone());
        Callback::from(move |value: String| store.send(Command::Set { key: key.clone(), value }))
    };
    let id = format!("knob-{}", knob.key);
    let control = match &knob.kind {
        KnobKind::Range(from, to, log) => range(knob, (*from, *to, *log), &moving, set, &id),
        KnobKind::Choice(choices) => choice(knob, choices, set, &id),
    };
    let shown = moving.as_ref().unwrap_or(&knob.value);
    html! {
        <div class="knob">
            <label for={id}>{ &knob.label }</label>
            <output>{ shown }{ " " }{ &knob.unit }</output>
            { control }
            if !knob.live {
                <span class="badge" title={words().from_power_on_why}>{ words().from_power_on }</span>
            }
        </div>
    }
}

/// A slider, even or logarithmic.
fn range(
    knob: &Knob,
    scale: (f64, f64, bool),
    moving: &UseStateHandle<Option<String>>,
    set: Callback<String>,
    id: &str,
) -> Html {
    let value = move |event: &web_sys::Event| {
        let input: Option<HtmlInputElement> = event.target().and_then(|t| t.dyn_into().ok());
        input.map(|input| at(input.value_as_number() / STEPS, scale))
    };
    let oninput = {
        let moving = moving.clone();
        move |event: InputEvent| moving.set(value(&event))
    };
    let onchange = move |event: Event| value(&event).into_iter().for_each(|value| set.emit(value));
    let now = moving.as_ref().unwrap_or(&knob.value);
    let place = (place(decimal(now).unwrap_or(scale.0), scale) * STEPS).round();
    html! {
        <input id={id.to_string()} type="range" min="0" max={STEPS.to_string()} step="1" value={place.to_string()} {oninput} {onchange}
            aria-valuetext={format!("{now} {}", knob.unit)} />
    }
}

fn choice(knob: &Knob, choices: &[String], set: Callback<String>, id: &str) -> Html {
    let onchange = move |event: Event| {
        let select: Option<HtmlSelectElement> = event.target().and_then(|t| t.dyn_into().ok());
        select.into_iter().for_each(|select| set.emit(select.value()));
    };
    html! {
        <select id={id.to_string()} {onchange}>
            { for choices.iter().map(|c| html! { <option value={c.clone()} selected={*c == knob.value}>{ c }</option> }) }
        </select>
    }
}

/// The value at a place from 0 to 1, with three digits at most.
fn at(place: f64, (from, to, log): (f64, f64, bool)) -> String {
    let low = if log { from.max(f64::MIN_POSITIVE) } else { from };
    let value = if log { low * (to / low).powf(place) } else { from + (to - from) * place };
    if to - from <= 10.0 {
        return format!("{:.2}", value).trim_end_matches('0').trim_end_matches('.').to_string();
    }
    let scale = 10f64.powf((value.abs().max(1.0).log10().floor() - 2.0).max(0.0));
    let round = (value / scale).round() * scale;
    // The ends are reached, whatever their digits.
    digits(if place >= 1.0 { to } else { round.clamp(from, to) })
}

/// The place, from 0 to 1, of a value.
fn place(value: f64, (from, to, log): (f64, f64, bool)) -> f64 {
    let low = if log { from.max(f64::MIN_POSITIVE) } else { from };
    let place =
        if log { (value.max(low) / low).ln() / (to / low).ln() } else { (value - from) / (to - from) };
    if place.is_finite() { place.clamp(0.0, 1.0) } else { 0.0 }
}

/// The breakpoints.
pub fn breakpoints(props: &Known) -> Html {
    let lab = &props.lab;
    let row = |point: &Breakpoint| {
        let (store, point) = (props.store.clone(), point.clone());
        let side = lab.session.sides.get(usize::from(point.side)).map_or("", |side| &side.title);
        let text = format!("{:#x}", point.address);
        let label = format!("{} {text}", words().remove);
        let onclick = move |_: MouseEvent| {
            store.send(Command::Break {
                side: point.side,
                address: point.address,
                root: point.root,
                on: false,
            });
        };
        html! { <li><code>{ text }</code><span class="muted">{ side }</span>
        <button type="button" class="quiet round" aria-label={label} {onclick}>{ "×" }</button></li> }
    };
    html! {
        <div class="breakpoints">
            <h3>{ words().breakpoints }</h3>
            if lab.breakpoints.is_empty() {
                <p class="muted">{ words().no_breakpoints }</p>
            } else {
                <ul>{ for lab.breakpoints.iter().map(row) }</ul>
            }
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slider_reaches_both_ends_and_returns_to_its_place() {
        for scale in
            [(0.0, 4.0, false), (1.0, 100_000.0, true), (64.0, 65_536.0, true), (10.0, 14_881.0, true)]
        {
            assert_eq!(at(0.0, scale).parse::<f64>().ok(), Some(scale.0), "{scale:?}");
            assert_eq!(at(1.0, scale).parse::<f64>().ok(), Some(scale.1), "{scale:?}");
            for step in 0..=10 {
                let there = at(f64::from(step) / 10.0, scale);
                let back = place(there.parse().unwrap_or(f64::NAN), scale);
                assert!((back - f64::from(step) / 10.0).abs() < 0.02, "{scale:?} {there} {back}");
            }
        }
        assert_eq!(place(f64::NAN, (0.0, 1.0, false)), 0.0);
        assert_eq!(place(1.0, (1.0, 1.0, true)), 0.0);
    }
}
