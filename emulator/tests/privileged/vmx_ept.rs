//! EPT violations and misconfigurations (SDM 3C 27.2.1, 28.2.3).

use emulator::vmx::fields::*;
use iced_x86::code_asm::*;

use crate::lab::*;
use crate::vm::*;

/// EPT entries of the page at [`FRAGILE`]: the access, and the qualification's low bits.
#[test]
fn an_ept_violation_says_what_was_tried_and_what_was_allowed() {
    let rows: [(&str, u64, Instruction, u64); 7] = [
        ("a read of nothing", 0, |a| a.mov(eax, dword_ptr(rbx)), 1),
        ("a write to nothing", 0, |a| a.mov(dword_ptr(rbx), eax), 2),
        ("an update of nothing", 0, |a| a.add(dword_ptr(rbx), eax), 3),
        ("a fetch of nothing", 0, |a| a.jmp(rbx), 4),
        ("a write to what may be read", 1, |a| a.mov(dword_ptr(rbx), eax), 2 | 1 << 3),
        ("a fetch of what may be written", 3, |a| a.jmp(rbx), 4 | 3 << 3),
        ("a read of what may be executed, which needs R", 1 | 4, |a| a.mov(dword_ptr(rbx), eax), 2 | 5 << 3),
    ];
    for (sentence, rights, access, expected) in rows {
        let mut machine = vm(&[], &|_| Ok(()), &|a| {
            a.mov(rbx, FRAGILE + 0x10)?;
            access(a)
        });
        poke(&mut machine, EPT_TABLE, if rights == 0 { 0 } else { FRAGILE | rights | 6 << 3 });
        let exit = exit_of(machine);
        assert_eq!(exit.why(), (48, expected | 3 << 7), "{sentence}");
        assert_eq!(exit.get(GUEST_LINEAR_ADDRESS), FRAGILE + 0x10, "{sentence}");
        assert_eq!(exit.get(GUEST_PHYSICAL_ADDRESS), FRAGILE + 0x10, "{sentence}");
        assert_eq!(exit.get(GUEST_RFLAGS) >> 16 & 1, 1, "{sentence}: RF");
    }
}

#[test]
fn an_ept_violation_of_a_page_table_is_none_of_the_translation() {
    // The guest's PML4 is in the page that is not mapped.
    let mut machine = vm(&[(GUEST_CR3, FRAGILE)], &|_| Ok(()), &|a| a.nop());
    poke(&mut machine, EPT_TABLE, 0);
    let exit = exit_of(machine);
    assert_eq!(exit.why(), (48, 1 | 1 << 7));
    assert_eq!((exit.get(GUEST_LINEAR_ADDRESS), exit.get(GUEST_PHYSICAL_ADDRESS)), (GUEST, FRAGILE));
    // A table that may only be read: setting its accessed flag is a write.
    let mut machine = vm(&[(GUEST_CR3, FRAGILE)], &|_| Ok(()), &|a| a.nop());
    poke(&mut machine, FRAGILE, 0x9007);
    poke(&mut machine, EPT_TABLE, FRAGILE | 1 | 6 << 3);
    let exit = exit_of(machine);
    assert_eq!((exit.why().0, exit.why().1 & 0x1ba), (48, 2 | 1 << 3 | 1 << 7));
}

#[test]
fn a_misconfigured_entry_has_no_qualification() {
    let mut machine = vm(&[], &|_| Ok(()), &|a| {
        a.mov(rbx, FRAGILE)?;
        a.mov(eax, dword_ptr(rbx))
    });
    // Writable but not readable.
    poke(&mut machine, EPT_TABLE, FRAGILE | 2 | 6 << 3);
    let exit = exit_of(machine);
    assert_eq!((exit.reason(), exit.get(GUEST_PHYSICAL_ADDRESS)), (49, FRAGILE));
}
