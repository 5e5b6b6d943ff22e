//! How the emulated machine comes to be where a host's application is: at CPL 3, in segments of the host's selectors,
//! with the host's pages.

use emulator::machine::Machine;
use iced_x86::IcedError;
use iced_x86::code_asm::*;

use super::case::{BESIDE, CODE, CODE_SIZE, DATA, DATA_SIZE, PAGE, READ_ONLY, beside};

/// Where the kernel's part begins.
pub const ENTRY: u64 = 0x20_0000;
/// Linux's table of descriptors, as far as an application uses it.
const GDT: u64 = 0x21_0000;
const STACK: u64 = 0x22_0000;
/// A task-state segment without an I/O permission bitmap.
const TSS: u64 = 0x23_0000;
const TSS_SELECTOR: u32 = 0x40;
/// A page each: PML4, PDPT, page directory, and the page table of addresses from 0x200000 on.
const TABLES: u64 = 0x50_0000;
const TABLE: u64 = TABLES + 3 * PAGE;

const PRESENT: u64 = 1;
const WRITABLE: u64 = 2;
const USER: u64 = 4;
const NO_EXECUTE: u64 = 1 << 63;

/// Linux's: null, 32-bit code, code and data of the kernel's; 32-bit code, data and code of an application's; the
/// task's state.
const DESCRIPTORS: [u64; 16] = [
    0,
    0x00cf_9b00_0000_ffff,
    0x00af_9b00_0000_ffff,
    0x00cf_9300_0000_ffff,
    0x00cf_fb00_0000_ffff,
    0x00cf_f300_0000_ffff,
    0x00af_fb00_0000_ffff,
    0,
    0x0000_8900_0000_0067 | (TSS & 0xff_ffff) << 16,
    TSS >> 32,
    0,
    0,
    0,
    0,
    0,
    0,
];
const USER32_CS: i32 = 0x23;
const USER_DS: i32 = 0x2b;
const USER_CS: i32 = 0x33;

/// Enables all that a host's kernel has enabled for its applications: CR0.MP and NE, CR4.OSFXSR,
/// OSXMMEXCPT and OSXSAVE, and AVX in XCR0.
pub fn enable(a: &mut CodeAssembler) -> Result<(), IcedError> {
    a.mov(rax, cr0)?;
    a.or(eax, 0x22)?;
    a.and(eax, !0xc)?;
    a.mov(cr0, rax)?;
    a.mov(rax, cr4)?;
    a.or(eax, 0x4_0600)?;
    a.mov(cr4, rax)?;
    a.xor(ecx, ecx)?;
    a.xor(edx, edx)?;
    a.mov(eax, 7)?;
    a.xsetbv()
}

/// The way to CPL 3, which ends at the first breakpoint of the code.
pub fn program(bits: u32) -> Result<Vec<u8>, IcedError> {
    let mut a = CodeAssembler::new(64)?;
    enable(&mut a)?;
    // IA32_EFER.NXE.
    a.mov(ecx, 0xc000_0080u32)?;
    a.rdmsr()?;
    a.bts(eax, 11)?;
    a.wrmsr()?;
    a.mov(eax, TABLES as u32)?;
    a.mov(cr3, rax)?;
    a.lgdt(ptr(GDT - 16))?;
    a.lidt(ptr(GDT - 32))?;
    // A 64-bit application's data segments are null.
    let (code, data) = if bits == 32 { (USER32_CS, USER_DS) } else { (USER_CS, 0) };
    a.mov(eax, data)?;
    a.mov(ds, eax)?;
    a.mov(es, eax)?;
    a.xor(eax, eax)?;
    a.mov(fs, eax)?;
    a.mov(gs, eax)?;
    a.mov(eax, TSS_SELECTOR)?;
    a.ltr(ax)?;
    a.mov(esp, STACK as u32)?;
    for word in [USER_DS, 0, 0x202, code, CODE as i32] {
        a.push(word)?;
    }
    a.iretq()?;
    a.assemble(ENTRY)
}

/// Writes all tables, and breakpoints as code.
pub fn write(machine: &mut Machine) {
    let mut poke = |at: u64, bytes: &[u8]| assert!(machine.write_memory(at, bytes), "RAM at {at:#x}");
    for (n, descriptor) in DESCRIPTORS.into_iter().enumerate() {
        poke(GDT + 8 * n as u64, &descriptor.to_le_bytes());
    }
    poke(GDT - 16, &(127 | u128::from(GDT) << 16).to_le_bytes());
    poke(GDT - 32, &[0; 16]);
    // The bitmap would begin beyond the segment.
    poke(TSS + 0x66, &0x8000u16.to_le_bytes());
    for level in 0..3 {
        let (table, next) = (TABLES + level * PAGE, TABLES + (level + 1) * PAGE);
        poke(table + if level == 2 { 8 } else { 0 }, &(next | PRESENT | WRITABLE | USER).to_le_bytes());
    }
    for page in (ENTRY..CODE).step_by(PAGE as usize) {
        poke(entry(page), &(page | PRESENT | WRITABLE).to_le_bytes());
    }
    for page in (CODE..CODE + CODE_SIZE as u64).step_by(PAGE as usize) {
        poke(entry(page), &(page | PRESENT | WRITABLE | USER).to_le_bytes());
    }
    for page in (DATA..DATA + DATA_SIZE as u64).step_by(PAGE as usize) {
        poke(entry(page), &(page | PRESENT | WRITABLE | USER | NO_EXECUTE).to_le_bytes());
    }
    poke(CODE, &[0xcc; CODE_SIZE]);
    open(machine, false);
}

/// Makes the pages beside the data writable, or what they are otherwise.
pub fn open(machine: &mut Machine, is: bool) {
    for page in BESIDE {
        let rights = match (is, page) {
            (true, _) => PRESENT | WRITABLE | USER | NO_EXECUTE,
            (false, READ_ONLY) => PRESENT | USER | NO_EXECUTE,
            (false, _) => 0,
        };
        assert!(
            machine.write_memory(entry(page), &(page | rights).to_le_bytes()),
            "the page table is in RAM"
        );
        assert!(machine.write_memory(page, &beside()), "the page is in RAM");
    }
}

/// Where the page's entry is in the table.
fn entry(page: u64) -> u64 {
    TABLE + 8 * ((page - ENTRY) / PAGE)
}
