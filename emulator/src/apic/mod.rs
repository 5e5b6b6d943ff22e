//! The interrupt controllers: the local APIC (xAPIC and x2APIC), the I/O APIC, and the format of
//! the messages between them.
//!
//! Nothing here reaches out. A register write returns what it asks the machine to do ([`Action`]),
//! an input line returns the message that it sends ([`msi::Message`]), and the timer says when it next
//! wants to be looked at ([`LocalApic::next_event`]).
//!
//! IRR and ISR hold an interrupt's [`LifeId`](crate::trace::LifeId) beside each bit, so that what was
//! accepted, acknowledged and ended is always one known interrupt.

mod icr;
mod inspect;
mod ioapic;
mod lint;
mod local;
pub mod msi;
mod priority;
mod registers;
pub mod spec;
mod timer;
mod vectors;

#[cfg(test)]
mod tests;

pub use icr::{DeliveryMode, Icr, Shorthand};
pub use ioapic::IoApic;
pub use local::{Action, Fault, LocalApic, Mode};
pub use priority::{Accepted, DropReason, LocalInterrupt, Trigger};
pub use timer::{Timer, TimerMode};
pub use vectors::Vectors;
