//! Code around the next instruction, with symbols; a click at a line's left sets a breakpoint.

use lab_protocol::{CodeLine, CodeView, Command};
use yew::prelude::*;

use super::ViewProps;
use super::format::fill;
use super::words::words;

/// Code around RIP of the machine in focus.
pub fn code(props: &ViewProps) -> Html {
    let w = words();
    let Some(view) = props.side_frame().and_then(|s| s.code.as_ref()) else {
        return html! { <p class="v-empty">{ w.code_empty }</p> };
    };
    let (place, class) = if view.root { (w.code_root, "v-host") } else { (w.code_guest, "v-guest") };
    html! { <div class="v-code">
        <p class={classes!("v-where", class)}><span class="v-kind">{ place }</span></p>
        <div class="v-scroll" tabindex="0" role="region" aria-label={w.code_table}>
        <table class="v-table v-code-table">
            <thead class="v-hidden"><tr><th scope="col">{ w.column_break }</th><th scope="col">{ w.column_address }</th>
                <th scope="col">{ w.column_bytes }</th><th scope="col">{ w.column_instruction }</th></tr></thead>
            <tbody>{ for view.lines.iter().map(|line| lines(props, view, line)) }</tbody>
        </table></div>
    </div> }
}

fn lines(props: &ViewProps, view: &CodeView, line: &CodeLine) -> Html {
    let label = (!line.label.is_empty()).then(|| {
        html! { <tr class="v-symbol"><td></td><th colspan="3" scope="rowgroup">{ format!("{}:", line.label) }</th></tr> }
    });
    let next = line.address == view.rip;
    html! { <>
        { label }
        <tr class={next.then_some("v-next")} aria-current={next.then_some("true")}>
            <td>{ breakpoint(props, view.root, line) }</td>
            <td class="v-address">{ format!("{:x}", line.address) }</td>
            <td class="v-bytes">{ bytes(&line.bytes) }</td>
            <td class="v-text">
                if next { <span class="v-hidden">{ words().code_next }</span><span aria-hidden="true">{ "▶ " }</span> }
                { line.text.clone() }
            </td>
        </tr>
    </> }
}

fn breakpoint(props: &ViewProps, root: bool, line: &CodeLine) -> Html {
    let side = u8::try_from(props.side).unwrap_or_default();
    let command = Command::Break { side, address: line.address, root, on: !line.breakpoint };
    let send = props.send.clone();
    let name = fill(words().breakpoint_at, &[&format!("{:#x}", line.address)]);
    html! { <button type="button" class="v-break" aria-pressed={line.breakpoint.to_string()} aria-label={name}
    onclick={move |_: MouseEvent| send.emit(command.clone())}>{ if line.breakpoint { "●" } else { "○" } }</button> }
}

fn bytes(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    #[test]
    fn bytes_are_two_digits_each() {
        assert_eq!(super::bytes(&[0x0f, 0x30, 0]), "0f 30 00");
    }
}
