//! The machine's state as a tree, a tab for each part; what the last step changed is marked.

use lab_protocol::{Command, InspectView, Row, Views};
use yew::prelude::*;

use super::ViewProps;
use super::format::{fill, group};
use super::words::words;

/// Rows at a time.
const ROWS: usize = 50;

/// The state of the machine in focus.
#[component]
pub fn Inspector(props: &ViewProps) -> Html {
    let tab = use_state_eq(|| None::<String>);
    let open = use_state_eq(Vec::<String>::new);
    let first = use_state_eq(|| 0usize);
    let view = props.side_frame().and_then(|s| s.inspect.as_ref());
    let shown = (*tab).clone().or_else(|| view.and_then(|v| v.rows.first()).map(|row| row.path.clone()));
    {
        let send = props.send.clone();
        let wanted = wanted(shown.as_deref(), &open);
        use_effect_with(wanted, move |wanted| {
            send.emit(Command::Watch(Box::new(Views { inspect: Some(wanted.clone()), ..Views::default() })));
        });
    }
    let Some(view) = view else { return html! { <p class="v-empty">{ words().inspect_empty }</p> } };
    let shown = shown.unwrap_or_default();
    let rows: Vec<_> = view.rows.iter().filter(|row| below(&row.path, &shown)).collect();
    let from = (*first).min(rows.len().saturating_sub(1) / ROWS * ROWS);
    html! { <div class="v-inspector">
        { tabs(view, &shown, &tab, &first) }
        if rows.len() > ROWS { { pager(&first, from, rows.len()) } }
        <div class="v-scroll" tabindex="0" role="region" aria-label={shown.clone()}>
        <table class="v-table v-tree" role="treegrid" aria-label={words().inspect_table} aria-rowcount={rows.len().to_string()}>
            <tbody>{ for rows.iter().enumerate().skip(from).take(ROWS).map(|(i, row)| line(i, row, &open)) }</tbody>
        </table></div>
    </div> }
}

/// The groups to open: the tab's own, and what was opened in it.
fn wanted(tab: Option<&str>, open: &[String]) -> Vec<String> {
    let Some(tab) = tab else { return Vec::new() };
    let inside = open.iter().filter(|path| below(path, tab)).cloned();
    std::iter::once(tab.to_string()).chain(inside).collect()
}

/// Whether a path is inside a group.
fn below(path: &str, group: &str) -> bool {
    path.strip_prefix(group).is_some_and(|rest| rest.starts_with('/'))
}

fn tabs(
    view: &InspectView,
    shown: &str,
    tab: &UseStateHandle<Option<String>>,
    first: &UseStateHandle<usize>,
) -> Html {
    let one = |row: &Row| {
        let on = row.path == shown;
        let (tab, first, path) = (tab.clone(), first.clone(), row.path.clone());
        let onclick = move |_: MouseEvent| {
            tab.set(Some(path.clone()));
            first.set(0);
        };
        html! { <button type="button" key={row.path.clone()} aria-pressed={on.to_string()} {onclick}>{ row.name.clone() }</button> }
    };
    let tops = view.rows.iter().filter(|row| row.depth == 0);
    html! { <div class="v-tools v-tabs" role="group" aria-label={words().inspect_tabs}>{ for tops.map(one) }</div> }
}

fn pager(first: &UseStateHandle<usize>, from: usize, total: usize) -> Html {
    let w = words();
    let go = |to: usize, text: &'static str, off: bool| {
        let first = first.clone();
        html! { <button type="button" disabled={off} onclick={move |_: MouseEvent| first.set(to)}>{ text }</button> }
    };
    let last = (from + ROWS).min(total);
    let [a, b, c] = [from + 1, last, total].map(|n| group(n as u64));
    html! { <div class="v-tools">
        { go(from.saturating_sub(ROWS), w.earlier, from == 0) }
        { go(from + ROWS, w.later, last >= total) }
        <span class="v-range">{ fill(w.log_rows, &[&a, &b, &c]) }</span>
    </div> }
}

fn line(place: usize, row: &Row, open: &UseStateHandle<Vec<String>>) -> Html {
    let depth = row.depth.saturating_sub(1);
    let style = format!("padding-left:{}px", 8 + 16 * u32::from(depth));
    let name = if row.group {
        fold(row, open)
    } else {
        html! { <span>{ row.name.clone() }</span> }
    };
    let expanded = row.group.then(|| open.contains(&row.path).to_string());
    html! { <tr key={row.path.clone()} class={row.changed.then_some("v-changed")} aria-rowindex={(place + 1).to_string()}
        aria-level={(depth + 1).to_string()} aria-expanded={expanded}>
        <th scope="row" {style}>{ name }</th>
        <td>{ row.value.clone() }
            if row.changed { <span class="v-changed-mark">{ words().changed }</span> }
        </td>
    </tr> }
}

/// A group's name opens and closes it.
fn fold(row: &Row, open: &UseStateHandle<Vec<String>>) -> Html {
    let is_open = open.contains(&row.path);
    let (open, path) = (open.clone(), row.path.clone());
    let onclick = move |_: MouseEvent| {
        let mut list = (*open).clone();
        if is_open {
            list.retain(|p| *p != path)
        } else {
            list.push(path.clone())
        }
        open.set(list);
    };
    html! { <button type="button" class="v-fold" aria-expanded={is_open.to_string()} {onclick}>
        <span aria-hidden="true">{ if is_open { "▾" } else { "▸" } }</span>{ " " }{ row.name.clone() }
    </button> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_shown_tab_s_groups_are_asked_for() {
        let open = ["cpu 0/vmcs".to_string(), "nic/rx".into(), "cpu 01/x".into()];
        assert_eq!(wanted(Some("cpu 0"), &open), ["cpu 0", "cpu 0/vmcs"]);
        assert_eq!(wanted(Some("nic"), &open), ["nic", "nic/rx"]);
        assert!(wanted(None, &open).is_empty());
    }

    #[test]
    fn a_group_holds_its_own_rows_and_no_namesake_s() {
        assert!(
            below("apic 0/irr", "apic 0") && !below("apic 01/irr", "apic 0") && !below("apic 0", "apic 0")
        );
    }
}
