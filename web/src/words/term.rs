//! A term of art: a button that opens its definition.

use yew::prelude::*;

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

/// What opens the definition of a term, by its key.
#[hook]
pub fn use_define() -> Callback<&'static str> {
    let store = use_store();
    Callback::from(move |key| store.act(Act::Define(Some(key))))
}

/// A term of art: a button that opens its definition. A term that has none is plain text.
#[component]
pub fn Term(props: &TermProps) -> Html {
    let store = use_store();
    let Some(found) = definition(&props.name) else { return props.children.clone() };
    let onclick = Callback::from(move |event: MouseEvent| {
        event.stop_propagation();
        store.act(Act::Define(Some(found.key)));
    });
    let text = if props.children == Html::default() {
        html! { found.word }
    } else {
        props.children.clone()
    };
    html! { <button type="button" class="term" {onclick} aria-haspopup="dialog">{ text }</button> }
}
