//! Extended page tables: the pointer, the walk, violations and misconfigurations (SDM 28.2).

use super::caps::Capabilities;

/// IA32_VMX_EPT_VPID_CAP (A.10): execute-only 0, walk length 4 (6), UC 8, WB 14, 2 MiB 16, 1 GiB 17,
/// INVEPT 20, single and all contexts 25 and 26, INVVPID 32 with its four types 40 to 43.
pub const CAPABILITY: u64 = 0xf01_0613_4141;

const EXECUTE_ONLY: u64 = 1 << 0;
const PAGES_2M: u64 = 1 << 16;
const PAGES_1G: u64 = 1 << 17;
/// Accessed and dirty flags (bit 21), which only some processors have.
pub const ACCESSED_AND_DIRTY: u64 = 1 << 21;

/// EPTP bit 6: accessed and dirty flags are in use.
pub const EPTP_ACCESSED_AND_DIRTY: u64 = 1 << 6;

const READ: u64 = 1 << 0;
const WRITE: u64 = 1 << 1;
const EXECUTE: u64 = 1 << 2;
const PERMISSIONS: u64 = 7;
const PAGE: u64 = 1 << 7;
const ACCESSED: u64 = 1 << 8;
const DIRTY: u64 = 1 << 9;
const ADDRESS: u64 = 0x000f_ffff_ffff_f000;

/// What the tables may hold on this processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rules {
    /// IA32_VMX_EPT_VPID_CAP.
    pub capability: u64,
    /// MAXPHYADDR.
    pub maxphyaddr: u8,
}

impl Rules {
    /// The rules of a processor.
    pub const fn new(caps: &Capabilities, maxphyaddr: u8) -> Rules {
        Rules { capability: caps.ept_vpid, maxphyaddr }
    }

    /// Address bits that no physical address has, in an entry.
    const fn beyond(&self) -> u64 {
        ADDRESS & beyond(self.maxphyaddr)
    }
}

/// The bits from `maxphyaddr` up.
pub const fn beyond(maxphyaddr: u8) -> u64 {
    if maxphyaddr >= 64 { 0 } else { u64::MAX << maxphyaddr }
}

/// EPTP bits 2:0 are a memory type that is offered (26.2.1.1).
pub const fn eptp_memory_type_valid(capability: u64, eptp: u64) -> bool {
    match eptp & 7 {
        0 => capability & 1 << 8 != 0,
        6 => capability & 1 << 14 != 0,
        _ => false,
    }
}

/// EPTP bits 5:3 are 3: a walk of four levels.
pub const fn eptp_walk_length_valid(capability: u64, eptp: u64) -> bool {
    eptp >> 3 & 7 == 3 && capability & 1 << 6 != 0
}

/// EPTP bit 6 is clear unless A/D flags are offered.
pub const fn eptp_accessed_dirty_valid(capability: u64, eptp: u64) -> bool {
    eptp & EPTP_ACCESSED_AND_DIRTY == 0 || capability & ACCESSED_AND_DIRTY != 0
}

/// EPTP bits 11:7 and those beyond the physical-address width are clear.
pub const fn eptp_reserved_valid(maxphyaddr: u8, eptp: u64) -> bool {
    eptp & (0xf80 | beyond(maxphyaddr)) == 0
}

/// All of the above: VM entry with this EPTP would not fail.
pub const fn eptp_valid(rules: &Rules, eptp: u64) -> bool {
    eptp_memory_type_valid(rules.capability, eptp)
        && eptp_walk_length_valid(rules.capability, eptp)
        && eptp_accessed_dirty_valid(rules.capability, eptp)
        && eptp_reserved_valid(rules.maxphyaddr, eptp)
}

/// What an access wants. With A/D flags in use the caller makes a guest page walk's accesses writes too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Access {
    /// A data read.
    pub read: bool,
    /// A data write.
    pub write: bool,
    /// An instruction fetch.
    pub fetch: bool,
}

impl Access {
    /// A data read.
    pub const READ: Access = Access { read: true, write: false, fetch: false };
    /// A data write.
    pub const WRITE: Access = Access { read: false, write: true, fetch: false };
    /// An instruction fetch.
    pub const FETCH: Access = Access { read: false, write: false, fetch: true };
    /// A guest page walk's access to an entry when A/D flags are in use.
    pub const READ_WRITE: Access = Access { read: true, write: true, fetch: false };

    /// Bits 2:0 of the exit qualification, and of the permissions that the access needs.
    pub const fn bits(self) -> u64 {
        self.read as u64 | (self.write as u64) << 1 | (self.fetch as u64) << 2
    }
}

/// Where a guest-physical address leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EptMapping {
    /// The host-physical address.
    pub hpa: u64,
    /// 12, 21 or 30.
    pub page_shift: u8,
    /// Reads are allowed.
    pub readable: bool,
    /// Writes are allowed.
    pub writable: bool,
    /// Fetches are allowed.
    pub executable: bool,
    /// A write needs no more bookkeeping: the dirty flag is set, or A/D flags are not in use.
    pub dirty: bool,
    /// Bits 5:3 of the last entry.
    pub memory_type: u8,
}

/// Why the walk ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EptFault {
    /// An EPT violation (27.2.1, table 27-7): bits 2:0 the access, 5:3 what the entries allow together.
    /// The caller adds bits 7 and 8 (the linear address) and 12 (NMI unblocking).
    Violation {
        /// Bits 5:0 of the exit qualification.
        qualification: u64,
    },
    /// An EPT misconfiguration (28.2.3.1).
    Misconfiguration,
}

/// Host memory as the walk uses it.
pub trait EptMemory {
    /// The entry at a physical address; `None` where there is no memory.
    fn read_entry(&mut self, address: u64) -> Option<u64>;
    /// Stores an entry with its accessed or dirty flag set.
    fn write_entry(&mut self, address: u64, entry: u64);
}

/// Translates a guest-physical address.
///
/// Accessed flags are set only for a translation that succeeds, the dirty flag only for a write.
/// An entry where there is no memory reads as all ones, as the bus does, and is misconfigured.
pub fn walk<M: EptMemory + ?Sized>(
    rules: &Rules,
    eptp: u64,
    gpa: u64,
    access: Access,
    memory: &mut M,
) -> Result<EptMapping, EptFault> {
    let violation = |allowed: u64| EptFault::Violation { qualification: access.bits() | allowed << 3 };
    if gpa >> 48 != 0 {
        return Err(violation(0));
    }
    let mut path = [(0u64, 0u64); 4];
    let mut used = 0;
    let mut page_shift = 12;
    let mut table = eptp & ADDRESS;
    let mut allowed = PERMISSIONS;
    for (step, slot) in path.iter_mut().enumerate() {
        let shift = 39 - 9 * step as u8;
        let address = table | (gpa >> shift & 0x1ff) << 3;
        let entry = memory.read_entry(address).unwrap_or(u64::MAX);
        allowed &= entry;
        if entry & PERMISSIONS == 0 {
            return Err(violation(0));
        }
        let last = is_last(entry, shift);
        if misconfigured(rules, entry, shift, last) {
            return Err(EptFault::Misconfiguration);
        }
        *slot = (address, entry);
        used = step + 1;
        page_shift = shift;
        if last {
            break;
        }
        table = entry & ADDRESS;
    }
    if access.bits() & !allowed != 0 {
        return Err(violation(allowed));
    }
    let flags = eptp & EPTP_ACCESSED_AND_DIRTY != 0;
    if flags {
        set_flags(&mut path, used, access.write, memory);
    }
    let leaf = path.iter().take(used).next_back().map_or(0, |(_, entry)| *entry);
    Ok(mapping(leaf, gpa, allowed, page_shift, flags))
}

const fn is_last(entry: u64, shift: u8) -> bool {
    shift == 12 || (shift != 39 && entry & PAGE != 0)
}

fn mapping(leaf: u64, gpa: u64, allowed: u64, page_shift: u8, flags: bool) -> EptMapping {
    let offset = (1u64 << page_shift) - 1;
    EptMapping {
        hpa: leaf & ADDRESS & !offset | gpa & offset,
        page_shift,
        readable: allowed & READ != 0,
        writable: allowed & WRITE != 0,
        executable: allowed & EXECUTE != 0,
        dirty: !flags || leaf & DIRTY != 0,
        memory_type: (leaf >> 3 & 7) as u8,
    }
}

/// The conditions of 28.2.3.1 for a present entry.
fn misconfigured(rules: &Rules, entry: u64, shift: u8, last: bool) -> bool {
    let write_without_read = entry & (READ | WRITE) == WRITE;
    let execute_only = entry & PERMISSIONS == EXECUTE && rules.capability & EXECUTE_ONLY == 0;
    let bad_type = last && matches!(entry >> 3 & 7, 2 | 3 | 7);
    write_without_read || execute_only || bad_type || entry & reserved(rules, shift, last) != 0
}

/// Bits that must be clear in an entry (tables 28-1 to 28-6).
fn reserved(rules: &Rules, shift: u8, last: bool) -> u64 {
    let low = match (shift, last) {
        (39, _) => 0xf8,
        (30, true) if rules.capability & PAGES_1G == 0 => PAGE,
        (21, true) if rules.capability & PAGES_2M == 0 => PAGE,
        (30, true) => 0x3fff_f000,
        (21, true) => 0x1f_f000,
        (_, false) => 0x78,
        _ => 0,
    };
    low | rules.beyond()
}

/// Sets what is not set yet (28.2.4): accessed in every entry used, dirty in the last one on a write.
fn set_flags<M: EptMemory + ?Sized>(path: &mut [(u64, u64); 4], used: usize, write: bool, memory: &mut M) {
    for (step, (address, entry)) in path.iter_mut().take(used).enumerate() {
        let dirty = if write && step + 1 == used { DIRTY } else { 0 };
        let flagged = *entry | ACCESSED | dirty;
        if flagged != *entry {
            memory.write_entry(*address, flagged);
            *entry = flagged;
        }
    }
}
