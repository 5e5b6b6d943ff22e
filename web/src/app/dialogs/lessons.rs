//! Lessons: which there are.

use yew::prelude::*;

use crate::links::Link;
use crate::store::Act;
use crate::words::words;

use super::super::root::Known;

/// Lessons.
pub fn lessons(props: &Known) -> Html {
    let lessons = &props.lab.site.lessons;
    if lessons.is_empty() {
        return html! { <p class="muted">{ words().no_lessons }</p> };
    }
    let row = |(name, title): &(String, String)| {
        let now = &props.lab.link;
        let link = Link { name: name.clone(), theme: now.theme, lang: now.lang.clone(), ..Link::default() };
        let store = props.store.clone();
        let onclick = move |_: MouseEvent| store.act(Act::Dialog(None));
        html! { <li><a href={link.fragment()} {onclick}>{ title }</a></li> }
    };
    html! { <ol class="lessons">{ for lessons.iter().map(row) }</ol> }
}
