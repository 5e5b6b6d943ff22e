//! A card: a titled part of the page.

use yew::prelude::*;

/// What a [`Card`] is made of.
#[derive(PartialEq, Properties)]
pub struct CardProps {
    /// Its title.
    pub title: AttrValue,
    /// Its place in the layout.
    pub place: &'static str,
    /// What stands beside the title.
    #[prop_or_default]
    pub beside: Html,
    /// What is in it.
    pub children: Html,
}

/// A titled part of the page: a landmark with a heading.
#[component]
pub fn Card(props: &CardProps) -> Html {
    let id = format!("card-{}", props.place);
    html! {
        <section class={classes!("card", format!("p-{}", props.place))} aria-labelledby={id.clone()}>
            <div class="card-head">
                <h2 {id}>{ &props.title }</h2>
                { props.beside.clone() }
            </div>
            { props.children.clone() }
        </section>
    }
}
