//! The computations of the workloads. Each reads or writes request data, and the peer checks its result.

pub mod crc32;
pub mod hash;
pub mod prng;
pub mod sha256;
pub mod sum32;
pub mod text;
