//! Compatibility mode under a 64-bit system (SDM 3A 2.2, 5.8, 6.14; volume 2).

use emulator::cpu::cpuid::Model;
use emulator::machine::{Config, Machine};
use iced_x86::code_asm::*;

use crate::elf::elf;
use crate::protected_lab::{Body, End, assemble, descriptor, peek, quad};
use crate::real_lab::{AVX_CONTROL, enable_avx};

const CODE: u64 = 0x20_0000;
const HANDLERS: u64 = 0x21_0000;
const IDT: u64 = 0x22_0000;
const GDT: u64 = 0x22_2000;
const TSS: u64 = 0x22_3000;
const TARGET: u64 = 0x23_0000;
const STACK: u64 = 0x24_0000;
const RSP0: u64 = 0x25_0000;
const USER: u64 = 0x40_0000;
const USER_STACK: u64 = 0x42_0000;
const DATA: u64 = 0x43_0000;

mod selector {
    pub const CODE: u64 = 0x08;
    pub const USER_32: u64 = 0x1b;
    pub const USER_DATA: u64 = 0x23;
    pub const USER_64: u64 = 0x2b;
    pub const TSS: u64 = 0x30;
    /// A 64-bit call gate to [`super::TARGET`].
    pub const GATE: u64 = 0x43;
    /// Data that begins at [`super::DATA`], as threads' own is reached.
    pub const BASED: u64 = 0x53;
}

use selector as s;

fn descriptors() -> [u64; 11] {
    [
        0,
        descriptor(0, 0xf_ffff, 0xa09b),
        descriptor(0, 0xf_ffff, 0xc093),
        descriptor(0, 0xf_ffff, 0xc0fb),
        descriptor(0, 0xf_ffff, 0xc0f3),
        descriptor(0, 0xf_ffff, 0xa0fb),
        descriptor(TSS, 0x67, 0x89),
        0,
        TARGET & 0xffff | s::CODE << 16 | 0xec << 40 | (TARGET >> 16) << 48,
        0,
        descriptor(DATA, 0xf_ffff, 0xc0f3),
    ]
}

fn enter_user(a: &mut CodeAssembler) -> Result<(), IcedError> {
    a.mov(eax, s::USER_DATA as u32)?;
    a.mov(ds, ax)?;
    a.mov(es, ax)?;
    for value in [s::USER_DATA, USER_STACK, 2, s::USER_32, USER] {
        a.push(value as i32)?;
    }
    a.iretq()
}

/// A machine whose 64-bit system runs `body` at CPL 3 in compatibility mode.
fn machine(body: Body<'_>) -> Machine {
    machine_of(Model::default(), &|_| Ok(()), body)
}

/// As [`machine`], with a processor of another model and what its 64-bit system does before.
fn machine_of(model: Model, before: Body<'_>, body: Body<'_>) -> Machine {
    let config = Config { memory: 8 << 20, model, ..Config::default_pc() };
    let mut machine = Machine::new(&config).expect("a small machine");
    let kernel = assemble(64, CODE, &|a| {
        a.mov(rsp, STACK)?;
        a.lgdt(ptr(GDT - 16))?;
        a.lidt(ptr(IDT - 16))?;
        a.mov(eax, s::TSS as u32)?;
        a.ltr(ax)?;
        for (msr, value) in [(0x174, s::CODE), (0x175, RSP0 - 0x100), (0x176, TARGET)] {
            a.mov(ecx, msr)?;
            a.mov(eax, value as u32)?;
            a.xor(edx, edx)?;
            a.wrmsr()?;
        }
        before(a)?;
        enter_user(a)
    });
    machine.load_elf(&elf(CODE, &kernel), "", &[]).expect("it loads");
    let code = assemble(32, USER, &|a| {
        body(a)?;
        a.ud2()
    });
    assert!(machine.write_memory(USER, &code));
    for (n, descriptor) in descriptors().into_iter().enumerate() {
        quad(&mut machine, GDT + 8 * n as u64, descriptor);
    }
    for (table, limit) in [(GDT, 0x57), (IDT, 0xfff)] {
        quad(&mut machine, table - 16, limit | table << 16);
        quad(&mut machine, table - 8, 0);
    }
    for vector in 0..256u64 {
        let handler = HANDLERS + 16 * vector;
        assert!(machine.write_memory(handler, &[0xf4]));
        let kind = if vector == 0x80 { 0xee } else { 0x8e };
        let low = handler & 0xffff | s::CODE << 16 | kind << 40 | (handler >> 16) << 48;
        quad(&mut machine, IDT + 16 * vector, low);
    }
    quad(&mut machine, TSS + 4, RSP0);
    assert!(machine.write_memory(TARGET, &[0xf4]));
    open(&mut machine);
    machine
}

/// Lets CPL 3 reach the first GiB.
fn open(machine: &mut Machine) {
    for table in [0x8000, 0x9000] {
        let entry = u64::from(peek(machine, table)) | u64::from(peek(machine, table + 4)) << 32;
        quad(machine, table, entry | 4);
    }
}

fn end(body: Body<'_>) -> End {
    End::of(machine(body))
}

fn slot(end: &End, n: u64) -> u64 {
    let at = end.register(4) + 8 * n;
    u64::from(peek(&end.machine, at)) | u64::from(peek(&end.machine, at + 4)) << 32
}

fn vector(end: &End) -> u64 {
    let offset = end.machine.registers(0).rip.wrapping_sub(1 + HANDLERS);
    assert!(offset < 0x1000, "no handler: RIP {:#x}", end.machine.registers(0).rip);
    offset / 16
}

#[test]
fn int_80_reaches_the_64_bit_system_and_returns() {
    let mut machine = machine(&|a| {
        a.int(0x80)?;
        a.mov(edx, 0x77)
    });
    assert!(machine.write_memory(HANDLERS + 16 * 0x80, &[0x48, 0xcf]));
    let end = End::of(machine);
    assert_eq!((vector(&end), end.register(2)), (6, 0x77));
    let frame = [1, 3, 4].map(|n| slot(&end, n));
    assert_eq!(frame, [s::USER_32, USER_STACK, s::USER_DATA]);
    assert_eq!(end.register(4), RSP0 - 40);
}

#[test]
fn code_is_of_32_bits() {
    let end = end(&|a| {
        a.mov(eax, 0xffff_ffffu32)?;
        a.inc(eax)?; // One byte, which is a REX prefix in 64-bit mode.
        a.push(0x1234_5678)?;
        a.pop(ebx)?;
        a.pushad()?;
        a.popad()
    });
    assert_eq!((vector(&end), end.register(0), end.register(3)), (6, 0, 0x1234_5678));
    assert_eq!(slot(&end, 3), USER_STACK);
}

#[test]
fn segments_have_bases_and_addresses_wrap() {
    let end = end(&|a| {
        a.mov(eax, s::BASED as u32)?;
        a.mov(gs, ax)?;
        a.mov(dword_ptr(0x10).gs(), 0x600d)?;
        a.mov(dword_ptr(0xffff_fff0u32).gs(), 0xbeef)
    });
    assert_eq!((peek(&end.machine, DATA + 0x10), peek(&end.machine, DATA - 0x10)), (0x600d, 0xbeef));
}

#[test]
fn fast_calls_are_intels() {
    assert_eq!(vector(&end(&|a| a.syscall())), 6);
    let entered = end(&|a| a.sysenter());
    assert_eq!((entered.machine.registers(0).rip, entered.register(4)), (TARGET + 1, RSP0 - 0x100));
}

#[test]
fn far_jumps_change_between_32_and_64_bits() {
    let mut machine = machine(&|a| a.db(&crate::protected_lab::far(0xea, s::USER_64, USER + 0x100)));
    let wide = assemble(64, USER + 0x100, &|a| {
        a.mov(rcx, 0x1122_3344_5566_7788u64)?;
        a.mov(rax, s::USER_32 << 32 | (USER + 0x200))?;
        a.mov(qword_ptr(DATA), rax)?;
        a.jmp(fword_ptr(DATA))
    });
    let narrow = assemble(32, USER + 0x200, &|a| {
        a.mov(edx, ecx)?;
        a.ud2()
    });
    assert!(machine.write_memory(USER + 0x100, &wide));
    assert!(machine.write_memory(USER + 0x200, &narrow));
    let end = End::of(machine);
    assert_eq!((vector(&end), slot(&end, 1)), (6, s::USER_32));
    assert_eq!((end.register(1), end.register(2)), (0x1122_3344_5566_7788, 0x5566_7788));
}

#[test]
fn call_gates_of_64_bits_lead_inwards_and_back() {
    let mut machine = machine(&|a| {
        a.db(&crate::protected_lab::far(0x9a, s::GATE, 0))?;
        a.mov(edx, 0x77)
    });
    assert!(machine.write_memory(TARGET, &[0x48, 0xcb]));
    let end = End::of(machine);
    assert_eq!((vector(&end), end.register(2), slot(&end, 3)), (6, 0x77, USER_STACK));
}

#[test]
fn far_returns_within_compatibility_mode_are_of_32_bits() {
    let end = end(&|a| {
        a.push(s::USER_32 as i32)?;
        a.push((USER + 0x40) as i32)?;
        a.retf()
    });
    // Zeros from there on: ADD [EAX], AL at a page that is there, up to the end of what runs.
    assert_eq!(slot(&end, 1), s::USER_32);
}

/// Outside 64-bit mode VZEROALL and VZEROUPPER know eight registers (SDM 2C "VZEROALL").
#[test]
fn vzeroall_clears_eight_registers() {
    let before: Body<'_> = &|a| {
        a.mov(rax, cr4)?;
        a.or(eax, AVX_CONTROL as i32)?;
        a.mov(cr4, rax)?;
        enable_avx(a)?;
        a.movd(xmm7, eax)?;
        a.movd(xmm8, eax)
    };
    let end = End::of(machine_of(Model::Haswell, before, &|a| a.db(&[0xc5, 0xfc, 0x77])));
    let low = |n: u8| end.value(&format!("vectors/YMM{n}/63:0"));
    assert_eq!((vector(&end), low(7), low(8)), (6, 0, 7));
}
