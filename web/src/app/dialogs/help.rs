//! Help: the keys, the colours, the terms.

use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::links::{Theme, Words};
use crate::store::Act;
use crate::words::{definitions, words};

use super::super::keys::{KEYS, Key};
use super::super::root::Known;

/// Help.
pub fn help(props: &Known) -> Html {
    html! {
        <>
            <p>{ words().help_what }</p>
            <dl class="keys">{ for KEYS.iter().map(row) }</dl>
            <label class="switch"><input type="checkbox" checked={props.lab.singles} onchange={singles(props)} />{ words().singles }</label>
            <fieldset class="choice"><legend>{ words().appearance }</legend>{ for Theme::TABLE.iter().map(|(_, theme)| colour(props, *theme)) }</fieldset>
            <details class="glossary"><summary>{ words().glossary }</summary>
                <dl>{ for definitions().iter().map(|row| html! {
                    <><dt>{ row.word }</dt><dd>{ row.text }{ " " }<span class="muted">{ row.section }</span></dd></>
                }) }</dl>
            </details>
        </>
    }
}

fn row(key: &Key) -> Html {
    let name = if key.key == " " { "Space" } else { key.key };
    html! {
        <div><dt><kbd>{ name }</kbd>if !key.alias.is_empty() { { " " }<kbd>{ key.alias }</kbd> }</dt><dd>{ (key.text)() }</dd></div>
    }
}

fn singles(props: &Known) -> Callback<Event> {
    let store = props.store.clone();
    Callback::from(move |event: Event| {
        let input: Option<HtmlInputElement> = event.target().and_then(|t| t.dyn_into().ok());
        input.into_iter().for_each(|input| store.act(Act::Singles(input.checked())));
    })
}

fn colour(props: &Known, theme: Theme) -> Html {
    let store = props.store.clone();
    let onclick = move |_: MouseEvent| store.act(Act::Theme(theme));
    let text = match theme {
        Theme::Auto => words().theme_auto,
        Theme::Light => words().theme_light,
        Theme::Dark => words().theme_dark,
    };
    let pressed = (props.lab.link.theme == theme).to_string();
    html! { <button type="button" aria-pressed={pressed} {onclick}>{ text }</button> }
}
