//! Task switches (SDM 3A 7.3).

use emulator::machine::Machine;
use iced_x86::code_asm::*;

use crate::protected_lab::*;
use Level::{Kernel, User};
use selector as s;

/// Gives the other 32-bit task a state: at [`TARGET`], in ring 0, with registers of its own.
pub fn prepare(machine: &mut Machine) {
    poke(machine, TSS_2 + 0x20, TARGET as u32);
    poke(machine, TSS_2 + 0x24, 2);
    for n in 0..8 {
        poke(machine, TSS_2 + 0x28 + 4 * n, 0x100 + n as u32);
    }
    poke(machine, TSS_2 + 0x38, STACK_2 as u32);
    for (n, selector) in [s::DATA, s::CODE, s::DATA, s::DATA, 0, 0].into_iter().enumerate() {
        poke(machine, TSS_2 + 0x48 + 4 * n as u64, selector as u32);
    }
}

fn prepared(level: Level, body: Body<'_>) -> Machine {
    let mut machine = machine(level, body);
    prepare(&mut machine);
    machine
}

fn is_busy(machine: &Machine, selector: u64) -> bool {
    peek(machine, GDT + selector + 4) & 0x200 != 0
}

#[test]
fn a_jump_changes_tasks() {
    let end = End::of(prepared(Kernel, &|a| {
        a.mov(ebx, 0x5555)?;
        a.db(&far(JMP_FAR, s::TSS_2, 0))
    }));
    assert_eq!(
        (end.machine.registers(0).rip, end.register(4), end.register(3)),
        (TARGET + 1, STACK_2, 0x103)
    );
    assert_eq!((end.value("segments/TR/selector"), end.value("control/CR0") & 8), (s::TSS_2, 8));
    assert_eq!((is_busy(&end.machine, s::TSS), is_busy(&end.machine, s::TSS_2)), (false, true));
    assert_eq!((peek(&end.machine, TSS + 0x34), peek(&end.machine, TSS + 0x4c)), (0x5555, s::CODE as u32));
    assert_eq!(end.value("registers/RFLAGS") & 0x4000, 0);
}

#[test]
fn a_call_nests_and_iret_returns() {
    let mut machine = prepared(Kernel, &|a| {
        a.db(&far(CALL_FAR, s::TSS_2, 0))?;
        a.mov(edx, 0x77)
    });
    assert!(machine.write_memory(TARGET, &[0x9c, 0x5d, 0xcf])); // PUSHFD, POP EBP, IRETD
    let end = End::of(machine);
    assert_eq!((end.register(2), end.value("segments/TR/selector")), (0x77, s::TSS));
    assert_eq!(peek(&end.machine, TSS_2) & 0xffff, s::TSS as u32);
    assert_eq!(peek(&end.machine, TSS_2 + 0x3c) & 0x4000, 0x4000, "NT is set in the nested task");
    assert_eq!(peek(&end.machine, TSS_2 + 0x24) & 0x4000, 0, "and cleared in what IRET saves");
    assert_eq!((is_busy(&end.machine, s::TSS), is_busy(&end.machine, s::TSS_2)), (true, false));
}

#[test]
fn a_task_gate_takes_ring_3_to_ring_0() {
    let end = End::of(prepared(User, &|a| a.db(&far(CALL_FAR, s::TASK_GATE | 3, 0))));
    assert_eq!((end.machine.registers(0).rip, end.value("segments/CS/selector")), (TARGET + 1, s::CODE));
}

#[test]
fn an_exception_through_a_task_gate_pushes_its_error_code() {
    let mut machine = prepared(Kernel, &|a| {
        a.mov(eax, 0x1230)?;
        a.mov(ds, ax)
    });
    quad(&mut machine, IDT + 8 * 13, gate(s::TSS_2, 0, 0x85, 0));
    let end = End::of(machine);
    assert_eq!((end.register(4), end.slot(0)), (STACK_2 - 4, 0x1230));
    assert_eq!(end.value("segments/TR/selector"), s::TSS_2);
}

#[test]
fn a_16_bit_task_has_words() {
    let mut machine = machine(Kernel, &|a| a.db(&far(JMP_FAR, s::TSS_16, 0)));
    let words = [0u16, 0, 0, 0, 0, 0, 0, 0, 2, 0xa, 0xc, 0xd, 0xb, 0x8000, 0xbb, 0x51, 0xd1];
    for (n, word) in words.into_iter().enumerate() {
        assert!(machine.write_memory(TSS_16 + 2 * n as u64, &word.to_le_bytes()));
    }
    for (n, selector) in [s::DATA, s::CODE_16, s::DATA, s::DATA, 0].into_iter().enumerate() {
        assert!(machine.write_memory(TSS_16 + 0x22 + 2 * n as u64, &(selector as u16).to_le_bytes()));
    }
    let end = End::of(machine);
    assert_eq!((end.register(0), end.register(7), end.register(4)), (0xa, 0xd1, 0x8000));
    assert_eq!(
        (end.value("segments/CS/selector"), end.value("segments/TR/selector")),
        (s::CODE_16, s::TSS_16)
    );
}

/// SDM 3A 7.6: only a 32-bit state segment has an I/O permission bitmap.
#[test]
fn a_16_bit_task_permits_no_port() {
    for (rights, expected) in [(0x89, (6, None)), (0x81, (13, Some(0)))] {
        let mut machine = machine(User, &|a| a.in_(al, 0x80));
        quad(&mut machine, GDT + s::TSS, descriptor(TSS, 0x100, rights));
        // Zeros from 80H on: all ports are permitted.
        poke(&mut machine, TSS + 0x64, 0x80 << 16);
        if rights == 0x81 {
            // SP0 and SS0, a word each.
            poke(&mut machine, TSS + 2, 0x7000 | (s::DATA as u32) << 16);
        }
        assert_eq!(End::of(machine).raised(), expected, "{rights:#x}");
    }
}

#[test]
fn what_a_task_gets_wrong_is_its_own_ts() {
    let with = |place: u64, value: u64| {
        let mut machine = prepared(Kernel, &|a| a.db(&far(JMP_FAR, s::TSS_2, 0)));
        poke(&mut machine, TSS_2 + place, value as u32);
        let end = End::of(machine);
        assert_eq!(end.value("segments/TR/selector"), s::TSS_2);
        end.raised()
    };
    assert_eq!(with(0x54, s::TSS), (10, Some(s::TSS)), "DS is no segment");
    assert_eq!(with(0x58, s::ABSENT), (11, Some(s::ABSENT)), "FS is absent");
}

#[test]
fn without_an_ldt_no_segment_is_there_yet() {
    let mut machine = prepared(Kernel, &|a| a.db(&far(JMP_FAR, s::TSS_2, 0)));
    poke(&mut machine, TSS_2 + 0x60, s::DATA as u32);
    // Only another task can handle it: the first one, which has been left.
    quad(&mut machine, IDT + 8 * 10, gate(s::TSS, 0, 0x85, 0));
    let end = End::of(machine);
    assert_eq!((end.value("segments/TR/selector"), end.slot(0)), (s::TSS, s::DATA));
    assert_eq!(peek(&end.machine, TSS) & 0xffff, s::TSS_2 as u32);
}

#[test]
fn a_task_is_refused_before_anything_changes() {
    let mut machine = prepared(Kernel, &|a| a.db(&far(JMP_FAR, s::TSS_2, 0)));
    quad(&mut machine, GDT + s::TSS_2, descriptor(TSS_2, 0x66, 0x89));
    let short = End::of(machine);
    assert_eq!((short.raised(), short.value("segments/TR/selector")), ((10, Some(s::TSS_2)), s::TSS));
    let mut machine = prepared(Kernel, &|a| a.db(&far(JMP_FAR, s::TSS_2, 0)));
    quad(&mut machine, GDT + s::TSS_2, descriptor(TSS_2, 0x67, 0x09));
    assert_eq!(End::of(machine).raised(), (11, Some(s::TSS_2)));
}

#[test]
fn the_debug_trap_flag_traps_in_the_new_task() {
    let mut machine = prepared(Kernel, &|a| a.db(&far(JMP_FAR, s::TSS_2, 0)));
    poke(&mut machine, TSS_2 + 0x64, 1);
    let end = End::of(machine);
    assert_eq!((end.raised(), end.slot(0)), ((1, None), TARGET));
    assert_eq!(end.value("debug/DR6") & 0x8000, 0x8000);
}
