//! The bill for one interrupt, and its life on one clock.

use yew::prelude::*;

use crate::links::Level;
use crate::store::Lab;
use crate::views::{Bill, LifeBar, ViewProps};
use crate::words::{fill, words};

use super::card::Card;

/// In the story the bill; deeper, the lives.
pub fn bill(lab: &Lab, view: &ViewProps) -> Html {
    if lab.level() == Level::Story {
        return html! {
            <Card title={words().bill} place="bill"><Bill ..view.clone() /></Card>
        };
    }
    html! {
        <Card title={words().life} place="bill" beside={which(lab)}><LifeBar ..view.clone() /></Card>
    }
}

/// Which interrupt it is.
fn which(lab: &Lab) -> Html {
    let Some(life) = lab.focused().and_then(|side| side.life.as_ref()) else { return Html::default() };
    let vector = format!("{:#04x}", life.vector);
    let text = fill(words().life_of, &[("n", &life.number.to_string()), ("vector", &vector)]);
    html! { <p class="muted">{ text }</p> }
}
