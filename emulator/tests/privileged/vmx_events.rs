//! Events of a guest: exits for exceptions, injection, delivery that exits (SDM 3C 25.2, 26.6, 27.2).

use emulator::vmx::controls::pin;
use emulator::vmx::fields::*;
use iced_x86::code_asm::*;

use crate::lab::*;
use crate::vm::*;

const VALID: u64 = 1 << 31;
const CODE_VALID: u64 = 1 << 11;
const HARDWARE: u64 = 3 << 8;

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

/// A row: what is set, what the guest does, the vectoring information, its error code, and the length.
type Vectoring<'a> = (&'a str, Vec<Set>, Body<'a>, u64, u64, u64);

#[test]
fn an_exit_in_a_delivery_names_the_event() {
    // The IDT is in the page that EPT takes away.
    let idt = (GUEST_IDTR_BASE, FRAGILE);
    let rows: [Vectoring<'_>; 4] = [
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
        // RF is what the delivery would have saved: 1 for a fault (27.3.3).
        let fault = u64::from(vectoring >> 8 & 7 == 3);
        assert_eq!(exit.get(GUEST_RFLAGS) >> 16 & 1, fault, "{sentence}");
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
fn an_exit_in_a_delivery_finds_an_active_guest_without_blocking() {
    let idt = (GUEST_IDTR_BASE, FRAGILE);
    let rows: [(&str, Vec<Set>, Body<'_>); 3] = [
        (
            "an interrupt injected into HLT",
            vec![
                (GUEST_ACTIVITY_STATE, 1),
                (VM_ENTRY_INTERRUPTION_INFO, VALID | OPEN),
                (GUEST_RFLAGS, 0x202),
            ],
            &|a| a.nop(),
        ),
        ("a fault just after STI", vec![], &|a| {
            a.sti()?;
            a.ud2()
        }),
        ("a fault just after MOV SS", vec![], &|a| {
            a.mov(eax, ss)?;
            a.mov(ss, eax)?;
            a.ud2()
        }),
    ];
    for (sentence, mut changes, guest) in rows {
        changes.push(idt);
        let mut machine = vm(&changes, &|_| Ok(()), guest);
        poke(&mut machine, EPT_TABLE, 0);
        let exit = exit_of(machine);
        assert_eq!(exit.reason(), 48, "{sentence}");
        let state = (exit.get(GUEST_ACTIVITY_STATE), exit.get(GUEST_INTERRUPTIBILITY_STATE));
        assert_eq!(state, (0, 0), "{sentence} (26.6.2, 27.1)");
    }
}

#[test]
fn a_fetch_that_exits_keeps_blocking_by_sti() {
    // STI is the last instruction of its page; the next one is not there.
    let last = FRAGILE + 0xfff;
    let mut machine = vm(&[(GUEST_RIP, last)], &|_| Ok(()), &|a| a.nop());
    assert!(machine.write_memory(last, &[0xfb]));
    poke(&mut machine, EPT_TABLE + 8, 0);
    let exit = exit_of(machine);
    assert_eq!((exit.reason(), exit.get(GUEST_RIP)), (48, last + 1));
    assert_eq!(exit.get(GUEST_INTERRUPTIBILITY_STATE), 1, "27.3.4");
}

#[test]
fn what_is_injected_saves_rf_as_it_is() {
    for (rf, info) in [(0, VALID | CODE_VALID | HARDWARE | 13), (1 << 16, VALID | CODE_VALID | HARDWARE | 13)]
    {
        let changes = [(VM_ENTRY_INTERRUPTION_INFO, info), (GUEST_RFLAGS, 2 | rf)];
        let exit = exit(&changes, &|a| a.nop());
        let rflags = peek(&exit.0.machine, exit.get(GUEST_RSP) + 24);
        assert_eq!(rflags & 1 << 16, rf, "26.6.1.1");
    }
}

#[test]
fn general_detect_is_a_fault_and_saves_rf() {
    let detects = (GUEST_DR7, 0x2400);
    let delivered = exit(&[detects], &|a| a.mov(rax, dr0));
    assert_eq!(delivered.get(GUEST_RIP), HANDLERS + 16);
    let rflags = peek(&delivered.0.machine, delivered.get(GUEST_RSP) + 16);
    assert_eq!(rflags >> 16 & 1, 1, "3B 17.3.1.1");
    let exits = exit(&[detects, bitmap(&[1])], &|a| a.mov(rax, dr0));
    assert_eq!((exits.why(), exits.get(GUEST_RFLAGS) >> 16 & 1), ((0, 1 << 13), 1), "27.3.3");
}
