//! The Lab: the page in which one watches interrupts, exits and EOIs happen.

use yew::prelude::*;

#[component]
fn App() -> Html {
    html! { <h1>{ "Exitless" }</h1> }
}

fn main() {
    yew::Renderer::<App>::new().render();
}
