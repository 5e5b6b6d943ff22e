//! The bill for one interrupt, and its life on one clock.

use yew::prelude::*;

use crate::links::Level;
use crate::store::Lab;
use crate::views::{Bill, LifeBar, ViewProps};
use crate::words::words;

use super::card::card;

/// In the story the bill; deeper, the lives.
pub fn bill(lab: &Lab, view: &ViewProps) -> Html {
    if lab.level() == Level::Story {
        return card(words().bill, "bill", Html::default(), html! { <Bill ..view.clone() /> });
    }
    card(words().life, "bill", Html::default(), html! { <LifeBar ..view.clone() /> })
}
