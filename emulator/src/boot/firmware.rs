//! What firmware leaves behind for a plain ELF image: tables, a PVH start info, and 64-bit mode, or for a
//! 32-bit file protected mode as PVH has it.
//!
//! The start info is Xen's `hvm_start_info`, version 1 (xen/include/public/arch-x86/hvm/start_info.h);
//! its address is in RDI and RBX. The first 512 GiB are mapped to themselves.

use std::fmt;

use super::elf::{Elf, ElfError, Segment};
#[cfg(feature = "modes")]
use super::protected::enter_protected_mode;
use crate::cpu::arch::{self, CS, Cpu, DS, ES, FS, GS, LDTR, SS, TR, TableRegister, cr0, cr4, efer};
use crate::cpu::hot::{Hot, RBX, RDI};
use crate::memory::Memory;
use crate::platform::acpi;
use crate::vmx::segment::AccessRights;

/// A file that is handed to the image.
#[derive(Clone, Copy, Debug)]
pub struct Module<'a> {
    /// Its contents.
    pub data: &'a [u8],
    /// Its command line.
    pub cmdline: &'a str,
}

/// What is booted, and what firmware tells it.
#[derive(Clone, Copy, Debug)]
pub struct Kernel<'a> {
    /// Its file.
    pub image: &'a [u8],
    /// Its command line.
    pub cmdline: &'a str,
    /// What goes with it; the first is Linux's initial RAM disk.
    pub modules: &'a [Module<'a>],
    /// Processors that the ACPI tables name.
    pub processors: u8,
}

/// What it is put into: memory, and the bootstrap processor.
pub struct Computer<'a> {
    /// Memory.
    pub memory: Memory<'a>,
    /// The processor.
    pub cpu: &'a mut Cpu,
    /// What of it changes all the time.
    pub hot: &'a mut Hot,
}

/// Why an image was not loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LoadError {
    /// The file is not an image this loader takes.
    Elf(ElfError),
    /// A segment does not fit.
    Segment {
        /// Where it begins.
        address: u64,
        /// Its size in bytes.
        size: u64,
        /// What is available.
        available: std::ops::Range<u64>,
    },
    /// A kernel's setup header holds what this loader cannot take.
    Kernel {
        /// Which field.
        what: &'static str,
        /// What it holds.
        found: u64,
        /// What it should hold.
        expected: &'static str,
    },
    /// Modules do not fit above the image.
    Modules {
        /// Bytes of all modules, in pages.
        size: u64,
        /// Bytes between the image and the end of memory.
        available: u64,
    },
    /// More modules than the kernel, or the list of them, can take.
    ModuleCount {
        /// How many there are.
        count: usize,
        /// The most that there may be.
        limit: usize,
        /// Who takes them.
        taker: &'static str,
    },
    /// A command line is too long.
    CommandLine {
        /// Its length in bytes.
        len: usize,
        /// The most that there may be.
        limit: usize,
    },
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LoadError::Elf(error) => error.fmt(f),
            LoadError::Segment { address, size, available } => write!(
                f,
                "a segment of {size:#x} bytes at {address:#x} does not fit; it must lie in {:#x}..{:#x}",
                available.start, available.end
            ),
            LoadError::Kernel { what, found, expected } => {
                write!(f, "{what} is {found:#x}; expected {expected}")
            }
            LoadError::Modules { size, available } => {
                write!(
                    f,
                    "modules need {size} bytes above the image, {available} are left; give it more memory"
                )
            }
            LoadError::ModuleCount { count, limit, taker } => {
                write!(f, "{count} modules are given; {taker} takes at most {limit}")
            }
            LoadError::CommandLine { len, limit } => {
                write!(f, "the command line has {len} bytes; at most {limit} fit")
            }
        }
    }
}

impl std::error::Error for LoadError {}

impl From<ElfError> for LoadError {
    fn from(error: ElfError) -> LoadError {
        LoadError::Elf(error)
    }
}

const GDT: u64 = 0x1000;
const START_INFO: u64 = 0x2000;
const MEMORY_MAP: u64 = 0x2100;
const MODULE_LIST: u64 = 0x2200;
pub(super) const COMMAND_LINES: u64 = 0x3000;
const COMMAND_LINES_END: u64 = 0x8000;
const PML4: u64 = 0x8000;
const PDPT: u64 = 0x9000;
pub(super) const IMAGES_FROM: u64 = 0x10_0000;
/// The most modules that the list has room for.
const MAX_MODULES: usize = 16;

/// Puts an image, its modules and firmware's tables into memory, and a processor at its entry.
pub fn load_elf(kernel: &Kernel<'_>, into: &mut Computer<'_>) -> Result<(), LoadError> {
    let Kernel { image, cmdline, modules, processors } = *kernel;
    let Computer { memory, cpu, hot } = into;
    let elf = Elf::parse(image)?;
    let placed = place(&elf.segments, modules, memory)?;
    write_start_info(cmdline, modules, &placed, memory)?;
    write_acpi(processors, memory);
    #[cfg(feature = "modes")]
    if elf.is_32 {
        enter_protected_mode(memory, cpu, hot, elf.physical_entry());
        hot.regs[RBX] = START_INFO;
        return Ok(());
    }
    words(memory, GDT, &[0, CODE_DESCRIPTOR, DATA_DESCRIPTOR]);
    write_page_tables(memory);
    enter_long_mode(cpu, hot, elf.entry, (8, 16), (GDT, 23));
    hot.regs[RDI] = START_INFO;
    hot.regs[RBX] = START_INFO;
    Ok(())
}

/// Puts segments and modules into memory; where the modules are.
pub(super) fn place(
    segments: &[Segment<'_>],
    modules: &[Module<'_>],
    memory: &mut Memory<'_>,
) -> Result<Vec<u64>, LoadError> {
    let end = memory.ram.len() as u64;
    let mut image_end = IMAGES_FROM;
    for segment in segments {
        let last = segment.address.saturating_add(segment.size);
        if segment.address < IMAGES_FROM || last > end {
            let (address, size) = (segment.address, segment.size);
            return Err(LoadError::Segment { address, size, available: IMAGES_FROM..end });
        }
        image_end = image_end.max(last);
    }
    let placed = place_modules(modules, image_end, end)?;
    for segment in segments {
        memory.write_bytes(segment.address, segment.data);
    }
    for (module, at) in modules.iter().zip(&placed) {
        memory.write_bytes(*at, module.data);
    }
    Ok(placed)
}

/// Page-aligned addresses below the end of memory, the last module highest.
fn place_modules(modules: &[Module<'_>], image_end: u64, end: u64) -> Result<Vec<u64>, LoadError> {
    if modules.len() > MAX_MODULES {
        let (count, limit) = (modules.len(), MAX_MODULES);
        return Err(LoadError::ModuleCount { count, limit, taker: "the list of modules" });
    }
    let pages = |m: &Module<'_>| (m.data.len() as u64).next_multiple_of(4096);
    let size: u64 = modules.iter().map(pages).sum();
    let available = end.saturating_sub(image_end.next_multiple_of(4096));
    if size > available {
        return Err(LoadError::Modules { size, available });
    }
    let mut at = (end - size) & !0xfff;
    let place = |m: &Module<'_>| {
        let here = at;
        at += pages(m);
        here
    };
    Ok(modules.iter().map(place).collect())
}

fn write_start_info(
    cmdline: &str,
    modules: &[Module<'_>],
    placed: &[u64],
    memory: &mut Memory<'_>,
) -> Result<(), LoadError> {
    let mut lines = Lines { next: COMMAND_LINES };
    let main = lines.put(cmdline, memory)?;
    for (i, (module, at)) in modules.iter().zip(placed).enumerate() {
        let line = lines.put(module.cmdline, memory)?;
        words(memory, MODULE_LIST + 32 * i as u64, &[*at, module.data.len() as u64, line, 0]);
    }
    let end = memory.ram.len() as u64;
    let map = [(0, 0xa_0000, 2u64), (0xe_0000, 0x2_0000, 3), (IMAGES_FROM, end - IMAGES_FROM, 1)];
    for (i, (base, size, kind)) in map.iter().enumerate() {
        words(memory, MEMORY_MAP + 24 * i as u64, &[*base, *size, *kind]);
    }
    let count = modules.len() as u64;
    let info =
        [0x336e_c578 | 1 << 32, count << 32, MODULE_LIST, main, 0xe_0000, MEMORY_MAP, map.len() as u64];
    words(memory, START_INFO, &info);
    Ok(())
}

/// Command lines, one after the other.
pub(super) struct Lines {
    pub next: u64,
}

impl Lines {
    pub fn put(&mut self, line: &str, memory: &mut Memory<'_>) -> Result<u64, LoadError> {
        let at = self.next;
        let end = at + line.len() as u64 + 1;
        if end > COMMAND_LINES_END {
            let limit = (COMMAND_LINES_END - at - 1) as usize;
            return Err(LoadError::CommandLine { len: line.len(), limit });
        }
        memory.write_bytes(at, line.as_bytes());
        memory.write_bytes(end - 1, &[0]);
        self.next = end;
        Ok(at)
    }
}

/// Writes the ACPI tables for so many processors.
pub(super) fn write_acpi(processors: u8, memory: &mut Memory<'_>) {
    let config = acpi::AcpiConfig { cpus: processors, ..acpi::AcpiConfig::default() };
    for (address, table) in acpi::build(&config) {
        memory.write_bytes(address, &table);
    }
}

/// Writes quadwords, one after the other.
pub(super) fn words(memory: &mut Memory<'_>, at: u64, values: &[u64]) {
    for (i, value) in values.iter().enumerate() {
        memory.write_bytes(at + 8 * i as u64, &value.to_le_bytes());
    }
}

/// A flat 64-bit code segment, and a flat data segment.
pub(super) const CODE_DESCRIPTOR: u64 = 0x00af_9b00_0000_ffff;
pub(super) const DATA_DESCRIPTOR: u64 = 0x00cf_9300_0000_ffff;

/// Maps the first 512 GiB to themselves.
pub(super) fn write_page_tables(memory: &mut Memory<'_>) {
    words(memory, PML4, &[PDPT | 3]);
    for i in 0..512u64 {
        words(memory, PDPT + 8 * i, &[i << 30 | 0x83]);
    }
}

/// 64-bit mode at `entry`, with flat segments and the GDT `(base, limit)`.
pub(super) fn enter_long_mode(
    cpu: &mut Cpu,
    hot: &mut Hot,
    entry: u64,
    (code, data): (u16, u16),
    (base, limit): (u64, u16),
) {
    let code = arch::Segment { selector: code, limit: u32::MAX, rights: AccessRights(0xa09b), base: 0 };
    let data = arch::Segment { selector: data, limit: u32::MAX, rights: AccessRights(0xc093), base: 0 };
    cpu.segments[CS] = code;
    for segment in [ES, SS, DS, FS, GS] {
        cpu.segments[segment] = data;
    }
    cpu.segments[LDTR] =
        arch::Segment { rights: AccessRights(AccessRights::UNUSABLE), ..arch::Segment::default() };
    cpu.segments[TR] = arch::Segment { limit: 0x67, rights: AccessRights(0x8b), ..arch::Segment::default() };
    cpu.gdtr = TableRegister { base, limit };
    cpu.idtr = TableRegister::default();
    cpu.cr0 = cr0::PE | cr0::ET | cr0::NE | cr0::WP | cr0::PG;
    cpu.cr3 = PML4;
    cpu.cr4 = cr4::PAE;
    cpu.efer = efer::SCE | efer::LME | efer::LMA | efer::NXE;
    hot.rip = entry;
    hot.flags.set_rflags(2);
}
