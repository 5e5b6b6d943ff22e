//! The exits by reason. SDM 3C appendix C.

use super::{Exit, Stop, Vcpu};
use super::{cr, descriptor, exception, io, misc, msr, violation};
use crate::interrupts;
use crate::vmx::spec::{field, reason::*};
use crate::vmx::vmread;

/// Handles one exit reason.
type Handler = fn(&mut Vcpu, &Exit) -> Result<(), Stop>;

const HANDLERS: [Option<Handler>; 64] = {
    let mut table: [Option<Handler>; 64] = [None; 64];
    table[EXCEPTION_OR_NMI as usize] = Some(exception::exception_or_nmi);
    table[EXTERNAL_INTERRUPT as usize] = Some(external_interrupt);
    table[TRIPLE_FAULT as usize] = Some(exception::shutdown);
    table[INIT as usize] = Some(nothing);
    table[INTERRUPT_WINDOW as usize] = Some(nothing);
    table[CPUID as usize] = Some(misc::cpuid);
    table[GETSEC as usize] = Some(misc::undefined);
    table[INVD as usize] = Some(misc::ignore);
    // VMCALL to VMXON: the guest's processor has no VT-x.
    let mut vmx = VMCALL as usize;
    while vmx <= VMXON as usize {
        table[vmx] = Some(misc::undefined);
        vmx += 1;
    }
    table[CR_ACCESS as usize] = Some(cr::cr_access);
    table[IO_INSTRUCTION as usize] = Some(io::io_instruction);
    table[RDMSR as usize] = Some(msr::rdmsr);
    table[WRMSR as usize] = Some(msr::wrmsr);
    table[MONITOR_TRAP_FLAG as usize] = Some(descriptor::stepped);
    table[GDTR_IDTR as usize] = Some(descriptor::step);
    table[LDTR_TR as usize] = Some(descriptor::step);
    table[EPT_VIOLATION as usize] = Some(violation::ept_violation);
    table[INVEPT as usize] = Some(misc::undefined);
    table[PREEMPTION_TIMER as usize] = Some(misc::preemption_timer);
    table[INVVPID as usize] = Some(misc::undefined);
    table[XSETBV as usize] = Some(misc::xsetbv);
    table
};

/// Calls the handler of the exit's reason.
pub fn dispatch(vcpu: &mut Vcpu, exit: &Exit) -> Result<(), Stop> {
    match HANDLERS.get(exit.reason as usize).copied().flatten() {
        Some(handler) => handler(vcpu, exit),
        None => {
            kit::println!("eli-hypervisor: VM exit with reason {}", exit.reason);
            Err(Stop("a VM exit that nobody asked for"))
        }
    }
}

/// The interrupt has been acknowledged on exit: it is in service on the physical APIC. SDM 3C 27.2.2.
fn external_interrupt(_: &mut Vcpu, _: &Exit) -> Result<(), Stop> {
    interrupts::serve(vmread(field::EXIT_INTERRUPTION_INFO) as u8);
    Ok(())
}

/// The window's work is done before the next entry (`mode`); INIT signals are not for a processor in VMX
/// operation.
fn nothing(_: &mut Vcpu, _: &Exit) -> Result<(), Stop> {
    Ok(())
}
