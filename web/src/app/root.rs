//! The whole page.

use std::rc::Rc;

use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::prelude::*;

use crate::host::Site;
use crate::links::{Level, Mode, Words};
use crate::store::{Lab, Store};
use crate::words::words;
use crate::{load, port, save};

use super::controls::controls;
use super::dialogs::dialogs;
use super::header::header;
use super::hero::{actions, hero};
use super::notices::notices;
use super::panels::Panels;
use super::{drop, effects, still};

/// Puts the page into `#lab`, or into the body.
pub fn mount() {
    let singles = save::recall("singles").as_deref() != Some("off");
    let store = Store::new(Lab { site: Rc::new(Site::read()), singles, ..Lab::default() });
    effects::start(&store);
    port::open(&store);
    load::follow(&store, &effects::fragment());
    if let Some(place) = still::replace(&store) {
        yew::Renderer::<App>::with_root_and_props(place, AppProps { store: store.clone() }).render();
    }
}

#[derive(Clone, PartialEq, Properties)]
struct AppProps {
    store: Store,
}

/// What most parts of the page are given: the store, and what it knows now.
#[derive(Clone, Properties)]
pub struct Known {
    /// The store.
    pub store: Store,
    /// What it knows.
    pub lab: Rc<Lab>,
}

impl PartialEq for Known {
    /// By address: a frame is never compared field by field.
    fn eq(&self, other: &Known) -> bool {
        self.store == other.store && Rc::ptr_eq(&self.lab, &other.lab)
    }
}

#[component]
fn App(props: &AppProps) -> Html {
    let update = use_force_update();
    let store = props.store.clone();
    use_effect_with((), {
        let store = store.clone();
        move |()| {
            let now = update.clone();
            store.listen(move |_, _| update.force_update());
            now.force_update(); // for what happened before it listened
        }
    });
    let lab = store.now();
    let mode = lab.link.mode;
    let chrome = matches!(mode, Mode::Full | Mode::Embed);
    let story = lab.level() == Level::Story;
    let known = Known { store: store.clone(), lab: lab.clone() };
    let (over, left, dropped) = drop::handlers(&store);
    html! {
        <ContextProvider<Store> context={store.clone()}>
            <div class="lab" data-level={lab.level().word()} data-mode={mode.word()}
                ondragover={over} ondragleave={left} ondrop={dropped}>
                if chrome {
                    <button type="button" class="skip" onclick={to_main}>{ words().skip }</button>
                    { header(&known) }
                }
                if chrome && !story && lab.shows() {
                    { controls(&known) }
                }
                { notices(&known) }
                <main id="machines" tabindex="-1" aria-label={words().machines}>
                    { hero(&known) }
                    <Panels ..known.clone() />
                    if story && chrome {
                        { actions(&known) }
                    }
                </main>
                <div class="sr" role="status" aria-live="polite">{ &*lab.live }</div>
                { dialogs(&known) }
                <div class="drop-hint" aria-hidden="true"><p>{ words().drop_here }</p></div>
            </div>
        </ContextProvider<Store>>
    }
}

/// Moves the focus to the machines.
fn to_main(_: MouseEvent) {
    focus_machines();
}

/// Gives the machines the focus.
pub fn focus_machines() {
    let main = web_sys::window().and_then(|w| w.document()).and_then(|d| d.get_element_by_id("machines"));
    if let Some(main) = main.and_then(|main| main.dyn_into::<HtmlElement>().ok()) {
        // An element with a tab index takes the focus.
        let _ = main.focus();
    }
}
