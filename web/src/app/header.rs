//! The header: name, workload, and the ways to other things.

use yew::prelude::*;

use crate::links::{Level, Mode, Words};
use crate::store::{Act, Dialog};
use crate::words::words;

use super::moment::link_of_now;
use super::root::Known;

/// The header.
pub fn header(props: &Known) -> Html {
    let lab = &props.lab;
    let open = |dialog: Dialog| {
        let store = props.store.clone();
        Callback::from(move |_: MouseEvent| store.act(Act::Dialog(Some(dialog))))
    };
    html! {
        <header class="top">
            <p class="brand"><span class="mark" aria-hidden="true" />{ words().name }</p>
            if lab.level() != Level::Story {
                <p class="workload">{ &lab.session.workload }</p>
            }
            { levels(props) }
            if lab.link.mode == Mode::Full {
                <nav aria-label={words().name}>
                    <button type="button" class="quiet" onclick={open(Dialog::Lessons)}>{ words().lessons }</button>
                    <button type="button" class="quiet" onclick={open(Dialog::Scenarios)}>{ words().scenarios }</button>
                    <button type="button" class="quiet" onclick={open(Dialog::Share)}>{ words().share }</button>
                    <button type="button" class="quiet round" aria-label={words().help} onclick={open(Dialog::Help)}>{ "?" }</button>
                </nav>
            } else {
                <a class="quiet" target="_blank" rel="noopener" href={full_page(props)}>{ words().full_page }</a>
            }
        </header>
    }
}

/// Where the whole page shows the same.
fn full_page(props: &Known) -> String {
    let link = crate::links::Link { mode: Mode::Full, panels: Vec::new(), ..link_of_now(&props.lab) };
    format!("{}{}", props.lab.site.home, link.fragment())
}

/// Story, Explain, Inspect.
fn levels(props: &Known) -> Html {
    let now = props.lab.level();
    let choice = |(_, level): &(&str, Level)| {
        let (store, level) = (props.store.clone(), *level);
        let text = match level {
            Level::Story => words().story,
            Level::Explain => words().explain,
            Level::Inspect => words().inspect,
        };
        let onclick = move |_: MouseEvent| store.act(Act::Level(level));
        html! { <button type="button" aria-pressed={(level == now).to_string()} {onclick}>{ text }</button> }
    };
    html! {
        <div class="choice levels" role="group" aria-label={words().level}>
            { for Level::TABLE.iter().map(choice) }
        </div>
    }
}
