//! What the page does besides drawing: its address, its colours, its keys, a step a second, rest.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use lab_protocol::{Command, Step};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{EventTarget, IntersectionObserver, IntersectionObserverEntry, KeyboardEvent};

use crate::links::{Mode, Words};
use crate::raf::{self, Ticking};
use crate::store::{Act, Lab, Store, running_summary};
use crate::words::words;
use crate::{host, load, save};

use super::keys;

/// Milliseconds between events when they are stepped by themselves.
const EVENT_MS: f64 = 1_000.0;

/// Milliseconds between two summaries for those who listen.
const SUMMARY_MS: f64 = 5_000.0;

/// Starts all of them, for as long as the page lives.
pub fn start(store: &Store) {
    let window: JsValue = web_sys::window().into();
    let Ok(window) = window.dyn_into::<EventTarget>() else { return };
    let there = store.clone();
    hear(&window, "hashchange", move |_: web_sys::Event| load::follow(&there, &fragment()));
    let there = store.clone();
    hear(&window, "keydown", move |event: KeyboardEvent| keys::press(&there, &event));
    store.listen(address);
    store.listen(colours);
    store.listen(title);
    store.listen(|before, after| {
        if before.singles != after.singles {
            save::keep("singles", if after.singles { "on" } else { "off" });
        }
    });
    let there = store.clone();
    store.listen(move |before, after| {
        if before.arriving.is_some() && after.arriving.is_none() && after.shows() {
            let store = there.clone();
            wasm_bindgen_futures::spawn_local(async move { load::arrive(&store) });
        }
    });
    let first = Cell::new(true);
    store.listen(move |_, after| {
        if after.shows() && first.replace(false) {
            ready(after);
        }
    });
    focus(store);
    steps(store);
    summaries(store);
    rests(store);
    early(store);
}

/// The fragment of the page's address.
pub fn fragment() -> String {
    web_sys::window().and_then(|window| window.location().hash().ok()).unwrap_or_default()
}

fn hear<E: wasm_bindgen::convert::FromWasmAbi + 'static>(
    target: &EventTarget,
    kind: &str,
    listener: impl FnMut(E) + 'static,
) {
    let closure = Closure::<dyn FnMut(E)>::new(listener);
    // Adding a listener to a window cannot fail.
    let _ = target.add_event_listener_with_callback(kind, closure.as_ref().unchecked_ref());
    closure.forget(); // as long as the page
}

/// Keeps the address in step with the settings.
fn address(before: &Lab, after: &Lab) {
    if before.link == after.link {
        return;
    }
    let history = web_sys::window().and_then(|window| window.history().ok());
    if let Some(history) = history {
        // A sandboxed frame may refuse; the link dialog works all the same.
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&after.link.fragment()));
    }
}

fn colours(before: &Lab, after: &Lab) {
    let element = web_sys::window().and_then(|w| w.document()).and_then(|d| d.document_element());
    if let Some(element) = element.filter(|_| before.link.theme != after.link.theme) {
        // A valid name and value.
        let _ = element.set_attribute("data-theme", after.link.theme.word());
    }
}

/// The document's title and language.
fn title(before: &Lab, after: &Lab) {
    let Some(document) = web_sys::window().and_then(|window| window.document()) else { return };
    if !std::rc::Rc::ptr_eq(&before.session, &after.session) && !after.session.title.is_empty() {
        document.set_title(&format!("{} · {}", after.session.title, words().name));
    }
    if let Some(element) = document.document_element().filter(|_| before.link.lang != after.link.lang) {
        let language = if after.link.lang.is_empty() { "en" } else { &after.link.lang };
        // A valid name and value.
        let _ = element.set_attribute("lang", language);
    }
}

/// Tells the loader, and an embedding page, that the first picture is there.
fn ready(lab: &Lab) {
    let loader = host::get(&js_sys::global(), "lab");
    if let Ok(function) = host::get(&loader, "ready").dyn_into::<js_sys::Function>() {
        // What the loader makes of it is its business.
        let _ = function.call0(&loader);
    }
    let build = lab.site.build.as_str().into();
    crate::port::tell("ready", "", &host::object(&[("build", build)]));
}

/// The button of the still page was pressed before the page was there.
fn early(store: &Store) {
    let (first, there) = (Cell::new(true), store.clone());
    store.listen(move |_, after| {
        if !after.shows() || !first.replace(false) {
            return;
        }
        if host::text(&host::get(&js_sys::global(), "lab"), "early") == "follow" {
            let store = there.clone();
            wasm_bindgen_futures::spawn_local(async move { store.act(Act::Follow(true)) });
        }
    });
}

/// Where what had the focus goes away with its level, or with what was followed, the machines have it.
fn focus(store: &Store) {
    let held: Rc<RefCell<Option<Ticking>>> = Rc::default();
    store.listen(move |before, after| {
        let leaves = before.following != after.following
            || (before.link.level, before.link.mode) != (after.link.level, after.link.mode);
        if !leaves || nothing_has_focus() {
            return;
        }
        let mut frames = 0;
        *held.borrow_mut() = Some(raf::each(move |_| {
            frames += 1;
            if frames == 3 && nothing_has_focus() {
                super::root::focus_machines();
            }
            frames < 3
        }));
    });
}

fn nothing_has_focus() -> bool {
    let document = web_sys::window().and_then(|window| window.document());
    document.is_some_and(|document| {
        document.active_element().is_none_or(|element| element.tag_name().eq_ignore_ascii_case("body"))
    })
}

/// Steps an event a second while that is wanted.
fn steps(store: &Store) {
    let held: Rc<RefCell<Option<Ticking>>> = Rc::default();
    let there = store.clone();
    store.listen(move |before, after| {
        if before.ticking == after.ticking {
            return;
        }
        let store = there.clone();
        let mut last = None;
        *held.borrow_mut() = after.ticking.then(|| {
            raf::each(move |now| {
                let due = last.is_none_or(|last| now - last >= EVENT_MS);
                if due && !store.now().waits() {
                    last = Some(now);
                    let side = store.now().frame.selection.side;
                    store.send(Command::Step { side, step: Step::Event, back: false });
                }
                true
            })
        });
    });
}

/// While the machines run, a summary is said now and then.
fn summaries(store: &Store) {
    let held: Rc<RefCell<Option<Ticking>>> = Rc::default();
    let there = store.clone();
    store.listen(move |before, after| {
        if before.goes() == after.goes() {
            return;
        }
        let store = there.clone();
        let mut last = None;
        *held.borrow_mut() = after.goes().then(|| {
            raf::each(move |now| {
                let since = now - *last.get_or_insert(now);
                if since >= SUMMARY_MS {
                    last = Some(now);
                    running_summary(&store.now()).into_iter().for_each(|text| store.act(Act::Live(text)));
                }
                true
            })
        });
    });
}

/// An embed that is scrolled out of sight rests.
fn rests(store: &Store) {
    if !matches!(crate::links::parse(&fragment()).0.mode, Mode::Embed | Mode::View) {
        return;
    }
    let hidden: Rc<Cell<bool>> = Rc::default();
    // Whoever asks for something gets it, in sight or not.
    let rest = {
        let hidden = hidden.clone();
        move |lab: &Lab| raf::rest(hidden.get() && lab.shows() && !lab.waits())
    };
    store.listen({
        let rest = rest.clone();
        move |_, after| rest(after)
    });
    let store = store.clone();
    let seen = Closure::<dyn FnMut(js_sys::Array)>::new(move |entries: js_sys::Array| {
        let Some(entry) = entries.iter().last().and_then(|e| e.dyn_into::<IntersectionObserverEntry>().ok())
        else {
            return;
        };
        hidden.set(!entry.is_intersecting());
        rest(&store.now());
    });
    let root = web_sys::window().and_then(|w| w.document()).and_then(|d| d.get_element_by_id("lab"));
    if let (Ok(observer), Some(root)) = (IntersectionObserver::new(seen.as_ref().unchecked_ref()), root) {
        observer.observe(&root);
        seen.forget(); // as long as the page
    }
}
