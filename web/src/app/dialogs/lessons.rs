//! Lessons: which there are.

use yew::prelude::*;

use crate::host::LessonOffer;
use crate::links::Link;
use crate::store::Act;
use crate::words::{fill, words};

use super::super::root::Known;

/// Lessons.
pub fn lessons(props: &Known) -> Html {
    let lessons = &props.lab.site.lessons;
    if lessons.is_empty() {
        return html! { <p class="muted">{ words().no_lessons }</p> };
    }
    let row = |lesson: &LessonOffer| {
        let now = &props.lab.link;
        let link =
            Link { name: lesson.name.clone(), theme: now.theme, lang: now.lang.clone(), ..Link::default() };
        let store = props.store.clone();
        let onclick = move |_: MouseEvent| store.act(Act::Dialog(None));
        let minutes = fill(words().lesson_minutes, &[("minutes", &lesson.minutes.to_string())]);
        let short = if lesson.short { words().short_path } else { "" };
        html! {
            <li><a href={link.fragment()} {onclick}>{ &lesson.title }</a>{ " " }
                <span class="muted">{ minutes }{ short }</span></li>
        }
    };
    html! { <ol class="lessons">{ for lessons.iter().map(row) }</ol> }
}
