//! The MSR lists of entries and exits (SDM 24.7.2, 26.4, 27.4, 27.6).

/// The size of one entry in bytes.
pub const ENTRY_BYTES: u64 = 16;

/// One entry of a list: MSR index in bits 31:0, data in bits 127:64.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MsrEntry {
    /// Bits 31:0.
    pub index: u32,
    /// Bits 63:32.
    pub reserved: u32,
    /// Bits 127:64.
    pub data: u64,
}

const IA32_FS_BASE: u32 = 0xc000_0100;
const IA32_GS_BASE: u32 = 0xc000_0101;
const IA32_SMM_MONITOR_CTL: u32 = 0x9b;
const IA32_SMBASE: u32 = 0x9e;
const IA32_BIOS_UPDT_TRIG: u32 = 0x79;

impl MsrEntry {
    /// From the two halves in memory.
    pub const fn from_words(low: u64, data: u64) -> MsrEntry {
        MsrEntry { index: low as u32, reserved: (low >> 32) as u32, data }
    }

    const fn is_x2apic(&self) -> bool {
        self.index >> 8 == 8
    }

    /// May a VM entry (26.4) or a VM exit (27.6) load it? The write itself may still fault, which fails too.
    pub const fn loadable(&self) -> bool {
        let forbidden =
            matches!(self.index, IA32_FS_BASE | IA32_GS_BASE | IA32_SMM_MONITOR_CTL | IA32_BIOS_UPDT_TRIG);
        !forbidden && !self.is_x2apic() && self.reserved == 0
    }

    /// May a VM exit store it (27.4)? The read itself may still fault, which fails too.
    pub const fn storable(&self) -> bool {
        self.index != IA32_SMBASE && !self.is_x2apic() && self.reserved == 0
    }
}

/// The address of entry `n` of a list.
pub const fn entry_address(list: u64, n: u32) -> u64 {
    list.wrapping_add(n as u64 * ENTRY_BYTES)
}

/// VMX-abort indicators that a list can cause on an exit (27.7).
pub mod abort {
    /// Saving guest MSRs failed.
    pub const SAVING_GUEST_MSRS: u32 = 1;
    /// Checking the host's PDPTEs failed.
    pub const HOST_PDPTE: u32 = 2;
    /// The current VMCS was corrupted.
    pub const VMCS_CORRUPTED: u32 = 3;
    /// Loading host MSRs failed.
    pub const LOADING_HOST_MSRS: u32 = 4;
    /// A machine-check event came during the exit.
    pub const MACHINE_CHECK: u32 = 5;
}
