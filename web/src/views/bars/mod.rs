//! One interrupt's life as bars: the bill, and the life bar from which one goes to a step.

mod bill;
mod draw;
mod layout;
mod life_bar;
mod names;
mod twin;

pub use bill::Sum;
pub use layout::zero;

use yew::prelude::*;

use super::measure::use_width;
use super::{Level, ViewProps};

/// One interrupt on each side: in the story its bill, deeper its life.
#[component]
pub fn Lives(props: &ViewProps) -> Html {
    let (node, width) = use_width(1000.0);
    if props.level == Level::Story {
        bill::bill(props, node, width)
    } else {
        life_bar::life_bar(props, node, width)
    }
}
