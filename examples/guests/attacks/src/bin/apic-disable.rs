//! Disables the local APIC through IA32_APIC_BASE, enables it again, and so on.

#![no_std]
#![no_main]

use attacks::{Machine, spin};
use kit::msr::{APIC_BASE_EN, APIC_BASE_EXTD, IA32_APIC_BASE, rdmsr, wrmsr};
use kit::x2apic::{SVR, SVR_ENABLE};

attacks::guest!(run);

fn run(machine: Machine) -> ! {
    machine.alive();
    machine.enable_interrupts();
    // SAFETY: every transition is a legal one (SDM 3A 10.12.5).
    unsafe {
        let base = rdmsr(IA32_APIC_BASE) & !(APIC_BASE_EN | APIC_BASE_EXTD);
        loop {
            wrmsr(IA32_APIC_BASE, base);
            spin(10_000_000);
            wrmsr(IA32_APIC_BASE, base | APIC_BASE_EN);
            wrmsr(IA32_APIC_BASE, base | APIC_BASE_EN | APIC_BASE_EXTD);
            wrmsr(SVR, SVR_ENABLE | 0xFF);
            spin(50_000);
        }
    }
}
