//! Unrestricted guests (SDM 3C 26.3.1, 27.3): without paging, and without protection.

use emulator::cpu::cpuid::Model;
use emulator::vmx::Field;
use emulator::vmx::controls::{entry, secondary};
use emulator::vmx::fields::*;
use iced_x86::code_asm::*;

use crate::lab::*;
use crate::vm::*;

fn field(first: Field, n: u8) -> Field {
    Field::all().find(|f| f.slot() == first.slot() + n).expect("in the table")
}

/// Real-address mode: CS begins at the guest's code, the other segments at [`FRAGILE`].
fn real() -> Vec<Set> {
    let mut changes = vec![
        secondary_controls(secondary::UNRESTRICTED_GUEST),
        (VM_ENTRY_CONTROLS, entry::DEFAULT1.into()),
        (GUEST_CR0, 0x30),
        (GUEST_CR4, 0x2000),
        (GUEST_RIP, 0),
        (GUEST_RSP, 0x800),
        (GUEST_IDTR_BASE, FRAGILE + 0x1000),
        (GUEST_IDTR_LIMIT, 0x3ff),
    ];
    for n in 0..6 {
        let (base, rights) = if n == 1 { (GUEST, 0x9b) } else { (FRAGILE, 0x93) };
        changes.extend([
            (field(GUEST_ES_BASE, n), base),
            (field(GUEST_ES_LIMIT, n), 0xffff),
            (field(GUEST_ES_ACCESS_RIGHTS, n), rights),
        ]);
    }
    changes
}

fn run(more: &[Set], code: Body<'_>) -> Exit {
    let mut changes = real();
    changes.extend(more);
    let mut machine = vm_of(Model::Haswell, &changes, &|_| Ok(()), &|a| a.nop());
    let mut a = CodeAssembler::new(16).expect("16 bits are a size");
    code(&mut a).expect("the row encodes");
    let bytes = a.assemble(0).expect("the row assembles");
    assert!(machine.write_memory(GUEST, &bytes));
    exit_of(machine)
}

#[test]
fn a_guest_runs_in_real_address_mode() {
    let exit = run(&[], &|a| {
        a.mov(ax, 0x600d)?;
        a.mov(word_ptr(0x10), ax)?;
        a.push(ax)?;
        a.hlt()
    });
    assert_eq!((exit.reason(), exit.get(GUEST_RSP)), (12, 0x7fe));
    assert_eq!(peek(&exit.0.machine, FRAGILE + 0x10) & 0xffff, 0x600d);
    assert_eq!(peek(&exit.0.machine, FRAGILE + 0x7fe) & 0xffff, 0x600d);
    assert_eq!(exit.get(GUEST_CR0), 0x30);
}

#[test]
fn its_exceptions_have_no_error_code() {
    let exit = run(&[bitmap(&[13])], &|a| {
        a.mov(bx, 0xffffu32)?;
        a.mov(ax, word_ptr(bx))
    });
    assert_eq!((exit.reason(), exit.get(VM_EXIT_INTERRUPTION_INFO)), (0, 1 << 31 | 3 << 8 | 13));
}

#[test]
fn it_turns_protection_on_without_an_exit() {
    let exit = run(&[], &|a| {
        a.mov(eax, cr0)?;
        a.or(al, 1)?;
        a.mov(cr0, eax)?;
        a.hlt()
    });
    assert_eq!((exit.reason(), exit.get(GUEST_CR0)), (12, 0x31));
}

#[test]
fn the_first_model_has_no_such_guests() {
    let changes = [secondary_controls(secondary::UNRESTRICTED_GUEST)];
    assert_eq!(vm_fail(&changes, &|_| Ok(())).1, 7);
}
