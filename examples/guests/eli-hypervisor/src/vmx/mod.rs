//! VT-x: entering VMX operation, the VMCS, and the way into the guest and back.

mod capability;
mod entry;
mod instructions;
mod msr_bitmap;
mod setup;
pub mod spec;

pub use capability::{Base, cr3_targets, preemption_rate};
pub use entry::{Registers, enter, register};
pub use instructions::{invept_all, vmread, vmwrite};
pub use msr_bitmap::MsrBitmap;
pub use setup::setup;

use kit::cpu::{self, CR4_VMXE, cpuid};
use kit::frames::{Frames, PAGE};
use kit::msr::{IA32_FEATURE_CONTROL, rdmsr, wrmsr};
use spec::msr;

/// CPUID.1:ECX bit 5: VMX.
const CPUID_VMX: u32 = 1 << 5;
/// IA32_FEATURE_CONTROL: locked; VMX outside SMX.
const FEATURE_LOCK: u64 = 1 << 0;
const FEATURE_VMX: u64 = 1 << 2;

/// Enters VMX operation, and makes a cleared VMCS current. SDM 3C 23.7, 24.11.3.
pub fn start(frames: &mut Frames) -> Result<(), &'static str> {
    if cpuid(1, 0).ecx & CPUID_VMX == 0 {
        return Err("the processor has no VT-x");
    }
    // SAFETY: the registers exist with VMX; CR0 and CR4 get what VMX operation demands and lose nothing.
    unsafe {
        let feature = rdmsr(IA32_FEATURE_CONTROL);
        if feature & FEATURE_LOCK == 0 {
            wrmsr(IA32_FEATURE_CONTROL, feature | FEATURE_LOCK | FEATURE_VMX);
        } else if feature & FEATURE_VMX == 0 {
            return Err("firmware has switched VT-x off");
        }
        if rdmsr(msr::BASIC) & msr::BASIC_TRUE == 0 {
            return Err("expected VT-x with the TRUE capability registers");
        }
        if rdmsr(msr::EPT_VPID) & msr::EPT_NEEDED != msr::EPT_NEEDED {
            return Err("expected EPT with write-back memory, 2 MiB pages and INVEPT");
        }
        cpu::write_cr0((cpu::read_cr0() | rdmsr(msr::CR0_FIXED0)) & rdmsr(msr::CR0_FIXED1));
        cpu::write_cr4((cpu::read_cr4() | CR4_VMXE | rdmsr(msr::CR4_FIXED0)) & rdmsr(msr::CR4_FIXED1));
    }
    let (vmxon, vmcs) = (region(frames)?, region(frames)?);
    // SAFETY: both regions are pages of their own with the revision identifier in place.
    unsafe {
        instructions::vmxon(vmxon)?;
        instructions::vmclear(vmcs)?;
        instructions::vmptrld(vmcs)
    }
}

/// A page for the processor, with the VMCS revision identifier in its first word. SDM 3C 24.2.
fn region(frames: &mut Frames) -> Result<u64, &'static str> {
    let page = frames.take(PAGE, PAGE).ok_or("no memory for VMX regions")?;
    // SAFETY: the register exists with VMX; the page is fresh.
    unsafe { (page as *mut u32).write(rdmsr(msr::BASIC) as u32 & 0x7FFF_FFFF) };
    Ok(page)
}
