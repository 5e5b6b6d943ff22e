//! What the checks may look at.

use crate::vmx::caps::Capabilities;
use crate::vmx::controls::{entry, exit, primary};
use crate::vmx::ept;
use crate::vmx::events::{InterruptionInfo, InterruptionType};
use crate::vmx::fields::*;
use crate::vmx::segment::{self, AccessRights};
use crate::vmx::vmcs::Vmcs;

/// The VMCS, and the little that the checks need of the processor.
pub struct Context<'a> {
    /// The current VMCS.
    pub vmcs: &'a Vmcs,
    /// What the processor offers.
    pub caps: &'a Capabilities,
    /// MAXPHYADDR.
    pub maxphyaddr: u8,
    /// IA32_EFER.LMA now, in VMX root operation.
    pub host_lma: bool,
    /// The address of the current VMCS.
    pub current_vmcs: u64,
    /// The bits that IA32_EFER has on this processor.
    pub efer_bits: u64,
    /// The bits that IA32_DEBUGCTL has.
    pub debugctl_bits: u64,
    /// Eight bytes of physical memory at an address that is a multiple of 8; `None` where there is none.
    pub memory: &'a dyn Fn(u64) -> Option<u64>,
}

/// IA32_EFER.LME.
pub const EFER_LME: u64 = 1 << 8;
/// IA32_EFER.LMA.
pub const EFER_LMA: u64 = 1 << 10;
/// CR0.PE.
pub const CR0_PE: u64 = 1 << 0;
/// CR0.PG.
pub const CR0_PG: u64 = 1 << 31;
/// CR4.PAE.
pub const CR4_PAE: u64 = 1 << 5;
/// CR4.PCIDE.
pub const CR4_PCIDE: u64 = 1 << 17;
/// RFLAGS.TF.
pub const RFLAGS_TF: u64 = 1 << 8;
/// RFLAGS.IF.
pub const RFLAGS_IF: u64 = 1 << 9;
/// RFLAGS.VM.
pub const RFLAGS_VM: u64 = 1 << 17;

impl Context<'_> {
    /// A field's value.
    #[inline(always)]
    pub fn get(&self, field: Field) -> u64 {
        self.vmcs.get(field)
    }

    /// A pin-based control is 1.
    #[inline(always)]
    pub fn pin(&self, bit: u32) -> bool {
        self.vmcs.get32(PIN_BASED_CONTROLS) & bit != 0
    }

    /// A primary control is 1.
    #[inline(always)]
    pub fn primary(&self, bit: u32) -> bool {
        self.vmcs.get32(PRIMARY_PROCESSOR_BASED_CONTROLS) & bit != 0
    }

    /// A secondary control is 1; all are 0 unless activated.
    #[inline(always)]
    pub fn secondary(&self, bit: u32) -> bool {
        self.primary(primary::ACTIVATE_SECONDARY_CONTROLS)
            && self.vmcs.get32(SECONDARY_PROCESSOR_BASED_CONTROLS) & bit != 0
    }

    /// A VM-exit control is 1.
    #[inline(always)]
    pub fn exit(&self, bit: u32) -> bool {
        self.vmcs.get32(VM_EXIT_CONTROLS) & bit != 0
    }

    /// A VM-entry control is 1.
    #[inline(always)]
    pub fn entry(&self, bit: u32) -> bool {
        self.vmcs.get32(VM_ENTRY_CONTROLS) & bit != 0
    }

    /// The host will run in IA-32e mode.
    pub fn host_64(&self) -> bool {
        self.exit(exit::HOST_ADDRESS_SPACE_SIZE)
    }

    /// The guest will run in IA-32e mode.
    #[inline(always)]
    pub fn guest_ia32e(&self) -> bool {
        self.entry(entry::IA32E_MODE_GUEST)
    }

    /// The guest will run in virtual-8086 mode.
    #[inline(always)]
    pub fn guest_v8086(&self) -> bool {
        self.get(GUEST_RFLAGS) & RFLAGS_VM != 0
    }

    /// The event to inject.
    #[inline(always)]
    pub fn injection(&self) -> InterruptionInfo {
        InterruptionInfo(self.vmcs.get32(VM_ENTRY_INTERRUPTION_INFO))
    }

    /// An event of this kind is to be injected.
    pub fn injects(&self, kind: InterruptionType) -> bool {
        self.injection().is(kind)
    }

    /// A guest segment's access rights.
    #[inline(always)]
    pub fn rights(&self, segment: u8) -> AccessRights {
        AccessRights(self.vmcs.get32(segment::access_rights(segment)))
    }

    /// No bit beyond the physical-address width.
    #[inline(always)]
    pub fn within_width(&self, address: u64) -> bool {
        address & ept::beyond(self.maxphyaddr) == 0
    }

    /// A physical address of a 4-KByte page.
    #[inline(always)]
    pub fn page_valid(&self, field: Field) -> bool {
        let address = self.get(field);
        address & 0xfff == 0 && self.within_width(address)
    }

    /// The low or high half of eight bytes of memory, by the address's bit 2.
    pub fn memory32(&self, address: u64) -> Option<u32> {
        let word = (self.memory)(address & !7)?;
        Some((word >> (8 * (address & 4))) as u32)
    }
}

/// Each byte of a PAT is a memory type: 0, 1, 4, 5, 6 or 7.
pub fn pat_valid(pat: u64) -> bool {
    pat.to_le_bytes().iter().all(|t| matches!(t, 0 | 1 | 4..=7))
}
