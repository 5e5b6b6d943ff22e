//! No attack: a guest that debugs itself. A data breakpoint, an instruction breakpoint, single steps, INT3 and general
//! detect: each must reach its own handler, with DR6 and RIP as on the bare machine. SDM 3B 17.2, 17.3.

#![no_std]
#![no_main]

use attacks::{Machine, SUCCESS, on, report, spin};
use core::arch::asm;
use core::sync::atomic::{AtomicU64, Ordering::Relaxed};
use kit::cpu::{read_dr6, read_dr7, write_dr0, write_dr6, write_dr7};
use kit::trap::{DEBUG, Frame};

attacks::guest!(run);

const BREAKPOINT: u8 = 3;
/// DR7 bit 10, always set.
const DR7_ONE: u64 = 1 << 10;
/// L0; an instruction, one byte long.
const EXECUTE: u64 = DR7_ONE | 1;
/// L0; R/W0 = 1, LEN0 = 2: writes, eight bytes.
const WRITE: u64 = DR7_ONE | 1 | 1 << 16 | 2 << 18;
/// General detect.
const DETECT: u64 = DR7_ONE | 1 << 13;
/// DR6: breakpoint 0, general detect, single step.
const B0: u64 = 1 << 0;
const BD: u64 = 1 << 13;
const BS: u64 = 1 << 14;
const RFLAGS_TF: u64 = 1 << 8;
const RFLAGS_RF: u64 = 1 << 16;

/// What the handler of #DB found: DR6, and how often it ran.
static FOUND: AtomicU64 = AtomicU64::new(0);
static RUNS: AtomicU64 = AtomicU64::new(0);
static BREAKPOINTS: AtomicU64 = AtomicU64::new(0);

fn run(machine: Machine) -> ! {
    on(DEBUG as u8, debug);
    on(BREAKPOINT, |_| _ = BREAKPOINTS.fetch_add(1, Relaxed));
    machine.alive();
    machine.enable_interrupts();
    let mut reported = false;
    loop {
        let right =
            data_breakpoint() && instruction_breakpoint() && single_steps() && general_detect() && int3();
        if right && !reported {
            reported = true;
            report(SUCCESS);
        }
        spin(1_000_000);
    }
}

/// Notes DR6, and clears it; lets an instruction breakpoint's instruction run.
fn debug(frame: &mut Frame) {
    // SAFETY: debug registers affect this guest only.
    unsafe {
        let found = read_dr6();
        FOUND.fetch_or(found & (0xF | BD | BS), Relaxed);
        RUNS.fetch_add(1, Relaxed);
        write_dr6(0);
    }
    frame.rflags |= RFLAGS_RF;
}

/// What the handler has found since the last call: the bits of DR6, and how often.
fn found() -> (u64, u64) {
    (FOUND.swap(0, Relaxed), RUNS.swap(0, Relaxed))
}

fn data_breakpoint() -> bool {
    let mut watched = 0u64;
    let at = &raw mut watched;
    // SAFETY: a local variable; debug registers affect this guest only.
    unsafe {
        write_dr0(at as u64);
        write_dr7(WRITE);
        at.write_volatile(1);
        write_dr7(DR7_ONE);
        at.write_volatile(2);
    }
    found() == (B0, 1)
}

fn instruction_breakpoint() -> bool {
    // SAFETY: the handler preserves all registers and returns to the instruction.
    unsafe {
        asm!(
            "lea {at}, [rip + 2f]", "mov dr0, {at}", "mov dr7, {on}", "2: nop", "mov dr7, {off}",
            at = out(reg) _, on = in(reg) EXECUTE, off = in(reg) DR7_ONE,
        );
    }
    found() == (B0, 1)
}

/// POPFQ sets TF: the CPUID (which exits, where there is a host) and the POPFQ that clears TF are stepped.
fn single_steps() -> bool {
    // SAFETY: TF is clear again at the end; the handler preserves all registers.
    unsafe {
        asm!(
            "pushfq", "pushfq", "or qword ptr [rsp], {tf}", "popfq", "push rbx", "cpuid", "pop rbx", "popfq",
            tf = const RFLAGS_TF, inout("eax") 0 => _, out("ecx") _, out("edx") _,
        );
    }
    found() == (BS, 4)
}

fn general_detect() -> bool {
    let after: u64;
    // SAFETY: as above.
    unsafe {
        write_dr7(DETECT);
        asm!("mov {}, dr7", out(reg) after, options(nomem, nostack));
    }
    // The handler finds GD clear, and so does the access that runs after it.
    found() == (BD, 1) && after == DR7_ONE && read_dr7() == DR7_ONE
}

fn int3() -> bool {
    let before = BREAKPOINTS.load(Relaxed);
    // SAFETY: the handler preserves all registers.
    unsafe { asm!("int3") };
    BREAKPOINTS.load(Relaxed) == before + 1 && found() == (0, 0)
}
