//! Why an exit happened: one sentence, the control that decided it, and what would be without it.

use lab_protocol::Command;
use yew::prelude::*;

use super::ViewProps;
use super::words::words;

/// Why the selected exit happened.
pub fn why(props: &ViewProps) -> Html {
    let w = words();
    let Some(why) = props.side_frame().and_then(|s| s.why.as_ref()) else { return Html::default() };
    let row = |name: &'static str, value: &str| {
        html! { if !value.is_empty() { <div><dt>{ name }</dt><dd>{ value.to_string() }</dd></div> } }
    };
    let command = Command::WhatIfNot { side: u8::try_from(props.side).unwrap_or_default(), event: why.event };
    let send = props.send.clone();
    html! { <div class="v-why">
        <p class="v-why-text">{ why.text.clone() }</p>
        <dl>{ row(w.why_control, &why.control) }{ row(w.why_value, &why.value) }{ row(w.why_section, &why.section) }</dl>
        if why.can_flip {
            <button type="button" class="v-flip" onclick={move |_: MouseEvent| send.emit(command.clone())}>{ w.what_if_not }</button>
        }
    </div> }
}
