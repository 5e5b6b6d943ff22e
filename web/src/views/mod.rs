//! What the page shows of the machines: views of one frame and one selection.
//!
//! Each view takes [`ViewProps`] and draws what the frame holds; it is a component where it keeps something of its
//! own (a width, a page that was turned), never anything of a run. Layout, geometry and wording are plain functions beside the components, tested
//! natively. Whatever is drawn has a twin in text.

mod bars;
mod code;
mod console;
mod follow;
mod format;
mod fraction;
mod geometry;
mod inspector;
mod kinds;
mod log;
mod marks;
mod measure;
mod plots;
mod props;
mod scene;
mod text;
mod theme;
mod ticks;
mod timeline;
mod why;
mod words;

pub use bars::{Bill, LifeBar};
pub use code::code;
pub use console::console;
pub use follow::Follow;
pub use inspector::Inspector;
pub use log::Log;
pub use plots::Plots;
pub use props::{Level, ViewProps};
pub use scene::Scene;
pub use timeline::Timeline;
pub use why::why;
