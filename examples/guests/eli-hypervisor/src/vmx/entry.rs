//! Into the guest and back: the general registers, which the VMCS does not hold.

use super::instructions::instruction_error;
use super::spec::field;
use core::arch::global_asm;

/// The guest's general registers, in the order of their encoding. RSP is in the VMCS: its place is unused.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct Registers(pub [u64; 16]);

/// Indices into [`Registers`].
pub mod register {
    pub const RAX: usize = 0;
    pub const RCX: usize = 1;
    pub const RDX: usize = 2;
    pub const RBX: usize = 3;
    pub const RSP: usize = 4;
    pub const RDI: usize = 7;
}

unsafe extern "sysv64" {
    /// Returns 0 after a VM exit, 1 if the entry failed without leaving the host.
    fn vmx_enter(registers: *mut Registers, launched: u64) -> u64;
    /// Where VM exits arrive: HOST_RIP.
    fn vmx_exit();
}

// `vmx_enter` saves the registers that its caller relies on, notes the stack pointer as HOST_RSP, loads the
// guest's registers and enters. The exit finds that stack again. MOV changes no flags, so the TEST still
// decides at the jump. After an exit RFLAGS is 2: DF is clear and interrupts are off (SDM 3C 27.5.3).
global_asm!(
    r#"
    .section .text.vmx, "ax"
    .balign 16
    .global vmx_enter
vmx_enter:
    push rbx
    push rbp
    push r12
    push r13
    push r14
    push r15
    push rdi
    mov eax, {host_rsp}
    vmwrite rax, rsp
    jbe 3f
    test esi, esi
    mov rax, [rdi]
    mov rcx, [rdi + 8]
    mov rdx, [rdi + 16]
    mov rbx, [rdi + 24]
    mov rbp, [rdi + 40]
    mov rsi, [rdi + 48]
    mov r8, [rdi + 64]
    mov r9, [rdi + 72]
    mov r10, [rdi + 80]
    mov r11, [rdi + 88]
    mov r12, [rdi + 96]
    mov r13, [rdi + 104]
    mov r14, [rdi + 112]
    mov r15, [rdi + 120]
    mov rdi, [rdi + 56]
    jnz 2f
    vmlaunch
    jmp 3f
2:  vmresume
3:  pop rdi
    mov eax, 1
    jmp 4f

    .balign 16
    .global vmx_exit
vmx_exit:
    xchg rdi, [rsp]
    mov [rdi], rax
    mov [rdi + 8], rcx
    mov [rdi + 16], rdx
    mov [rdi + 24], rbx
    mov [rdi + 40], rbp
    mov [rdi + 48], rsi
    pop qword ptr [rdi + 56]
    mov [rdi + 64], r8
    mov [rdi + 72], r9
    mov [rdi + 80], r10
    mov [rdi + 88], r11
    mov [rdi + 96], r12
    mov [rdi + 104], r13
    mov [rdi + 112], r14
    mov [rdi + 120], r15
    xor eax, eax
4:  pop r15
    pop r14
    pop r13
    pop r12
    pop rbp
    pop rbx
    ret
"#,
    host_rsp = const field::HOST_RSP,
);

/// HOST_RIP.
pub fn exit_address() -> u64 {
    vmx_exit as *const () as u64
}

/// Runs the guest until it exits: VMLAUNCH the first time, then VMRESUME. `Err` has the instruction error.
#[inline(always)]
pub fn enter(registers: &mut Registers, launched: bool) -> Result<(), u64> {
    // SAFETY: the host state in the VMCS is this code's own; the stub keeps the calling convention.
    match unsafe { vmx_enter(registers, launched as u64) } {
        0 => Ok(()),
        _ => Err(instruction_error()),
    }
}
