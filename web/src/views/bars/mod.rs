//! One interrupt's life as bars: the bill, and the life bar from which one goes to a step.

mod bill;
mod draw;
mod layout;
mod life_bar;
mod names;
mod twin;

pub use bill::{Bill, Sum};
pub use layout::zero;
pub use life_bar::LifeBar;
