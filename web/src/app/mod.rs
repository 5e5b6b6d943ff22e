//! The page's chrome: header, controls, panels, dialogs, keys. The pictures are the views'.

mod bill;
mod card;
mod controls;
mod dialogs;
pub mod drop;
mod effects;
mod header;
mod hero;
mod keys;
mod knobs;
mod moment;
mod notices;
mod panels;
mod root;
mod scrub;
mod sides;
mod speed;
mod still;
mod until;

pub use moment::link_of_now;
pub use root::mount;
