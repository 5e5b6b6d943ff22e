//! Scenarios: which one, which workload, which pair of modes.

use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use crate::links::Link;
use crate::load;
use crate::store::Act;
use crate::words::words;

use super::super::drop;
use super::super::moment::link_of_now;
use super::super::root::Known;

/// Scenarios.
#[component]
pub fn Scenarios(props: &Known) -> Html {
    let lab = &props.lab;
    let session = &lab.session;
    let places = [use_node_ref(), use_node_ref(), use_node_ref(), use_node_ref()];
    let scenarios: Vec<(String, String)> =
        lab.site.scenarios.iter().map(|o| (o.name.clone(), o.title.clone())).collect();
    let seed = use_node_ref();
    let link = link_of_now(lab);
    let named = lab.site.of_lesson(&link.name).map_or(link.name.clone(), String::from);
    let mode = |side: usize| session.sides.get(side).map_or("", |side| &side.mode);
    let workload = session
        .workloads
        .iter()
        .find(|(name, title)| *title == session.workload || *name == lab.link.workload);
    let workload = workload.map_or("", |(name, _)| name);
    let onclick = {
        let (store, places, seed, named) = (props.store.clone(), places.clone(), seed.clone(), named.clone());
        move |_: MouseEvent| {
            let [name, workload, left, right] = places.each_ref().map(|place| {
                place.cast::<HtmlSelectElement>().map(|select| select.value()).unwrap_or_default()
            });
            let now = store.now().link.clone();
            // Another scenario has workloads and modes of its own.
            let own = name == named;
            let workload = if own { workload } else { String::new() };
            let pair = [left, right].into_iter().filter(|mode| own && !mode.is_empty()).collect();
            let (level, mode, theme, speed) = (now.level, now.mode, now.theme, now.speed);
            let seed = seed.cast::<HtmlInputElement>().and_then(|input| input.value().parse().ok());
            let lang = now.lang.clone();
            let link =
                Link { name, workload, pair, seed, level, mode, theme, speed, lang, ..Link::default() };
            store.act(Act::Dialog(None));
            load::trust(&store, link);
        }
    };
    let own = {
        let store = props.store.clone();
        move |event: Event| {
            let input: Option<HtmlInputElement> = event.target().and_then(|t| t.dyn_into().ok());
            let files = drop::list(input.and_then(|input| input.files()));
            store.act(Act::Dialog(None));
            drop::take(&store, files);
        }
    };
    let [one, two, three, four] = &places;
    let alone = (String::new(), words().alone.to_string());
    let right: Vec<_> = std::iter::once(alone).chain(session.modes.iter().cloned()).collect();
    html! {
        <div class="form">
            { select(words().scenarios, one, &scenarios, &named) }
            { select(words().workload, two, &session.workloads, workload) }
            { select(words().left, three, &session.modes, mode(0)) }
            { select(words().right, four, &right, mode(1)) }
            <label><span>{ words().seed }</span>
                <input ref={seed.clone()} type="number" min="0" step="1" value={session.seed.to_string()} /></label>
            <p><button type="button" class="dark" {onclick}>{ words().load }</button></p>
            <label><span>{ words().own_file }</span><input type="file" multiple=true onchange={own} /></label>
            <p class="muted">{ words().drop_here }</p>
        </div>
    }
}

fn select(label: &'static str, place: &NodeRef, choices: &[(String, String)], now: &str) -> Html {
    if choices.is_empty() {
        return Html::default();
    }
    html! {
        <label><span>{ label }</span><select ref={place.clone()}>
            { for choices.iter().map(|(name, title)| html! {
                <option value={name.clone()} selected={name == now}>{ title }</option>
            }) }
        </select></label>
    }
}
