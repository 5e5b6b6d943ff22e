//! One file for each preset, a table each.

pub mod nehalem_ep;
