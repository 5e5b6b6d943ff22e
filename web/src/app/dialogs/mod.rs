//! Dialogs: the browser's own, so that the focus and Escape are its business.

mod copy;
mod help;
mod lessons;
mod scenarios;
mod share;

use wasm_bindgen::JsCast;
use web_sys::{HtmlDialogElement, HtmlElement};
use yew::prelude::*;

use crate::store::{Act, Dialog};
use crate::words::{definition, words};

use super::root::Known;

/// The dialog that is open, if any, and the definition above it.
pub fn dialogs(props: &Known) -> Html {
    let close = {
        let store = props.store.clone();
        Callback::from(move |()| store.act(Act::Dialog(None)))
    };
    let forget = {
        let store = props.store.clone();
        Callback::from(move |()| store.act(Act::Define(None)))
    };
    let (title, body) = match props.lab.dialog {
        Some(Dialog::Share) => (words().share_title, html! { { share::share(props) } }),
        Some(Dialog::Scenarios) => {
            (words().scenarios_title, html! { <scenarios::Scenarios ..props.clone() /> })
        }
        Some(Dialog::Lessons) => (words().lessons_title, html! { { lessons::lessons(props) } }),
        Some(Dialog::Help) => (words().help_title, html! { { help::help(props) } }),
        None => ("", Html::default()),
    };
    html! {
        <>
            if props.lab.dialog.is_some() {
                <Frame {title} onclose={close}>{ body }</Frame>
            }
            if let Some(found) = props.lab.term.and_then(definition) {
                <Frame title={found.word} class="definition" onclose={forget}>
                    <p>{ found.text }</p>
                    <p class="muted">{ found.section }</p>
                </Frame>
            }
        </>
    }
}

/// What a dialog's frame is made of.
#[derive(PartialEq, Properties)]
struct FrameProps {
    title: AttrValue,
    #[prop_or_default]
    class: Classes,
    onclose: Callback<()>,
    children: Html,
}

/// A dialog with a heading and a way out.
#[component]
fn Frame(props: &FrameProps) -> Html {
    let dialog = use_node_ref();
    use_effect_with((), {
        let dialog = dialog.clone();
        move |()| {
            let document = web_sys::window().and_then(|window| window.document());
            let opener =
                document.and_then(|d| d.active_element()).and_then(|e| e.dyn_into::<HtmlElement>().ok());
            if let Some(dialog) = dialog.cast::<HtmlDialogElement>() {
                // It is in the document and not open yet.
                let _ = dialog.show_modal();
            }
            // Whichever way it goes, the focus returns to what opened it.
            move || opener.into_iter().for_each(|opener| drop(opener.focus()))
        }
    });
    let shut = {
        let dialog = dialog.clone();
        move |_: MouseEvent| {
            if let Some(dialog) = dialog.cast::<HtmlDialogElement>() {
                dialog.close();
            }
        }
    };
    let onclose = {
        let close = props.onclose.clone();
        move |_: Event| close.emit(())
    };
    html! {
        <dialog ref={dialog} class={props.class.clone()} aria-labelledby="dialog-title" closedby="any" {onclose}>
            <div class="dialog-head">
                <h2 id="dialog-title">{ &props.title }</h2>
                <button type="button" class="quiet round" aria-label={words().close} onclick={shut}>{ "×" }</button>
            </div>
            { props.children.clone() }
        </dialog>
    }
}
