//! Global descriptor table, task-state segment, and the instructions that load them. SDM 3A 3.4.5, 7.7.

use core::arch::asm;

/// Ring-0 64-bit code.
pub const KERNEL_CODE: u16 = 0x08;
/// Ring-0 data.
pub const KERNEL_DATA: u16 = 0x10;
/// Ring-3 data, with RPL 3. SYSRET takes SS from here: STAR[63:48] + 8.
pub const USER_DATA: u16 = 0x18 | 3;
/// Ring-3 64-bit code, with RPL 3. SYSRET takes CS from here: STAR[63:48] + 16.
pub const USER_CODE: u16 = 0x20 | 3;
/// The task-state segment (16 bytes).
pub const TASK_STATE: u16 = 0x28;

/// IA32_STAR for this layout: SYSCALL loads CS 0x08 and SS 0x10, SYSRET CS 0x23 and SS 0x1B.
pub const STAR: u64 = (KERNEL_CODE as u64) << 32 | ((KERNEL_DATA | 3) as u64) << 48;

/// Code, ring 0: present, accessed, readable, L = 1.
const DESCRIPTOR_KERNEL_CODE: u64 = 0x00AF_9B00_0000_FFFF;
/// Data, ring 0: present, accessed, writable.
const DESCRIPTOR_KERNEL_DATA: u64 = 0x00CF_9300_0000_FFFF;
/// Data, ring 3.
const DESCRIPTOR_USER_DATA: u64 = 0x00CF_F300_0000_FFFF;
/// Code, ring 3, L = 1.
const DESCRIPTOR_USER_CODE: u64 = 0x00AF_FB00_0000_FFFF;

/// 64-bit task-state segment: the stacks the processor switches to. SDM 3A 7.7.
#[derive(Clone, Copy, Debug)]
#[repr(C, packed(4))]
pub struct TaskState {
    reserved0: u32,
    /// RSP0..RSP2: the stack on an interrupt from a lower privilege.
    pub rsp: [u64; 3],
    reserved1: u64,
    /// IST1..IST7.
    pub ist: [u64; 7],
    reserved2: u64,
    reserved3: u16,
    /// Offset of the I/O permission map; past the limit means there is none.
    pub io_map_base: u16,
}

impl TaskState {
    /// A segment with no stacks and no I/O permissions.
    pub const fn new() -> Self {
        let io_map_base = size_of::<Self>() as u16;
        Self { reserved0: 0, rsp: [0; 3], reserved1: 0, ist: [0; 7], reserved2: 0, reserved3: 0, io_map_base }
    }
}

impl Default for TaskState {
    fn default() -> Self {
        Self::new()
    }
}

/// The global descriptor table in the layout of this module's selectors.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(16))]
pub struct Gdt([u64; 7]);

impl Gdt {
    /// The table without a task-state segment.
    pub const fn new() -> Self {
        let (code, data) = (DESCRIPTOR_KERNEL_CODE, DESCRIPTOR_KERNEL_DATA);
        Self([0, code, data, DESCRIPTOR_USER_DATA, DESCRIPTOR_USER_CODE, 0, 0])
    }

    /// Points the task-state descriptor (type 9, available 64-bit TSS) at `base`.
    pub fn set_task_state(&mut self, base: u64) {
        let limit = size_of::<TaskState>() as u64 - 1;
        let low = limit | (base & 0xFF_FFFF) << 16 | 0x89 << 40 | (base >> 24 & 0xFF) << 56;
        (self.0[5], self.0[6]) = (low, base >> 32);
    }

    /// LGDT, then reloads every segment register and the task register.
    ///
    /// # Safety
    /// The table and the task-state segment it names must live for ever and be valid.
    pub unsafe fn load(&'static self) {
        let pointer = TablePointer { limit: size_of::<Self>() as u16 - 1, base: self as *const Self as u64 };
        // SAFETY: the caller vouches for the tables; the descriptors keep the flat model the code runs in.
        unsafe {
            asm!("lgdt [{}]", in(reg) &pointer, options(readonly, nostack, preserves_flags));
            asm!(
                "push {code}", "lea {tmp}, [rip + 2f]", "push {tmp}", "retfq", "2:",
                "mov ds, {data:e}", "mov es, {data:e}", "mov ss, {data:e}", "mov fs, {data:e}", "mov gs, {data:e}",
                code = const KERNEL_CODE as i32, tmp = out(reg) _, data = in(reg) KERNEL_DATA as u32,
            );
            asm!("ltr {:x}", in(reg) TASK_STATE, options(nostack, preserves_flags));
        }
    }
}

impl Default for Gdt {
    fn default() -> Self {
        Self::new()
    }
}

/// The operand of LGDT, LIDT, SGDT and SIDT.
#[derive(Clone, Copy, Debug)]
#[repr(C, packed)]
pub struct TablePointer {
    /// Last valid offset.
    pub limit: u16,
    /// Linear address.
    pub base: u64,
}
