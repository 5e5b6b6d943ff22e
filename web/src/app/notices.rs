//! What is said in place, with the ways out; and how far a long job is.

use lab_protocol::RunState;
use yew::prelude::*;

use crate::links::Level;
use crate::load;
use crate::store::{Act, Far, Saying, Store, Way};
use crate::words::{fill, words};

use super::root::Known;

/// All that is to be said now.
pub fn notices(props: &Known) -> Html {
    let lab = &props.lab;
    let busy = match &lab.frame.state {
        RunState::Busy(progress) => Some((progress.what.clone(), progress.permille)),
        _ if !lab.shows() && lab.far != Far::Gone && lab.sayings.is_empty() => {
            Some((words().loading.into(), 0))
        }
        _ => None,
    };
    let fault = match &lab.frame.state {
        RunState::Fault(why) => Some(fill(words().fault, &[("why", why)])),
        // The controls say it where there are any.
        RunState::Halted(why) if lab.level() == Level::Story => Some(fill(words().halted, &[("why", why)])),
        _ => None,
    };
    html! {
        <div class="notices" role="region" aria-label={words().messages}>
            if let Some((what, permille)) = busy {
                <div class="busy"><span>{ what }</span><progress max="1000" value={(permille > 0).then(|| permille.to_string())} aria-label={words().loading} /></div>
            }
            if let Some(text) = fault {
                <div class="notice wrong" role="alert"><p>{ text }</p></div>
            }
            { for lab.sayings.iter().enumerate().map(|(place, saying)| notice(&props.store, place, saying)) }
        </div>
    }
}

fn notice(store: &Store, place: usize, saying: &Saying) -> Html {
    let dismiss = {
        let store = store.clone();
        move |_: MouseEvent| store.act(Act::Unsay(place))
    };
    html! {
        <div class={classes!("notice", saying.wrong.then_some("wrong"))}>
            <p>{ &saying.text }</p>
            { for saying.ways.iter().map(|way| out(store, place, way)) }
            <button type="button" class="quiet round" aria-label={words().dismiss} onclick={dismiss}>{ "×" }</button>
        </div>
    }
}

/// A way out.
fn out(store: &Store, place: usize, way: &Way) -> Html {
    if let Way::OpenThere(address) = way {
        return html! { <a class="button" href={address.clone()}>{ words().open_there }</a> };
    }
    let text = match way {
        Way::Restart => words().restart,
        Way::Reload => words().reload,
        Way::OpenHere(_) | Way::OpenThere(_) => words().open_here,
    };
    let (store, way) = (store.clone(), way.clone());
    let onclick = move |_: MouseEvent| {
        store.act(Act::Unsay(place));
        match &way {
            Way::OpenHere(link) => load::trust(&store, (**link).clone()),
            _ => load::load(&store),
        }
    };
    html! { <button type="button" {onclick}>{ text }</button> }
}
