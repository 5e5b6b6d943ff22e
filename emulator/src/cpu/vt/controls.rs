//! What the controls say of an instruction in VMX non-root operation (SDM 25.1 to 25.3).

use crate::cpu::{Core, Op, Trap};
use crate::vmx::bitmaps::{self, IoBitmap};
use crate::vmx::controls::primary;
use crate::vmx::fields::*;
use crate::vmx::{ExitReason, Field};

const CR3_TARGETS: [Field; 4] =
    [CR3_TARGET_VALUE_0, CR3_TARGET_VALUE_1, CR3_TARGET_VALUE_2, CR3_TARGET_VALUE_3];

const PAGE_FAULT: u8 = 14;

impl Core<'_> {
    /// In VMX non-root operation.
    #[inline]
    pub fn non_root(&self) -> bool {
        self.cpu.vmx.non_root
    }

    /// A pin-based control is 1, in non-root operation.
    #[inline]
    pub fn pin(&self, bit: u32) -> bool {
        self.cpu.vmx.pin & bit != 0
    }

    /// A primary processor-based control is 1, in non-root operation.
    #[inline]
    pub fn primary(&self, bit: u32) -> bool {
        self.cpu.vmx.primary & bit != 0
    }

    /// A secondary processor-based control is 1 and activated, in non-root operation.
    #[inline]
    pub fn secondary(&self, bit: u32) -> bool {
        self.cpu.vmx.secondary & bit != 0
    }

    /// A field of the current VMCS.
    #[inline]
    fn field(&self, field: Field) -> u64 {
        self.cpu.vmx.vmcs.get(field)
    }

    /// The trap that makes an instruction exit; its length and operands go to the exit record.
    #[cold]
    pub fn exit_for_instruction(
        &mut self,
        reason: ExitReason,
        op: &Op,
        qualification: u64,
        instruction: u32,
    ) -> Trap {
        let exit = &mut self.cpu.vmx.exit;
        exit.qualification = qualification;
        exit.instruction = instruction;
        exit.length = op.len;
        Trap::Exit(reason)
    }

    /// What VMX adds to the time-stamp counter that RDTSC and RDTSCP return (SDM 25.3).
    pub fn guest_tsc_offset(&self) -> u64 {
        if self.primary(primary::USE_TSC_OFFSETTING) { self.field(TSC_OFFSET) } else { 0 }
    }

    /// RDMSR or WRMSR of `index` exits (SDM 25.1.3).
    pub fn msr_exits(&self, index: u32, write: bool) -> bool {
        if !self.non_root() {
            return false;
        }
        if !self.primary(primary::USE_MSR_BITMAPS) {
            return true;
        }
        let area = self.field(MSR_BITMAPS_ADDRESS);
        bitmaps::msr_exits(index, write, |offset| self.bitmap_byte(area, offset))
    }

    /// An access to `size` ports from `port` on exits (SDM 25.1.3).
    pub fn io_exits(&self, port: u16, size: u8) -> bool {
        if !self.primary(primary::USE_IO_BITMAPS) {
            return self.primary(primary::UNCONDITIONAL_IO_EXITING);
        }
        bitmaps::io_exits(port, size, |bitmap, offset| {
            let area = match bitmap {
                IoBitmap::A => self.field(IO_BITMAP_A_ADDRESS),
                IoBitmap::B => self.field(IO_BITMAP_B_ADDRESS),
            };
            self.bitmap_byte(area, offset)
        })
    }

    /// Where there is no memory the bus reads all ones, and the access exits.
    fn bitmap_byte(&self, area: u64, offset: u16) -> u8 {
        let bytes = self.mem.slice(area.wrapping_add(u64::from(offset)), 1);
        bytes.and_then(<[u8]>::first).copied().unwrap_or(0xff)
    }

    /// An exception exits (SDM 25.2); for #PF by the error code's mask and match as well.
    pub fn exception_exits(&self, vector: u8, error_code: u32) -> bool {
        if !self.non_root() {
            return false;
        }
        let bit = self.cpu.vmx.exception_bitmap >> (vector & 31) & 1 != 0;
        if vector != PAGE_FAULT {
            return bit;
        }
        let vmcs = &self.cpu.vmx.vmcs;
        let masked = error_code & vmcs.get32(PAGE_FAULT_ERROR_CODE_MASK);
        bit == (masked == vmcs.get32(PAGE_FAULT_ERROR_CODE_MATCH))
    }

    /// The CR0 bits that the host owns: none in root operation (SDM 24.6.6).
    fn cr0_owned(&self) -> u64 {
        if self.non_root() { self.field(CR0_GUEST_HOST_MASK) } else { 0 }
    }

    fn cr4_owned(&self) -> u64 {
        if self.non_root() { self.field(CR4_GUEST_HOST_MASK) } else { 0 }
    }

    /// What MOV from CR0 and SMSW read.
    pub fn cr0_seen(&self) -> u64 {
        let owned = self.cr0_owned();
        self.cpu.cr0 & !owned | self.field(CR0_READ_SHADOW) & owned
    }

    /// What MOV from CR4 reads.
    pub fn cr4_seen(&self) -> u64 {
        let owned = self.cr4_owned();
        self.cpu.cr4 & !owned | self.field(CR4_READ_SHADOW) & owned
    }

    /// What a write of `value` in non-root operation makes of a control register; `None` is a VM exit
    /// (SDM 25.1.3). CLTS and LMSW pass what is seen with their own bits changed.
    pub fn cr_write_in_guest(&self, cr: u8, value: u64) -> Option<u64> {
        let merge = |owned: u64, shadow: Field, real: u64| {
            let exits = (value ^ self.field(shadow)) & owned != 0;
            (!exits).then_some(value & !owned | real & owned)
        };
        match cr {
            0 => merge(self.cr0_owned(), CR0_READ_SHADOW, self.cpu.cr0),
            3 => (!self.primary(primary::CR3_LOAD_EXITING) || self.is_cr3_target(value)).then_some(value),
            4 => merge(self.cr4_owned(), CR4_READ_SHADOW, self.cpu.cr4),
            8 => (!self.primary(primary::CR8_LOAD_EXITING)).then_some(value),
            _ => Some(value),
        }
    }

    fn is_cr3_target(&self, value: u64) -> bool {
        let count = self.field(CR3_TARGET_COUNT) as usize;
        CR3_TARGETS.iter().take(count).any(|target| self.field(*target) == value)
    }
}
