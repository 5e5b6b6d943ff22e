//! The VMX instructions. CF or ZF after one of them means failure (SDM 3C 30.2).

use super::spec::{ept, field};
use core::arch::asm;

macro_rules! region_instruction {
    ($name:ident, $text:literal, $error:literal) => {
        #[doc = concat!($text, ".")]
        ///
        /// # Safety
        /// The region must be a page of its own that the processor may use for ever.
        pub unsafe fn $name(region: u64) -> Result<(), &'static str> {
            let failed: u8;
            // SAFETY: the caller vouches for the region.
            unsafe { asm!(concat!($text, " [{}]"), "setna {}", in(reg) &region, out(reg_byte) failed, options(nostack)) };
            if failed == 0 { Ok(()) } else { Err($error) }
        }
    };
}

region_instruction!(vmxon, "vmxon", "VMXON failed");
region_instruction!(vmclear, "vmclear", "VMCLEAR failed");
region_instruction!(vmptrld, "vmptrld", "VMPTRLD failed");

/// VMREAD of a field that exists.
#[inline(always)]
pub fn vmread(field: u64) -> u64 {
    let value;
    // SAFETY: reading a field has no effect; a VMCS is current from `start` on.
    unsafe { asm!("vmread {}, {}", out(reg) value, in(reg) field, options(nomem, nostack)) };
    value
}

/// VMWRITE of a field that exists.
#[inline(always)]
pub fn vmwrite(field: u64, value: u64) {
    // SAFETY: a field takes effect at the next entry, whose checks and whose host state guard the host.
    unsafe { asm!("vmwrite {}, {}", in(reg) field, in(reg) value, options(nostack)) };
}

/// INVEPT, all contexts: forgets every translation that depends on EPT.
pub fn invept_all() {
    let descriptor = [0u64; 2];
    // SAFETY: dropping cached translations is always sound; `start` has checked that the type exists.
    unsafe { asm!("invept {}, [{}]", in(reg) ept::INVEPT_ALL, in(reg) &descriptor, options(nostack)) };
}

/// The error number of the last failed instruction. SDM 3C 30.4.
pub fn instruction_error() -> u64 {
    vmread(field::INSTRUCTION_ERROR)
}
