//! A text to copy.

use wasm_bindgen_futures::spawn_local;
use web_sys::HtmlTextAreaElement;
use yew::prelude::*;

use crate::save;
use crate::words::words;

/// What a [`Copyable`] is made of.
#[derive(PartialEq, Properties)]
pub struct CopyProps {
    /// Its label.
    pub label: AttrValue,
    /// The text.
    pub text: AttrValue,
    /// Lines that it shows.
    #[prop_or(2)]
    pub rows: u8,
}

/// A text with a button that copies it; where the browser refuses, the text is selected instead.
#[component]
pub fn Copyable(props: &CopyProps) -> Html {
    let area = use_node_ref();
    let said = use_state(|| "");
    let onclick = {
        let (area, said, text) = (area.clone(), said.clone(), props.text.clone());
        move |_: MouseEvent| {
            let (area, said, text) = (area.clone(), said.clone(), text.clone());
            spawn_local(async move {
                let copied = save::copy(&text).await;
                if let Some(area) = area.cast::<HtmlTextAreaElement>().filter(|_| !copied) {
                    area.select();
                }
                said.set(if copied { words().copied } else { words().copy_failed });
            });
        }
    };
    let id = format!("copy-{}", props.label.replace(|c: char| !c.is_ascii_alphabetic(), "-"));
    html! {
        <div class="copyable">
            <div class="copy-row"><span id={id.clone()}>{ &props.label }</span>
                <span class="muted" role="status">{ *said }</span>
                <button type="button" {onclick}>{ words().copy }</button></div>
            <textarea aria-labelledby={id} ref={area} readonly=true spellcheck="false" rows={props.rows.to_string()} value={props.text.clone()} />
        </div>
    }
}
