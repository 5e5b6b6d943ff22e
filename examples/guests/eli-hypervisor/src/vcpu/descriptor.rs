//! The guest's IDT: noticing a new one, and changes to the one in use.
//!
//! LGDT, LIDT, LTR and their kin exit, and so does a write to the page that the shadow stands in for, or to a page
//! table that leads to it. None is
//! emulated: the guest runs that one instruction in injection mode, in its own view of memory, with the monitor
//! trap flag; then the host looks what has become of the IDT.

use super::mode::IDT_LIMIT;
use super::{Exit, Stop, Vcpu};
use crate::guest::{self, Gates};
use crate::vmx::spec::field::*;
use crate::vmx::vmread;

/// Exit reasons 46 and 47.
pub fn step(vcpu: &mut Vcpu, _: &Exit) -> Result<(), Stop> {
    vcpu.step = true;
    Ok(())
}

/// Exit reason 37: the instruction is done.
pub fn stepped(vcpu: &mut Vcpu, _: &Exit) -> Result<(), Stop> {
    vcpu.step = false;
    vcpu.find_idt();
    Ok(())
}

impl Vcpu {
    /// Finds the page of the guest's IDT, if it has one for itself, and makes the shadow stand in for it in the
    /// direct view, with copies of the page tables that lead there (`mapping`). Without such a page there is no
    /// direct mode.
    pub(super) fn find_idt(&mut self) {
        let (base, limit) = (vmread(GUEST_IDTR_BASE), vmread(GUEST_IDTR_LIMIT));
        let whole_page = limit == IDT_LIMIT && base.is_multiple_of(size_of::<Gates>() as u64);
        let path = whole_page.then(|| guest::path(&self.memory, vmread(GUEST_CR3), base)).flatten();
        let backings = path.and_then(|path| self.backings(&path));
        self.idt = path.filter(|_| backings.is_some()).map(|path| path.address);
        self.ept.set_direct(backings.unwrap_or_default());
        self.rebuild_shadow();
    }

    /// Brings the shadow into line with the guest's IDT and with what is assigned.
    pub(super) fn rebuild_shadow(&mut self) {
        if let Some(gates) = self.idt.and_then(|idt| self.memory.gates(idt)) {
            self.shadow
                .rebuild(&gates, self.options.classroom.slot(), |vector| self.device.guest_vector(vector));
        }
    }
}
