//! How fast virtual time goes: a logarithmic slider from one event a second to as fast as it goes.

use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::links::Speed;
use crate::store::Intent;
use crate::units::{digits, stretch};
use crate::words::{fill, words};

use super::root::Known;

/// Picoseconds in a microsecond.
const MICROSECOND: u64 = 1_000_000;
/// The slowest rate: 0.1 us in a second.
const SLOWEST: u64 = 100_000;
/// Rates between the slider's two ends: 1, 2, 5 and so on, to 50 ms in a second.
const RATES: usize = 18;

/// The slider's places, slowest first.
fn places() -> impl Iterator<Item = Speed> {
    let rate = |i: usize| Speed::Rate([1, 2, 5][i % 3] * SLOWEST * 10u64.pow((i / 3) as u32));
    std::iter::once(Speed::Event).chain((0..RATES).map(rate)).chain([Speed::Most])
}

/// The place that is nearest to a speed.
fn place(speed: Speed) -> usize {
    match speed {
        Speed::Event => 0,
        Speed::Most => RATES + 1,
        Speed::Rate(rate) => {
            let slower = |place: &Speed| matches!(place, Speed::Rate(known) if *known < rate);
            (places().filter(slower).count() + 1).min(RATES)
        }
    }
}

/// A speed in words.
pub fn text(speed: Speed) -> String {
    match speed {
        Speed::Event => words().speed_event.into(),
        Speed::Most => words().speed_most.into(),
        Speed::Rate(rate) if rate < MICROSECOND => {
            fill(words().speed_slow, &[("seconds", &digits(MICROSECOND as f64 / rate as f64))])
        }
        Speed::Rate(rate) => fill(words().speed_fast, &[("time", &stretch(rate))]),
    }
}

/// The slider.
pub fn speed_slider(props: &Known) -> Html {
    let speed = props.lab.link.speed;
    let oninput = {
        let store = props.store.clone();
        move |event: InputEvent| {
            let input: Option<HtmlInputElement> = event.target().and_then(|t| t.dyn_into().ok());
            let speed = input.and_then(|input| places().nth(input.value_as_number() as usize));
            speed.into_iter().for_each(|speed| store.perform(Intent::Speed(speed)));
        }
    };
    html! {
        <label class="speed">
            <span>{ words().speed }</span>
            <input type="range" min="0" max={(RATES + 1).to_string()} value={place(speed).to_string()} {oninput}
                aria-valuetext={text(speed)} />
            <output>{ text(speed) }</output>
        </label>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_place_of_the_slider_is_its_own() {
        for (i, speed) in places().enumerate() {
            assert_eq!(place(speed), i, "{speed:?}");
        }
    }

    #[test]
    fn a_speed_reads_as_it_is_felt() {
        assert_eq!(text(Speed::default()), "1 µs = 2 s");
        assert_eq!(text(Speed::Rate(20 * MICROSECOND)), "20 µs in 1 s");
        assert_eq!(text(Speed::Event), "one event a second");
    }
}
