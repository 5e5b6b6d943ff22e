//! Events of a guest: exits for exceptions, injection, delivery that exits, windows, timers (SDM 3C 25 to 27).

use emulator::vmx::controls::{entry, exit as exit_controls, pin, primary};
use emulator::vmx::fields::*;
use iced_x86::code_asm::*;

use crate::lab::*;
use crate::vm::*;

const VALID: u64 = 1 << 31;
const CODE_VALID: u64 = 1 << 11;
const HARDWARE: u64 = 3 << 8;

fn bitmap(vectors: &[u64]) -> Set {
    (EXCEPTION_BITMAP, vectors.iter().map(|v| 1 << v).sum())
}

fn debug_controls() -> Set {
    (VM_ENTRY_CONTROLS, u64::from(entry::DEFAULT1 | entry::IA32E_MODE_GUEST | entry::LOAD_DEBUG_CONTROLS))
}

fn save_debug_controls() -> Set {
    let controls =
        exit_controls::DEFAULT1 | exit_controls::HOST_ADDRESS_SPACE_SIZE | exit_controls::SAVE_DEBUG_CONTROLS;
    (VM_EXIT_CONTROLS, controls.into())
}

/// The guest sends itself interrupts: its MSR writes pass.
fn own_apic() -> Set {
    primary_controls(primary::USE_MSR_BITMAPS)
}

fn wrmsr(a: &mut CodeAssembler, msr: u32, value: u32) -> Result<(), IcedError> {
    a.mov(ecx, msr)?;
    a.mov(eax, value)?;
    a.xor(edx, edx)?;
    a.wrmsr()
}

fn apic(a: &mut CodeAssembler) -> Result<(), IcedError> {
    wrmsr(a, 0x1b, 0xfee0_0d00)?;
    wrmsr(a, 0x80f, 0x1ff)
}

fn nmi(a: &mut CodeAssembler) -> Result<(), IcedError> {
    wrmsr(a, 0x830, 0x4400)
}

#[test]
fn exceptions_exit_by_the_bitmap_with_their_code() {
    let rows: [(&str, u64, Body<'_>, [u64; 4]); 6] = [
        ("#UD", 6, &|a| a.ud2(), [VALID | HARDWARE | 6, 0, 0, 1 << 16]),
        ("#GP", 13, &|a| a.mov(cr8, rsp), [VALID | CODE_VALID | HARDWARE | 13, 0, 0, 1 << 16]),
        (
            "#NP",
            11,
            &|a| a.int(ABSENT as i32),
            [VALID | CODE_VALID | HARDWARE | 11, ABSENT * 8 + 2, 0, 1 << 16],
        ),
        (
            "#PF",
            14,
            &|a| {
                a.mov(rbx, 1u64 << 40)?;
                a.mov(qword_ptr(rbx), rax)
            },
            [VALID | CODE_VALID | HARDWARE | 14, 2, 1 << 40, 1 << 16],
        ),
        ("#BP", 3, &|a| a.int3(), [VALID | 6 << 8 | 3, 0, 0, 0]),
        ("INT1", 1, &|a| a.int1(), [VALID | 5 << 8 | 1, 0, 0, 0]),
    ];
    for (sentence, vector, guest, expected) in rows {
        let exit = exit(&[bitmap(&[vector])], guest);
        assert_eq!(exit.reason(), 0, "{sentence}");
        let got = [
            exit.get(VM_EXIT_INTERRUPTION_INFO),
            exit.get(VM_EXIT_INTERRUPTION_ERROR_CODE),
            exit.get(EXIT_QUALIFICATION),
            exit.get(GUEST_RFLAGS) & 1 << 16,
        ];
        assert_eq!(got, expected, "{sentence}");
        // CR2 is the host's to write.
        assert_eq!(exit.0.value("control/CR2"), 0, "{sentence}");
        // Software exceptions have a length.
        if matches!(vector, 1 | 3) {
            assert_eq!(exit.at(), (0, 1), "{sentence}");
        }
    }
}

#[test]
fn a_software_interrupt_ignores_the_bitmap() {
    let exit = exit(&[(EXCEPTION_BITMAP, u64::from(u32::MAX))], &|a| a.int(OPEN as i32));
    // The handler's HLT exits.
    assert_eq!((exit.reason(), exit.get(GUEST_RIP)), (12, HANDLERS + OPEN * 16));
}

#[test]
fn a_debug_exception_that_exits_leaves_the_debug_registers() {
    let watch =
        [debug_controls(), save_debug_controls(), bitmap(&[1]), (GUEST_DR7, 0x400 | 1 | 1 << 16 | 2 << 18)];
    let data = exit(&watch, &|a| {
        a.mov(rbx, DATA)?;
        a.mov(dr0, rbx)?;
        a.mov(qword_ptr(rbx), rax)
    });
    assert_eq!(data.why(), (0, 1));
    // A trap: RIP is after the store, RF is clear; DR6 is as it was, DR7 is saved and reset.
    assert_eq!((data.at().0, data.get(GUEST_RFLAGS)), (16, 2));
    assert_eq!((data.0.value("debug/DR6"), data.0.value("debug/DR7")), (0xffff_0ff0, 0x400));
    assert_eq!((data.get(GUEST_DR7), data.get(GUEST_PENDING_DEBUG_EXCEPTIONS)), (watch[3].1, 0));
    let step = exit(&[bitmap(&[1]), (GUEST_RFLAGS, 0x102)], &|a| a.nop());
    assert_eq!((step.why(), step.at().0), ((0, 1 << 14), 1));
    let detect = exit(&[debug_controls(), save_debug_controls(), bitmap(&[1]), (GUEST_DR7, 0x2400)], &|a| {
        a.mov(rax, dr7)
    });
    assert_eq!((detect.why(), detect.at().0, detect.get(GUEST_DR7)), ((0, 1 << 13), 0, 0x2400));
    let code = exit(&[debug_controls(), bitmap(&[1]), (GUEST_DR7, 0x401)], &|a| {
        a.mov(rbx, GUEST + 16)?;
        a.mov(dr0, rbx)?;
        a.nop()?;
        a.nop()?;
        a.nop()?;
        a.nop()
    });
    assert_eq!((code.why(), code.at().0, code.get(GUEST_RFLAGS) & 1 << 16), ((0, 1), 16, 0));
}

#[test]
fn dr7_is_the_hosts_without_the_controls() {
    // LOAD_DEBUG_CONTROLS is of the default1 class, which the TRUE controls let go.
    let bare = u64::from(entry::DEFAULT1 & !entry::LOAD_DEBUG_CONTROLS | entry::IA32E_MODE_GUEST);
    let exit = exit(&[(VM_ENTRY_CONTROLS, bare), (GUEST_DR7, 0x400 | 1), bitmap(&[1])], &|a| {
        a.mov(rax, GUEST)?;
        a.mov(rbx, dr7)?;
        a.vmcall()
    });
    assert_eq!((exit.reason(), exit.0.register(3)), (18, 0x400));
}

#[test]
fn pending_debug_exceptions_of_an_entry_come_first() {
    let bs = [(GUEST_PENDING_DEBUG_EXCEPTIONS, 1 << 14), bitmap(&[1])];
    assert_eq!(exit(&bs, &|a| a.nop()).why(), (0, 1 << 14));
    let data = [(GUEST_PENDING_DEBUG_EXCEPTIONS, 1 << 12 | 5), bitmap(&[1])];
    assert_eq!(exit(&data, &|a| a.nop()).why(), (0, 5));
    // Without "enabled breakpoint" the conditions alone are nothing.
    let bare = [(GUEST_PENDING_DEBUG_EXCEPTIONS, 5), bitmap(&[1])];
    assert_eq!(exit(&bare, &|a| a.nop()).reason(), 12);
    // Held back by MOV SS for one instruction.
    let held =
        [(GUEST_PENDING_DEBUG_EXCEPTIONS, 1 << 12 | 1), (GUEST_INTERRUPTIBILITY_STATE, 2), bitmap(&[1])];
    let held = exit(&held, &|a| a.nop());
    assert_eq!((held.why(), held.at().0), ((0, 1), 1));
    // And saved by an exit of that instruction.
    let saved = [(GUEST_PENDING_DEBUG_EXCEPTIONS, 1 << 12 | 1), (GUEST_INTERRUPTIBILITY_STATE, 2)];
    let saved = exit(&saved, &|a| a.cpuid());
    assert_eq!((saved.reason(), saved.get(GUEST_PENDING_DEBUG_EXCEPTIONS)), (10, 1 << 12 | 1));
    // An injected interrupt drops them.
    let dropped = [
        (GUEST_PENDING_DEBUG_EXCEPTIONS, 1 << 14),
        bitmap(&[1]),
        (GUEST_RFLAGS, 0x202),
        (VM_ENTRY_INTERRUPTION_INFO, VALID | 0x20 | 2),
    ];
    assert_eq!(exit(&dropped, &|a| a.nop()).reason(), 12);
}

#[test]
fn injected_events_arrive_in_their_handlers() {
    let rows: [(&str, Vec<Set>, u64); 6] = [
        ("an interrupt", vec![(VM_ENTRY_INTERRUPTION_INFO, VALID | OPEN), (GUEST_RFLAGS, 0x202)], OPEN),
        ("an NMI", vec![(VM_ENTRY_INTERRUPTION_INFO, VALID | 2 << 8 | 2)], 2),
        (
            "#GP",
            vec![
                (VM_ENTRY_INTERRUPTION_INFO, VALID | CODE_VALID | HARDWARE | 13),
                (VM_ENTRY_EXCEPTION_ERROR_CODE, 0x77),
            ],
            13,
        ),
        (
            "INT n",
            vec![(VM_ENTRY_INTERRUPTION_INFO, VALID | 4 << 8 | OPEN), (VM_ENTRY_INSTRUCTION_LENGTH, 2)],
            OPEN,
        ),
        ("INT3", vec![(VM_ENTRY_INTERRUPTION_INFO, VALID | 6 << 8 | 3), (VM_ENTRY_INSTRUCTION_LENGTH, 1)], 3),
        ("INT1", vec![(VM_ENTRY_INTERRUPTION_INFO, VALID | 5 << 8 | 1), (VM_ENTRY_INSTRUCTION_LENGTH, 1)], 1),
    ];
    for (sentence, mut changes, vector) in rows {
        let length = changes.iter().find(|c| c.0 == VM_ENTRY_INSTRUCTION_LENGTH).map_or(0, |c| c.1);
        // The bitmap has no say over what is injected (26.6).
        changes.push((EXCEPTION_BITMAP, 0xffff_ffff));
        let exit = exit(&changes, &|a| a.nop());
        assert_eq!((exit.reason(), exit.get(GUEST_RIP)), (12, HANDLERS + vector * 16), "{sentence}");
        let top = exit.get(GUEST_RSP);
        let code = u64::from(vector == 13);
        assert_eq!(peek(&exit.0.machine, top + 8 * code), GUEST + length, "{sentence}");
        if code == 1 {
            assert_eq!(peek(&exit.0.machine, top), 0x77);
        }
        // The valid bit is cleared by the exit (24.8.3), and an injected #DB leaves DR6 alone.
        assert_eq!(exit.get(VM_ENTRY_INTERRUPTION_INFO) & VALID, 0, "{sentence}");
        assert_eq!(exit.0.value("debug/DR6"), 0xffff_0ff0, "{sentence}");
        let blocked = exit.get(GUEST_INTERRUPTIBILITY_STATE);
        assert_eq!(blocked, if vector == 2 { 8 } else { 0 }, "{sentence}");
    }
}

/// A data breakpoint on the frame that an injection writes: #DB after the delivery.
#[test]
fn an_injection_meets_data_breakpoints_like_any_delivery() {
    let before: Body<'_> = &|a| {
        a.mov(rax, GUEST_STACK - 8)?;
        a.mov(dr0, rax)
    };
    let changes = [
        debug_controls(),
        bitmap(&[1]),
        (GUEST_DR7, 0x400 | 1 | 1 << 16 | 2 << 18),
        (VM_ENTRY_INTERRUPTION_INFO, VALID | OPEN),
        (GUEST_RFLAGS, 0x202),
    ];
    let exit = exit_of(vm(&changes, before, &|a| a.nop()));
    assert_eq!((exit.why(), exit.get(GUEST_RIP)), ((0, 1), HANDLERS + OPEN * 16));
    // The delivery was complete.
    assert_eq!(exit.get(IDT_VECTORING_INFO), 0);
}

#[test]
fn an_exit_in_a_delivery_names_the_event() {
    // The IDT is in the page that EPT takes away.
    let idt = (GUEST_IDTR_BASE, FRAGILE);
    let rows: [(&str, Vec<Set>, Body<'_>, u64, u64, u64); 4] = [
        ("INT n", vec![], &|a| a.int(OPEN as i32), VALID | 4 << 8 | OPEN, 0, 2),
        ("INT3", vec![], &|a| a.int3(), VALID | 6 << 8 | 3, 0, 1),
        ("#GP", vec![], &|a| a.mov(cr8, rsp), VALID | CODE_VALID | HARDWARE | 13, 0, 0),
        (
            "an injected interrupt",
            vec![(VM_ENTRY_INTERRUPTION_INFO, VALID | OPEN), (GUEST_RFLAGS, 0x202)],
            &|a| a.nop(),
            VALID | OPEN,
            0,
            0,
        ),
    ];
    for (sentence, mut changes, guest, vectoring, code, length) in rows {
        changes.push(idt);
        let mut machine = vm(&changes, &|_| Ok(()), guest);
        poke(&mut machine, EPT_TABLE, 0);
        let exit = exit_of(machine);
        assert_eq!(exit.reason(), 48, "{sentence}");
        assert_eq!(
            (exit.get(IDT_VECTORING_INFO), exit.get(IDT_VECTORING_ERROR_CODE)),
            (vectoring, code),
            "{sentence}"
        );
        if length != 0 {
            assert_eq!(exit.at(), (0, length), "{sentence}");
        }
        // RF is not set in the middle of a delivery (27.3.3).
        assert_eq!(exit.get(GUEST_RFLAGS) >> 16 & 1, 0, "{sentence}");
    }
}

#[test]
fn an_exception_in_a_delivery_exits_with_both() {
    // #NP in the delivery of #UD.
    let mut machine = vm(&[bitmap(&[11])], &|_| Ok(()), &|a| a.ud2());
    let gate = peek(&machine, IDT + 6 * 16) & !(1 << 47);
    poke(&mut machine, IDT + 6 * 16, gate);
    let exit = exit_of(machine);
    assert_eq!(exit.get(VM_EXIT_INTERRUPTION_INFO), VALID | CODE_VALID | HARDWARE | 11);
    assert_eq!(exit.get(VM_EXIT_INTERRUPTION_ERROR_CODE), 6 * 8 + 3);
    assert_eq!(exit.get(IDT_VECTORING_INFO), VALID | HARDWARE | 6);
    // #DF has no vectoring information (27.2.4).
    let mut machine = vm(&[bitmap(&[8])], &|_| Ok(()), &|a| a.mov(cr8, rsp));
    let gate = peek(&machine, IDT + 13 * 16) & !(1 << 47);
    poke(&mut machine, IDT + 13 * 16, gate);
    let exit = exit_of(machine);
    assert_eq!(exit.get(VM_EXIT_INTERRUPTION_INFO), VALID | CODE_VALID | HARDWARE | 8);
    assert_eq!(exit.get(IDT_VECTORING_INFO), 0);
}

#[test]
fn a_triple_fault_exits() {
    let exit = exit(&[(GUEST_IDTR_LIMIT, 0)], &|a| a.ud2());
    assert_eq!((exit.why(), exit.get(IDT_VECTORING_INFO), exit.at().0), ((2, 0), 0, 0));
}

#[test]
fn the_monitor_trap_flag_exits_after_one_instruction() {
    let mtf = || primary_controls(primary::MONITOR_TRAP_FLAG);
    assert_eq!(exit(&[mtf()], &|a| a.nop()).why(), (37, 0));
    assert_eq!(exit(&[mtf()], &|a| a.nop()).at().0, 1);
    // An injected event: before the first instruction of its handler.
    let injected = exit(&[mtf(), (VM_ENTRY_INTERRUPTION_INFO, VALID | 2 << 8 | 2)], &|a| a.nop());
    assert_eq!((injected.reason(), injected.get(GUEST_RIP)), (37, HANDLERS + 32));
    // A fault: after its delivery.
    let fault = exit(&[mtf()], &|a| a.ud2());
    assert_eq!((fault.reason(), fault.get(GUEST_RIP)), (37, HANDLERS + 6 * 16));
    // A repeated string instruction: after its first iteration.
    let string = exit(&[mtf()], &|a| a.db(&[0xf3, 0xaa]));
    assert_eq!((string.reason(), string.at().0), (37, 0));
    // An instruction that exits does so.
    assert_eq!(exit(&[mtf()], &|a| a.cpuid()).reason(), 10);
    // Before a single-step trap, which stays pending.
    let step = exit(&[mtf(), (GUEST_RFLAGS, 0x102), bitmap(&[1])], &|a| a.nop());
    assert_eq!((step.reason(), step.get(GUEST_PENDING_DEBUG_EXCEPTIONS)), (37, 1 << 14));
    // Asked for by an injection of type 7.
    let other = exit(&[(VM_ENTRY_INTERRUPTION_INFO, VALID | 7 << 8)], &|a| a.nop());
    assert_eq!((other.reason(), other.at().0), (37, 0));
}

#[test]
fn the_preemption_timer_exits_between_instructions() {
    let timer =
        |value: u64| [pin_controls(pin::ACTIVATE_PREEMPTION_TIMER), (VMX_PREEMPTION_TIMER_VALUE, value)];
    let forever: Body<'_> = &|a| a.db(&[0xeb, 0xfe]);
    assert_eq!(exit(&timer(100), forever).why(), (52, 0));
    // At once, but not before a debug trap (25.5.1).
    assert_eq!(exit(&timer(0), forever).at().0, 0);
    let pending = [&timer(0)[..], &[(GUEST_PENDING_DEBUG_EXCEPTIONS, 1 << 14), bitmap(&[1])]].concat();
    assert_eq!(exit(&pending, forever).why(), (0, 1 << 14));
    // In the HLT and the shutdown state, too.
    for state in [1, 2] {
        let asleep = [&timer(100)[..], &[(GUEST_ACTIVITY_STATE, state)]].concat();
        let asleep = exit(&asleep, forever);
        assert_eq!((asleep.reason(), asleep.get(GUEST_ACTIVITY_STATE)), (52, state));
    }
}

#[test]
fn windows_open_when_the_guest_can_take_the_event() {
    let window = || primary_controls(primary::INTERRUPT_WINDOW_EXITING);
    let sti = exit(&[window()], &|a| {
        a.nop()?;
        a.sti()?;
        a.nop()?;
        a.nop()
    });
    assert_eq!((sti.why(), sti.at().0), ((7, 0), 3));
    assert_eq!(exit(&[window(), (GUEST_RFLAGS, 0x202)], &|a| a.nop()).at().0, 0);
    let nmis = pin_controls(pin::NMI_EXITING | pin::VIRTUAL_NMIS);
    let nmi_window = primary_controls(primary::NMI_WINDOW_EXITING);
    assert_eq!(exit(&[nmis, nmi_window], &|a| a.nop()).why(), (8, 0));
    // Blocked by a virtual NMI until IRET.
    let blocked = [nmis, nmi_window, (GUEST_INTERRUPTIBILITY_STATE, 8)];
    let blocked = exit(&blocked, &|a| {
        for value in [selector::DATA, GUEST_STACK, 2, selector::CODE, GUEST_TARGET] {
            a.mov(rax, value)?;
            a.push(rax)?;
        }
        a.iretq()
    });
    assert_eq!((blocked.reason(), blocked.get(GUEST_RIP)), (8, GUEST_TARGET));
    assert_eq!(blocked.get(GUEST_INTERRUPTIBILITY_STATE), 0);
}

/// Where the guest's IRET leads.
const GUEST_TARGET: u64 = GATE_TARGET;

#[test]
fn an_nmi_exits_or_is_delivered_and_blocks() {
    let body: Body<'_> = &|a| {
        apic(a)?;
        nmi(a)?;
        a.nop()
    };
    let exits = exit(&[own_apic(), pin_controls(pin::NMI_EXITING)], body);
    assert_eq!(exits.get(VM_EXIT_INTERRUPTION_INFO), VALID | 2 << 8 | 2);
    // It blocks NMIs in the host, not in what is saved (27.1).
    assert_eq!(exits.get(GUEST_INTERRUPTIBILITY_STATE), 0);
    let delivered = exit(&[own_apic()], body);
    assert_eq!((delivered.reason(), delivered.get(GUEST_RIP)), (12, HANDLERS + 32));
    assert_eq!(delivered.get(GUEST_INTERRUPTIBILITY_STATE), 8);
    // The shutdown state wakes for it.
    let asleep = [own_apic(), pin_controls(pin::NMI_EXITING), (GUEST_ACTIVITY_STATE, 2)];
    let before: Body<'_> = &|a| {
        apic(a)?;
        a.nop()
    };
    let mut machine = vm(&asleep, before, body);
    assert!(matches!(
        machine.run(emulator::machine::Budget::until(emulator::time::Time::ms(1))),
        emulator::machine::Stop::Halted { .. } | emulator::machine::Stop::Budget
    ));
    assert_eq!(machine.registers(0).rip, GUEST);
}

#[test]
fn an_iret_that_faults_says_that_it_unblocked_nmis() {
    let changes = [
        pin_controls(pin::NMI_EXITING | pin::VIRTUAL_NMIS),
        bitmap(&[13]),
        (GUEST_INTERRUPTIBILITY_STATE, 8),
        (GUEST_RFLAGS, 0x4002),
    ];
    let exit = exit(&changes, &|a| a.iretq());
    let info = VALID | 1 << 12 | CODE_VALID | HARDWARE | 13;
    assert_eq!((exit.get(VM_EXIT_INTERRUPTION_INFO), exit.get(GUEST_INTERRUPTIBILITY_STATE)), (info, 0));
    // The same by an EPT violation: bit 12 of the qualification.
    let changes = [
        pin_controls(pin::NMI_EXITING | pin::VIRTUAL_NMIS),
        (GUEST_INTERRUPTIBILITY_STATE, 8),
        (GUEST_RSP, FRAGILE),
    ];
    let mut machine = vm(&changes, &|_| Ok(()), &|a| a.iretq());
    poke(&mut machine, EPT_TABLE, 0);
    let exit = exit_of(machine);
    assert_eq!(exit.why(), (48, 1 | 3 << 7 | 1 << 12));
    // Any other fault says nothing.
    let other = crate::vm::exit(&[changes[0], bitmap(&[13]), changes[1]], &|a| a.mov(cr8, rsp));
    assert_eq!(other.get(VM_EXIT_INTERRUPTION_INFO) >> 12 & 1, 0);
}

#[test]
fn an_external_interrupt_exits_with_its_vector_if_it_is_acknowledged() {
    let body: Body<'_> = &|a| {
        apic(a)?;
        wrmsr(a, 0x83f, OPEN as u32)?;
        a.nop()
    };
    let exiting = pin_controls(pin::EXTERNAL_INTERRUPT_EXITING);
    let kept = exit(&[own_apic(), exiting], body);
    assert_eq!((kept.why(), kept.get(VM_EXIT_INTERRUPTION_INFO)), ((1, 0), 0));
    let acknowledge = exit_controls::DEFAULT1
        | exit_controls::HOST_ADDRESS_SPACE_SIZE
        | exit_controls::ACKNOWLEDGE_INTERRUPT_ON_EXIT;
    let taken = exit(&[own_apic(), exiting, (VM_EXIT_CONTROLS, acknowledge.into())], body);
    assert_eq!(taken.get(VM_EXIT_INTERRUPTION_INFO), VALID | OPEN);
    // Without exiting the guest's own IF decides.
    let masked = exit(&[own_apic()], body);
    assert_eq!((masked.reason(), masked.get(GUEST_RIP) > GUEST), (12, true));
    let open = exit(&[own_apic(), (GUEST_RFLAGS, 0x202)], body);
    assert_eq!(open.get(GUEST_RIP), HANDLERS + OPEN * 16);
}

#[test]
fn exits_save_what_blocks_and_steps_consistently() {
    // STI; CPUID with TF: BS is saved as the next entry's check wants it.
    let sti = exit(&[(GUEST_RFLAGS, 2)], &|a| {
        a.sti()?;
        a.cpuid()
    });
    assert_eq!((sti.get(GUEST_INTERRUPTIBILITY_STATE), sti.get(GUEST_PENDING_DEBUG_EXCEPTIONS)), (1, 0));
    let mov_ss = exit(&[(GUEST_RFLAGS, 0x102), bitmap(&[1])], &|a| {
        a.db(&[0x8e, 0xd2])?;
        a.cpuid()
    });
    // RDX is 0 there: a null SS is fine in ring 0.
    assert_eq!((mov_ss.reason(), mov_ss.get(GUEST_INTERRUPTIBILITY_STATE)), (10, 2));
    assert_eq!(mov_ss.get(GUEST_PENDING_DEBUG_EXCEPTIONS), 1 << 14);
}
