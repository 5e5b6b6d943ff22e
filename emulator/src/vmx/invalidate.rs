//! The operands of INVEPT and INVVPID (SDM 30.3).

use super::ept::{self, Rules};
use super::errors::VmInstructionError;

/// What INVEPT invalidates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Invept {
    /// Mappings of one EPTP (type 1).
    SingleContext {
        /// The EPTP of the descriptor.
        eptp: u64,
    },
    /// Mappings of all EPTPs (type 2).
    AllContexts,
}

/// What INVVPID invalidates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Invvpid {
    /// One linear address of one VPID (type 0).
    IndividualAddress {
        /// The VPID.
        vpid: u16,
        /// The linear address.
        address: u64,
    },
    /// One VPID (type 1).
    SingleContext {
        /// The VPID.
        vpid: u16,
    },
    /// All VPIDs but 0000 (type 2).
    AllContexts,
    /// One VPID, its global translations excepted (type 3).
    SingleContextRetainingGlobals {
        /// The VPID.
        vpid: u16,
    },
}

const INVALID: VmInstructionError = VmInstructionError::INVALID_OPERAND_TO_INVEPT_INVVPID;

/// Whether INVEPT has this type: looked at before the descriptor is read (SDM 30.3).
pub fn has_invept(rules: &Rules, kind: u64) -> bool {
    matches!(kind, 1 | 2) && rules.capability >> (24 + kind) & 1 != 0
}

/// Whether INVVPID has this type.
pub fn has_invvpid(rules: &Rules, kind: u64) -> bool {
    kind < 4 && rules.capability >> (40 + kind) & 1 != 0
}

/// Decodes INVEPT's type register and 128-bit descriptor.
pub fn invept(rules: &Rules, kind: u64, descriptor: [u64; 2]) -> Result<Invept, VmInstructionError> {
    let [eptp, _] = descriptor;
    match kind {
        _ if !has_invept(rules, kind) => Err(INVALID),
        1 if ept::eptp_valid(rules, eptp) => Ok(Invept::SingleContext { eptp }),
        2 => Ok(Invept::AllContexts),
        _ => Err(INVALID),
    }
}

/// Decodes INVVPID's type register and 128-bit descriptor: VPID in bits 15:0, linear address in 127:64.
pub fn invvpid(rules: &Rules, kind: u64, descriptor: [u64; 2]) -> Result<Invvpid, VmInstructionError> {
    let [low, address] = descriptor;
    let vpid = low as u16;
    if !has_invvpid(rules, kind) || low >> 16 != 0 || (kind != 2 && vpid == 0) {
        return Err(INVALID);
    }
    match kind {
        0 if canonical(address) => Ok(Invvpid::IndividualAddress { vpid, address }),
        1 => Ok(Invvpid::SingleContext { vpid }),
        2 => Ok(Invvpid::AllContexts),
        3 => Ok(Invvpid::SingleContextRetainingGlobals { vpid }),
        _ => Err(INVALID),
    }
}

/// Bits 63:47 of a linear address are the same.
#[inline]
pub const fn canonical(address: u64) -> bool {
    (address as i64) << 16 >> 16 == address as i64
}
