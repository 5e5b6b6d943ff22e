//! MMX, SSE and AVX.
//!
//! An operation is a function of 128-bit lanes ([`packed::Packed`]); who calls it decides where the
//! lanes come from: MMX registers, the legacy encoding (memory operands aligned, upper lanes kept) or
//! VEX (unaligned, three operands, upper lanes cleared).

pub mod access;
pub mod aes;
pub mod compare;
pub mod convert;
pub mod enable;
pub mod float;
pub mod fma;
pub mod integer;
pub mod lanes;
pub mod mmx;
pub mod moves;
pub mod packed;
pub mod sha;
pub mod shuffle;
pub mod sse4;
pub mod text;
pub mod wide;
