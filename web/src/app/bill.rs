//! The bill for one interrupt, and its life on one clock.

use yew::prelude::*;

use crate::links::Level;
use crate::store::Lab;
use crate::views::{Bill, LifeBar, ViewProps};
use crate::words::{fill, words};

use super::card::card;

/// In the story the bill; deeper, the lives.
pub fn bill(lab: &Lab, view: &ViewProps) -> Html {
    if lab.level() == Level::Story {
        return card(words().bill, "bill", Html::default(), html! { <Bill ..view.clone() /> });
    }
    card(words().life, "bill", which(lab), html! { <LifeBar ..view.clone() /> })
}

/// Which interrupt it is.
fn which(lab: &Lab) -> Html {
    let Some(life) = lab.focused().and_then(|side| side.life.as_ref()) else { return Html::default() };
    let vector = format!("{:#04x}", life.vector);
    let text = fill(words().life_of, &[("n", &life.number.to_string()), ("vector", &vector)]);
    html! { <p class="muted">{ text }</p> }
}
