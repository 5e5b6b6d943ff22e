//! The boot information: a PVH `hvm_start_info`, version 1, and the command line.

/// `hvm_start_info.magic`.
pub const MAGIC: u32 = 0x336e_c578;
/// Memory-map type of usable RAM.
pub const MEMORY_RAM: u32 = 1;
/// Memory-map type of memory that firmware keeps.
pub const MEMORY_RESERVED: u32 = 2;
/// Memory-map type of ACPI tables.
pub const MEMORY_ACPI: u32 = 3;

/// `hvm_start_info`, version 1: fixed layout, little-endian.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct StartInfo {
    /// [`MAGIC`].
    pub magic: u32,
    /// 1.
    pub version: u32,
    /// 0.
    pub flags: u32,
    /// Number of [`Module`]s at `modlist_paddr`.
    pub nr_modules: u32,
    /// Physical address of the module list.
    pub modlist_paddr: u64,
    /// Physical address of the command line, NUL-terminated.
    pub cmdline_paddr: u64,
    /// Physical address of the ACPI RSDP.
    pub rsdp_paddr: u64,
    /// Physical address of the memory map.
    pub memmap_paddr: u64,
    /// Number of [`MemoryRange`]s at `memmap_paddr`.
    pub memmap_entries: u32,
    /// 0.
    pub reserved: u32,
}

/// One entry of the memory map.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct MemoryRange {
    /// First physical address.
    pub addr: u64,
    /// Length in bytes.
    pub size: u64,
    /// [`MEMORY_RAM`], [`MEMORY_RESERVED`] or [`MEMORY_ACPI`].
    pub kind: u32,
    /// 0.
    pub reserved: u32,
}

/// One entry of the module list.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Module {
    /// First physical address.
    pub paddr: u64,
    /// Length in bytes.
    pub size: u64,
    /// Physical address of the module's own command line, NUL-terminated; 0 for none.
    pub cmdline_paddr: u64,
    /// 0.
    pub reserved: u64,
}

impl StartInfo {
    /// The start info at physical address `paddr`, if the magic number and version are right.
    ///
    /// # Safety
    /// `paddr` must be what the boot loader handed over, identity-mapped and unchanged for ever, as must
    /// be everything it points to.
    pub unsafe fn from_paddr(paddr: u64) -> Option<&'static StartInfo> {
        if paddr == 0 || paddr % 8 != 0 {
            return None;
        }
        // SAFETY: the caller vouches for the address.
        let info = unsafe { &*(paddr as *const StartInfo) };
        (info.magic == MAGIC && info.version >= 1).then_some(info)
    }

    /// The memory map.
    pub fn memory_map(&self) -> &'static [MemoryRange] {
        // SAFETY: `from_paddr`'s caller vouched for the tables.
        unsafe { list(self.memmap_paddr, self.memmap_entries) }
    }

    /// The modules.
    pub fn modules(&self) -> &'static [Module] {
        // SAFETY: `from_paddr`'s caller vouched for the tables.
        unsafe { list(self.modlist_paddr, self.nr_modules) }
    }

    /// The command line.
    pub fn command_line(&self) -> CommandLine {
        // SAFETY: `from_paddr`'s caller vouched for the string.
        CommandLine(unsafe { c_string(self.cmdline_paddr) })
    }
}

impl Module {
    /// The module's bytes.
    pub fn bytes(&self) -> &'static [u8] {
        if self.paddr == 0 || self.size == 0 {
            return &[];
        }
        // SAFETY: `StartInfo::from_paddr`'s caller vouched for the modules.
        unsafe { core::slice::from_raw_parts(self.paddr as *const u8, self.size as usize) }
    }

    /// The module's command line.
    pub fn command_line(&self) -> CommandLine {
        // SAFETY: as for `bytes`.
        CommandLine(unsafe { c_string(self.cmdline_paddr) })
    }
}

/// # Safety
/// `paddr` must be 0 or point to `count` valid entries that live for ever.
unsafe fn list<T>(paddr: u64, count: u32) -> &'static [T] {
    if paddr == 0 || count == 0 {
        return &[];
    }
    // SAFETY: the caller vouches for the list.
    unsafe { core::slice::from_raw_parts(paddr as *const T, count as usize) }
}

/// # Safety
/// `paddr` must be 0 or point to a NUL-terminated string that lives for ever.
unsafe fn c_string(paddr: u64) -> &'static str {
    if paddr == 0 {
        return "";
    }
    // SAFETY: the caller vouches for the string.
    let bytes = unsafe { core::ffi::CStr::from_ptr(paddr as *const core::ffi::c_char) };
    bytes.to_str().unwrap_or("")
}

/// A command line: words separated by blanks, `key=value` or a bare `key`.
#[derive(Clone, Copy, Debug)]
pub struct CommandLine(pub &'static str);

impl CommandLine {
    /// The value of the last `key=value`; a bare `key` has the value "".
    pub fn get(&self, key: &str) -> Option<&'static str> {
        let words = self.0.split_ascii_whitespace().rev();
        words
            .map(|word| word.split_once('=').unwrap_or((word, "")))
            .find(|(name, _)| *name == key)
            .map(|(_, v)| v)
    }

    /// The value of `key` as a number: decimal, or hexadecimal after `0x`. `default` if absent or malformed.
    pub fn number(&self, key: &str, default: u64) -> u64 {
        self.get(key).and_then(parse_number).unwrap_or(default)
    }

    /// True for `key=1`, `key=on` and a bare `key`; `default` if absent.
    pub fn flag(&self, key: &str, default: bool) -> bool {
        self.get(key).map_or(default, |value| matches!(value, "" | "1" | "on" | "yes" | "true"))
    }
}

/// A decimal number, or a hexadecimal one after `0x`.
pub fn parse_number(text: &str) -> Option<u64> {
    match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}
