//! The MSR lists of VM entries and VM exits (SDM 26.4, 27.4, 27.6).

use crate::cpu::Core;
use crate::vmx::Field;
use crate::vmx::fields::*;
use crate::vmx::msr_area::{MsrEntry, entry_address};

impl Core<'_> {
    /// Loads the VM-entry list; the number of the entry that failed, from 1 (SDM 26.4).
    pub(super) fn load_guest_msrs(&mut self) -> Result<(), u32> {
        self.load_msrs(VM_ENTRY_MSR_LOAD_ADDRESS, VM_ENTRY_MSR_LOAD_COUNT)
    }

    /// Loads the VM-exit list (SDM 27.6).
    pub(super) fn load_host_msrs(&mut self) -> Result<(), u32> {
        self.load_msrs(VM_EXIT_MSR_LOAD_ADDRESS, VM_EXIT_MSR_LOAD_COUNT)
    }

    /// Stores the VM-exit list (SDM 27.4).
    pub(super) fn store_guest_msrs(&mut self) -> Result<(), u32> {
        self.each_entry(VM_EXIT_MSR_STORE_ADDRESS, VM_EXIT_MSR_STORE_COUNT, |core, entry, at| {
            let Some(value) = entry.storable().then(|| core.read_msr_raw(entry.index).ok()).flatten() else {
                return false;
            };
            core.mem.write_bytes(at.wrapping_add(8), &value.to_le_bytes())
        })
    }

    fn load_msrs(&mut self, list: Field, count: Field) -> Result<(), u32> {
        self.each_entry(list, count, |core, entry, _| {
            entry.loadable() && core.write_msr_raw(entry.index, entry.data).is_ok()
        })
    }

    /// A list longer than the recommended maximum fails at the first entry beyond it (SDM A.6).
    fn each_entry(
        &mut self,
        list: Field,
        count: Field,
        mut take: impl FnMut(&mut Self, MsrEntry, u64) -> bool,
    ) -> Result<(), u32> {
        let list = self.cpu.vmx.vmcs.get(list);
        let count = self.cpu.vmx.vmcs.get32(count);
        let maximum = self.cpu.vmx.caps.msr_list_maximum();
        for n in 0..count {
            let at = entry_address(list, n);
            let low = self.mem.read_u64(at);
            let data = self.mem.read_u64(at.wrapping_add(8));
            let (Some(low), Some(data), true) = (low, data, n < maximum) else { return Err(n + 1) };
            if !take(self, MsrEntry::from_words(low, data), at) {
                return Err(n + 1);
            }
        }
        Ok(())
    }
}
