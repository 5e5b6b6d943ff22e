//! The Linux/x86 boot protocol (Documentation/arch/x86/boot.rst), 64-bit entry.
//!
//! The kernel is put at its preferred address and entered in 64-bit mode at its load address +
//! 0x200, with RSI at the "zero page" (`boot_params`, zero-page.rst). Numbers are offsets there.

use super::firmware::{
    CODE_DESCRIPTOR, Computer, DATA_DESCRIPTOR, Kernel, LoadError, Module, enter_long_mode, words,
    write_acpi, write_page_tables,
};
use crate::cpu::hot::RSI;

/// `boot_params`, `boot_flag`, `header`, ... in file order.
mod header {
    pub const ACPI_RSDP_ADDR: usize = 0x070;
    pub const E820_ENTRIES: usize = 0x1e8;
    /// Where the setup header begins, in the file and in the zero page.
    pub const START: usize = 0x1f1;
    pub const SETUP_SECTS: usize = 0x1f1;
    /// Of the kernel behind the setup sectors, in paragraphs of 16 bytes.
    pub const SYSSIZE: usize = 0x1f4;
    pub const BOOT_FLAG: usize = 0x1fe;
    /// The jump instruction whose target ends the header: its displacement byte.
    pub const JUMP: usize = 0x201;
    pub const MAGIC: usize = 0x202;
    pub const VERSION: usize = 0x206;
    pub const TYPE_OF_LOADER: usize = 0x210;
    pub const LOADFLAGS: usize = 0x211;
    pub const RAMDISK_IMAGE: usize = 0x218;
    pub const RAMDISK_SIZE: usize = 0x21c;
    pub const CMD_LINE_PTR: usize = 0x228;
    pub const INITRD_ADDR_MAX: usize = 0x22c;
    pub const XLOADFLAGS: usize = 0x236;
    pub const CMDLINE_SIZE: usize = 0x238;
    pub const PREF_ADDRESS: usize = 0x258;
    pub const INIT_SIZE: usize = 0x260;
    pub const E820_TABLE: usize = 0x2d0;
    /// The end of what is read here.
    pub const END: usize = 0x264;
}

/// `type_of_loader`: undefined.
const LOADER_UNDEFINED: u8 = 0xff;
/// `loadflags`: the kernel is to be loaded at 1 MiB or above.
const LOADED_HIGH: u8 = 1;
/// `xloadflags`: there is an entry at 0x200.
const XLF_KERNEL_64: u16 = 1;
/// The oldest protocol that has `xloadflags`.
const VERSION_2_12: u16 = 0x20c;

const ZERO_PAGE: u64 = 0x2000;
const COMMAND_LINE: u64 = 0x1_0000;
const GDT: u64 = 0x1000;
const ENTRY: u64 = 0x200;
/// `__BOOT_CS` and `__BOOT_DS`.
const BOOT_SELECTORS: (u16, u16) = (0x10, 0x18);

/// A kernel, checked at the door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BzImage<'a> {
    /// The setup header, as the zero page has it.
    header: &'a [u8],
    /// The protected-mode kernel.
    kernel: &'a [u8],
    address: u64,
    init_size: u64,
    cmdline_size: usize,
    initrd_max: u64,
}

/// Whether the file says that it is a bzImage.
pub fn is_bzimage(image: &[u8]) -> bool {
    image.get(header::MAGIC..header::MAGIC + 4) == Some(b"HdrS")
}

fn u16_at(image: &[u8], at: usize) -> u16 {
    image.get(at..at + 2).and_then(|b| b.try_into().ok()).map_or(0, u16::from_le_bytes)
}

fn u32_at(image: &[u8], at: usize) -> u32 {
    image.get(at..at + 4).and_then(|b| b.try_into().ok()).map_or(0, u32::from_le_bytes)
}

impl<'a> BzImage<'a> {
    /// Reads and checks the setup header.
    pub fn parse(image: &'a [u8]) -> Result<BzImage<'a>, LoadError> {
        let refuse = |what, found: u64, expected| Err(LoadError::Kernel { what, found, expected });
        if image.len() < header::END {
            return refuse("the file's length", image.len() as u64, "a setup header of at least 0x264 bytes");
        }
        if u16_at(image, header::BOOT_FLAG) != 0xaa55 {
            return refuse("boot_flag", u16_at(image, header::BOOT_FLAG).into(), "0xaa55");
        }
        let version = u16_at(image, header::VERSION);
        if version < VERSION_2_12 {
            return refuse(
                "the boot protocol's version",
                version.into(),
                "0x20c or newer (a kernel with a 64-bit entry)",
            );
        }
        let flags = u16_at(image, header::XLOADFLAGS);
        if flags & XLF_KERNEL_64 == 0 {
            return refuse("xloadflags", flags.into(), "bit 0: a 64-bit kernel");
        }
        let sectors = match image[header::SETUP_SECTS] {
            0 => 4,
            n => usize::from(n),
        };
        let Some(kernel) = image.get((sectors + 1) * 512..).filter(|k| !k.is_empty()) else {
            return refuse(
                "the file's length",
                image.len() as u64,
                "a kernel behind the setup sectors: it is truncated",
            );
        };
        let whole = u64::from(u32_at(image, header::SYSSIZE)) * 16;
        if (kernel.len() as u64) < whole {
            return refuse("the kernel's length", kernel.len() as u64, "what syssize says: it is truncated");
        }
        let end = (header::MAGIC + usize::from(image[header::JUMP])).clamp(header::END, image.len());
        Ok(BzImage {
            header: &image[header::START..end],
            kernel,
            address: u64::from(u32_at(image, header::PREF_ADDRESS))
                | u64::from(u32_at(image, header::PREF_ADDRESS + 4)) << 32,
            init_size: u32_at(image, header::INIT_SIZE).into(),
            cmdline_size: u32_at(image, header::CMDLINE_SIZE) as usize,
            initrd_max: u32_at(image, header::INITRD_ADDR_MAX).into(),
        })
    }
}

/// Puts a kernel, its initial RAM disk and firmware's tables into memory, and a processor at its entry.
pub fn load_linux(kernel: &Kernel<'_>, into: &mut Computer<'_>) -> Result<(), LoadError> {
    let Kernel { image, cmdline, modules, processors } = *kernel;
    let Computer { memory, cpu, hot } = into;
    let initrd = only_disk(modules)?;
    let kernel = BzImage::parse(image)?;
    let end = memory.ram.len() as u64;
    let size = kernel.init_size.max(kernel.kernel.len() as u64);
    let (from, to) = (kernel.address, kernel.address.saturating_add(size));
    if from < 0x10_0000 || to > end {
        return Err(LoadError::Segment { address: from, size, available: 0x10_0000..end });
    }
    let limit = kernel.cmdline_size.min(0x4000);
    if cmdline.len() > limit {
        return Err(LoadError::CommandLine { len: cmdline.len(), limit });
    }
    let disk = initrd
        .map(|data| place_initrd(data, to, end.min(kernel.initrd_max.saturating_add(1))))
        .transpose()?;
    memory.write_bytes(from, kernel.kernel);
    memory.write_bytes(COMMAND_LINE, cmdline.as_bytes());
    memory.write_bytes(COMMAND_LINE + cmdline.len() as u64, &[0]);
    if let (Some(data), Some(at)) = (initrd, disk) {
        memory.write_bytes(at, data);
    }
    let page = zero_page(&kernel, disk.zip(initrd.map(|d| d.len() as u64)), end);
    memory.write_bytes(ZERO_PAGE, &page);
    write_acpi(processors, memory);
    words(memory, GDT, &[0, 0, CODE_DESCRIPTOR, DATA_DESCRIPTOR]);
    write_page_tables(memory);
    enter_long_mode(cpu, hot, from + ENTRY, BOOT_SELECTORS, (GDT, 31));
    hot.regs[RSI] = ZERO_PAGE;
    Ok(())
}

/// The boot protocol has room for one initial RAM disk (`ramdisk_image`, `ramdisk_size`), and none for what else
/// might be meant.
fn only_disk<'a>(modules: &[Module<'a>]) -> Result<Option<&'a [u8]>, LoadError> {
    match modules {
        [] => Ok(None),
        [disk] => Ok(Some(disk.data)),
        more => Err(LoadError::ModuleCount {
            count: more.len(),
            limit: 1,
            taker: "a Linux bzImage, whose one module is its initial RAM disk,",
        }),
    }
}

/// As high as it may lie, page-aligned, above the kernel.
fn place_initrd(data: &[u8], kernel_end: u64, end: u64) -> Result<u64, LoadError> {
    let size = data.len() as u64;
    let available = end.saturating_sub(kernel_end);
    if size > available {
        return Err(LoadError::Modules { size, available });
    }
    let at = (end - size) & !0xfff;
    if at < kernel_end { Err(LoadError::Modules { size, available }) } else { Ok(at) }
}

fn zero_page(kernel: &BzImage<'_>, disk: Option<(u64, u64)>, end: u64) -> Vec<u8> {
    let mut page = vec![0; 4096];
    let mut put = |at: usize, bytes: &[u8]| page[at..at + bytes.len()].copy_from_slice(bytes);
    put(header::START, kernel.header);
    put(header::TYPE_OF_LOADER, &[LOADER_UNDEFINED]);
    put(header::LOADFLAGS, &[LOADED_HIGH]);
    put(header::CMD_LINE_PTR, &(COMMAND_LINE as u32).to_le_bytes());
    if let Some((at, size)) = disk {
        put(header::RAMDISK_IMAGE, &(at as u32).to_le_bytes());
        put(header::RAMDISK_SIZE, &(size as u32).to_le_bytes());
    }
    put(header::ACPI_RSDP_ADDR, &crate::platform::acpi::RSDP.to_le_bytes());
    let map = memory_map(end);
    put(header::E820_ENTRIES, &[map.len() as u8]);
    for (i, (base, size, kind)) in map.iter().enumerate() {
        let at = header::E820_TABLE + 20 * i;
        put(at, &base.to_le_bytes());
        put(at + 8, &size.to_le_bytes());
        put(at + 16, &kind.to_le_bytes());
    }
    page
}

/// E820: RAM is 1, reserved is 2.
pub(super) fn memory_map(end: u64) -> [(u64, u64, u32); 4] {
    [
        (0, 0x9_fc00, 1),
        (0xe_0000, 0x2_0000, 2),
        (0x10_0000, end - 0x10_0000, 1),
        (crate::platform::acpi::ECAM, 256 << 20, 2),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A header that is right, and a kernel of a few bytes.
    fn image() -> Vec<u8> {
        let mut image = vec![0; 2048];
        image[header::SETUP_SECTS] = 2;
        image[header::BOOT_FLAG..][..2].copy_from_slice(&0xaa55u16.to_le_bytes());
        image[header::JUMP] = 0x66;
        image[header::MAGIC..][..4].copy_from_slice(b"HdrS");
        image[header::VERSION..][..2].copy_from_slice(&0x20fu16.to_le_bytes());
        image[header::XLOADFLAGS..][..2].copy_from_slice(&1u16.to_le_bytes());
        image[header::CMDLINE_SIZE..][..4].copy_from_slice(&2047u32.to_le_bytes());
        image[header::PREF_ADDRESS..][..8].copy_from_slice(&0x100_0000u64.to_le_bytes());
        image[header::INIT_SIZE..][..4].copy_from_slice(&0x1000u32.to_le_bytes());
        image
    }

    #[test]
    fn a_kernel_is_known_by_its_header() {
        assert!(is_bzimage(&image()));
        assert!(!is_bzimage(b"\x7fELF"));
        let image = image();
        let kernel = BzImage::parse(&image).unwrap();
        assert_eq!((kernel.address, kernel.kernel.len()), (0x100_0000, 2048 - 3 * 512));
    }

    #[test]
    fn what_is_wrong_is_named_with_what_was_expected() {
        let error = |change: &dyn Fn(&mut Vec<u8>)| {
            let mut image = image();
            change(&mut image);
            BzImage::parse(&image).unwrap_err().to_string()
        };
        assert!(error(&|i| i.truncate(0x240)).contains("setup header"));
        assert!(error(&|i| i.truncate(1536)).contains("truncated"));
        assert!(error(&|i| i[header::SYSSIZE] = 33).contains("syssize"));
        assert!(error(&|i| i[header::VERSION] = 4).contains("0x20c"));
        assert!(error(&|i| i[header::XLOADFLAGS] = 0).contains("64-bit"));
        assert!(error(&|i| i[header::BOOT_FLAG] = 0).contains("0xaa55"));
    }

    #[test]
    fn a_second_module_is_refused_and_not_dropped() {
        let disk = |data| Module { data, cmdline: "" };
        let (one, two) = (disk(b"one"), disk(b"two"));
        assert_eq!(only_disk(&[]), Ok(None));
        assert_eq!(only_disk(&[one]), Ok(Some(&b"one"[..])));
        let error = only_disk(&[one, two]).unwrap_err().to_string();
        assert!(error.starts_with("2 modules are given") && error.ends_with("takes at most 1"), "{error}");
    }

    #[test]
    fn the_ram_disk_lies_as_high_as_it_may() {
        assert_eq!(place_initrd(&[0; 5000], 0x10_0000, 0x20_0000), Ok(0x1f_e000));
        assert!(place_initrd(&[0; 5000], 0x1f_f000, 0x20_0000).is_err());
    }
}
