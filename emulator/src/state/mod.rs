//! What every device's state has in common: it can be hashed, and it can be looked into.

mod hash;
mod inspect;
mod size;
mod sorted;

pub use hash::StateHasher;
pub use inspect::Node;
pub use size::DataSize;
pub use sorted::SortedMap;
