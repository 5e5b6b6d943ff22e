//! From real-address mode to 64-bit mode, as operating systems start their other processors (SDM 3A 9.8.5).

use emulator::machine::Machine;

use crate::real_lab::*;
use iced_x86::code_asm::*;

const GDT: u64 = 0x8_1000;
const POINTER: u64 = 0x8_0800;
const PROTECTED: u64 = 0x8_2000;
const LONG: u64 = 0x8_3000;
const TABLES: u64 = 0x9_0000;

/// Flat 32-bit code, flat data, 64-bit code.
const CODE_32: u64 = 0x00cf_9b00_0000_ffff;
const DATA: u64 = 0x00cf_9300_0000_ffff;
const CODE_64: u64 = 0x00af_9b00_0000_ffff;

fn quad(machine: &mut Machine, at: u64, value: u64) {
    assert!(machine.write_memory(at, &value.to_le_bytes()));
}

fn with_tables(mut machine: Machine) -> Machine {
    for (n, descriptor) in [0, CODE_32, DATA, CODE_64].into_iter().enumerate() {
        quad(&mut machine, GDT + 8 * n as u64, descriptor);
    }
    quad(&mut machine, POINTER, 0x1f | GDT << 16);
    quad(&mut machine, TABLES, TABLES + 0x1003);
    quad(&mut machine, TABLES + 0x1000, TABLES + 0x2003);
    for n in 0..4 {
        quad(&mut machine, TABLES + 0x2000 + 8 * n, n << 21 | 0x83);
    }
    machine
}

/// 16 bits: LGDT, protection by LMSW, a far jump to 32-bit code.
fn sixteen(a: &mut CodeAssembler) -> Result<(), IcedError> {
    a.cli()?;
    a.mov(ax, cs)?;
    a.mov(ds, ax)?;
    a.lgdt(fword_ptr(POINTER - CODE))?;
    a.mov(ax, 1)?;
    a.lmsw(ax)?;
    let [b0, b1, b2, b3] = (PROTECTED as u32).to_le_bytes();
    a.db(&[0x66, 0xea, b0, b1, b2, b3, 0x08, 0x00])
}

#[test]
fn protected_mode_is_flat_and_of_32_bits() {
    let mut machine = with_tables(machine(&sixteen));
    let code = assemble(32, PROTECTED, &|a| {
        a.mov(eax, 0x10)?;
        a.mov(ds, ax)?;
        a.mov(ss, ax)?;
        a.mov(esp, 0x20_0000)?;
        a.push(0x1234_5678)?;
        a.mov(ebx, 0x1f_fffc)?;
        a.mov(ecx, dword_ptr(ebx))?;
        a.hlt()
    });
    assert!(machine.write_memory(PROTECTED, &code));
    let end = End::of(machine);
    assert_eq!((end.register(1), end.register(4)), (0x1234_5678, 0x1f_fffc));
    assert_eq!((end.value("segments/CS/selector"), end.value("control/CR0") & 1), (8, 1));
}

fn to_long_mode(a: &mut CodeAssembler) -> Result<(), IcedError> {
    a.mov(eax, 0x10)?;
    a.mov(ds, ax)?;
    a.mov(ss, ax)?;
    a.mov(es, ax)?;
    a.mov(eax, cr4)?;
    a.or(eax, 1 << 5)?;
    a.mov(cr4, eax)?;
    a.mov(eax, TABLES as u32)?;
    a.mov(cr3, eax)?;
    a.mov(ecx, 0xc000_0080u32)?;
    a.rdmsr()?;
    a.or(eax, 1 << 8)?;
    a.wrmsr()?;
    a.mov(eax, cr0)?;
    a.or(eax, 1 << 31)?;
    a.mov(cr0, eax)?;
    // Compatibility mode until the far jump.
    a.mov(edi, 0x55)
}

#[test]
fn long_mode_is_reached_through_compatibility_mode() {
    let mut machine = with_tables(machine(&sixteen));
    let code = assemble(32, PROTECTED, &|a| {
        to_long_mode(a)?;
        let [b0, b1, b2, b3] = (LONG as u32).to_le_bytes();
        a.db(&[0xea, b0, b1, b2, b3, 0x18, 0x00])
    });
    assert!(machine.write_memory(PROTECTED, &code));
    let code = assemble(64, LONG, &|a| {
        a.mov(rax, 0x1122_3344_5566_7788u64)?;
        a.mov(rsp, 0x20_0000u64)?;
        a.push(rax)?;
        a.pop(rbx)?;
        a.hlt()
    });
    assert!(machine.write_memory(LONG, &code));
    let end = End::of(machine);
    assert_eq!((end.register(3), end.register(7)), (0x1122_3344_5566_7788, 0x55));
    assert_eq!(end.value("control/IA32_EFER") & 0x500, 0x500);
}

#[test]
fn real_mode_keeps_the_limits_that_protected_mode_loaded() {
    let back = CODE + 0x400;
    let mut machine = with_tables(machine(&|a| {
        a.cli()?;
        a.mov(ax, cs)?;
        a.mov(ds, ax)?;
        a.lgdt(fword_ptr(POINTER - CODE))?;
        a.mov(eax, cr0)?;
        a.or(al, 1)?;
        a.mov(cr0, eax)?;
        a.mov(bx, 0x10)?;
        a.mov(es, bx)?;
        a.and(al, 0xfeu32)?;
        a.mov(cr0, eax)?;
        a.db(&[0xea, 0x00, 0x04, 0x00, 0x80])
    }));
    let code = assemble(16, 0x400, &|a| {
        a.xor(bx, bx)?;
        a.mov(es, bx)?;
        a.mov(ebx, 0x50_0000)?;
        a.mov(dword_ptr(ebx).es(), 0x600d_600du32)?;
        a.hlt()
    });
    assert!(machine.write_memory(back, &code));
    let end = End::of(machine);
    assert_eq!((end.vector(), end.word(0x50_0000)), (None, 0x600d));
    assert_eq!(end.value("segments/ES/limit"), 0xffff_ffff);
}
