//! Linear to physical: EPT underneath the page walk, and the software TLB above.
//!
//! The software TLB never shows. Pages that walks have read are marked, a write to one forgets every
//! translation, and so each access behaves as if it walked anew, which the SDM allows (3A 4.10).

use super::arch::cr0;
use super::hot::TLB_ENTRIES;
use super::{Core, Fault, Trap};
use crate::memory::{Memory, PageUse};
use crate::vmx::ept::{self, Access, EptFault, EptMapping, EptMemory, Rules};
use crate::vmx::{ExitReason, qualification as qual};

/// The page-number bits of a linear address.
pub const LINEAR_PAGE: u64 = !0xfff;

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
    pub(super) fn writes(self) -> bool {
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
pub(super) struct Mapping {
    pub physical: u64,
    pub writable: bool,
    pub user: bool,
    pub executable: bool,
    pub dirty: bool,
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

    /// Whatever gets here is canonical, or it is not translated (SDM volume 1, 3.3.7.1): a walk ignores the bits above
    /// those that it uses, and the software TLB would then answer for an address that faults.
    fn translate_as(&mut self, linear: u64, intent: Intent, user: bool) -> Result<u64, Trap> {
        if !super::access::canonical(linear) {
            return Err(Fault::gp(0).into());
        }
        let mapping = self.walk(linear, intent, user)?;
        let mapped = self.through_ept(mapping.physical, intent.ept(), Some(linear), true)?;
        let page = mapped.hpa & LINEAR_PAGE;
        self.install(linear, page, &mapping, &mapped, user);
        if self.mem.pages.pending() {
            // A page has become a page table: later stores of this block may be to it.
            self.hot.leave = 1;
        }
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

    /// The host-physical address of a paging-structure entry.
    pub(super) fn entry_address(&mut self, address: u64, linear: u64) -> Result<u64, Trap> {
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

    /// Reads a quadword of a structure that the processor itself uses (a descriptor, the TSS).
    pub fn system_read_u64(&mut self, linear: u64) -> Result<u64, Trap> {
        self.system_read(linear, 8)
    }

    /// Reads up to eight bytes of such a structure.
    pub fn system_read(&mut self, linear: u64, len: u64) -> Result<u64, Trap> {
        let mut value = 0u64;
        if self.cpu.breakpoints_armed() {
            self.meet_data_breakpoints(linear, len as usize, false);
        }
        if len == 8 && linear & 0xfff <= 0xff8 {
            let at = self.translate_system(linear, Intent::Read)?;
            return Ok(self.mem.read_u64(at).unwrap_or(u64::MAX));
        }
        for i in 0..len {
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
        self.system_write(linear, value, 8, user)
    }

    /// Writes up to eight bytes of such a structure.
    pub fn system_write(&mut self, linear: u64, value: u64, len: u64, user: bool) -> Result<(), Trap> {
        let bytes = &value.to_le_bytes()[..len as usize & 15];
        if linear & 0xfff <= 0x1000 - len {
            let at = self.translate_as(linear, Intent::Write, user)?;
            self.mem.write_bytes(at, bytes);
        } else {
            for (i, byte) in bytes.iter().enumerate() {
                let at = self.translate_as(linear.wrapping_add(i as u64), Intent::Write, user)?;
                self.mem.write_bytes(at, &[*byte]);
            }
        }
        if self.mem.pages.pending() {
            self.hot.leave = 1;
        }
        if self.cpu.breakpoints_armed() {
            self.meet_data_breakpoints(linear, len as usize, true);
        }
        Ok(())
    }
}
