//! A full-system x86-64 machine that can be watched.
//!
//! One library: no wall clock, no thread, no I/O, no globals. Time is virtual, state is plain data,
//! and the same build, images, configuration and seed give the same trace, event for event,
//! natively and in WebAssembly.
//!
//! The rooms, in the order in which they build on each other:
//!
//! | room | holds |
//! |---|---|
//! | [`state`], [`time`], [`trace`] | what every device's state has in common; the clock and the cost model; records, lives, counters |
//! | [`memory`] | the arena: guest RAM and what a translator would touch |
//! | [`apic`], [`iommu`], [`pci`], [`nic`], [`wire`], [`peer`], [`platform`] | the devices; each returns actions or calls a small client trait |
//! | [`vmx`] | VMCS fields, VM-entry checks, capabilities |
//! | [`cpu`] | decode, execution, MMU, exceptions, VM entry and exit |
//! | [`boot`] | loaders |
//! | [`machine`] | all of it, joined: `new`, `run`, `snapshot`, `restore`, `inspect` |
//!
//! Deliberately absent: any knowledge of the software that runs on the machine. A hypervisor's
//! tricks work here because the machine is right, or not at all.

#[cfg(all(feature = "vectors", feature = "no-vex"))]
compile_error!("the features `vectors` and `no-vex` exclude each other");

pub mod apic;
pub mod boot;
pub mod cpu;
pub mod iommu;
pub mod machine;
pub mod memory;
pub mod nic;
pub mod pci;
pub mod peer;
pub mod platform;
pub mod state;
pub mod time;
pub mod trace;
pub mod vmx;
pub mod wire;
