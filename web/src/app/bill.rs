//! The bill for one interrupt, and its life on one clock.

use yew::prelude::*;

use crate::links::Level;
use crate::store::Lab;
use crate::views::{Lives, ViewProps};
use crate::words::words;

use super::card::card;

/// In the story the bill; deeper, the lives.
pub fn bill(lab: &Lab, view: &ViewProps) -> Html {
    let title = if lab.level() == Level::Story { words().bill } else { words().life };
    card(title, "bill", Html::default(), html! { <Lives ..view.clone() /> })
}
