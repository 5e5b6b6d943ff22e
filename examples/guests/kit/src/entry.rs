//! The first instructions of an image: `_start`, the boot stack, and what the linker script knows.
//!
//! The linker script defines `image_start`, `image_end`, `bss_start`, `bss_end`, `boot_stack_top`; the image
//! defines `#[unsafe(no_mangle)] extern "sysv64" fn kmain(start_info: u64) -> !`.

use core::arch::global_asm;

unsafe extern "C" {
    static image_start: u8;
    static image_end: u8;
    static boot_stack_top: u8;
}

// Entered in 64-bit mode with interrupts off, no stack, and the start info's address in RDI.
global_asm!(
    r#"
    .section .text.start, "ax"
    .global _start
_start:
    lea rsp, [rip + boot_stack_top]
    xor ebp, ebp
    cld
    mov rbx, rdi
    lea rdi, [rip + bss_start]
    lea rcx, [rip + bss_end]
    sub rcx, rdi
    xor eax, eax
    rep stosb
    mov rdi, rbx
    call kmain
    ud2
"#
);

/// The image's own memory: (start, end), page-aligned.
pub fn image() -> (u64, u64) {
    (&raw const image_start as u64, &raw const image_end as u64)
}

/// The top of the stack the image was entered on.
pub fn boot_stack() -> u64 {
    &raw const boot_stack_top as u64
}
