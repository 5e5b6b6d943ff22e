//! Guests without protection and without paging: "unrestricted guest" (SDM 3C 24.6.2, 25.6, 26.3.1).

use emulator::cpu::cpuid::Model;
use emulator::vmx::controls::{entry, primary, secondary};
use emulator::vmx::fields::*;
use iced_x86::code_asm::*;

use crate::lab::*;
use crate::vm::*;

const HLT: u64 = 12;
const INVALID_GUEST_STATE: u64 = 33 | 1 << 31;
const IA32E: u64 = entry::IA32E_MODE_GUEST as u64;
const EFER: u32 = 0xc000_0080;
/// Where the guest's 64-bit code begins.
const LONG: u64 = GUEST + 0x100;

/// A guest at its first instruction in real-address mode, with its code segment over [`GUEST`].
fn real_mode() -> Vec<Set> {
    vec![
        primary_controls(primary::USE_MSR_BITMAPS),
        secondary_controls(secondary::UNRESTRICTED_GUEST),
        (VM_ENTRY_CONTROLS, entry::DEFAULT1.into()),
        (GUEST_CR0, 0x30),
        (GUEST_RIP, 0),
        (GUEST_RSP, 0x8000),
        (GUEST_CS_SELECTOR, GUEST >> 4),
        (GUEST_CS_BASE, GUEST),
        (GUEST_CS_LIMIT, 0xffff),
        (GUEST_CS_ACCESS_RIGHTS, 0x9b),
    ]
}

fn sixteen(body: Body<'_>) -> Vec<u8> {
    let mut a = CodeAssembler::new(16).expect("16-bit code");
    body(&mut a).expect("the row encodes");
    a.assemble(0).expect("the row assembles")
}

fn run(model: Model, changes: &[Set], code: &[u8]) -> Exit {
    exit_of(vm_of(model, changes, &|_| Ok(()), code))
}

#[test]
fn a_guest_runs_in_real_mode_through_its_ept() {
    let code = sixteen(&|a| {
        a.mov(ebx, FRAGILE as u32)?;
        a.mov(eax, 0x1234_5678)?;
        a.mov(dword_ptr(ebx), eax)?;
        a.mov(cx, cs)?;
        a.hlt()
    });
    let exit = run(Model::Haswell, &real_mode(), &code);
    assert_eq!(exit.why(), (HLT, 0));
    assert_eq!(exit.get(GUEST_RIP), code.len() as u64 - 1);
    assert_eq!((exit.get(GUEST_CR0), exit.get(VM_ENTRY_CONTROLS) & IA32E), (0x30, 0));
    assert_eq!(exit.0.value("registers/RCX") & 0xffff, GUEST >> 4);
    let mut word = [0; 4];
    assert!(exit.0.machine.read_memory(FRAGILE, &mut word));
    assert_eq!(u32::from_le_bytes(word), 0x1234_5678);
}

#[test]
fn a_guest_goes_from_real_mode_to_64_bits_and_the_control_follows() {
    let mut code = sixteen(&|a| {
        a.mov(ecx, EFER)?;
        a.rdmsr()?;
        a.or(eax, 1 << 8)?;
        a.wrmsr()?;
        a.mov(eax, 0x8000_0031u32)?;
        a.mov(cr0, eax)?;
        let [b0, b1, b2, b3] = (LONG as u32).to_le_bytes();
        a.db(&[0x66, 0xea, b0, b1, b2, b3, selector::CODE as u8, 0])
    });
    code.resize(0x100, 0xf4);
    code.extend(assemble(LONG, &|a| {
        a.mov(rdx, 0x1122_3344_5566_7788u64)?;
        a.hlt()
    }));
    let exit = run(Model::Haswell, &real_mode(), &code);
    assert_eq!(exit.why(), (HLT, 0));
    assert_eq!(exit.get(GUEST_RIP), LONG + 10);
    assert_eq!((exit.get(GUEST_CR0), exit.get(VM_ENTRY_CONTROLS) & IA32E), (0x8000_0031, IA32E));
    assert_eq!(exit.0.value("registers/RDX"), 0x1122_3344_5566_7788);
}

#[test]
fn without_the_control_or_the_model_there_is_no_such_guest() {
    let restricted: Vec<Set> = real_mode().into_iter().chain([secondary_controls(0)]).collect();
    assert_eq!(run(Model::Haswell, &restricted, &[0xf4]).reason(), INVALID_GUEST_STATE);
    let end = End::of(vm_of(Model::Nehalem, &real_mode(), &|_| Ok(()), &[0xf4]));
    assert!(end.rip < GUEST && end.rip != HOST_EXIT + 1, "VMfail: Nehalem offers no such control");
}
