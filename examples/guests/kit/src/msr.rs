//! Model-specific registers: access, and the architectural ones a guest or a hypervisor needs (SDM 4).

use core::arch::asm;

/// IA32_APIC_BASE: bit 8 BSP, bit 10 EXTD (x2APIC), bit 11 EN, base from bit 12. SDM 3A 10.4.4.
pub const IA32_APIC_BASE: u32 = 0x1B;
/// IA32_FEATURE_CONTROL: bit 0 lock, bit 2 VMX outside SMX. SDM 3C 23.7.
pub const IA32_FEATURE_CONTROL: u32 = 0x3A;
/// IA32_SYSENTER_CS.
pub const IA32_SYSENTER_CS: u32 = 0x174;
/// IA32_SYSENTER_ESP.
pub const IA32_SYSENTER_ESP: u32 = 0x175;
/// IA32_SYSENTER_EIP.
pub const IA32_SYSENTER_EIP: u32 = 0x176;
/// IA32_DEBUGCTL.
pub const IA32_DEBUGCTL: u32 = 0x1D9;
/// IA32_PAT: eight memory types, one per byte. SDM 3A 11.12.
pub const IA32_PAT: u32 = 0x277;
/// IA32_TSC_DEADLINE.
pub const IA32_TSC_DEADLINE: u32 = 0x6E0;
/// IA32_EFER: bit 0 SCE, bit 8 LME, bit 10 LMA, bit 11 NXE. SDM 3A 2.2.1.
pub const IA32_EFER: u32 = 0xC000_0080;
/// IA32_STAR: 47:32 SYSCALL CS, 63:48 SYSRET base selector. SDM 3A 5.8.8.
pub const IA32_STAR: u32 = 0xC000_0081;
/// IA32_LSTAR: 64-bit SYSCALL entry point.
pub const IA32_LSTAR: u32 = 0xC000_0082;
/// IA32_FMASK: RFLAGS bits that SYSCALL clears.
pub const IA32_FMASK: u32 = 0xC000_0084;
/// IA32_FS_BASE.
pub const IA32_FS_BASE: u32 = 0xC000_0100;
/// IA32_GS_BASE.
pub const IA32_GS_BASE: u32 = 0xC000_0101;
/// IA32_KERNEL_GS_BASE.
pub const IA32_KERNEL_GS_BASE: u32 = 0xC000_0102;

/// IA32_APIC_BASE.EXTD: x2APIC mode.
pub const APIC_BASE_EXTD: u64 = 1 << 10;
/// IA32_APIC_BASE.EN: APIC global enable.
pub const APIC_BASE_EN: u64 = 1 << 11;
/// IA32_EFER.SCE: SYSCALL enable.
pub const EFER_SCE: u64 = 1 << 0;
/// IA32_EFER.LME: long mode enable.
pub const EFER_LME: u64 = 1 << 8;
/// IA32_EFER.LMA: long mode active.
pub const EFER_LMA: u64 = 1 << 10;
/// IA32_EFER.NXE: execute-disable enable.
pub const EFER_NXE: u64 = 1 << 11;

/// RDMSR.
///
/// # Safety
/// The register must exist (else #GP), and reading it must have no effect the caller cannot bear.
#[inline(always)]
pub unsafe fn rdmsr(register: u32) -> u64 {
    let (low, high): (u32, u32);
    // SAFETY: RDMSR touches no memory; the caller vouches for the register.
    unsafe {
        asm!("rdmsr", in("ecx") register, out("eax") low, out("edx") high, options(nomem, nostack, preserves_flags))
    };
    (high as u64) << 32 | low as u64
}

/// WRMSR.
///
/// # Safety
/// The register must exist and accept `value` (else #GP), and the caller must want what it does.
#[inline(always)]
pub unsafe fn wrmsr(register: u32, value: u64) {
    let (low, high) = (value as u32, (value >> 32) as u32);
    // SAFETY: the caller vouches for the effect. Memory is not marked untouched: an MSR may order or deliver.
    unsafe {
        asm!("wrmsr", in("ecx") register, in("eax") low, in("edx") high, options(nostack, preserves_flags))
    };
}
