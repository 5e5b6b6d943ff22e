//! No attack: a timer tick, NIC interrupts, a software interrupt, each acknowledged as it should be.

#![no_std]
#![no_main]

use attacks::nic::Nic;
use attacks::{Machine, NIC_VECTOR, SUCCESS, TICK_VECTOR, on, report};
use core::arch::asm;
use core::sync::atomic::{AtomicU64, Ordering::Relaxed};

attacks::guest!(run);

const TICK_HZ: u32 = 100;
/// A software interrupt, as a system call would be.
const CALL: u8 = 0x90;

static TICKS: AtomicU64 = AtomicU64::new(0);
static PACKETS: AtomicU64 = AtomicU64::new(0);
static CALLS: AtomicU64 = AtomicU64::new(0);

fn run(machine: Machine) -> ! {
    let nic = Nic::start();
    on(TICK_VECTOR, |_| {
        TICKS.fetch_add(1, Relaxed);
        kit::x2apic::eoi();
    });
    on(NIC_VECTOR, |_| {
        PACKETS.fetch_add(1, Relaxed);
        kit::x2apic::eoi();
    });
    on(CALL, |_| _ = CALLS.fetch_add(1, Relaxed));
    machine.start_tick(TICK_HZ);
    machine.alive();
    machine.enable_interrupts();
    let mut reported = false;
    loop {
        nic.interrupt();
        // SAFETY: the handler preserves all registers; the next tick or packet ends the HLT.
        unsafe { asm!("int {}", const CALL) };
        kit::cpu::hlt();
        if !reported && [&TICKS, &PACKETS, &CALLS].iter().all(|count| count.load(Relaxed) >= 2) {
            reported = true;
            report(SUCCESS);
        }
    }
}
