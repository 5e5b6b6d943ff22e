//! Debug exceptions of a guest: exits, pending ones, the debug controls (SDM 3C 25.2, 26.7.3, 27.3.4).

use emulator::vmx::controls::{entry, exit as exit_controls};
use emulator::vmx::fields::*;
use iced_x86::code_asm::*;

use crate::lab::*;
use crate::vm::*;

const VALID: u64 = 1 << 31;

fn debug_controls() -> Set {
    (VM_ENTRY_CONTROLS, u64::from(entry::DEFAULT1 | entry::IA32E_MODE_GUEST | entry::LOAD_DEBUG_CONTROLS))
}

fn save_debug_controls() -> Set {
    let controls =
        exit_controls::DEFAULT1 | exit_controls::HOST_ADDRESS_SPACE_SIZE | exit_controls::SAVE_DEBUG_CONTROLS;
    (VM_EXIT_CONTROLS, controls.into())
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
