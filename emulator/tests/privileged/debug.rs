//! Debug exceptions (SDM 3B 17.2, 17.3).

use emulator::machine::{Budget, Stop};
use emulator::time::Time;
use iced_x86::code_asm::*;

use crate::lab::*;

const WRITE: u64 = 1;
const PORT: u64 = 2;
const READ_WRITE: u64 = 3;
/// LENn.
const ONE: u64 = 0;
const TWO: u64 = 1;
const EIGHT: u64 = 2;
const FOUR: u64 = 3;

const BD: u64 = 1 << 13;
const BS: u64 = 1 << 14;
const ONES: u64 = 0xffff_0ff0;

/// L0 with its condition and length.
const fn l0(condition: u64, length: u64) -> u64 {
    1 | condition << 16 | length << 18
}

/// Points DR0 at `address` and writes DR7.
fn arm(a: &mut CodeAssembler, address: u64, control: u64) -> Result<(), IcedError> {
    a.mov(rax, address)?;
    a.mov(dr0, rax)?;
    a.mov(rax, control)?;
    a.mov(dr7, rax)?;
    a.mov(rbx, DATA)
}

/// Whether, with DR0 at `DATA + offset`, the access traps; UD2 follows it.
fn traps(offset: u64, control: u64, access: Instruction) -> bool {
    let end = end(Level::Kernel, &|a| {
        arm(a, DATA.wrapping_add(offset), control)?;
        access(a)
    });
    let status = end.value("debug/DR6");
    match end.vector() {
        1 => {
            assert_eq!(status, ONES | 1);
            // A trap: the return address is the UD2 after the access.
            assert_eq!(peek(&end.machine, end.frame().rip) & 0xffff, 0x0b0f);
            true
        }
        6 => {
            assert_eq!(status, ONES);
            false
        }
        other => panic!("vector {other}"),
    }
}

#[test]
fn a_data_breakpoint_traps_after_what_touches_its_bytes() {
    let store8: Instruction = |a| a.mov(byte_ptr(rbx), al);
    let store64: Instruction = |a| a.mov(qword_ptr(rbx), rax);
    let load64: Instruction = |a| a.mov(rax, qword_ptr(rbx));
    let update: Instruction = |a| a.add(dword_ptr(rbx), eax);
    let push: Instruction = |a| {
        a.lea(rsp, qword_ptr(rbx + 8))?;
        a.push(rax)
    };
    let crossing: Instruction = |a| a.mov(qword_ptr(rbx - 4), rax);
    let compare: Instruction = |a| a.cmp(qword_ptr(rbx), rax);
    let rows: [(&str, u64, u64, Instruction, bool); 19] = [
        ("a store meets a write breakpoint", 0, l0(WRITE, ONE), store8, true),
        ("a load does not", 0, l0(WRITE, EIGHT), load64, false),
        ("a load meets a read breakpoint", 0, l0(READ_WRITE, ONE), load64, true),
        ("a store meets it too", 0, l0(READ_WRITE, ONE), store8, true),
        ("an update meets a write breakpoint", 0, l0(WRITE, FOUR), update, true),
        ("a comparison only reads", 0, l0(WRITE, FOUR), compare, false),
        ("a comparison reads", 0, l0(READ_WRITE, FOUR), compare, true),
        ("a push is a store", 0, l0(WRITE, EIGHT), push, true),
        ("the last byte of eight", 7, l0(WRITE, ONE), store64, true),
        ("the byte after", 8, l0(WRITE, ONE), store64, false),
        ("LEN widens to two", 1, l0(WRITE, TWO), store8, true),
        ("LEN widens to four, aligned", 3, l0(WRITE, FOUR), store8, true),
        ("LEN widens to eight, aligned", 7, l0(WRITE, EIGHT), store8, true),
        ("a store across a page", 0, l0(WRITE, ONE), crossing, true),
        ("a store across a page, its first half", u64::MAX - 3, l0(WRITE, ONE), crossing, true),
        ("no enable", 0, WRITE << 16, store8, false),
        ("G0 enables as L0 does", 0, 2 | WRITE << 16, store8, true),
        ("an I/O breakpoint is none without CR4.DE", 0, l0(PORT, ONE), store8, false),
        ("another page", 0x1000, l0(WRITE, EIGHT), store64, false),
    ];
    for (sentence, offset, control, access, expected) in rows {
        assert_eq!(traps(offset, control, access), expected, "{sentence}");
        // The same once the page is in every cache there is.
        let warm = end(Level::Kernel, &|a| {
            a.mov(rbx, DATA)?;
            a.mov(rcx, qword_ptr(rbx))?;
            a.mov(qword_ptr(rbx), rcx)?;
            arm(a, DATA.wrapping_add(offset), control)?;
            access(a)
        });
        assert_eq!(warm.vector() == 1, expected, "{sentence}, warm");
    }
}

ends! { Kernel;
    a_string_store_stops_after_the_iteration_that_meets_the_breakpoint {
        mov(rax, DATA + 16); mov(dr0, rax); mov(eax, l0(WRITE, EIGHT) as u32); mov(dr7, rax);
        mov(rdi, DATA); mov(ecx, 8); db(&[0xf3, 0x48, 0xab]);
    } |end| {
        // RF in the frame: a trap between two iterations (17.3.1.1).
        assert_eq!((end.vector(), end.register(1), end.register(7)), (1, 5, DATA + 24));
        assert_eq!(end.frame().rflags & 1 << 16, 1 << 16);
    }
    the_last_iteration_ends_the_instruction {
        mov(rax, DATA + 56); mov(dr0, rax); mov(eax, l0(WRITE, EIGHT) as u32); mov(dr7, rax);
        mov(rdi, DATA); mov(ecx, 8); db(&[0xf3, 0x48, 0xab]);
    } |end| {
        assert_eq!((end.vector(), end.register(1)), (1, 0));
        assert_eq!((end.frame().rflags & 1 << 16, peek(&end.machine, end.frame().rip) & 0xffff), (0, 0x0b0f));
    }
    two_breakpoints_on_one_access_are_both_reported {
        mov(rax, DATA); mov(dr0, rax); mov(dr3, rax); mov(eax, (l0(WRITE, EIGHT) | 1 << 6 | READ_WRITE << 28) as u32);
        mov(dr7, rax); mov(rbx, DATA); mov(qword_ptr(rbx), rax);
    } |end| { assert_eq!((end.vector(), end.value("debug/DR6")), (1, ONES | 9)); }
    a_breakpoint_of_the_instruction_that_faults_is_lost {
        mov(rax, STACK - 8); mov(dr0, rax); mov(eax, l0(READ_WRITE, EIGHT) as u32); mov(dr7, rax);
        mov(rbx, 1u64 << 40); push(0); pop(qword_ptr(rbx));
    } |end| {
        // PUSH traps first; its handler halts.
        assert_eq!((end.vector(), end.value("debug/DR6")), (1, ONES | 1));
    }
    the_frame_of_an_event_is_written_like_any_memory {
        mov(rax, STACK - 8); mov(dr0, rax); mov(eax, l0(WRITE, EIGHT) as u32); mov(dr7, rax); int(OPEN as i32);
    } |end| {
        // #DB before the first instruction of the handler of INT; its frame lies below that of INT.
        assert_eq!((end.vector(), end.frame().rip), (1, HANDLERS + OPEN * 16));
    }
    an_instruction_breakpoint_faults_before_the_instruction {
        mov(rax, GATE_TARGET); mov(dr0, rax); mov(ecx, 1); mov(dr7, rcx); jmp(rax);
    } |end| {
        assert_eq!((end.vector(), end.frame().rip, end.frame().rflags & 1 << 16), (1, GATE_TARGET, 0));
        assert_eq!(end.value("debug/DR6"), ONES | 1);
    }
    rf_from_iret_holds_an_instruction_breakpoint_back_once {
        mov(rax, GATE_TARGET); mov(dr0, rax); mov(ecx, 1); mov(dr7, rcx);
        push(selector::DATA as i32); mov(rcx, STACK); push(rcx); push(0x1_0002); push(selector::CODE as i32); push(rax); iretq();
    } |end| { assert_eq!((end.rip, end.value("debug/DR6")), (GATE_TARGET + 1, ONES)); }
    popf_cannot_set_rf {
        push(0x1_0002); popfq(); pushfq(); pop(rax); ud2();
    } |end| { assert_eq!((end.vector(), end.register(0)), (6, 2)); }
    a_data_breakpoint_of_mov_ss_waits_for_the_next_instruction {
        mov(rbx, DATA); mov(word_ptr(rbx), selector::DATA as u32); mov(dr0, rbx);
        mov(eax, l0(READ_WRITE, TWO) as u32); mov(dr7, rax); mov(ss, word_ptr(rbx)); int(OPEN as i32);
    } |end| {
        // SDM 3A 6.8.3: INT comes first, and the trap before its handler's first instruction.
        assert_eq!((end.vector(), end.frame().rip), (1, HANDLERS + OPEN * 16));
    }
    a_fault_after_mov_ss_loses_what_was_pending {
        mov(rbx, DATA); mov(word_ptr(rbx), selector::DATA as u32); mov(dr0, rbx);
        mov(eax, l0(READ_WRITE, TWO) as u32); mov(dr7, rax); mov(ss, word_ptr(rbx)); ud2();
    } |end| { assert_eq!((end.vector(), end.value("debug/DR6")), (6, ONES)); }
    an_io_breakpoint_traps_after_the_access {
        mov(rax, cr4); bts(eax, 3); mov(cr4, rax); mov(eax, 0x80); mov(dr0, rax);
        mov(eax, l0(PORT, FOUR) as u32); mov(dr7, rax); out(0x83, al);
    } |end| {
        assert_eq!((end.vector(), end.value("debug/DR6")), (1, ONES | 1));
        assert_eq!(peek(&end.machine, end.frame().rip) & 0xffff, 0x0b0f);
    }
    an_io_breakpoint_ignores_its_neighbours {
        mov(rax, cr4); bts(eax, 3); mov(cr4, rax); mov(eax, 0x80); mov(dr0, rax);
        mov(eax, l0(PORT, FOUR) as u32); mov(dr7, rax); out(0x84, al);
    } |end| { assert_eq!(end.vector(), 6); }
    general_detect_comes_before_the_access {
        mov(eax, 0x2400); mov(dr7, rax); mov(ecx, 5); mov(rcx, dr0);
    } |end| {
        assert_eq!((end.vector(), end.register(1), end.value("debug/DR6")), (1, 5, ONES | BD));
        // The handler may use the debug registers.
        assert_eq!(end.value("debug/DR7"), 0x400);
    }
    a_single_step_traps_after_the_instruction_after_popf {
        push(0x102); popfq(); mov(ecx, 1); mov(ecx, 2);
    } |end| {
        assert_eq!((end.vector(), end.register(1), end.value("debug/DR6")), (1, 1, ONES | BS));
        assert_eq!((end.frame().rflags, end.value("registers/RFLAGS")), (0x102, 2));
    }
    popf_that_clears_tf_is_stepped_still {
        mov(rbx, STACK); push(2); push(0x102); popfq(); popfq(); ud2();
    } |end| { assert_eq!((end.vector(), end.frame().rflags, end.register(4)), (1, 2, STACK - 40)); }
    a_software_interrupt_takes_tf_away {
        push(0x102); popfq(); int(OPEN as i32);
    } |end| { assert_eq!((end.vector(), end.frame().rflags), (OPEN, 0x102)); }
    mov_ss_swallows_its_own_step {
        mov(eax, selector::DATA as u32); push(0x102); popfq(); mov(ss, eax); mov(ecx, 1); mov(ecx, 2);
    } |end| { assert_eq!((end.vector(), end.register(1)), (1, 1)); }
    a_step_goes_through_one_iteration_of_a_string {
        mov(rdi, DATA); mov(ecx, 8); push(0x102); popfq(); db(&[0xf3, 0xaa]);
    } |end| { assert_eq!((end.vector(), end.register(1)), (1, 7)); }
    a_faulting_instruction_is_not_stepped { push(0x102); popfq(); ud2(); } |end| {
        assert_eq!((end.vector(), end.value("debug/DR6")), (6, ONES));
    }
    a_branch_step_passes_what_does_not_branch {
        mov(ecx, 0x1d9); mov(eax, 2); xor(edx, edx); wrmsr(); push(0x102); popfq();
        mov(ecx, 1); mov(ecx, 2); mov(rax, GATE_TARGET); jmp(rax);
    } |end| { assert_eq!((end.vector(), end.frame().rip, end.register(1)), (1, GATE_TARGET, 2)); }
    int1_leaves_the_debug_registers_alone { int1(); } |end| {
        assert_eq!((end.vector(), end.value("debug/DR6")), (1, ONES));
    }
    dr7_has_its_fixed_bits { mov(rax, 0xffff_d600u64); mov(dr7, rax); mov(rbx, dr7); ud2(); } |end| {
        assert_eq!(end.register(3), 0xffff_0600);
    }
    dr6_has_its_fixed_bits { xor(eax, eax); mov(dr6, rax); mov(rbx, dr6); ud2(); } |end| {
        assert_eq!(end.register(3), ONES);
    }
    dr4_is_dr6_without_debugging_extensions { db(&[0x0f, 0x21, 0xe0]); ud2(); } |end| {
        assert_eq!(end.register(0), ONES);
    }
    breakpoints_lie_still_where_nothing_is_armed {
        mov(rbx, DATA); mov(dr0, rbx); mov(qword_ptr(rbx), rax); ud2();
    } |end| { assert_eq!((end.vector(), end.value("debug/DR6")), (6, ONES)); }
}

#[test]
fn mov_ss_holds_an_instruction_breakpoint_back() {
    // MOV SS, NOP, then UD2, with a breakpoint on the NOP.
    let end = end(Level::Kernel, &|a| {
        let mut next = a.create_label();
        a.lea(rax, ptr(next))?;
        a.mov(dr0, rax)?;
        a.mov(ecx, 1)?;
        a.mov(edx, selector::DATA as u32)?;
        a.mov(dr7, rcx)?;
        a.mov(ss, edx)?;
        a.set_label(&mut next)?;
        a.nop()
    });
    assert_eq!((end.vector(), end.value("debug/DR6")), (6, ONES));
}

/// CVE-2015-8104: #DB whose delivery writes what a data breakpoint watches. No instruction ever retires again.
#[test]
fn a_delivery_that_breaks_on_itself_goes_on_for_ever_and_yet_ends_with_the_budget() {
    let mut machine = machine(Level::Kernel, &|a| {
        arm(a, IST1 - 8, l0(WRITE, EIGHT))?;
        a.mov(rcx, IST1 - 8)?;
        a.mov(qword_ptr(rcx), rax)
    });
    let gate = peek(&machine, IDT + 16) | 1 << 32;
    poke(&mut machine, IDT + 16, gate);
    assert_eq!(machine.run(Budget::until(Time::us(100))), Stop::Budget);
    let retired = machine.retired();
    assert_eq!(machine.run(Budget::until(Time::ms(1))), Stop::Budget);
    assert_eq!((machine.retired(), machine.registers(0).rip), (retired, HANDLERS + 16));
    assert!(machine.now() >= Time::ms(1));
    // A limit in instructions holds, too, although none retires.
    assert_eq!(machine.run(Budget::instructions(1)), Stop::Budget);
    assert_eq!(machine.retired(), retired);
}

/// What a program does, and what it costs, is the same with a breakpoint armed that it never meets.
#[test]
fn an_armed_breakpoint_that_is_not_met_changes_neither_state_nor_time() {
    let run = |watched: u64| {
        let end = end(Level::Kernel, &|a| {
            arm(a, watched, l0(READ_WRITE, EIGHT))?;
            a.mov(rdi, DATA)?;
            a.mov(rsi, DATA + 0x800)?;
            a.mov(ecx, 300)?;
            a.rep().movsb()?;
            a.mov(ecx, 200)?;
            let mut again = a.create_label();
            a.set_label(&mut again)?;
            a.add(qword_ptr(rbx + rcx * 8), rcx)?;
            a.push(rcx)?;
            a.pop(rdx)?;
            a.dec(rcx)?;
            a.jnz(again)
        });
        let state = end.machine.registers(0);
        (state.cycles, state.retired, state.regs, state.rflags, end.vector())
    };
    // DR0 in a page that is never touched, in the page that is, and disabled: same code, same time.
    let far = run(DATA + 0x10_0000);
    assert_eq!(run(DATA + 0xff8), far);
    assert_eq!(far.4, 6);
}
