//! The bars as a table.

use lab_protocol::LifeView;
use yew::prelude::*;

use super::names;
use crate::views::Level;
use crate::views::format::{duration, fill, moment};
use crate::views::words::words;

/// Every phase and step with its time; the selected event's row is marked.
pub fn table(lives: &[Option<&LifeView>], names: &[String], selected: Option<(usize, u64)>) -> Html {
    let w = words();
    let rows = lives.iter().enumerate().flat_map(|(side, life)| {
        let name = names.get(side).map_or("", String::as_str);
        life.map(|life| rows(life, name, selected.filter(|(s, _)| *s == side).map(|(_, e)| e)))
            .into_iter()
            .flatten()
    });
    let number = lives.iter().flatten().next().map_or(0, |life| life.number);
    html! { <div class="v-hidden"><table>
        <caption>{ fill(w.bars_are, &[&number.to_string()]) }</caption>
        <thead><tr>
            <th scope="col">{ w.life_column_side }</th><th scope="col">{ w.life_column_what }</th>
            <th scope="col">{ w.life_column_from }</th><th scope="col">{ w.life_column_takes }</th>
        </tr></thead>
        <tbody>{ for rows }</tbody>
    </table></div> }
}

fn rows(life: &LifeView, side: &str, selected: Option<u64>) -> Vec<Html> {
    let phases = life.phases.iter().map(|(phase, a, b)| {
        html! { <tr>
            <td>{ side.to_string() }</td><td>{ names::phase(*phase, Level::Story) }</td>
            <td>{ moment(*a) }</td><td>{ duration(b.saturating_sub(*a)) }</td>
        </tr> }
    });
    let steps = life.steps.iter().map(|step| html! {
        <tr aria-current={(selected == Some(step.event)).then_some("true")}>
            <td>{ side.to_string() }</td><td>{ step.text.clone() }</td><td>{ moment(step.time) }</td><td></td>
        </tr>
    });
    phases.chain(steps).collect()
}
