//! The timeline as a table of what each lane shows, at most fifty rows at a time.

use lab_protocol::{Bucket, Lane, TimelineView};
use yew::prelude::*;

use super::paint::name;
use super::plan::lanes;
use super::select;
use crate::views::format::{fill, group, moment};
use crate::views::words::words;
use crate::views::{Level, ViewProps};

/// Rows at a time.
const ROWS: usize = 50;

/// The table of the machine in focus.
#[component]
pub fn Twin(props: &ViewProps) -> Html {
    let w = words();
    // The rows about the selection, until the reader turns over.
    let first = use_state_eq(|| None::<usize>);
    {
        let first = first.clone();
        use_effect_with(props.frame.selection, move |_| first.set(None));
    }
    let open = use_state_eq(|| false);
    let focus = usize::from(props.frame.selection.side);
    let ontoggle = {
        let open = open.clone();
        Callback::from(move |event: Event| {
            open.set(event.target_dyn_into::<web_sys::Element>().is_some_and(|e| e.has_attribute("open")));
        })
    };
    let Some(view) = props.frame.sides.get(focus).and_then(|s| s.timeline.as_ref()) else {
        return Html::default();
    };
    let body = if *open { table(props, view, focus, &first) } else { Html::default() };
    html! { <details class="v-twin" {ontoggle}><summary>{ w.as_table }</summary>{ body }</details> }
}

fn table(
    props: &ViewProps,
    view: &TimelineView,
    focus: usize,
    first: &UseStateHandle<Option<usize>>,
) -> Html {
    let w = words();
    let all = entries(view, props.level);
    let selected = props.frame.selection.event;
    let place = || all.iter().position(|(_, b)| b.event.is_some() && b.event == selected);
    let from = first.or_else(place).unwrap_or(0) / ROWS * ROWS;
    let from = from.min(all.len().saturating_sub(1) / ROWS * ROWS);
    let step = |to: usize, text: &'static str, off: bool| {
        let first = first.clone();
        html! { <button type="button" disabled={off} onclick={move |_: MouseEvent| first.set(Some(to))}>{ text }</button> }
    };
    let row = |(i, (lane, b)): (usize, &(Lane, Bucket))| {
        let go = b.event.map(|event| {
            let send = props.send.clone();
            let onclick = move |_: MouseEvent| send.emit(select(focus, event));
            html! { <button type="button" {onclick}>{ format!("#{}", group(event)) }</button> }
        });
        let on = b.event.is_some() && b.event == selected;
        html! { <tr aria-rowindex={(i + 2).to_string()} aria-current={on.then_some("true")}>
            <td>{ moment(at(view, b)) }</td><td>{ name(*lane) }</td><td>{ what(*lane, b) }</td><td>{ go }</td>
        </tr> }
    };
    html! { <>
        <div class="v-tools">
            { step(from.saturating_sub(ROWS), w.earlier, from == 0) }
            { step(from + ROWS, w.later, from + ROWS >= all.len()) }
        </div>
        <div class="v-scroll" tabindex="0" role="region" aria-label={w.timeline_canvas}>
        <table class="v-table" aria-rowcount={(all.len() + 1).to_string()}>
            <thead><tr aria-rowindex="1"><th scope="col">{ w.column_time }</th><th scope="col">{ w.column_lane }</th>
                <th scope="col">{ w.column_what }</th><th scope="col">{ w.column_event }</th></tr></thead>
            <tbody>{ for all.iter().enumerate().skip(from).take(ROWS).map(row) }</tbody>
        </table></div>
    </> }
}

/// What a level's lanes hold, in the order of time.
fn entries(view: &TimelineView, level: Level) -> Vec<(Lane, Bucket)> {
    let shown = lanes(level);
    let buckets = view.lanes.iter().filter(|(lane, _)| shown.contains(lane));
    let mut list: Vec<_> = buckets.flat_map(|(lane, list)| list.iter().map(|b| (*lane, *b))).collect();
    list.sort_by_key(|(lane, b)| (b.column, *lane));
    list
}

fn at(view: &TimelineView, b: &Bucket) -> u64 {
    let span = u128::from(view.window.to.saturating_sub(view.window.from));
    let into = span * u128::from(b.column) / u128::from(view.window.columns.max(1));
    view.window.from.saturating_add(u64::try_from(into).unwrap_or(u64::MAX))
}

fn what(lane: Lane, b: &Bucket) -> String {
    let w = words();
    let percent = |share: u32| (share * 100 + 127) / 255;
    match (lane, b.event) {
        (Lane::Processor, _) => {
            let host = percent(b.amount.min(255));
            let halted = percent(b.halted.into());
            let guest = 100u32.saturating_sub(host + halted);
            fill(w.processor_shares, &[&guest.to_string(), &host.to_string(), &halted.to_string()])
        }
        (_, Some(_)) => w.one_event.into(),
        (_, None) => fill(w.many_events, &[&group(b.amount.into())]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use lab_protocol::TimelineWindow;

    #[test]
    fn rows_stand_in_the_order_of_time_with_their_moments() {
        let bucket = |column, amount| Bucket { column, width: 1, amount, halted: 0, event: None };
        let view = TimelineView {
            window: TimelineWindow { from: 1_000_000, to: 3_000_000, columns: 100 },
            lanes: vec![
                (Lane::Processor, vec![bucket(50, 255)]),
                (Lane::Interrupts, vec![bucket(10, 3), bucket(50, 1)]),
            ],
            ..TimelineView::default()
        };
        let list = entries(&view, Level::Explain);
        let order: Vec<_> = list.iter().map(|(lane, b)| (at(&view, b), *lane)).collect();
        assert_eq!(
            order,
            [(1_200_000, Lane::Interrupts), (2_000_000, Lane::Processor), (2_000_000, Lane::Interrupts)]
        );
        assert_eq!(what(Lane::Processor, &bucket(0, 255)), "guest 0 %, host 100 %, halted 0 %");
        assert_eq!(what(Lane::Interrupts, &bucket(0, 3)), "3 events");
    }
}
