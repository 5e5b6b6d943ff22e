//! What happened, event by event: a window of the log that follows the selection.

use lab_protocol::{Command, LogRow, LogView, LogWindow, RunState, Selection, Views};
use yew::prelude::*;

use super::ViewProps;
use super::format::{fill, group, moment};
use super::kinds::{GROUPS, Group};
use super::words::words;

/// Rows at a time.
pub const ROWS: u16 = 14;

/// The log of the machine in focus.
#[component]
pub fn Log(props: &ViewProps) -> Html {
    let asked = use_state_eq(|| LogWindow { first: None, rows: ROWS, kinds: u64::MAX });
    {
        let send = props.send.clone();
        use_effect_with(*asked, move |window| {
            send.emit(Command::Watch(Box::new(Views { log: Some(*window), ..Views::default() })));
        });
    }
    let Some(view) = props.side_frame().and_then(|s| s.log.as_ref()) else { return Html::default() };
    html! { <div class="v-log">
        { filters(&asked) }
        { pager(&asked, view) }
        { table(props, view, &asked) }
    </div> }
}

fn filters(asked: &UseStateHandle<LogWindow>) -> Html {
    let chip = |group: &Group| {
        let on = asked.kinds & group.kinds == group.kinds;
        let window = LogWindow { kinds: asked.kinds ^ group.kinds, first: None, ..**asked };
        let window = if on { window } else { LogWindow { kinds: asked.kinds | group.kinds, ..window } };
        let asked = asked.clone();
        html! { <button type="button" class={classes!("v-filter", group.class)} aria-pressed={on.to_string()}
        onclick={move |_: MouseEvent| asked.set(window)}>{ (group.name)() }</button> }
    };
    html! { <div class="v-tools" role="group" aria-label={words().log_kinds}>{ for GROUPS.iter().map(chip) }</div> }
}

fn pager(asked: &UseStateHandle<LogWindow>, view: &LogView) -> Html {
    let w = words();
    let last = view.first + view.rows.len() as u64;
    let page = u64::from(asked.rows);
    let go = |first: Option<u64>, text: &'static str, off: bool| {
        let (asked, window) = (asked.clone(), LogWindow { first, ..**asked });
        html! { <button type="button" disabled={off} onclick={move |_: MouseEvent| asked.set(window)}>{ text }</button> }
    };
    let range = fill(w.log_rows, &[&group(view.first + 1), &group(last), &group(view.total)]);
    html! { <div class="v-tools">
        { go(Some(view.first.saturating_sub(page)), w.earlier, view.first == 0) }
        { go(Some(view.first + page), w.later, last >= view.total) }
        { go(None, w.log_follow, asked.first.is_none()) }
        <span class="v-range">{ range }</span>
    </div> }
}

fn table(props: &ViewProps, view: &LogView, asked: &UseStateHandle<LogWindow>) -> Html {
    let w = words();
    if view.rows.is_empty() {
        return html! { <p class="v-empty">{ w.log_empty }</p> };
    }
    let keys = keys(asked, view);
    let row = |(i, row): (usize, &LogRow)| one(props, view.first, i as u64, row);
    html! { <div class="v-scroll" tabindex="0" role="region" aria-label={w.log_table} onkeydown={keys}>
        <table class="v-table v-log-table" role="table" aria-rowcount={(view.total + 1).to_string()}>
            <thead role="rowgroup"><tr role="row" aria-rowindex="1"><th role="columnheader" scope="col">{ w.column_event }</th><th role="columnheader" scope="col">{ w.column_time }</th>
                <th role="columnheader" scope="col">{ w.column_kind }</th><th role="columnheader" scope="col">{ w.column_what }</th>
                <th role="columnheader" scope="col">{ w.column_interrupt }</th></tr></thead>
            <tbody role="rowgroup">{ for view.rows.iter().enumerate().map(row) }</tbody>
        </table>
    </div> }
}

fn one(props: &ViewProps, first: u64, place: u64, row: &LogRow) -> Html {
    let side = u8::try_from(props.side).unwrap_or_default();
    // While it runs every row is another one each frame: then it is its place that stays.
    let key = if props.frame.state == RunState::Running { place } else { row.event };
    let on = usize::from(props.frame.selection.side) == props.side
        && props.frame.selection.event == Some(row.event);
    let (send, event, life) = (props.send.clone(), row.event, row.life);
    let onclick =
        move |_: MouseEvent| send.emit(Command::Select(Selection { side, event: Some(event), life }));
    let class = classes!(super::kinds::class(row.kind), on.then_some("v-selected"));
    html! { <tr {key} role="row" {class} aria-rowindex={(first + place + 2).to_string()} aria-current={on.then_some("true")}>
        <td role="cell"><button type="button" {onclick}>{ format!("#{}", group(row.event)) }</button></td>
        <td role="cell" class="v-number">{ moment(row.time) }</td>
        <td role="cell"><span class="v-kind">{ row.name.clone() }</span></td>
        <td role="cell">{ row.text.clone() }</td>
        <td role="cell" class="v-number">{ row.life.map(|n| group(n.into())) }</td>
    </tr> }
}

/// A page, the beginning and the end by the keys for them.
fn keys(asked: &UseStateHandle<LogWindow>, view: &LogView) -> Callback<KeyboardEvent> {
    let (asked, first, total) = (asked.clone(), view.first, view.total);
    Callback::from(move |key: KeyboardEvent| {
        let page = u64::from(asked.rows);
        let most = total.saturating_sub(page);
        let first = match key.key().as_str() {
            "PageUp" => first.saturating_sub(page),
            "PageDown" => (first + page).min(most),
            "Home" => 0,
            "End" => most,
            _ => return,
        };
        key.prevent_default();
        key.stop_propagation();
        asked.set(LogWindow { first: Some(first), ..*asked });
    })
}
