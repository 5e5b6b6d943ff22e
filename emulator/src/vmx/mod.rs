//! What VT-x knows: VMCS fields, capabilities, VM-entry checks, EPT, bitmaps, qualifications.
//!
//! Everything here is a table or a pure function of its arguments. The engine that moves state
//! between the processor and a VMCS is in `cpu`; it asks this room. Section numbers are those of
//! the SDM, volume 3C, with chapter 24 for the VMCS, 26 for entries, 27 for exits, 28 for EPT.
//!
//! Deliberately absent: SMM and the dual-monitor treatment, VM functions, VMCS shadowing, PML and
//! sub-page permissions. Their bits have names and their fields are in the table, the capability
//! MSRs do not offer them, and so the reserved-bit checks refuse them.

pub mod bitmaps;
mod caps;
pub mod checks;
pub mod controls;
pub mod ept;
mod errors;
mod events;
mod exit_reason;
pub mod fields;
pub mod instruction_info;
pub mod invalidate;
pub mod msr_area;
mod presence;
pub mod qualification;
pub mod segment;
mod spec;
#[cfg(test)]
mod tests;
mod vmcs;

pub use caps::{Allowed, Capabilities, Options};
pub use errors::VmInstructionError;
pub use events::{InterruptionInfo, InterruptionType};
pub use exit_reason::ExitReason;
pub use fields::{Field, FieldInfo, Half, Kind, Width};
pub use vmcs::{LaunchState, Vmcs};
