//! RDMSR and WRMSR of registers that are not the guest's own: its APIC, and nothing else.

use super::{Exit, Stop, Vcpu};
use crate::apic;
use crate::vapic::{Outcome, is_apic};
use crate::vmx::register::{RAX, RCX, RDX};
use kit::cpu::rdtsc;

/// Exit reason 31.
pub fn rdmsr(vcpu: &mut Vcpu, _: &Exit) -> Result<(), Stop> {
    let register = vcpu.registers.0[RCX] as u32;
    match is_apic(register).then(|| vcpu.vapic.read(register, rdtsc())).flatten() {
        Some(value) => {
            vcpu.registers.0[RAX] = value & 0xFFFF_FFFF;
            vcpu.registers.0[RDX] = value >> 32;
            vcpu.skip();
        }
        None => vcpu.raise_gp(),
    }
    Ok(())
}

/// Exit reason 32. An EOI with no virtual interrupt in service is for the direct one, if there is one.
pub fn wrmsr(vcpu: &mut Vcpu, _: &Exit) -> Result<(), Stop> {
    let [register, low, high] = [RCX, RAX, RDX].map(|register| vcpu.registers.0[register] as u32);
    if !is_apic(register) {
        vcpu.raise_gp();
        return Ok(());
    }
    match vcpu.vapic.write(register, (high as u64) << 32 | low as u64, rdtsc()) {
        Outcome::Fault => {
            vcpu.raise_gp();
            return Ok(());
        }
        Outcome::Eoi if apic::assigned_in_service().is_some() => apic::eoi(),
        Outcome::Eoi | Outcome::Done => {}
    }
    vcpu.skip();
    Ok(())
}
