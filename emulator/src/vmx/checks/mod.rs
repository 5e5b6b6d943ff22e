//! The checks of VM entry (SDM 26.2 and 26.3), each a named predicate, one file for each group of the manual.
//!
//! The order is the manual's and fixed, so the first failure has one name. Absent: what belongs to SMM
//! and to controls that no model offers, since the reserved-bit checks come first and refuse those bits.

mod context;
mod controls;
mod descriptor_tables;
mod guest_registers;
mod host;
mod non_register;
mod pdptes;
mod rip_rflags;
#[cfg(test)]
pub(crate) mod sample;
mod segments;
#[cfg(test)]
mod tests;

pub use context::{Context, pat_valid};

use super::errors::VmInstructionError;
use super::exit_reason::ExitReason;

/// One check: true is a pass.
pub struct Check {
    /// What must hold.
    pub name: &'static str,
    /// Where the SDM says so.
    pub section: &'static str,
    /// Whether it holds.
    pub ok: fn(&Context) -> bool,
}

const fn check(section: &'static str, name: &'static str, ok: fn(&Context) -> bool) -> Check {
    if cfg!(feature = "names") { Check { name, section, ok } } else { Check { name: "", section: "", ok } }
}

/// Checks that fail in the same way, in order.
pub struct Group {
    /// What they are about.
    pub title: &'static str,
    /// How the entry fails.
    pub failure: Failure,
    /// The checks, in order.
    pub checks: &'static [Check],
}

/// How a VM entry fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Failure {
    /// VMfailValid: the instruction after VMLAUNCH or VMRESUME runs.
    VmFailValid(VmInstructionError),
    /// A VM exit with bit 31 of the exit reason set (26.8).
    EntryFailure {
        /// The basic exit reason.
        reason: ExitReason,
        /// The exit qualification.
        qualification: u64,
    },
}

/// The check that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Failed {
    /// Its name.
    pub name: &'static str,
    /// Its section in the SDM.
    pub section: &'static str,
    /// Its place among all the checks of its phase.
    pub index: u16,
    /// How the entry fails.
    pub failure: Failure,
}

const CONTROL: Failure = Failure::VmFailValid(VmInstructionError::ENTRY_INVALID_CONTROL_FIELDS);
const HOST: Failure = Failure::VmFailValid(VmInstructionError::ENTRY_INVALID_HOST_STATE);

/// Invalid guest state; the qualification tells the PDPTEs (2), NMI injection (3) and link pointer (4) apart.
const fn guest_state(qualification: u64) -> Failure {
    Failure::EntryFailure { reason: ExitReason::INVALID_GUEST_STATE, qualification }
}

/// 26.2: controls, then host state.
pub static CONTROLS_AND_HOST: &[Group] = &[
    Group { title: "VM-execution control fields", failure: CONTROL, checks: controls::EXECUTION },
    Group { title: "VM-exit control fields", failure: CONTROL, checks: controls::EXIT },
    Group { title: "VM-entry control fields", failure: CONTROL, checks: controls::ENTRY },
    Group { title: "host control registers and MSRs", failure: HOST, checks: host::REGISTERS },
    Group { title: "host segments and descriptor tables", failure: HOST, checks: host::SEGMENTS },
    Group { title: "address-space size", failure: HOST, checks: host::ADDRESS_SPACE_SIZE },
];

/// 26.3.1: the guest-state area.
pub static GUEST: &[Group] = &[
    Group {
        title: "guest control registers, debug registers and MSRs",
        failure: guest_state(0),
        checks: guest_registers::CHECKS,
    },
    Group { title: "guest segment registers", failure: guest_state(0), checks: segments::CHECKS },
    Group { title: "guest descriptor tables", failure: guest_state(0), checks: descriptor_tables::CHECKS },
    Group { title: "guest RIP and RFLAGS", failure: guest_state(0), checks: rip_rflags::CHECKS },
    Group { title: "guest non-register state", failure: guest_state(0), checks: non_register::CHECKS },
    Group {
        title: "NMI injection and blocking by STI",
        failure: guest_state(3),
        checks: non_register::NMI_INJECTION,
    },
    Group { title: "VMCS link pointer", failure: guest_state(4), checks: non_register::LINK_POINTER },
    Group { title: "guest PDPTEs", failure: guest_state(2), checks: pdptes::CHECKS },
];

/// The checks before anything is loaded: error 7 or 8.
pub fn controls_and_host(context: &Context) -> Result<(), Failed> {
    first_failure(CONTROLS_AND_HOST, context)
}

/// The checks of the guest-state area: exit reason 33.
pub fn guest(context: &Context) -> Result<(), Failed> {
    first_failure(GUEST, context)
}

/// The check that a failed entry's record is about, by its reason (error 7 or 8, or exit reason 33 with bit 31) and
/// the check's place; none where no check decided, and in a build without their names.
pub fn named(reason: u64, index: u64) -> Option<&'static Check> {
    const GUEST_STATE: u64 = ExitReason::INVALID_GUEST_STATE.entry_failure() as u64;
    let groups = match reason {
        7 | 8 => CONTROLS_AND_HOST,
        GUEST_STATE => GUEST,
        _ => return None,
    };
    let check = groups.iter().flat_map(|group| group.checks).nth(usize::try_from(index).ok()?);
    check.filter(|check| !check.name.is_empty())
}

fn first_failure(groups: &'static [Group], context: &Context) -> Result<(), Failed> {
    let mut index = 0;
    for group in groups {
        for check in group.checks {
            if !(check.ok)(context) {
                let Check { name, section, .. } = *check;
                return Err(Failed { name, section, index, failure: group.failure });
            }
            index += 1;
        }
    }
    Ok(())
}
