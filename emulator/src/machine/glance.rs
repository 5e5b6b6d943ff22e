//! What a picture of a processor needs, without the whole tree of [`Machine::inspect`].

use super::Machine;
use crate::cpu::Activity;

/// A processor at a glance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Glance {
    /// In VMX operation.
    pub vmx: bool,
    /// In VMX non-root operation.
    pub non_root: bool,
    /// Not executing: halted, shut down, or waiting for a start-up IPI.
    pub halted: bool,
    /// Pending vectors (IRR), highest first.
    pub irr: Vec<u8>,
    /// Vectors in service (ISR), highest first.
    pub isr: Vec<u8>,
}

impl Machine {
    /// A processor at a glance; nothing of a processor that there is not.
    pub fn glance(&self, cpu: u8) -> Glance {
        let i = usize::from(cpu);
        let (Some(cpu), Some(apic)) = (self.cpus.get(i), self.board.apics.get(i)) else {
            return Glance::default();
        };
        Glance {
            vmx: cpu.vmx.on,
            non_root: cpu.vmx.non_root,
            halted: cpu.activity != Activity::Active,
            irr: apic.pending_vectors(),
            isr: apic.vectors_in_service(),
        }
    }
}
