//! Instructions of the processor that no library offers: control registers, flags, halting, CPUID, time.

use core::arch::asm;

/// CR0.PE.
pub const CR0_PE: u64 = 1 << 0;
/// CR0.NE.
pub const CR0_NE: u64 = 1 << 5;
/// CR0.WP: supervisor writes honour read-only pages.
pub const CR0_WP: u64 = 1 << 16;
/// CR0.PG.
pub const CR0_PG: u64 = 1 << 31;
/// CR4.PAE.
pub const CR4_PAE: u64 = 1 << 5;
/// CR4.PGE.
pub const CR4_PGE: u64 = 1 << 7;
/// CR4.VMXE.
pub const CR4_VMXE: u64 = 1 << 13;
/// RFLAGS.TF.
pub const RFLAGS_TF: u64 = 1 << 8;
/// RFLAGS.IF.
pub const RFLAGS_IF: u64 = 1 << 9;
/// RFLAGS.DF.
pub const RFLAGS_DF: u64 = 1 << 10;
/// RFLAGS.AC.
pub const RFLAGS_AC: u64 = 1 << 18;

macro_rules! control_register {
    ($read:ident, $write:ident, $name:literal) => {
        #[doc = concat!("Reads ", $name, ".")]
        #[inline(always)]
        pub fn $read() -> u64 {
            let value: u64;
            // SAFETY: reading a control register at CPL 0 has no effect.
            unsafe { asm!(concat!("mov {}, ", $name), out(reg) value, options(nomem, nostack, preserves_flags)) };
            value
        }

        #[doc = concat!("Writes ", $name, ".")]
        ///
        /// # Safety
        /// The value must be legal, and every mapping and mode the running code relies on must survive it.
        #[inline(always)]
        pub unsafe fn $write(value: u64) {
            // SAFETY: the caller vouches for the new value; memory is assumed to change under it.
            unsafe { asm!(concat!("mov ", $name, ", {}"), in(reg) value, options(nostack, preserves_flags)) };
        }
    };
}

control_register!(read_cr0, write_cr0, "cr0");
control_register!(read_cr2, write_cr2, "cr2");
control_register!(read_cr3, write_cr3, "cr3");
control_register!(read_cr4, write_cr4, "cr4");
control_register!(read_cr8, write_cr8, "cr8");
control_register!(read_dr0, write_dr0, "dr0");
control_register!(read_dr6, write_dr6, "dr6");
control_register!(read_dr7, write_dr7, "dr7");

/// CLI.
#[inline(always)]
pub fn cli() {
    // SAFETY: masking interrupts breaks no invariant. It is a compiler barrier, hence no `nomem`.
    unsafe { asm!("cli", options(nostack)) };
}

/// STI.
///
/// # Safety
/// An IDT with handlers for every enabled source must be loaded.
#[inline(always)]
pub unsafe fn sti() {
    // SAFETY: the caller has loaded an IDT.
    unsafe { asm!("sti", options(nostack)) };
}

/// HLT: sleeps until an interrupt.
#[inline(always)]
pub fn hlt() {
    // SAFETY: halting at CPL 0 only waits.
    unsafe { asm!("hlt", options(nostack, preserves_flags)) };
}

/// STI then HLT with no instruction between: STI's shadow lets no interrupt in before the HLT, so a
/// wake-up cannot be lost (SDM 2B, STI).
///
/// # Safety
/// As for [`sti`].
#[inline(always)]
pub unsafe fn sti_hlt() {
    // SAFETY: the caller has loaded an IDT.
    unsafe { asm!("sti", "hlt", options(nostack)) };
}

/// PAUSE.
#[inline(always)]
pub fn pause() {
    core::hint::spin_loop();
}

/// RFLAGS.
#[inline(always)]
pub fn read_rflags() -> u64 {
    let value: u64;
    // SAFETY: pushes and pops one word; the stack ends as it was.
    unsafe { asm!("pushfq", "pop {}", out(reg) value, options(preserves_flags)) };
    value
}

/// The four registers CPUID returns.
#[derive(Clone, Copy, Debug)]
pub struct Cpuid {
    /// EAX.
    pub eax: u32,
    /// EBX.
    pub ebx: u32,
    /// ECX.
    pub ecx: u32,
    /// EDX.
    pub edx: u32,
}

/// CPUID with EAX = `leaf` and ECX = `subleaf`.
pub fn cpuid(leaf: u32, subleaf: u32) -> Cpuid {
    let r = core::arch::x86_64::__cpuid_count(leaf, subleaf);
    Cpuid { eax: r.eax, ebx: r.ebx, ecx: r.ecx, edx: r.edx }
}

/// RDTSC: cycles since power-on.
#[inline(always)]
pub fn rdtsc() -> u64 {
    let (low, high): (u32, u32);
    // SAFETY: RDTSC has no effect.
    unsafe { asm!("rdtsc", out("eax") low, out("edx") high, options(nomem, nostack, preserves_flags)) };
    (high as u64) << 32 | low as u64
}

/// INVLPG: drops the translation of the page that holds `address`.
#[inline(always)]
pub fn invlpg(address: u64) {
    // SAFETY: dropping a cached translation is always sound.
    unsafe { asm!("invlpg [{}]", in(reg) address, options(nostack, preserves_flags)) };
}
