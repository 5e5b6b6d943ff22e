//! No attack: four instructions in turn, some of which exit. A round reads one register of the local APIC once, a
//! second one twice and a third one four times, so that the number of exits tells which of them exit.

#![no_std]
#![no_main]

use attacks::{Machine, report, spin};
use kit::msr::rdmsr;
use kit::x2apic::{ID, SVR};

attacks::guest!(run);

/// Mark payload: a round is over.
const ROUND: u32 = 3;
/// The local APIC's version register. SDM 3A 10.12.1.2.
const VERSION: u32 = 0x803;

fn run(machine: Machine) -> ! {
    machine.alive();
    machine.enable_interrupts();
    loop {
        core::hint::black_box(core::arch::x86_64::__cpuid(0));
        core::hint::black_box(kit::cpu::rdtsc());
        kit::cpu::pause();
        for (register, times) in [(ID, 1), (VERSION, 2), (SVR, 4)] {
            // SAFETY: reading these registers has no effect.
            (0..times).for_each(|_| _ = core::hint::black_box(unsafe { rdmsr(register) }));
        }
        report(ROUND);
        spin(20_000);
    }
}
