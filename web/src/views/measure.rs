//! How wide an element is, as it changes.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, ResizeObserver};
use yew::prelude::*;

/// A reference to put on an element, and the element's width in pixels, which follows the window.
/// Before the element is there the width is `guess`.
#[hook]
pub fn use_width(guess: f32) -> (NodeRef, f32) {
    let node = use_node_ref();
    let width = use_state_eq(|| guess);
    {
        let (node, width) = (node.clone(), width.setter());
        use_effect_with((), move |()| {
            let watched = node.cast::<Element>().and_then(|element| watch(element, width));
            move || drop(watched)
        });
    }
    (node, *width)
}

/// Stops watching when dropped.
struct Watched {
    observer: ResizeObserver,
    _callback: Closure<dyn FnMut()>,
}

impl Drop for Watched {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}

fn watch(element: Element, width: UseStateSetter<f32>) -> Option<Watched> {
    let measured = element.clone();
    let measure = move || {
        let now = measured.client_width() as f32;
        if now > 0.0 {
            width.set(now);
        }
    };
    measure();
    let callback = Closure::<dyn FnMut()>::new(measure);
    let observer = ResizeObserver::new(callback.as_ref().unchecked_ref()).ok()?;
    observer.observe(&element);
    Some(Watched { observer, _callback: callback })
}
