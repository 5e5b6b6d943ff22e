//! Run until something happens: a menu.

use lab_protocol::Until;
use wasm_bindgen::JsCast;
use web_sys::{FormData, HtmlDetailsElement, HtmlElement, HtmlFormElement, Node};
use yew::prelude::*;

use crate::store::Intent;
use crate::units::decimal;
use crate::words::words;

use super::root::Known;

/// Picoseconds in a microsecond.
const MICROSECOND: f64 = 1e6;

/// What needs a value, by name.
#[derive(Clone, Copy, PartialEq)]
enum Valued {
    Vector,
    Symbol,
    Time,
}

/// The menu.
#[component]
pub fn UntilMenu(props: &Known) -> Html {
    let menu = use_node_ref();
    let choose = {
        let (store, menu) = (props.store.clone(), menu.clone());
        Callback::from(move |until: Until| {
            close(&menu);
            to_summary(&menu);
            store.perform(Intent::Until(until));
        })
    };
    let plain = [
        (words().until_interrupt, Until::Interrupt),
        (words().until_exit, Until::Exit),
        (words().until_eoi, Until::Eoi),
        (words().until_breakpoint, Until::Breakpoint),
    ];
    let button = |(text, until): (&'static str, Until)| {
        let choose = choose.clone();
        html! { <button type="button" onclick={move |_| choose.emit(until.clone())}>{ text }</button> }
    };
    // The browser says in place what does not fit its pattern.
    let form = |(text, kind, pattern)| valued(text, kind, pattern, choose.clone());
    let forms = [
        (words().until_vector, Valued::Vector, r"0x[\da-fA-F]{1,2}|25[0-5]|2[0-4]\d|1?\d?\d"),
        (words().until_symbol, Valued::Symbol, r"\s*\S.*"),
        (words().until_time, Valued::Time, r"\d{1,12}(\.\d*)?"),
    ];
    html! {
        <details class="menu" ref={menu.clone()} onkeydown={escape(&menu)} onfocusout={leave(&menu)}>
            <summary>{ words().until }<span aria-hidden="true">{ "▾" }</span></summary>
            <div class="menu-body" role="group" aria-label={words().until_label}>
                { for plain.into_iter().map(button) }
                { for forms.into_iter().map(form) }
            </div>
        </details>
    }
}

/// A small form: a value, and Go.
fn valued(text: &'static str, kind: Valued, pattern: &'static str, choose: Callback<Until>) -> Html {
    let onsubmit = move |event: SubmitEvent| {
        event.prevent_default();
        let form: Option<HtmlFormElement> = event.target().and_then(|t| t.dyn_into().ok());
        let value = form
            .and_then(|form| FormData::new_with_form(&form).ok())
            .and_then(|data| data.get("value").as_string());
        value.and_then(|value| read(kind, value.trim())).into_iter().for_each(|until| choose.emit(until));
    };
    html! {
        <form {onsubmit}>
            <label>{ text }<input name="value" autocomplete="off" spellcheck="false" required=true {pattern} /></label>
            <button type="submit">{ words().go }</button>
        </form>
    }
}

fn read(kind: Valued, value: &str) -> Option<Until> {
    match kind {
        Valued::Vector => {
            let digits = value.strip_prefix("0x");
            let vector = digits.map_or_else(|| value.parse().ok(), |hex| u8::from_str_radix(hex, 16).ok());
            vector.map(Until::Vector)
        }
        Valued::Symbol => (!value.is_empty()).then(|| Until::Symbol(value.into())),
        Valued::Time => {
            let time = decimal(value)?;
            Some(Until::Time((time * MICROSECOND) as u64))
        }
    }
}

fn close(menu: &NodeRef) {
    if let Some(details) = menu.cast::<HtmlDetailsElement>() {
        details.set_open(false);
    }
}

/// Escape closes it and the focus returns to its button.
fn escape(menu: &NodeRef) -> Callback<KeyboardEvent> {
    let menu = menu.clone();
    Callback::from(move |event: KeyboardEvent| {
        if event.key() == "Escape" {
            close(&menu);
            to_summary(&menu);
        }
    })
}

/// What closes gives the focus back to its button.
fn to_summary(menu: &NodeRef) {
    let summary = menu.cast::<HtmlElement>().and_then(|m| m.query_selector("summary").ok().flatten());
    if let Some(summary) = summary.and_then(|s| s.dyn_into::<HtmlElement>().ok()) {
        // A summary takes the focus.
        let _ = summary.focus();
    }
}

/// When the focus goes elsewhere it closes.
fn leave(menu: &NodeRef) -> Callback<FocusEvent> {
    let menu = menu.clone();
    Callback::from(move |event: FocusEvent| {
        let to = event.related_target().and_then(|target| target.dyn_into::<Node>().ok());
        let inside = menu.cast::<Node>().is_some_and(|m| to.as_ref().is_some_and(|to| m.contains(Some(to))));
        if to.is_some() && !inside {
            close(&menu);
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_is_read_or_refused() {
        assert_eq!(read(Valued::Vector, "0x61"), Some(Until::Vector(0x61)));
        assert_eq!(read(Valued::Vector, "256"), None);
        assert_eq!(read(Valued::Time, "1.5"), Some(Until::Time(1_500_000)));
        assert_eq!(read(Valued::Time, "-1"), None);
        assert_eq!(read(Valued::Time, "inf"), None);
        assert_eq!(read(Valued::Symbol, ""), None);
    }
}
