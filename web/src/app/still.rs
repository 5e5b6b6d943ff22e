//! The still picture that the page is served with stays until the machines' own picture is there.

use lab_protocol::RunState;
use web_sys::Element;

use crate::links::{Level, Mode};
use crate::store::{Lab, Store};

/// The place for the page. While the still picture tells the same story it stays, and the page is
/// hidden behind it; else it goes at once.
pub fn replace(store: &Store) -> Option<Element> {
    let document = web_sys::window()?.document()?;
    let outer = match document.get_element_by_id("lab") {
        Some(outer) => outer,
        None => document.body()?.into(),
    };
    let place = document.create_element("div").ok()?;
    let stays = outer.first_element_child().is_some() && waits(&store.now());
    if !stays {
        outer.set_inner_html("");
    }
    // A new element into one of the document: it cannot fail.
    let _ = outer.append_child(&place);
    if stays {
        // A valid name and value.
        let _ = place.set_attribute("hidden", "");
        let page = place.clone();
        store.listen(move |_, after| {
            if !waits(after) && page.has_attribute("hidden") {
                reveal(&outer, &page);
            }
        });
    }
    Some(place)
}

/// Whether there is nothing yet that the still picture does not tell.
fn waits(lab: &Lab) -> bool {
    let story = lab.link.level == Level::Story && lab.link.mode == Mode::Full;
    let faulty = matches!(lab.frame.state, RunState::Fault(_));
    story && !lab.shows() && lab.sayings.is_empty() && !faulty
}

/// Takes everything away but the page.
fn reveal(outer: &Element, page: &Element) {
    while let Some(first) = outer.first_element_child().filter(|first| first != page) {
        first.remove();
    }
    // A valid name.
    let _ = page.remove_attribute("hidden");
}
