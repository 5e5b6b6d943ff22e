//! Linear to physical: the page walk, EPT underneath it, and the software TLB above.
//!
//! The software TLB never shows. Pages that walks have read are marked, a write to one forgets every
//! translation, and so each access behaves as if it walked anew, which the SDM allows (3A 4.10).

use super::arch::{cr0, efer};
use super::hot::TLB_ENTRIES;
use super::{Core, Fault, Trap};
use crate::memory::{Memory, PageUse};
use crate::vmx::ept::{self, Access, EptFault, EptMapping, EptMemory, Rules};
use crate::vmx::{ExitReason, qualification as qual};

/// The page-number bits of a linear address.
pub const LINEAR_PAGE: u64 = !0xfff;

const PRESENT: u64 = 1 << 0;
const WRITABLE: u64 = 1 << 1;
const USER: u64 = 1 << 2;
const ACCESSED: u64 = 1 << 5;
const DIRTY: u64 = 1 << 6;
const LARGE: u64 = 1 << 7;
const NO_EXECUTE: u64 = 1 << 63;
/// The physical address in CR3 and in a paging-structure entry.
pub(super) const ADDRESS: u64 = 0x000f_ffff_ffff_f000;

/// What an access wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    /// A load.
    Read,
    /// A store.
    Write,
    /// A load of what will be stored to.
    Update,
    /// An instruction fetch.
    Fetch,
}

impl Intent {
    fn writes(self) -> bool {
        matches!(self, Intent::Write | Intent::Update)
    }

    fn ept(self) -> Access {
        match self {
            Intent::Read => Access::READ,
            Intent::Write => Access::WRITE,
            Intent::Update => Access::READ_WRITE,
            Intent::Fetch => Access::FETCH,
        }
    }
}

/// A page walk's outcome: where the page is and what may be done with it.
struct Mapping {
    physical: u64,
    writable: bool,
    user: bool,
    executable: bool,
    dirty: bool,
}

impl EptMemory for Memory<'_> {
    fn read_entry(&mut self, address: u64) -> Option<u64> {
        self.pages.mark(address, PageUse::TABLE);
        self.read_u64(address)
    }

    fn write_entry(&mut self, address: u64, entry: u64) {
        self.set_entry_bits(address, entry);
    }
}

impl Core<'_> {
    /// Translates a linear address for an access at the current privilege.
    pub fn translate(&mut self, linear: u64, intent: Intent) -> Result<u64, Trap> {
        let user = self.hot.context & 1 != 0;
        self.translate_as(linear, intent, user)
    }

    /// Translates for an access that the processor itself makes, as a supervisor (SDM 3A 4.6).
    pub fn translate_system(&mut self, linear: u64, intent: Intent) -> Result<u64, Trap> {
        self.translate_as(linear, intent, false)
    }

    fn translate_as(&mut self, linear: u64, intent: Intent, user: bool) -> Result<u64, Trap> {
        let mapping = self.walk(linear, intent, user)?;
        let mapped = self.through_ept(mapping.physical, intent.ept(), Some(linear), true)?;
        let page = mapped.hpa & LINEAR_PAGE;
        self.install(linear, page, &mapping, &mapped, user);
        Ok(mapped.hpa)
    }

    fn install(&mut self, linear: u64, page: u64, mapping: &Mapping, mapped: &EptMapping, user: bool) {
        if page >= self.mem.ram.len() as u64 {
            return;
        }
        let context = self.hot.context & !1 | u64::from(user);
        let tag = linear & LINEAR_PAGE | context;
        let (watches_loads, watches_stores) = self.no_direct_way(linear & LINEAR_PAGE);
        let entry = &mut self.hot.tlb[(linear >> 12) as usize & (TLB_ENTRIES - 1)];
        let addend = page.wrapping_sub(linear & LINEAR_PAGE);
        let allowed_user = !user || mapping.user;
        let write_protect = user || self.cpu.cr0 & cr0::WP != 0;
        let plain = self.mem.pages.store_is_plain(page);
        let store = allowed_user
            && !watches_stores
            && mapping.dirty
            && mapped.dirty
            && mapped.writable
            && (mapping.writable || !write_protect)
            && plain;
        let fetch = allowed_user && mapping.executable && mapped.executable;
        entry.addend = addend;
        entry.load = if allowed_user && mapped.readable && !watches_loads { tag } else { u64::MAX };
        entry.store = if store { tag } else { u64::MAX };
        entry.fetch = if fetch { tag } else { u64::MAX };
    }

    /// Whether loads and stores of a page must each be looked at: for its data breakpoints, or for alignment.
    fn no_direct_way(&self, page: u64) -> (bool, bool) {
        if self.checks_alignment() {
            return (true, true);
        }
        if self.cpu.breakpoints_armed() { self.cpu.watches_page(page) } else { (false, false) }
    }

    /// The 4-level walk (SDM 3A 4.5), with access rights (4.6) and page-fault error codes (4.7).
    fn walk(&mut self, linear: u64, intent: Intent, user: bool) -> Result<Mapping, Trap> {
        if self.cpu.cr0 & cr0::PG == 0 {
            return Ok(Mapping {
                physical: linear,
                writable: true,
                user: true,
                executable: true,
                dirty: true,
            });
        }
        let nxe = self.cpu.efer & efer::NXE != 0;
        let mut table = self.cpu.cr3 & ADDRESS;
        let (mut writable, mut may_user, mut executable) = (true, true, true);
        let mut path = [(0u64, 0u64); 4];
        let mut shift = 39;
        let mut depth = 0;
        let leaf = loop {
            let entry_at = table | (linear >> shift & 0x1ff) << 3;
            let at = self.entry_address(entry_at, linear)?;
            path[depth] = (entry_at, at);
            depth += 1;
            let entry = self.mem.read_u64(at).unwrap_or(0);
            if entry & PRESENT == 0 {
                return Err(self.page_fault(linear, intent, user, 0));
            }
            let last = shift == 12 || entry & LARGE != 0 && shift != 39;
            if entry & reserved_bits(shift, last, nxe) != 0 {
                return Err(self.page_fault(linear, intent, user, 9));
            }
            writable &= entry & WRITABLE != 0;
            may_user &= entry & USER != 0;
            executable &= entry & NO_EXECUTE == 0;
            if last {
                break entry;
            }
            table = entry & ADDRESS;
            shift -= 9;
        };
        let write_protect = user || self.cpu.cr0 & cr0::WP != 0;
        let refused = user && !may_user
            || intent.writes() && !writable && write_protect
            || intent == Intent::Fetch && !executable;
        if refused {
            return Err(self.page_fault(linear, intent, user, 1));
        }
        let flags = if intent.writes() { ACCESSED | DIRTY } else { ACCESSED };
        let (tables, last) = path[..depth].split_at(depth - 1);
        for place in tables {
            self.set_flags(*place, ACCESSED, linear)?;
        }
        for place in last {
            self.set_flags(*place, flags, linear)?;
        }
        let offset = (1u64 << shift) - 1;
        Ok(Mapping {
            physical: leaf & ADDRESS & !offset | linear & offset,
            writable,
            user: may_user,
            executable,
            dirty: (leaf | flags) & DIRTY != 0,
        })
    }

    /// Sets accessed and dirty flags of the entry at `(guest-physical, host-physical)`. Under EPT that is a
    /// write, which needs its permission (SDM 28.2.3.2); the walk has asked for it if EPT has such flags too.
    fn set_flags(&mut self, place: (u64, u64), flags: u64, linear: u64) -> Result<(), Trap> {
        let (guest, host) = place;
        let clear = self.mem.read_u64(host).is_some_and(|entry| entry & flags != flags);
        if clear && self.cpu.vmx.eptp != 0 {
            self.through_ept(guest, Access::READ_WRITE, Some(linear), false)?;
        }
        self.mem.set_entry_bits(host, flags);
        Ok(())
    }

    /// The host-physical address of a paging-structure entry.
    fn entry_address(&mut self, address: u64, linear: u64) -> Result<u64, Trap> {
        let eptp = self.cpu.vmx.eptp;
        if eptp == 0 {
            self.mem.pages.mark(address, PageUse::TABLE);
            return Ok(address);
        }
        let access = if eptp & ept::EPTP_ACCESSED_AND_DIRTY != 0 { Access::READ_WRITE } else { Access::READ };
        let mapped = self.through_ept(address, access, Some(linear), false)?;
        self.mem.pages.mark(mapped.hpa, PageUse::TABLE);
        Ok(mapped.hpa)
    }

    /// Guest-physical to host-physical (SDM 28.2); the identity when EPT is off.
    pub fn through_ept(
        &mut self,
        physical: u64,
        access: Access,
        linear: Option<u64>,
        translation: bool,
    ) -> Result<EptMapping, Trap> {
        let eptp = self.cpu.vmx.eptp;
        if eptp == 0 {
            return Ok(EptMapping {
                hpa: physical,
                page_shift: 12,
                readable: true,
                writable: true,
                executable: true,
                dirty: true,
                memory_type: 6,
            });
        }
        let rules = Rules::new(&self.cpu.vmx.caps, super::arch::PHYSICAL_BITS);
        match ept::walk(&rules, eptp, physical, access, &mut self.mem) {
            Ok(mapping) => Ok(mapping),
            Err(fault) => Err(self.ept_exit(fault, physical, linear, translation)),
        }
    }

    #[cold]
    fn ept_exit(&mut self, fault: EptFault, physical: u64, linear: Option<u64>, translation: bool) -> Trap {
        let exit = &mut self.cpu.vmx.exit;
        exit.physical = physical;
        exit.linear = linear.unwrap_or(0);
        match fault {
            EptFault::Violation { qualification } => {
                let access_for = match (linear, translation) {
                    (None, _) => qual::EptAccessFor::NoLinearAddress,
                    (_, true) => qual::EptAccessFor::Translation,
                    (_, false) => qual::EptAccessFor::PagingStructure,
                };
                exit.qualification = qual::ept_violation(qualification, access_for, exit.nmi_unblocked);
                Trap::Exit(ExitReason::EPT_VIOLATION)
            }
            EptFault::Misconfiguration => {
                exit.qualification = 0;
                Trap::Exit(ExitReason::EPT_MISCONFIGURATION)
            }
        }
    }

    /// #PF with its error code (SDM 3A 4.7). `bits` are P and RSVD.
    #[cold]
    fn page_fault(&mut self, linear: u64, intent: Intent, user: bool, bits: u32) -> Trap {
        self.cpu.fault_address = linear;
        let fetch = intent == Intent::Fetch && self.cpu.efer & efer::NXE != 0;
        let code = bits | u32::from(intent.writes()) << 1 | u32::from(user) << 2 | u32::from(fetch) << 4;
        Fault::pf(code).into()
    }

    /// Reads bytes of a structure that the processor itself uses (a descriptor, the TSS).
    pub fn system_read_u64(&mut self, linear: u64) -> Result<u64, Trap> {
        let mut value = 0u64;
        if self.cpu.breakpoints_armed() {
            self.meet_data_breakpoints(linear, 8, false);
        }
        if linear & 0xfff <= 0xff8 {
            let at = self.translate_system(linear, Intent::Read)?;
            return Ok(self.mem.read_u64(at).unwrap_or(u64::MAX));
        }
        for i in 0..8 {
            let at = self.translate_system(linear.wrapping_add(i), Intent::Read)?;
            let byte = self.mem.slice(at, 1).map_or(0xff, |b| b[0]);
            value |= u64::from(byte) << (8 * i);
        }
        Ok(value)
    }

    /// Writes a quadword of a structure or a stack frame that the processor itself uses.
    pub fn system_write_u64(&mut self, linear: u64, value: u64, user: bool) -> Result<(), Trap> {
        if !super::access::canonical(linear) {
            return Err(Fault::ss(0).into());
        }
        if linear & 0xfff <= 0xff8 {
            let at = self.translate_as(linear, Intent::Write, user)?;
            self.mem.write_bytes(at, &value.to_le_bytes());
        } else {
            for (i, byte) in value.to_le_bytes().into_iter().enumerate() {
                let at = self.translate_as(linear.wrapping_add(i as u64), Intent::Write, user)?;
                self.mem.write_bytes(at, &[byte]);
            }
        }
        if self.mem.pages.pending() {
            self.hot.leave = 1;
        }
        if self.cpu.breakpoints_armed() {
            self.meet_data_breakpoints(linear, 8, true);
        }
        Ok(())
    }
}

/// Bits that must be 0 in an entry (SDM 3A tables 4-14 to 4-20).
const fn reserved_bits(shift: u32, last: bool, nxe: bool) -> u64 {
    let beyond = ADDRESS & ept::beyond(super::arch::PHYSICAL_BITS);
    let low = match (shift, last) {
        (39, _) => LARGE,
        (30, true) => 0x3fff_e000,
        (21, true) => 0x001f_e000,
        _ => 0,
    };
    beyond | low | if nxe { 0 } else { NO_EXECUTE }
}
