//! What a machine wrote to its console.

use yew::prelude::*;

use super::ViewProps;
use super::format::fill;
use super::words::words;

/// The console of one machine.
pub fn console(props: &ViewProps) -> Html {
    let w = words();
    let text = props.side_frame().map_or("", |s| s.console.as_str()).replace('\r', "");
    if text.is_empty() {
        return html! { <p class="v-empty">{ w.console_empty }</p> };
    }
    let name = fill(w.console_of, &[props.title(props.side)]);
    html! { <pre class="v-console v-scroll" tabindex="0" role="log" aria-live="off" aria-label={name}>{ text }</pre> }
}
