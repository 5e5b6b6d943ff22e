//! Far CALL and JMP: code segments and 64-bit call gates (SDM 3A 5.8).

use iced_x86::code_asm::*;

use crate::lab::*;

/// Leaves a far pointer at [`DATA`] and gives RBX its address.
fn pointer(a: &mut CodeAssembler, selector: u64, rip: u64) -> Result<(), IcedError> {
    a.mov(rbx, DATA)?;
    a.mov(rax, rip)?;
    a.mov(qword_ptr(rbx), rax)?;
    a.mov(word_ptr(rbx + 8), selector as u32)
}

/// REX.W CALL or JMP m16:64 at RBX.
fn call(a: &mut CodeAssembler, selector: u64) -> Result<(), IcedError> {
    pointer(a, selector, GATE_TARGET)?;
    a.db(&[0x48, 0xff, 0x1b])
}

fn jmp(a: &mut CodeAssembler, selector: u64) -> Result<(), IcedError> {
    pointer(a, selector, GATE_TARGET)?;
    a.db(&[0x48, 0xff, 0x2b])
}

#[test]
fn calls_and_jumps_refuse_what_they_must() {
    use Level::{Kernel, User};
    use selector as s;
    let rows = [
        ("null", Kernel, 0, (13, 0)),
        ("beyond the GDT", Kernel, s::NOWHERE, (13, s::NOWHERE)),
        ("a data segment", Kernel, s::DATA, (13, s::DATA)),
        ("absent code", Kernel, s::ABSENT_CODE, (11, s::ABSENT_CODE)),
        ("a weaker RPL", Kernel, s::CODE | 3, (13, s::CODE)),
        ("outer code", Kernel, s::USER_CODE & !3, (13, s::USER_CODE & !3)),
        ("a TSS, which 64-bit mode cannot switch to", Kernel, s::TSS, (13, s::TSS)),
        ("an LDT", Kernel, s::LDT, (13, s::LDT)),
        ("inner code", User, s::CODE, (13, s::CODE)),
        ("a gate that is absent", User, s::ABSENT_GATE | 3, (11, s::ABSENT_GATE)),
        ("a gate of ring 0", User, s::INNER_GATE, (13, s::INNER_GATE)),
        ("a gate to a data segment", User, s::GATE_TO_DATA | 3, (13, s::DATA)),
        ("a gate to absent code", User, s::GATE_TO_ABSENT | 3, if_called(11, s::ABSENT_CODE)),
        ("a gate to nothing", User, s::GATE_TO_NULL | 3, (13, 0)),
        ("a gate whose upper half has a type", User, s::BAD_GATE | 3, (13, s::BAD_GATE)),
        ("a gate with a weaker RPL", Kernel, s::INNER_GATE | 3, (13, s::INNER_GATE)),
    ];
    for (sentence, level, selector, (vector, code)) in rows {
        let expected = (vector, Some(code));
        assert_eq!(raised(level, &|a| call(a, selector)), expected, "CALL: {sentence}");
        if sentence != "a gate to absent code" {
            assert_eq!(raised(level, &|a| jmp(a, selector)), expected, "JMP: {sentence}");
        }
    }
}

/// JMP from ring 3 never gets as far as the presence of inner code.
fn if_called(vector: u64, code: u64) -> (u64, u64) {
    (vector, code)
}

#[test]
fn a_call_through_a_gate_to_ring_0_switches_to_its_stack() {
    let end = end(Level::User, &|a| call(a, selector::GATE | 3));
    assert_eq!((end.rip, end.cpl(), end.register(4)), (GATE_TARGET + 1, 0, RSP0 - 32));
    let frame: [u64; 4] = std::array::from_fn(|n| end.slot(n as u64));
    assert_eq!(frame[1..], [selector::USER_CODE, USER_STACK, selector::USER_DATA]);
    assert_eq!((frame[0] > USER, end.value("segments/SS/selector")), (true, 0));
}

#[test]
fn a_far_return_undoes_a_call_through_a_gate() {
    let mut machine = machine(Level::User, &|a| {
        call(a, selector::GATE | 3)?;
        a.mov(ecx, 0x77)
    });
    assert!(machine.write_memory(GATE_TARGET, &[0x48, 0xcb]));
    let end = End::of(machine);
    assert_eq!((end.vector(), end.register(1)), (6, 0x77));
    assert_eq!((end.frame().cs, end.frame().rsp), (selector::USER_CODE, USER_STACK));
}

#[test]
fn a_call_through_a_gate_of_the_same_level_keeps_the_stack() {
    let end = end(Level::Kernel, &|a| call(a, selector::GATE));
    assert_eq!((end.rip, end.register(4)), (GATE_TARGET + 1, STACK - 16));
    assert_eq!(end.slot(1), selector::CODE);
}

#[test]
fn a_jump_through_a_gate_gains_no_privilege() {
    let inner = raised(Level::User, &|a| jmp(a, selector::GATE | 3));
    assert_eq!(inner, (13, Some(selector::CODE)));
    let same = end(Level::Kernel, &|a| jmp(a, selector::GATE));
    assert_eq!((same.rip, same.register(4)), (GATE_TARGET + 1, STACK));
}

#[test]
fn a_gate_to_a_hole_faults_before_anything_changes() {
    let end = end(Level::User, &|a| call(a, selector::GATE_TO_HOLE | 3));
    assert_eq!((end.vector(), end.error()), (13, Some(0)));
    assert_eq!(end.frame().rsp, USER_STACK);
}

#[test]
fn a_gates_stack_comes_from_the_tss() {
    let spoil = |what: &dyn Fn(&mut emulator::machine::Machine)| {
        let mut machine = machine(Level::User, &|a| call(a, selector::GATE | 3));
        what(&mut machine);
        End::of(machine)
    };
    // A stack in a hole: #SS(0), delivered on IST1, since RSP0 is what is spoilt.
    let end = spoil(&|m| {
        poke(m, TSS + 4, 1 << 47);
        let gate = peek(m, IDT + 12 * 16) | 1 << 32;
        poke(m, IDT + 12 * 16, gate);
    });
    assert_eq!((end.vector(), end.error()), (12, Some(0)));
}

#[test]
fn conforming_code_runs_at_the_callers_level() {
    let end = end(Level::User, &|a| jmp(a, selector::CONFORMING | 3));
    // The HLT there is privileged.
    assert_eq!((end.vector(), end.frame().cs), (13, (selector::CONFORMING | 3)));
}

#[test]
fn a_far_call_pushes_operands_of_its_size() {
    let end = end(Level::Kernel, &|a| {
        pointer(a, selector::CODE, GATE_TARGET)?;
        // A 32-bit far pointer: the selector is at 4.
        a.mov(word_ptr(rbx + 4), (selector::CODE) as u32)?;
        a.db(&[0xff, 0x1b])
    });
    assert_eq!((end.rip, end.register(4)), (GATE_TARGET + 1, STACK - 8));
}
