//! Interrupts and exceptions: the interrupt descriptor table, and one entry stub for each of its vectors.
//!
//! Every stub leaves the same [`Frame`] on the stack and calls the image's own `trap_dispatch`:
//! `#[unsafe(no_mangle)] extern "sysv64" fn trap_dispatch(frame: &mut kit::trap::Frame)`. What it changes in
//! the frame is what IRETQ returns to.

use crate::segments::{KERNEL_CODE, TablePointer};
use core::arch::{asm, global_asm};

/// Debug exception.
pub const DEBUG: u64 = 1;
/// Invalid opcode.
pub const INVALID_OPCODE: u64 = 6;
/// Double fault.
pub const DOUBLE_FAULT: u64 = 8;
/// Segment not present.
pub const NOT_PRESENT: u64 = 11;
/// General protection.
pub const GENERAL_PROTECTION: u64 = 13;
/// Page fault.
pub const PAGE_FAULT: u64 = 14;
/// Alignment check.
pub const ALIGNMENT_CHECK: u64 = 17;

/// A gate of the IDT: 16 bytes. SDM 3A 6.14.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Gate {
    /// 15:0 offset, 31:16 selector, 34:32 IST, 43:40 type, 46:45 DPL, bit 47 P, 63:48 offset.
    pub low: u64,
    /// 31:0 offset 63:32.
    pub high: u64,
}

impl Gate {
    /// Bit 47: present.
    pub const PRESENT: u64 = 1 << 47;

    /// A present interrupt gate (type 0xE, DPL 0) to `handler`, on stack `ist` (0 for none).
    pub const fn interrupt(handler: u64, ist: u8) -> Self {
        let offset = handler & 0xFFFF | (handler >> 16 & 0xFFFF) << 48;
        let low = offset | (KERNEL_CODE as u64) << 16 | (ist as u64 & 7) << 32 | 0xE << 40 | Self::PRESENT;
        Self { low, high: handler >> 32 }
    }
}

/// The interrupt descriptor table: 256 gates that fill a page of their own.
#[derive(Clone, Debug)]
#[repr(C, align(4096))]
pub struct Idt(pub [Gate; 256]);

const _: () = assert!(size_of::<Idt>() == 4096);

impl Idt {
    /// A table of empty gates.
    pub const fn new() -> Self {
        Self([Gate { low: 0, high: 0 }; 256])
    }

    /// Points every vector at its stub; a double fault takes stack `double_fault_ist`.
    pub fn fill(&mut self, double_fault_ist: u8) {
        for (vector, gate) in self.0.iter_mut().enumerate() {
            let ist = if vector as u64 == DOUBLE_FAULT { double_fault_ist } else { 0 };
            *gate = Gate::interrupt(stub(vector as u8), ist);
        }
    }

    /// LIDT.
    ///
    /// # Safety
    /// The table must live for ever and its handlers must be valid.
    pub unsafe fn load(&'static self) {
        let pointer = TablePointer { limit: size_of::<Self>() as u16 - 1, base: self as *const Self as u64 };
        // SAFETY: the caller vouches for the table.
        unsafe { asm!("lidt [{}]", in(reg) &pointer, options(readonly, nostack, preserves_flags)) };
    }
}

impl Default for Idt {
    fn default() -> Self {
        Self::new()
    }
}

/// The interrupted state: what the stub pushed, then what the processor pushed (SDM 3A 6.14.2).
#[derive(Clone, Copy, Debug)]
#[repr(C)]
#[expect(missing_docs, reason = "the registers' own names")]
pub struct Frame {
    pub r15: u64,
    pub r14: u64,
    pub r13: u64,
    pub r12: u64,
    pub r11: u64,
    pub r10: u64,
    pub r9: u64,
    pub r8: u64,
    pub rbp: u64,
    pub rdi: u64,
    pub rsi: u64,
    pub rdx: u64,
    pub rcx: u64,
    pub rbx: u64,
    pub rax: u64,
    pub vector: u64,
    /// The exception's error code; 0 where there is none.
    pub error: u64,
    pub rip: u64,
    pub cs: u64,
    pub rflags: u64,
    pub rsp: u64,
    pub ss: u64,
}

unsafe extern "C" {
    /// 256 stubs of [`STUB_SIZE`] bytes each.
    static trap_stubs: u8;
}

const STUB_SIZE: u64 = 16;

/// The entry stub of `vector`.
pub fn stub(vector: u8) -> u64 {
    &raw const trap_stubs as u64 + vector as u64 * STUB_SIZE
}

// Vectors 8, 10 to 14, 17, 21, 29 and 30 push an error code (SDM 3A 6.3.1); the others get a zero in its place.
global_asm!(
    r#"
    .section .text.trap, "ax"
    .balign 16
    .global trap_stubs
trap_stubs:
    .set vector, 0
    .rept 256
    .balign 16
    .if !((vector == 8) || ((vector >= 10) && (vector <= 14)) || (vector == 17) || (vector == 21) || (vector == 29) || (vector == 30))
    push 0
    .endif
    push vector
    jmp trap_common
    .set vector, vector + 1
    .endr

    .balign 16
trap_common:
    push rax
    push rbx
    push rcx
    push rdx
    push rsi
    push rdi
    push rbp
    push r8
    push r9
    push r10
    push r11
    push r12
    push r13
    push r14
    push r15
    cld
    mov rdi, rsp
    mov rbp, rsp
    and rsp, -16
    call trap_dispatch
    mov rsp, rbp
    pop r15
    pop r14
    pop r13
    pop r12
    pop r11
    pop r10
    pop r9
    pop r8
    pop rbp
    pop rdi
    pop rsi
    pop rdx
    pop rcx
    pop rbx
    pop rax
    add rsp, 16
    iretq
"#
);
