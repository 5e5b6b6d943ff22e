//! A machine that is built without some of itself stops, typed, where it would need it, and is as it was before;
//! at a register or an event timer one instruction later. Only its place counts then: a whole machine goes there anew.
//!
//! `cargo test --package emulator --no-default-features --test left_out` runs this; with the default features
//! there is nothing to test here.
#![cfg(not(any(feature = "modes", feature = "services", feature = "vectors")))]

#[path = "common/elf.rs"]
mod elf;

use emulator::machine::{Budget, Config, Machine, Stop};
use emulator::platform::acpi::VTD;
use emulator::time::Time;
use iced_x86::code_asm::*;

const CODE: u64 = 0x20_0000;

type Body<'a> = &'a dyn Fn(&mut CodeAssembler) -> Result<(), IcedError>;

/// How a program ends, and the machine then.
fn run(body: Body<'_>) -> (Stop, Machine) {
    let mut a = CodeAssembler::new(64).expect("64-bit code");
    body(&mut a).expect("the program encodes");
    let code = a.assemble(CODE).expect("the program assembles");
    let config = Config { memory: 8 << 20, ..Config::default_pc() };
    let mut machine = Machine::new(&config).expect("a small machine");
    machine.load_elf(&elf::elf(CODE, &code), "", &[]).expect("it loads");
    let stop = machine.run(Budget::until(Time::ms(1)));
    (stop, machine)
}

#[test]
fn an_instruction_that_is_left_out_ends_the_run_before_it() {
    let rows: [(&str, Body<'_>); 6] = [
        ("SSE", &|a| a.addps(xmm0, xmm1)),
        ("MMX", &|a| a.paddd(mm0, mm1)),
        ("x87", &|a| a.fldpi()),
        ("VEX", &|a| a.db(&[0xc5, 0xf8, 0x58, 0xc1])),
        ("BMI", &|a| a.db(&[0xc4, 0xe2, 0x78, 0xf2, 0xc1])),
        ("a prefixed VEX", &|a| a.db(&[0x67, 0xc5, 0xf8, 0x10, 0x00])),
    ];
    for (name, instruction) in rows {
        let (stop, machine) = run(&|a| {
            a.mov(eax, 7)?;
            instruction(a)?;
            a.hlt()
        });
        assert_eq!(stop, Stop::LeftOut, "{name}");
        assert_eq!(machine.retired(), 1, "{name}: only what comes before it");
    }
}

#[test]
fn a_device_that_is_left_out_ends_the_run_before_it_is_touched() {
    for port in [0x21u8, 0xa1, 0x40, 0x43, 0x61, 0x70] {
        let (stop, machine) = run(&|a| {
            a.mov(eax, 7)?;
            a.out(u32::from(port), al)?;
            a.hlt()
        });
        assert_eq!((stop, machine.retired()), (Stop::LeftOut, 1), "{port:#x}");
    }
}

#[test]
fn registers_and_event_timers_that_are_left_out_end_the_run() {
    let rows: [(u64, &str, Body<'_>); 4] = [
        (8, "the NIC's flow director", &|a| {
            // Its memory enabled, FDIRCTRL written.
            for (port, value) in [(0xcf8, 0x8000_1804u32), (0xcfc, 2)] {
                a.mov(edx, port)?;
                a.mov(eax, value)?;
                a.out(dx, eax)?;
            }
            a.mov(ebx, 0xe000_ee00u32)?;
            a.mov(dword_ptr(rbx), eax)
        }),
        (1, "an event timer", &|a| a.mov(eax, dword_ptr(0xfed0_0000u64))),
        (2, "RDMSR", &|a| a.mov(ecx, 0x2ff).and_then(|()| a.rdmsr())),
        (2, "WRMSR", &|a| a.mov(ecx, 0x17a).and_then(|()| a.wrmsr())),
    ];
    for (retired, name, instruction) in rows {
        let (stop, machine) = run(&|a| {
            instruction(a)?;
            a.nop()?;
            a.hlt()
        });
        assert_eq!((stop, machine.retired()), (Stop::LeftOut, retired), "{name}");
    }
}

#[test]
fn an_external_interrupt_whose_vector_8259s_would_know_ends_the_run() {
    let store = |a: &mut CodeAssembler, at: u64, value: u64| {
        a.mov(rbx, at)?;
        a.mov(rax, value)?;
        a.mov(dword_ptr(rbx), eax)
    };
    let (stop, _) = run(&|a| {
        // The local APIC enabled by software; the remapping unit's invalidation event of delivery mode ExtINT.
        store(a, 0xfee0_00f0, 0x1ff)?;
        for (register, value) in [(0xa4, 0x700), (0xa8, 0xfee0_0000), (0xa0, 0), (0x90, CODE + 0x1000)] {
            store(a, VTD + register, value)?;
        }
        store(a, VTD + 0x18, 1 << 26)?;
        // An invalidation wait descriptor that asks for the event (VT-d 6.5.2.8).
        store(a, CODE + 0x1000, 0x15)?;
        store(a, VTD + 0x88, 0x10)?;
        a.sti()?;
        a.hlt()
    });
    assert_eq!(stop, Stop::LeftOut);
}

#[test]
fn code_that_is_not_64_bit_code_is_left_out() {
    let (stop, _) = run(&|a| {
        // A compatibility-mode code segment (SDM 3A 5.2.1) beside firmware's own descriptors.
        a.mov(rsp, 0x10_0000u64)?;
        a.mov(rax, 0x00cf_9b00_0000_ffffu64)?;
        a.push(rax)?;
        a.push(0)?;
        a.push(rsp)?;
        a.push(0)?;
        a.mov(word_ptr(rsp + 6), 15)?;
        a.lgdt(ptr(rsp + 6))?;
        a.push(8)?;
        a.mov(rax, CODE)?;
        a.push(rax)?;
        a.db(&[0x48, 0xcb])
    });
    assert_eq!(stop, Stop::LeftOut);
}

#[test]
fn what_is_there_runs_as_ever() {
    let (stop, machine) = run(&|a| {
        a.mov(eax, 7)?;
        a.ud2()
    });
    assert!(matches!(stop, Stop::TripleFault { .. }), "{stop}");
    assert_eq!(machine.retired(), 1);
}
