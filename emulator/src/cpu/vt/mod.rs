//! VT-x: the VMX instructions, VM entry and VM exit (SDM 3C 23 to 30).
//!
//! The current VMCS is cached in the processor; its region in memory is written when another one
//! becomes current, so that what software sees there is plain memory.

mod controls;
mod entry;
mod exit;
mod guest_state;
mod host_state;
pub mod instructions;
mod msr_lists;
mod region;
#[cfg(test)]
mod tests;

/// The current-VMCS pointer when there is no current VMCS (SDM 24.1).
const NO_VMCS: u64 = u64::MAX;

/// IA32_DEBUGCTL's bits on this processor: LBR and BTF.
const DEBUGCTL_BITS: u64 = 3;

/// CR0 bits that VM entries and VM exits load; they leave ET, NW, CD and the reserved ones alone
/// (SDM 26.3.2.1, 27.5.1).
const CR0_LOADED: u64 = {
    use super::arch::cr0::*;
    PE | MP | EM | TS | NE | WP | AM | PG
};
