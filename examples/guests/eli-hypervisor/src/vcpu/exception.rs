//! Exceptions and NMIs. In direct mode #NP, #GP and #DF exit: a vector that the shadow blocks ends in one of them,
//! and so do the guest's own faults. Debug exceptions exit in both modes (`mode::Vcpu::debug_exceptions`).

use super::event::{Combined, Event};
use super::vectoring::Vectoring;
use super::{Exit, Stop, Vcpu};
use crate::options::Defence;
use crate::vmx::spec::{event, field};
use crate::vmx::{vmread, vmwrite};
use crate::{shadow, vectors};
use kit::trap::{self, Gate};

const TRIPLE_FAULT: Stop = Stop("triple fault");
/// DR6: B0 to B3, BD, BS. SDM 3B 17.2.3.
const DR6_B: u64 = 0xF;
const DR6_BD: u64 = 1 << 13;
const DR6_BS: u64 = 1 << 14;
/// DR7: general detect. SDM 3B 17.2.4.
const DR7_GD: u64 = 1 << 13;
/// IA32_DEBUGCTL: LBR and BTF. SDM 3B 17.4.1.
const DEBUGCTL_LBR_BTF: u64 = 3;

/// Exit reason 0.
pub fn exception_or_nmi(vcpu: &mut Vcpu, exit: &Exit) -> Result<(), Stop> {
    if vmread(field::EXIT_INTERRUPTION_INFO) as u32 & event::TYPE == event::NMI {
        // NMIs are blocked until an IRET: the host's own handler does one.
        // SAFETY: the host's IDT has a handler for vector 2 that preserves all registers.
        unsafe { core::arch::asm!("int 2") };
        return Ok(());
    }
    let exception = Event::of_exit();
    let vector = exception.vector() as u64;
    if vector == trap::DEBUG && exception.is_hardware_exception() {
        accept_debug_exception();
    }
    match exit.vectoring {
        // The exception is how the shadow hands a host vector over. It is not the guest's.
        Vectoring::Served => Ok(()),
        Vectoring::None if vector == trap::DOUBLE_FAULT && vcpu.serve_in_service() => Ok(()),
        Vectoring::Requeued if vcpu.only_the_shadow_blocks() => {
            vcpu.step = true;
            Ok(())
        }
        _ => reflect(vcpu, exception),
    }
}

/// The guest's own exception: it is delivered as on the bare machine.
fn reflect(vcpu: &mut Vcpu, exception: Event) -> Result<(), Stop> {
    let first = vcpu.event.take();
    if exception.vector() as u64 == trap::NOT_PRESENT && !vcpu.options.has(Defence::NpReflection) {
        return Ok(());
    }
    match first.map_or(Combined::Event(exception), |first| first.combine(exception)) {
        Combined::Event(event) => vcpu.event = Some(event),
        Combined::TripleFault => return Err(TRIPLE_FAULT),
    }
    Ok(())
}

/// What the processor does before it delivers #DB, and leaves to the host when #DB exits or is injected: DR6 tells
/// which breakpoints, DR7.GD ends, and so do the branch record and branch steps. SDM 3C 27.1, 3B 17.2.3, 17.4.
/// DR6 is the guest's own in the register: the host uses no breakpoints, and no exit or entry changes it.
fn accept_debug_exception() {
    let found = vmread(field::EXIT_QUALIFICATION) & (DR6_B | DR6_BD | DR6_BS);
    // SAFETY: DR6 only tells what happened; bits 63:32 stay 0.
    unsafe { kit::cpu::write_dr6(kit::cpu::read_dr6() & !DR6_B | found) };
    vmwrite(field::GUEST_DR7, vmread(field::GUEST_DR7) & !DR7_GD);
    vmwrite(field::GUEST_DEBUGCTL, vmread(field::GUEST_DEBUGCTL) & !DEBUGCTL_LBR_BTF);
}

/// Exit reason 2. Without vectoring information, as for a double fault.
pub fn shutdown(vcpu: &mut Vcpu, _: &Exit) -> Result<(), Stop> {
    if vcpu.was_direct() && vcpu.serve_in_service() { Ok(()) } else { Err(TRIPLE_FAULT) }
}

impl Vcpu {
    /// True if the event to be injected again is INT n, and the guest's own gate for it is present: on the bare
    /// machine it would have been delivered.
    fn only_the_shadow_blocks(&self) -> bool {
        let Some(event) = self.event.filter(Event::is_software_interrupt) else { return false };
        let vector = event.vector();
        let changed = shadow::blocks(vector) || vectors::assigned_index(vector).is_some();
        let gates = self.idt.and_then(|idt| self.memory.gates(idt));
        changed && gates.is_some_and(|gates| gates[vector as usize].low & Gate::PRESENT != 0)
    }
}
