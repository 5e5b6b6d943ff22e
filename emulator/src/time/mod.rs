//! Virtual time: integer picoseconds, computed from cycles and never accumulated.

mod clock;
mod cost;
mod preset;
mod presets;

pub use clock::{Clock, Time};
pub use cost::CostModel;
pub use preset::{Constant, Kind as ConstantKind, Preset};
