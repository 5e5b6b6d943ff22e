//! A number that changes when the page's colours do, for whoever draws them on a canvas.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{MutationObserver, MutationObserverInit};
use yew::prelude::*;

/// Changes whenever the theme does.
#[hook]
pub fn use_theme() -> u32 {
    let count = use_mut_ref(|| 0u32);
    let redraw = use_force_update();
    {
        let count = count.clone();
        use_effect_with((), move |()| {
            let changed = Closure::<dyn FnMut()>::new(move || {
                *count.borrow_mut() += 1;
                redraw.force_update();
            });
            let observer = MutationObserver::new(changed.as_ref().unchecked_ref()).ok();
            let root = web_sys::window().and_then(|w| w.document()).and_then(|d| d.document_element());
            if let (Some(observer), Some(root)) = (&observer, &root) {
                let init = MutationObserverInit::new();
                init.set_attributes(true);
                // The root is a node and attributes are asked for, so observing cannot fail.
                let _ = observer.observe_with_options(root, &init);
            }
            let system =
                web_sys::window().and_then(|w| w.match_media("(prefers-color-scheme: dark)").ok().flatten());
            if let Some(system) = &system {
                // Adding a listener cannot fail.
                let _ = system.add_event_listener_with_callback("change", changed.as_ref().unchecked_ref());
            }
            move || {
                observer.iter().for_each(MutationObserver::disconnect);
                if let Some(system) = &system {
                    let _ = system
                        .remove_event_listener_with_callback("change", changed.as_ref().unchecked_ref());
                }
                drop(changed);
            }
        });
    }
    let now = count.borrow();
    *now
}
