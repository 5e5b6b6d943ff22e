//! 32-bit and PAE paging (SDM 3A 4.3, 4.4, 4.7).

use emulator::machine::Machine;
use iced_x86::code_asm::*;

use crate::protected_lab::*;
use Level::{Kernel, User};

const TABLES: u64 = 0x50_0000;
/// A linear page that is mapped to [`DATA`].
const PAGE: u32 = 0x4000_0000;

/// 32-bit tables: 4 MiB pages to themselves with PSE, and [`PAGE`] by a table.
fn tables_32(machine: &mut Machine) {
    for n in 0..2 {
        poke(machine, TABLES + 4 * n, (n as u32) << 22 | 0x87);
    }
    poke(machine, TABLES + 4 * u64::from(PAGE >> 22), TABLES as u32 + 0x1007);
    poke(machine, TABLES + 0x1000, DATA as u32 | 7);
    poke(machine, TABLES + 0x1004, DATA as u32 | 5);
    poke(machine, TABLES + 0x1008, DATA as u32 | 3);
}

/// PAE tables: the same with 2 MiB pages.
fn tables_pae(machine: &mut Machine) {
    quad(machine, TABLES, TABLES + 0x1001);
    quad(machine, TABLES + 8, TABLES + 0x2001);
    for n in 0..4 {
        quad(machine, TABLES + 0x1000 + 8 * n, n << 21 | 0x87);
    }
    quad(machine, TABLES + 0x2000, TABLES + 0x3007);
    quad(machine, TABLES + 0x3000, DATA | 7);
    quad(machine, TABLES + 0x3008, DATA | 5);
    quad(machine, TABLES + 0x3010, DATA | 3);
    quad(machine, TABLES + 0x3018, DATA | 1 << 63 | 7);
}

/// Paging goes on, with this CR4.
fn on(a: &mut CodeAssembler, control: u32) -> Result<(), IcedError> {
    a.mov(eax, control)?;
    a.mov(cr4, eax)?;
    a.mov(eax, TABLES as u32)?;
    a.mov(cr3, eax)?;
    a.mov(eax, cr0)?;
    a.or(eax, 0x8001_0000u32 as i32)?;
    a.mov(cr0, eax)
}

fn run(pae: bool, level: Level, body: Body<'_>) -> End {
    let mut machine = machine(Kernel, &|a| {
        if pae {
            a.mov(ecx, 0xc000_0080u32)?;
            a.rdmsr()?;
            a.or(eax, 0x800)?;
            a.wrmsr()?;
        }
        on(a, if pae { 0x20 } else { 0x10 })?;
        if level == Kernel {
            return body(a);
        }
        a.mov(eax, selector::USER_DATA as u32)?;
        a.mov(ds, ax)?;
        a.push(selector::USER_DATA as i32)?;
        a.push(USER_STACK as i32)?;
        a.push(2)?;
        a.push(selector::USER_CODE as i32)?;
        a.push(USER as i32)?;
        a.iretd()
    });
    if level == User {
        assert!(machine.write_memory(USER, &assemble(32, USER, body)));
    }
    if pae {
        tables_pae(&mut machine)
    } else {
        tables_32(&mut machine)
    }
    End::of(machine)
}

#[test]
fn pages_are_found_and_marked() {
    for pae in [false, true] {
        let end = run(pae, Kernel, &|a| a.mov(dword_ptr(PAGE + 0x10), 0x600d));
        assert_eq!((end.handler(), peek(&end.machine, DATA + 0x10)), (None, 0x600d));
        let entry = TABLES + if pae { 0x3000 } else { 0x1000 };
        assert_eq!(peek(&end.machine, entry) & 0x60, 0x60);
        assert_eq!(peek(&end.machine, entry + if pae { 8 } else { 4 }) & 0x60, 0);
    }
}

#[test]
fn faults_tell_address_and_cause() {
    for pae in [false, true] {
        let rows: [(Level, Body<'_>, u64, u32); 4] = [
            (Kernel, &|a| a.mov(eax, dword_ptr(PAGE + 0x5000)), 0, PAGE + 0x5000),
            (Kernel, &|a| a.mov(dword_ptr(PAGE + 0x1004), eax), 3, PAGE + 0x1004),
            (User, &|a| a.mov(eax, dword_ptr(PAGE + 0x2000)), 5, PAGE + 0x2000),
            (User, &|a| a.mov(dword_ptr(PAGE + 0x1000), eax), 7, PAGE + 0x1000),
        ];
        for (level, body, code, address) in rows {
            let end = run(pae, level, body);
            assert_eq!((end.raised(), end.value("control/CR2")), ((14, Some(code)), address.into()));
        }
    }
}

#[test]
fn pae_paging_has_no_execute() {
    let end = run(true, Kernel, &|a| a.db(&far(JMP_FAR, selector::CODE, u64::from(PAGE) + 0x3000)));
    assert_eq!(end.raised(), (14, Some(0x11)));
}

#[test]
fn page_directory_pointers_are_registers() {
    let stale = run(true, Kernel, &|a| {
        a.mov(eax, dword_ptr(PAGE))?;
        a.mov(dword_ptr(TABLES + 8), 0)?;
        a.mov(ebx, dword_ptr(PAGE))?;
        a.mov(eax, cr3)?;
        a.mov(cr3, eax)?;
        a.mov(ebx, dword_ptr(PAGE + 4))
    });
    assert_eq!((stale.raised(), stale.value("control/CR2")), ((14, Some(0)), u64::from(PAGE) + 4));
    let reserved = run(true, Kernel, &|a| {
        a.mov(dword_ptr(TABLES + 16), 3)?;
        a.mov(eax, cr3)?;
        a.mov(cr3, eax)
    });
    assert_eq!(reserved.raised(), (13, Some(0)));
}

#[test]
fn pages_of_4_mib_need_their_feature_and_reach_beyond_4_gib() {
    let reserved = run(false, Kernel, &|a| {
        a.mov(dword_ptr(TABLES + 0x800), 0x0020_0083)?;
        a.mov(eax, dword_ptr(0x8000_0000u32))
    });
    assert_eq!(reserved.raised(), (14, Some(9)));
}

#[test]
fn the_limit_of_code_is_met_before_the_page_after_it() {
    const LIMITED: u64 = selector::TASK_GATE;
    let end = u64::from(PAGE) + 0x2fff;
    let mut machine = machine(Kernel, &|a| {
        on(a, 0x10)?;
        a.db(&far(JMP_FAR, LIMITED, end - 1))
    });
    tables_32(&mut machine);
    quad(&mut machine, GDT + LIMITED, descriptor(0, end >> 12, 0xc09b));
    // The first two of five bytes.
    assert!(machine.write_memory(DATA + 0xffe, &[0xb8, 0x01]));
    let end_of_run = End::of(machine);
    assert_eq!((end_of_run.raised(), end_of_run.slot(1)), ((13, Some(0)), end - 1));
}
