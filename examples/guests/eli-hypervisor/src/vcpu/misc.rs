//! Small exits: CPUID, the preemption timer, instructions that the guest's processor does not have.

use super::event::Event;
use super::{Exit, Stop, Vcpu};
use crate::apic;
use crate::options::Defence;
use crate::vmx::spec::{BLOCKING_BY_STI_OR_MOV_SS, PENDING_DEBUG_BS, field::*};
use crate::vmx::{register::*, vmread, vmwrite};
use kit::cpu::RFLAGS_TF;
use kit::trap;

/// CPUID.1:ECX bit 5: VMX; bit 27: OSXSAVE, which mirrors CR4 bit 18.
const CPUID_VMX: u32 = 1 << 5;
const CPUID_OSXSAVE: u32 = 1 << 27;
const CR4_OSXSAVE: u64 = 1 << 18;

/// Exit reason 10: the physical processor without VT-x.
pub fn cpuid(vcpu: &mut Vcpu, _: &Exit) -> Result<(), Stop> {
    let registers = &mut vcpu.registers.0;
    let leaf = registers[RAX] as u32;
    let mut result = kit::cpu::cpuid(leaf, registers[RCX] as u32);
    if leaf == 1 {
        result.ecx &= !(CPUID_VMX | CPUID_OSXSAVE);
        if vmread(GUEST_CR4) & CR4_OSXSAVE != 0 {
            result.ecx |= CPUID_OSXSAVE;
        }
    }
    registers[RAX] = result.eax as u64;
    registers[RBX] = result.ebx as u64;
    registers[RCX] = result.ecx as u64;
    registers[RDX] = result.edx as u64;
    vcpu.skip();
    Ok(())
}

/// Exit reason 52. The host signals EOI for a guest that has kept the same vector in service since the last one. Such
/// a guest is served by injection from now on: there its interrupts mask none of the host's, retired or not.
pub fn preemption_timer(vcpu: &mut Vcpu, _: &Exit) -> Result<(), Stop> {
    if vcpu.preemption.expired() && vcpu.options.has(Defence::EoiAtPreemption) {
        apic::eoi();
        vcpu.trusted = false;
    }
    Ok(())
}

/// An instruction that the guest's processor does not have: #UD.
pub fn undefined(vcpu: &mut Vcpu, _: &Exit) -> Result<(), Stop> {
    vcpu.event = Some(Event::exception(trap::INVALID_OPCODE));
    Ok(())
}

/// Exit reason 55: XCR0 is the host's: #GP(0).
pub fn xsetbv(vcpu: &mut Vcpu, _: &Exit) -> Result<(), Stop> {
    vcpu.raise_gp();
    Ok(())
}

/// Exit reason 13: INVD would drop the host's cache lines, too.
pub fn ignore(vcpu: &mut Vcpu, _: &Exit) -> Result<(), Stop> {
    vcpu.skip();
    Ok(())
}

impl Vcpu {
    /// The instruction that exited is done.
    pub(super) fn skip(&mut self) {
        self.skip_bytes(vmread(EXIT_INSTRUCTION_LENGTH));
    }

    /// The instruction, `length` bytes long, is done: blocking by STI or MOV SS ends with it, and a single step
    /// (RFLAGS.TF) is pending. SDM 3C 26.3.1.5, 26.6.3.
    pub(super) fn skip_bytes(&mut self, length: u64) {
        vmwrite(GUEST_RIP, vmread(GUEST_RIP).wrapping_add(length));
        let interruptibility = vmread(GUEST_INTERRUPTIBILITY);
        if interruptibility & BLOCKING_BY_STI_OR_MOV_SS != 0 {
            vmwrite(GUEST_INTERRUPTIBILITY, interruptibility & !BLOCKING_BY_STI_OR_MOV_SS);
        }
        if vmread(GUEST_RFLAGS) & RFLAGS_TF != 0 {
            vmwrite(GUEST_PENDING_DEBUG, vmread(GUEST_PENDING_DEBUG) | PENDING_DEBUG_BS);
        }
    }

    /// #GP(0).
    pub(super) fn raise_gp(&mut self) {
        self.event = Some(Event::exception(trap::GENERAL_PROTECTION));
    }

    /// A general register of the guest's by its encoding.
    pub(super) fn register(&self, number: usize) -> u64 {
        if number == RSP { vmread(GUEST_RSP) } else { self.registers.0[number & 15] }
    }

    /// Writes a general register of the guest's.
    pub(super) fn set_register(&mut self, number: usize, value: u64) {
        if number == RSP {
            vmwrite(GUEST_RSP, value);
        } else {
            self.registers.0[number & 15] = value;
        }
    }
}
