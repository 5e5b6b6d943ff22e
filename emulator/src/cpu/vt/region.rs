//! The VMCS region in memory (SDM 24.2): revision identifier, abort indicator, then this processor's
//! own format: launch state, then every field as a quadword.

use super::NO_VMCS;
use crate::cpu::Core;
use crate::vmx::fields::COUNT;
use crate::vmx::{Field, LaunchState, Vmcs};

/// VMX-abort indicator, 32 bits.
const ABORT: u64 = 4;
/// Launch state, a quadword: 1 for launched.
const LAUNCH_STATE: u64 = 8;
/// The fields, a quadword each.
const FIELDS: u64 = 16;
/// A region's size, as IA32_VMX_BASIC reports it.
const REGION: usize = 4096;

const _: () = assert!(FIELDS as usize + 8 * COUNT <= REGION);

impl Core<'_> {
    /// Writes the current VMCS back to its region; after that there is no current VMCS.
    pub(super) fn put_back_vmcs(&mut self) {
        let pointer = self.cpu.vmx.pointer;
        if pointer == NO_VMCS {
            return;
        }
        let vmcs = &self.cpu.vmx.vmcs;
        let launched = vmcs.launch_state == LaunchState::Launched;
        let mut data = Vec::with_capacity(REGION);
        data.extend_from_slice(&u64::from(launched).to_le_bytes());
        for field in Field::all() {
            data.extend_from_slice(&vmcs.get(field).to_le_bytes());
        }
        self.write_region(pointer.wrapping_add(LAUNCH_STATE), &data);
        self.cpu.vmx.pointer = NO_VMCS;
    }

    /// Makes the VMCS at `pointer` current. The caller has checked its revision identifier.
    pub(super) fn fetch_vmcs(&mut self, pointer: u64) {
        let mut vmcs = Vmcs::new(self.cpu.vmx.caps.revision());
        let word = |offset: u64| self.mem.read_u64(pointer.wrapping_add(offset)).unwrap_or(0);
        if word(LAUNCH_STATE) == 1 {
            vmcs.launch_state = LaunchState::Launched;
        }
        for field in Field::all() {
            vmcs.set(field, word(FIELDS + 8 * u64::from(field.slot())));
        }
        self.cpu.vmx.vmcs = vmcs;
        self.cpu.vmx.pointer = pointer;
    }

    /// Makes the VMCS at `pointer`, which is not current, clear.
    pub(super) fn clear_region(&mut self, pointer: u64) {
        self.write_region(pointer.wrapping_add(LAUNCH_STATE), &[0; 8]);
    }

    /// Leaves a VMX-abort indicator in the current VMCS's region (SDM 27.7).
    pub(super) fn write_abort(&mut self, indicator: u32) {
        let pointer = self.cpu.vmx.pointer;
        self.write_region(pointer.wrapping_add(ABORT), &indicator.to_le_bytes());
    }

    fn write_region(&mut self, address: u64, data: &[u8]) {
        self.mem.write_bytes(address, data);
        if self.mem.pages.pending() {
            self.hot.leave = 1;
        }
    }
}
