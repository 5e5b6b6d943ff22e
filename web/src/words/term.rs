//! A term of art: a button that opens its definition.

use yew::prelude::*;

use crate::links::Mode;
use crate::store::{Act, use_store};

use super::terms::definition;

/// What a [`Term`] is made of.
#[derive(Properties, PartialEq)]
pub struct TermProps {
    /// The term's key in the table.
    pub name: AttrValue,
    /// How it reads here; the table's own word when empty.
    #[prop_or_default]
    pub children: Html,
}

/// What opens the definition of a term, by its key; nothing where the page is only looked at.
#[hook]
pub fn use_define() -> Option<Callback<&'static str>> {
    let store = use_store();
    let looked_at = store.now().link.mode == Mode::View;
    (!looked_at).then(|| Callback::from(move |key| store.act(Act::Define(Some(key)))))
}

/// A term of art: a button that opens its definition. A term that has none is plain text.
#[component]
pub fn Term(props: &TermProps) -> Html {
    let define = use_define();
    let Some((found, define)) = definition(&props.name).zip(define) else { return props.children.clone() };
    let onclick = Callback::from(move |event: MouseEvent| {
        event.stop_propagation();
        define.emit(found.key);
    });
    let text = if props.children == Html::default() {
        html! { found.word }
    } else {
        props.children.clone()
    };
    html! { <button type="button" class="term" {onclick} aria-haspopup="dialog">{ text }</button> }
}
