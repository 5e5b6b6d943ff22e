//! What loading and reading descriptors does to memory, and what their addresses may be (SDM 3A 3.4.5.1, 3.5).

use emulator::machine::{Budget, Machine, Stop};
use emulator::time::Time;
use emulator::vmx::controls::pin;
use emulator::vmx::fields::*;
use iced_x86::code_asm::*;

use crate::lab::*;
use crate::vm::*;
use crate::vmx_windows::{apic, nmi, own_apic};

/// Bit 40 of a descriptor: accessed.
const ACCESSED: u64 = 1 << 40;
/// Data and 64-bit code that nobody has loaded yet.
const FRESH_DATA: u64 = 0x00cf_9200_0000_ffff;
const FRESH_CODE: u64 = 0x00af_9a00_0000_ffff;
/// The last byte below the hole of addresses that are not canonical.
const LAST: u64 = (1 << 47) - 1;

fn descriptor(selector: u64) -> u64 {
    GDT + (selector & !7)
}

#[test]
fn loading_a_segment_register_makes_its_descriptor_accessed_in_memory() {
    let mut machine = machine(Level::Kernel, &|a| {
        a.mov(eax, selector::DATA as u32)?;
        a.mov(ds, eax)
    });
    poke(&mut machine, descriptor(selector::DATA), FRESH_DATA);
    let end = End::of(machine);
    assert_eq!((end.vector(), peek(&end.machine, descriptor(selector::DATA))), (6, FRESH_DATA | ACCESSED));
}

#[test]
fn delivery_loads_cs_as_accessed_and_the_next_entry_takes_it() {
    let mut machine = vm(&[], &|_| Ok(()), &|a| a.int(OPEN as i32));
    poke(&mut machine, descriptor(selector::CODE), FRESH_CODE);
    // At the handler's HLT the host goes back in, and the guest halts again.
    let resume = assemble(HOST_EXIT, &|a| {
        a.bts(rbp, 40)?;
        let mut again = a.create_label();
        a.jnc(again)?;
        a.hlt()?;
        a.set_label(&mut again)?;
        a.mov(eax, u32::from(GUEST_RIP.encoding()))?;
        a.mov(rcx, HANDLERS)?;
        a.vmwrite(rax, rcx)?;
        a.vmresume()?;
        a.ud2()
    });
    assert!(machine.write_memory(HOST_EXIT, &resume));
    let end = End::of(machine);
    assert!((HOST_EXIT..HOST_EXIT + 64).contains(&end.rip), "the second exit: RIP {:#x}", end.rip);
    let exit = Exit(end);
    assert_eq!((exit.reason(), exit.get(GUEST_CS_ACCESS_RIGHTS)), (12, 0xa09b));
    assert_eq!(peek(&exit.0.machine, descriptor(selector::CODE)), FRESH_CODE | ACCESSED);
}

#[test]
fn a_table_whose_base_is_not_canonical_cannot_be_loaded() {
    for (table, selector) in [("LDTR", selector::LDT), ("TR", selector::BUSY_TSS)] {
        let mut machine = machine(Level::Kernel, &|a| {
            a.mov(eax, selector as u32)?;
            if table == "TR" { a.ltr(ax) } else { a.lldt(ax) }
        });
        let kind = if table == "TR" { 0x89 } else { 0x82 };
        poke(&mut machine, descriptor(selector), kind << 40 | 0xff);
        poke(&mut machine, descriptor(selector) + 8, 0x8000);
        let end = End::of(machine);
        assert_eq!((end.vector(), end.error()), (13, Some(selector)), "{table}");
        assert_eq!(peek(&end.machine, descriptor(selector)) >> 40, kind, "{table}: not busy");
    }
}

/// Maps the last 2 MiB below the hole, and as a page after them what a walk without bits 63:48 would find.
fn map_around_the_hole(machine: &mut Machine, last: u64) {
    let tables =
        [(0x8000 + 255 * 8, 0x50_0007), (0x50_0000 + 511 * 8, 0x50_1007), (0x8000 + 256 * 8, 0x9007)];
    for (at, entry) in tables {
        poke(machine, at, entry);
    }
    poke(machine, 0x50_1000 + 511 * 8, last);
}

#[test]
fn no_descriptor_is_read_across_the_hole_and_nothing_of_it_stays_behind() {
    let mut machine = machine(Level::Kernel, &|a| {
        // The GDT ends in the hole: its third descriptor is at the hole's first byte.
        a.mov(rbx, DATA)?;
        a.mov(word_ptr(rbx), 0xffu32)?;
        a.mov(rax, LAST - 15)?;
        a.mov(qword_ptr(rbx + 2), rax)?;
        a.lgdt(ptr(rbx))?;
        a.mov(ecx, 0x10)?;
        a.mov(ds, ecx)
    });
    map_around_the_hole(&mut machine, 0x00_0087);
    // CS's descriptor is the last below the hole; at its other side a walk without bits 63:48 finds data.
    poke(&mut machine, 0x1f_fff8, 0x00af_9b00_0000_ffff);
    poke(&mut machine, 0, FRESH_DATA | ACCESSED);
    let end = End::of(machine);
    assert_eq!((end.vector(), end.error()), (13, Some(0x10)));
}

#[test]
fn code_does_not_go_on_beyond_the_hole() {
    let mut machine = machine(Level::Kernel, &|a| {
        a.mov(rax, LAST)?;
        a.jmp(rax)
    });
    // The last 2 MiB below the hole are the second of RAM; its last byte is REP, which is no instruction.
    map_around_the_hole(&mut machine, 0x20_0087);
    assert!(machine.write_memory(0x3f_ffff, &[0xf3]));
    assert!(machine.write_memory(0, &[0x90]));
    let end = End::of(machine);
    assert_eq!((end.vector(), end.error()), (13, Some(0)));
}

#[test]
fn a_frame_that_cannot_be_pushed_says_whether_the_event_was_external() {
    // #SS comes on IST1; the first slot below 1 << 47 is canonical, an address above it is not.
    for (sentence, software, code) in [("#UD", false, 1), ("INT n", true, 0)] {
        let mut machine = machine(Level::Kernel, &|a| {
            a.mov(rsp, (1u64 << 47) + 64)?;
            if software { a.int(OPEN as i32) } else { a.ud2() }
        });
        let gate = peek(&machine, IDT + 12 * 16);
        poke(&mut machine, IDT + 12 * 16, gate | 1 << 32);
        let end = End::of(machine);
        assert_eq!((end.vector(), end.error()), (12, Some(code)), "{sentence}");
    }
}

#[test]
fn lar_and_lsl_of_16_bits_leave_the_rest_and_take_faults() {
    let end = end(Level::Kernel, &|a| {
        a.mov(rbx, -1i64)?;
        a.mov(rcx, -1i64)?;
        a.mov(eax, selector::USER_DATA as u32)?;
        a.lar(bx, ax)?;
        a.lsl(cx, ax)
    });
    assert_eq!((end.register(3), end.register(1)), (0xffff_ffff_ffff_f300, u64::MAX));
    for lar in [true, false] {
        let mut machine = machine(Level::Kernel, &|a| {
            a.mov(rbx, DATA)?;
            a.mov(word_ptr(rbx), 0xffu32)?;
            a.mov(rax, (1u64 << 30) + 0x1000 - 0x18)?;
            a.mov(qword_ptr(rbx + 2), rax)?;
            a.lgdt(ptr(rbx))?;
            a.mov(eax, 0x18)?;
            if lar { a.lar(ebx, eax) } else { a.lsl(ebx, eax) }
        });
        // The GDT's first three descriptors are at the end of a page; the next page is not there.
        map_one_page(&mut machine, 0x5f_f000);
        poke(&mut machine, 0x5f_fff0, 0x00af_9b00_0000_ffff);
        let end = End::of(machine);
        assert_eq!((end.vector(), end.error()), (14, Some(0)), "LAR: {lar}");
        assert_eq!(end.value("control/CR2"), (1 << 30) + 0x1000);
    }
}

/// Maps 4 KiB at 1 GiB, and nothing after them.
fn map_one_page(machine: &mut Machine, page: u64) {
    for (at, entry) in [(0x9000 + 8, 0x50_2007), (0x50_2000, 0x50_3007), (0x50_3000, page | 7)] {
        poke(machine, at, entry);
    }
}

#[test]
fn an_ept_violation_of_lsl_exits() {
    let changes = [(GUEST_GDTR_BASE, FRAGILE)];
    let mut machine = vm(&changes, &|_| Ok(()), &|a| {
        a.mov(eax, 0x18)?;
        a.lsl(ebx, eax)
    });
    poke(&mut machine, EPT_TABLE, 0);
    assert_eq!(exit_of(machine).reason(), 48);
}

#[test]
fn the_io_permission_check_reads_two_bytes() {
    // The map's last two bytes are the last of the TSS and of its page; what follows is not mapped.
    let mut machine = machine(Level::User, &|a| {
        a.mov(edx, 8 * 6)?;
        a.in_(al, dx)
    });
    let (page, offset) = (0x5f_f000, 0x1000 - 0x70);
    map_one_page(&mut machine, page);
    let mut bytes = [0; 0x70];
    assert!(machine.read_memory(TSS, &mut bytes[..0x68]));
    bytes[0x66..0x68].copy_from_slice(&0x68u16.to_le_bytes());
    assert!(machine.write_memory(page + offset, &bytes));
    let base = (1u64 << 30) + offset;
    let value = 0x89 << 40 | (base & 0xff_ffff) << 16 | (base >> 24) << 56 | 0x6f;
    poke(&mut machine, descriptor(selector::TSS), value);
    assert_eq!(End::of(machine).vector(), 6, "IN is allowed, and the UD2 after it raises");
}

#[test]
fn cr2_can_be_written() {
    let end = end(Level::Kernel, &|a| {
        a.mov(rax, 0x1234_5678_9abc_def0u64)?;
        a.mov(cr2, rax)?;
        a.mov(rbx, cr2)
    });
    assert_eq!((end.vector(), end.register(3)), (6, 0x1234_5678_9abc_def0));
}

#[test]
fn without_virtual_nmis_blocking_by_nmi_holds_an_exiting_one_back() {
    let changes = [own_apic(), pin_controls(pin::NMI_EXITING), (GUEST_INTERRUPTIBILITY_STATE, 8)];
    let exit = exit(&changes, &|a| {
        apic(a)?;
        nmi(a)?;
        a.nop()
    });
    assert_eq!((exit.reason(), exit.get(GUEST_INTERRUPTIBILITY_STATE) & 8), (12, 8));
}

#[test]
fn a_tsc_deadline_follows_a_write_of_the_tsc() {
    let mut machine = machine(Level::Kernel, &|a| {
        let wrmsr = |a: &mut CodeAssembler, msr: u32, value: u64| {
            a.mov(ecx, msr)?;
            a.mov(eax, value as u32)?;
            a.mov(edx, (value >> 32) as u32)?;
            a.wrmsr()
        };
        wrmsr(a, 0x1b, 0xfee0_0d00)?;
        wrmsr(a, 0x80f, 0x1ff)?;
        wrmsr(a, 0x832, 2 << 17 | OPEN)?;
        wrmsr(a, 0x10, 1 << 40)?;
        wrmsr(a, 0x6e0, (1 << 40) + 100_000)?;
        a.sti()?;
        a.hlt()
    });
    // The handler reads the TSC.
    assert!(machine.write_memory(HANDLERS + OPEN * 16, &[0x0f, 0x31, 0xf4]));
    let end = End::of(machine);
    let tsc = end.register(2) << 32 | end.register(0);
    assert_eq!(end.vector(), OPEN);
    assert!(((1 << 40) + 100_000..(1 << 40) + 101_000).contains(&tsc), "{tsc:#x}");
}

#[test]
fn the_end_of_virtual_time_ends_a_run() {
    // A deadline just before time itself ends; what runs afterwards still meets its budget.
    let mut machine = machine(Level::Kernel, &|a| {
        let wrmsr = |a: &mut CodeAssembler, msr: u32, value: u64| {
            a.mov(ecx, msr)?;
            a.mov(eax, value as u32)?;
            a.mov(edx, (value >> 32) as u32)?;
            a.wrmsr()
        };
        wrmsr(a, 0x1b, 0xfee0_0d00)?;
        wrmsr(a, 0x80f, 0x1ff)?;
        wrmsr(a, 0x832, 2 << 17 | OPEN)?;
        wrmsr(a, 0x6e0, u64::MAX / 1000)?;
        a.sti()?;
        a.hlt()?;
        let mut forever = a.create_label();
        a.set_label(&mut forever)?;
        a.jmp(forever)
    });
    // A handler that returns.
    assert!(machine.write_memory(HANDLERS + OPEN * 16, &[0x48, 0xcf]));
    _ = machine.run(Budget::instructions(1_000));
    let stop = machine.run(Budget::until(Time::NEVER).and_instructions(1_000));
    assert!(matches!(stop, Stop::Budget | Stop::Halted { .. }), "{stop}");
}
