//! Limits and types of segments outside 64-bit mode (SDM 3A 5.3 to 5.5).

use iced_x86::code_asm::*;

use crate::protected_lab::*;
use Level::Kernel;
use selector as s;

/// Loads FS, then runs the access.
fn with_fs(selector: u64, access: Body<'_>) -> End {
    end(Kernel, &|a| {
        a.mov(eax, selector as u32)?;
        a.mov(fs, ax)?;
        access(a)
    })
}

#[test]
fn an_access_must_be_inside_the_limit_and_allowed_by_the_type() {
    let rows: [(&str, u64, Body<'_>, bool); 12] = [
        ("the last byte", s::SMALL, &|a| a.mov(al, byte_ptr(0xfff).fs()), true),
        ("the last doubleword", s::SMALL, &|a| a.mov(eax, dword_ptr(0xffc).fs()), true),
        ("across the limit", s::SMALL, &|a| a.mov(eax, dword_ptr(0xffd).fs()), false),
        ("beyond it", s::SMALL, &|a| a.mov(byte_ptr(0x1000).fs(), al), false),
        ("below one that expands down", s::DOWN, &|a| a.mov(al, byte_ptr(0xfff).fs()), false),
        ("the first byte that it has", s::DOWN, &|a| a.mov(al, byte_ptr(0x1000).fs()), true),
        ("its last", s::DOWN, &|a| a.mov(byte_ptr(0xffff).fs(), al), true),
        ("above it", s::DOWN, &|a| a.mov(al, byte_ptr(0x1_0000).fs()), false),
        ("a load from what can be read", s::READ_ONLY, &|a| a.mov(al, byte_ptr(DATA).fs()), true),
        ("a store to it", s::READ_ONLY, &|a| a.mov(byte_ptr(DATA).fs(), al), false),
        ("read and written", s::READ_ONLY, &|a| a.add(byte_ptr(DATA).fs(), al), false),
        ("a null segment", 0, &|a| a.mov(al, byte_ptr(DATA).fs()), false),
    ];
    for (sentence, selector, access, allowed) in rows {
        let end = with_fs(selector, access);
        let expected = if allowed { None } else { Some(13) };
        assert_eq!(end.handler(), expected, "{sentence}");
    }
}

#[test]
fn code_cannot_be_written_nor_always_read() {
    assert_eq!(raised(Kernel, &|a| a.mov(byte_ptr(DATA).cs(), al)), (13, Some(0)));
    assert_eq!(end(Kernel, &|a| a.mov(al, byte_ptr(DATA).cs())).handler(), None);
    let loaded = raised(Kernel, &|a| {
        a.mov(eax, s::EXECUTE_ONLY as u32)?;
        a.mov(fs, ax)
    });
    assert_eq!(loaded, (13, Some(s::EXECUTE_ONLY)));
}

#[test]
fn loads_are_checked() {
    let load = |selector: u64, ss_too: bool| {
        raised(Kernel, &|a| {
            a.mov(eax, selector as u32)?;
            if ss_too { a.mov(ss, ax) } else { a.mov(es, ax) }
        })
    };
    assert_eq!(load(s::ABSENT, false), (11, Some(s::ABSENT)));
    assert_eq!(load(s::ABSENT, true), (12, Some(s::ABSENT)));
    assert_eq!(load(s::TSS, false), (13, Some(s::TSS)));
    assert_eq!(load(s::USER_DATA, true), (13, Some(s::USER_DATA & !3)));
    assert_eq!(load(0, true), (13, Some(0)));
    assert_eq!(load(s::READ_ONLY, true), (13, Some(s::READ_ONLY)));
}

#[test]
fn a_16_bit_stack_wraps_in_its_segment() {
    let end = end(Kernel, &|a| {
        a.mov(eax, s::STACK_16 as u32)?;
        a.mov(esp, 0x5555_0800)?;
        a.mov(ss, ax)?;
        a.mov(esp, 0x5555_0800)?;
        a.push(0x1234_5678)?;
        a.pop(ecx)?;
        a.push(ecx)?;
        a.mov(edx, esp)
    });
    assert_eq!((end.register(1), end.register(2)), (0x1234_5678, 0x5555_07fc));
    assert_eq!(peek(&end.machine, DATA + 0x7fc), 0x1234_5678);
}

/// SDM 2A "ENTER": a frame pointer of 32 bits takes all of ESP, of which such a stack uses 16.
#[test]
fn a_frame_on_a_16_bit_stack_keeps_the_upper_half() {
    let end = end(Kernel, &|a| {
        a.mov(eax, s::STACK_16 as u32)?;
        a.mov(ss, ax)?;
        a.mov(esp, 0x5555_0800)?;
        a.enter(8, 0)
    });
    assert_eq!((end.register(5), end.register(4)), (0x5555_07fc, 0x5555_07f4));
}

#[test]
fn stack_accesses_beyond_the_limit_are_ss() {
    let mut machine = machine(Kernel, &|a| {
        a.mov(eax, s::STACK_16 as u32)?;
        a.mov(ss, ax)?;
        a.mov(esp, 0x2000)?;
        a.push(eax)
    });
    // A task's stack is sound.
    crate::tasks::prepare(&mut machine);
    quad(&mut machine, IDT + 8 * 12, gate(s::TSS_2, 0, 0x85, 0));
    let end = End::of(machine);
    assert_eq!(end.machine.registers(0).rip, TARGET + 1);
}

#[test]
fn an_address_beyond_4_gib_wraps() {
    let mut machine = machine(Kernel, &|a| {
        a.mov(eax, 0x48)?;
        a.mov(fs, ax)?;
        a.mov(dword_ptr(0xffff_fffcu32).fs(), 0x600d)
    });
    quad(&mut machine, GDT + 0x48, descriptor(DATA, 0xf_ffff, 0xc093));
    assert_eq!(peek(&End::of(machine).machine, DATA - 4), 0x600d);
}

#[test]
fn lar_and_lsl_know_the_types_of_legacy_mode() {
    let end = end(Kernel, &|a| {
        a.mov(eax, s::TSS_16 as u32)?;
        a.lsl(ebx, eax)?;
        a.lar(ecx, eax)?;
        a.mov(eax, s::GATE as u32)?;
        a.lsl(edx, eax)?;
        a.setz(al)
    });
    assert_eq!((end.register(3), end.register(1), end.register(0) & 0xff), (0x2b, 0x8100, 0));
}
