//! The first minute: the sentence above, the button below.

use yew::prelude::*;

use crate::links::{Level, Mode};
use crate::store::{Act, Far, Intent, Lab};
use crate::words::words;

use super::root::Known;

/// The sentence; the title of the page for those who do not see it where the level is deeper.
pub fn hero(props: &Known) -> Html {
    let lab = &props.lab;
    if lab.level() != Level::Story || !matches!(lab.link.mode, Mode::Full | Mode::Lecture) {
        return html! { <h1 class="sr">{ title(lab) }</h1> };
    }
    html! {
        <div class="hero">
            <h1>{ words().headline }</h1>
            <p class="lead">{ lead(lab) }</p>
        </div>
    }
}

fn title(lab: &Lab) -> String {
    if lab.session.title.is_empty() { words().name.into() } else { lab.session.title.clone() }
}

/// What the two sides do: the page's own pair has a sentence, any other is named by its titles.
fn lead(lab: &Lab) -> Html {
    match lab.session.sides.as_slice() {
        [left, right] if !lab.link.pair.is_empty() => format!("{} · {}", left.title, right.title).into(),
        [only] => only.title.clone().into(),
        _ => {
            html! { <><span class="beside">{ words().lead }</span><span class="stacked">{ words().lead_stacked }</span></> }
        }
    }
}

/// The one button, and the way inside.
pub fn actions(props: &Known) -> Html {
    let lab = &props.lab;
    if lab.following {
        return Html::default();
    }
    let follow = {
        let store = props.store.clone();
        move |_: MouseEvent| store.perform(Intent::Follow)
    };
    let inside = {
        let store = props.store.clone();
        move |_: MouseEvent| store.act(Act::Level(Level::Explain))
    };
    let pause = {
        let store = props.store.clone();
        move |_: MouseEvent| store.perform(Intent::Pause)
    };
    let waiting = !lab.shows() && lab.far != Far::Gone;
    html! {
        <div class="actions">
            <button type="button" class="primary" disabled={!lab.shows()} onclick={follow} aria-busy={waiting.to_string()}>
                <span aria-hidden="true">{ "▶" }</span>{ words().follow }
            </button>
            if lab.goes() {
                <button type="button" onclick={pause}>{ words().pause }</button>
            }
            <button type="button" class="quiet" onclick={inside}>
                { words().look_inside }<span class="muted">{ ": " }{ words().look_inside_what }</span>
                <span aria-hidden="true">{ " ▾" }</span>
            </button>
        </div>
    }
}
