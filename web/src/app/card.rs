//! A card: a titled part of the page.

use yew::prelude::*;

/// A titled part of the page, a landmark with a heading; `place` is its name in the layout, `beside`
/// stands beside its title.
pub fn card(title: &str, place: &str, beside: Html, body: Html) -> Html {
    let id = format!("card-{place}");
    html! {
        <section key={id.clone()} class={classes!("card", format!("p-{place}"))} aria-labelledby={id.clone()}>
            <div class="card-head">
                <h2 {id}>{ title.to_string() }</h2>
                { beside }
            </div>
            { body }
        </section>
    }
}
