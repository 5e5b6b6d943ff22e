//! Gates, privileges and returns of 32-bit protected mode (SDM 3A 5.8, 6.12; volume 2).

use iced_x86::code_asm::*;

use crate::protected_lab::*;
use Level::{Kernel, User};
use selector as s;

#[test]
fn an_exception_at_the_same_level_pushes_flags_code_and_pointer() {
    let end = end(Kernel, &|a| a.ud2());
    assert_eq!((end.raised(), end.register(4)), ((6, None), STACK - 12));
    assert_eq!((end.slot(1), end.slot(2) & 2), (s::CODE, 2));
    assert!((CODE..CODE + 0x40).contains(&end.slot(0)));
}

#[test]
fn an_exception_at_cpl_3_takes_the_stack_of_the_tss() {
    let end = end(User, &|a| a.hlt());
    assert_eq!((end.raised(), end.register(4)), ((13, Some(0)), ESP0 - 24));
    assert_eq!([1, 2, 4, 5].map(|n| end.slot(n)), [USER, s::USER_CODE, USER_STACK, s::USER_DATA]);
    assert_eq!(end.value("segments/SS/selector"), s::DATA);
}

#[test]
fn software_interrupts_need_the_gates_privilege() {
    assert_eq!(raised(User, &|a| a.int(0x80)), (0x80, None));
    assert_eq!(raised(User, &|a| a.int(0x81)), (13, Some(0x81 * 8 + 2)));
    assert_eq!(raised(User, &|a| a.int3()), (13, Some(3 * 8 + 2)));
}

#[test]
fn gates_are_checked() {
    let with = |vector: u64, gate: u64| {
        let mut machine = machine(Kernel, &|a| a.int(0x90));
        quad(&mut machine, IDT + 8 * vector, gate);
        End::of(machine).raised()
    };
    assert_eq!(with(0x90, gate(s::CODE, HANDLERS, 0x0e, 0)), (11, Some(0x90 * 8 + 2)), "absent");
    assert_eq!(with(0x90, gate(s::CODE, HANDLERS, 0x8c, 0)), (13, Some(0x90 * 8 + 2)), "a call gate");
    assert_eq!(with(0x90, gate(0, HANDLERS, 0x8e, 0)), (13, Some(0)), "no segment");
    assert_eq!(with(0x90, gate(s::DATA, HANDLERS, 0x8e, 0)), (13, Some(s::DATA)), "data");
    assert_eq!(with(0x90, gate(s::USER_CODE & !3, HANDLERS, 0x8e, 0)), (13, Some(0x18)), "outer code");
}

#[test]
fn sixteen_bit_gates_push_words_and_trap_gates_keep_the_interrupt_flag() {
    let mut machine = machine(Kernel, &|a| {
        a.sti()?;
        a.nop()?;
        a.int(0x90)
    });
    quad(&mut machine, IDT + 8 * 0x90, gate(s::CODE_16, 0, 0x87, 0));
    let end = End::of(machine);
    assert_eq!((end.register(4), end.value("segments/CS/selector")), (STACK - 6, s::CODE_16));
    assert_eq!(end.value("registers/RFLAGS") & 0x200, 0x200);
}

#[test]
fn a_stack_that_the_tss_gets_wrong_is_ts() {
    let with = |selector: u64| {
        let mut machine = machine(User, &|a| a.int(0x80));
        poke(&mut machine, TSS + 8, selector as u32);
        // #TS is delivered by a task, since ring 0 has no stack.
        quad(&mut machine, IDT + 8 * 10, gate(s::TSS_2, 0, 0x85, 0));
        task(&mut machine);
        let end = End::of(machine);
        (end.machine.registers(0).rip, u64::from(peek(&end.machine, end.register(4))))
    };
    assert_eq!(with(0), (TARGET + 1, 0));
    assert_eq!(with(s::USER_DATA), (TARGET + 1, s::USER_DATA & !3));
    assert_eq!(with(s::CODE), (TARGET + 1, s::CODE));
}

/// Makes the other task one that runs at [`TARGET`].
fn task(machine: &mut emulator::machine::Machine) {
    crate::tasks::prepare(machine);
}

#[test]
fn iret_goes_back_to_what_was_interrupted() {
    let mut machine = machine(User, &|a| {
        a.int(0x80)?;
        a.mov(edx, 0x77)
    });
    assert!(machine.write_memory(HANDLERS + 16 * 0x80, &[0xcf]));
    let end = End::of(machine);
    assert_eq!((end.raised(), end.register(2)), ((6, None), 0x77));
    assert_eq!((end.slot(1), end.slot(3)), (s::USER_CODE, USER_STACK));
}

#[test]
fn returns_to_an_outer_level_clear_inner_segments() {
    let end = end(Kernel, &|a| {
        a.mov(eax, s::DATA as u32)?;
        a.mov(fs, ax)?;
        a.push(s::USER_DATA as i32)?;
        a.push(USER_STACK as i32)?;
        a.push(s::USER_CODE as i32)?;
        a.push(USER as i32)?;
        a.retf()
    });
    // Zeros are ADD [EAX], AL with a null DS.
    assert_eq!((end.raised(), end.value("segments/FS/selector")), ((13, Some(0)), 0));
    assert_eq!((end.slot(1), end.slot(4)), (USER, USER_STACK));
}

#[test]
fn a_call_gate_copies_parameters_to_the_inner_stack() {
    let end = end(User, &|a| {
        a.push(0x1111)?;
        a.push(0x2222)?;
        a.db(&far(CALL_FAR, s::GATE | 3, 0))
    });
    assert_eq!((end.machine.registers(0).rip, end.register(4)), (TARGET + 1, ESP0 - 24));
    let frame = [1, 2, 3, 4, 5].map(|n| end.slot(n));
    assert_eq!(frame, [s::USER_CODE, 0x2222, 0x1111, USER_STACK - 8, s::USER_DATA]);
}

#[test]
fn a_far_return_releases_parameters_on_both_stacks() {
    let mut machine = machine(User, &|a| {
        a.push(1)?;
        a.push(2)?;
        a.db(&far(CALL_FAR, s::GATE | 3, 0))?;
        a.mov(edx, 0x77)
    });
    assert!(machine.write_memory(TARGET, &[0xca, 8, 0]));
    let end = End::of(machine);
    assert_eq!((end.raised(), end.register(2), end.slot(3)), ((6, None), 0x77, USER_STACK));
}

#[test]
fn far_transfers_refuse_what_they_must() {
    let rows = [
        ("null", Kernel, 0, (13, Some(0))),
        ("beyond the GDT", Kernel, 0x1000, (13, Some(0x1000))),
        ("data", Kernel, s::DATA, (13, Some(s::DATA))),
        ("inner code", User, s::CODE, (13, Some(s::CODE))),
        ("outer code", Kernel, s::USER_CODE & !3, (13, Some(s::USER_CODE & !3))),
        ("a gate of ring 0", User, s::TSS, (13, Some(s::TSS))),
        ("a busy task", Kernel, s::TSS, (13, Some(s::TSS))),
    ];
    for (sentence, level, selector, expected) in rows {
        for opcode in [CALL_FAR, JMP_FAR] {
            assert_eq!(raised(level, &|a| a.db(&far(opcode, selector, TARGET))), expected, "{sentence}");
        }
    }
    assert_eq!(raised(User, &|a| a.db(&far(JMP_FAR, s::GATE | 3, 0))), (13, Some(s::CODE)), "JMP inwards");
}

#[test]
fn sixteen_bit_code_runs_in_its_segment() {
    let mut machine = machine(Kernel, &|a| a.db(&far(JMP_FAR, s::CODE_16, 0x40)));
    let code = assemble(16, 0x40, &|a| {
        a.mov(ax, 0x1234)?;
        a.push(ax)?;
        a.mov(ebx, esp)?;
        a.mov(cx, word_ptr(ebx))?;
        a.hlt()
    });
    assert!(machine.write_memory(TARGET + 0x40, &code));
    let end = End::of(machine);
    assert_eq!((end.register(1) & 0xffff, end.register(3)), (0x1234, STACK - 2));
}

#[test]
fn fast_calls_are_of_32_bits() {
    let mut machine = machine(Kernel, &|a| {
        for (msr, value) in [(0x174, s::CODE), (0x175, ESP0), (0x176, TARGET)] {
            a.mov(ecx, msr)?;
            a.mov(eax, value as u32)?;
            a.xor(edx, edx)?;
            a.wrmsr()?;
        }
        a.mov(edx, USER as u32)?;
        a.mov(ecx, USER_STACK as u32)?;
        a.sysexit()
    });
    assert!(machine.write_memory(USER, &[0x0f, 0x34]));
    let end = End::of(machine);
    assert_eq!((end.machine.registers(0).rip, end.register(4)), (TARGET + 1, ESP0));
    let selectors = ["CS", "SS"].map(|name| end.value(&format!("segments/{name}/selector")));
    assert_eq!(selectors, [s::CODE, s::DATA]);
}

#[test]
fn syscall_is_not_there() {
    assert_eq!(raised(Kernel, &|a| a.syscall()), (6, None));
}

#[test]
fn instructions_that_64_bit_mode_lacks_are_there() {
    let end = end(Kernel, &|a| {
        a.mov(eax, 0x0205)?;
        a.aad(10)?;
        a.mov(ecx, eax)?;
        a.mov(dword_ptr(DATA), 0x1234_5678)?;
        a.mov(word_ptr(DATA + 4), s::USER_DATA as u32)?;
        a.les(edx, fword_ptr(DATA))?;
        a.mov(ebx, 0x10)?;
        a.mov(esi, 3)?;
        a.arpl(bx, si)
    });
    assert_eq!((end.register(1), end.register(2), end.register(3)), (25, 0x1234_5678, 0x13));
    assert_eq!(end.value("segments/ES/selector"), s::USER_DATA);
}

/// Outside 64-bit mode there are eight vector registers, and FXSAVE leaves what belongs to the others alone (SDM 1
/// 10.5.1).
#[test]
fn fxsave_writes_eight_vector_registers() {
    const SEVENTH: u64 = DATA + 160 + 7 * 16;
    let mut machine = machine(Level::Kernel, &|a| {
        a.mov(eax, cr4)?;
        a.or(eax, 0x200)?;
        a.mov(cr4, eax)?;
        let [b0, b1, b2, b3] = (DATA as u32).to_le_bytes();
        a.db(&[0x0f, 0xae, 0x05, b0, b1, b2, b3])
    });
    for at in [SEVENTH, SEVENTH + 16, DATA + 412] {
        poke(&mut machine, at, 0xa5a5_a5a5);
    }
    let end = End::of(machine);
    let there = [SEVENTH, SEVENTH + 16, DATA + 412].map(|at| peek(&end.machine, at));
    assert_eq!(there, [0, 0xa5a5_a5a5, 0xa5a5_a5a5]);
}
