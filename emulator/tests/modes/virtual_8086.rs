//! Virtual-8086 mode (SDM 3A 20.2, 20.3).

use iced_x86::code_asm::*;

use crate::protected_lab::*;
use Level::Kernel;

/// The paragraph that the task's code is in.
const PARAGRAPH: u64 = 0x3000;

/// IRETD to 16-bit code in virtual-8086 mode, with this IOPL.
fn task(iopl: u32, body: Body<'_>) -> End {
    let mut machine = machine(Kernel, &|a| {
        for selector in [0x1111, 0x2222, 0x3333, 0x4444, 0x5000] {
            a.push(selector)?; // GS, FS, DS, ES, SS
        }
        a.push(0x800)?;
        a.push((0x2_0002 | iopl << 12) as i32)?;
        a.push(PARAGRAPH as i32)?;
        a.push(0x10)?;
        a.iretd()
    });
    assert!(machine.write_memory(PARAGRAPH * 16 + 0x10, &assemble(16, 0x10, body)));
    End::of(machine)
}

#[test]
fn segments_are_paragraphs_and_privilege_is_3() {
    let end = task(0, &|a| {
        a.mov(ax, 0x600d)?;
        a.push(ax)?;
        a.mov(word_ptr(0x20), ax)?;
        a.hlt()
    });
    assert_eq!(end.raised(), (13, Some(0)));
    assert_eq!((end.word(0x5_07fe), end.word(0x3_3350)), (0x600d, 0x600d));
    // EIP, CS, EFLAGS, ESP, SS, ES, DS, FS and GS.
    let frame = [2, 4, 5, 6, 7, 8, 9].map(|n| end.slot(n));
    assert_eq!(frame, [PARAGRAPH, 0x7fe, 0x5000, 0x4444, 0x3333, 0x2222, 0x1111]);
    assert_eq!(end.slot(3) & 0x2_0000, 0x2_0000);
    assert_eq!((end.register(4), end.value("segments/DS/selector")), (ESP0 - 40, 0));
    assert_eq!(end.value("registers/RFLAGS") & 0x2_0000, 0);
}

#[test]
fn sensitive_instructions_need_iopl_3() {
    let rows: [Body<'_>; 6] =
        [&|a| a.cli(), &|a| a.sti(), &|a| a.pushf(), &|a| a.popf(), &|a| a.int(0x80), &|a| a.iret()];
    for (n, body) in rows.into_iter().enumerate() {
        let end = task(2, body);
        assert_eq!((end.raised(), end.slot(1)), ((13, Some(0)), 0x10), "{n}");
    }
}

#[test]
fn with_iopl_3_interrupts_reach_ring_0_by_their_gates() {
    let end = task(3, &|a| {
        a.pushf()?;
        a.pop(ax)?;
        a.int(0x80)
    });
    assert_eq!((end.raised(), end.slot(1), end.slot(4)), ((0x80, None), PARAGRAPH, 0x5000));
    assert_eq!(end.register(0) & 0x3000, 0x3000);
}

#[test]
fn a_monitor_resumes_its_task() {
    let mut machine = machine(Kernel, &|a| {
        for value in [0, 0, 0, 0, 0x5000, 0x800, 0x2_3002, PARAGRAPH as i32, 0x10] {
            a.push(value)?;
        }
        a.iretd()
    });
    let code = assemble(16, 0x10, &|a| {
        a.int(0x80)?;
        a.mov(bx, 0x77)?;
        a.mov(cx, cs)?;
        a.hlt()
    });
    assert!(machine.write_memory(PARAGRAPH * 16 + 0x10, &code));
    assert!(machine.write_memory(HANDLERS + 16 * 0x80, &[0xcf]));
    let end = End::of(machine);
    assert_eq!((end.raised(), end.register(3), end.register(1)), ((13, Some(0)), 0x77, PARAGRAPH));
}

#[test]
fn ports_are_the_bitmaps_business() {
    let refused = task(3, &|a| a.in_(al, 0x80));
    assert_eq!(refused.raised(), (13, Some(0)));
}

#[test]
fn a_gate_to_outer_code_is_refused() {
    let mut machine = machine(Kernel, &|a| {
        for value in [0, 0, 0, 0, 0x5000, 0x800, 0x2_3002, PARAGRAPH as i32, 0x10] {
            a.push(value)?;
        }
        a.iretd()
    });
    assert!(machine.write_memory(PARAGRAPH * 16 + 0x10, &[0xcd, 0x80]));
    quad(&mut machine, IDT + 8 * 0x80, gate(selector::CONFORMING, 0, 0xee, 0));
    assert_eq!(End::of(machine).raised(), (13, Some(selector::CONFORMING)));
}
