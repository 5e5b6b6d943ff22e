//! The page walk of each paging mode (SDM 3A 4.3 to 4.5), with access rights (4.6) and error codes (4.7).

use super::arch::{PHYSICAL_BITS, cr0, cr4, efer};
use super::mmu::{ADDRESS, Intent, Mapping};
use super::{Core, Fault, Trap};
use crate::vmx::ept::{self, Access};

const PRESENT: u64 = 1 << 0;
const WRITABLE: u64 = 1 << 1;
const USER: u64 = 1 << 2;
const ACCESSED: u64 = 1 << 5;
const DIRTY: u64 = 1 << 6;
const LARGE: u64 = 1 << 7;
const NO_EXECUTE: u64 = 1 << 63;
/// Bits 2:1 and 8:5 of a present page-directory-pointer-table entry (SDM table 4-8).
const PDPTE_RESERVED: u64 = 0x1e6;
/// The address in a 32-bit entry.
const ADDRESS_32: u64 = 0xffff_f000;

/// Which paging mode (SDM 4.1.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Paging {
    Bits32,
    Pae,
    Level4,
}

impl Paging {
    /// Bits of the linear address that a table is indexed by.
    fn index_bits(self) -> u32 {
        if self == Paging::Bits32 { 10 } else { 9 }
    }

    /// log2 of an entry's size.
    fn entry_shift(self) -> u32 {
        if self == Paging::Bits32 { 2 } else { 3 }
    }

    /// Bits reserved in an entry (SDM tables 4-4 to 4-20).
    const fn reserved(self, shift: u32, last: bool, nxe: bool) -> u64 {
        let beyond = ADDRESS & ept::beyond(PHYSICAL_BITS);
        let no_execute = if nxe { 0 } else { NO_EXECUTE };
        let low = match (shift, last) {
            (39, _) => LARGE,
            (30, true) => 0x3fff_e000,
            (21, true) => 0x001f_e000,
            _ => 0,
        };
        match self {
            Paging::Level4 => beyond | low | no_execute,
            Paging::Pae => beyond | low | no_execute | 0x7ff0_0000_0000_0000,
            Paging::Bits32 if last && shift == 22 => 1 << 21,
            Paging::Bits32 => 0,
        }
    }
}

impl Core<'_> {
    fn paging(&self) -> Paging {
        match (self.cpu.long_mode(), self.cpu.cr4 & cr4::PAE != 0) {
            (true, _) => Paging::Level4,
            (false, true) => Paging::Pae,
            (false, false) => Paging::Bits32,
        }
    }

    /// Where a linear address leads by the paging structures, accessed and dirty flags set.
    pub(super) fn walk(&mut self, linear: u64, intent: Intent, user: bool) -> Result<Mapping, Trap> {
        if self.cpu.cr0 & cr0::PG == 0 {
            return Ok(Mapping {
                physical: linear,
                writable: true,
                user: true,
                executable: true,
                dirty: true,
            });
        }
        let paging = self.paging();
        let nxe = self.cpu.efer & efer::NXE != 0;
        let (mut table, mut shift) = match paging {
            Paging::Level4 => (self.cpu.cr3 & ADDRESS, 39),
            Paging::Bits32 => (self.cpu.cr3 & ADDRESS_32, 22),
            Paging::Pae => match self.cpu.pdptes[(linear >> 30 & 3) as usize] {
                entry if entry & PRESENT == 0 => return Err(self.page_fault(linear, intent, user, 0)),
                entry => (entry & ADDRESS, 21),
            },
        };
        let index = (1u64 << paging.index_bits()) - 1;
        let (mut writable, mut may_user, mut executable) = (true, true, true);
        let mut path = [(0u64, 0u64); 4];
        let mut depth = 0;
        let leaf = loop {
            let entry_at = table | (linear >> shift & index) << paging.entry_shift();
            let at = self.entry_address(entry_at, linear)?;
            path[depth] = (entry_at, at);
            depth += 1;
            let entry = self.read_entry(paging, at);
            if entry & PRESENT == 0 {
                return Err(self.page_fault(linear, intent, user, 0));
            }
            let last = shift == 12 || entry & LARGE != 0 && self.large_at(paging, shift);
            if entry & paging.reserved(shift, last, nxe) != 0 {
                return Err(self.page_fault(linear, intent, user, 9));
            }
            writable &= entry & WRITABLE != 0;
            may_user &= entry & USER != 0;
            executable &= entry & NO_EXECUTE == 0;
            if last {
                break entry;
            }
            table = entry & ADDRESS;
            shift -= paging.index_bits();
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
            physical: frame(paging, shift, leaf) & !offset | linear & offset,
            writable,
            user: may_user,
            executable,
            dirty: (leaf | flags) & DIRTY != 0,
        })
    }

    fn read_entry(&self, paging: Paging, at: u64) -> u64 {
        match paging {
            Paging::Bits32 => self.mem.read_u32(at).map_or(0, u64::from),
            _ => self.mem.read_u64(at).unwrap_or(0),
        }
    }

    /// Whether an entry of this level may map a large page.
    fn large_at(&self, paging: Paging, shift: u32) -> bool {
        match paging {
            Paging::Bits32 => self.cpu.cr4 & cr4::PSE != 0,
            _ => shift != 39,
        }
    }

    /// Sets accessed and dirty flags of the entry at `(guest-physical, host-physical)`. Under EPT that is a
    /// write, which needs its permission (SDM 28.2.3.2); the walk has asked for it if EPT has such flags too.
    fn set_flags(&mut self, place: (u64, u64), flags: u64, linear: u64) -> Result<(), Trap> {
        let (guest, host) = place;
        // An entry of 32 bits is half of an aligned quadword.
        let (at, bits) = if host & 4 != 0 { (host - 4, flags << 32) } else { (host, flags) };
        let clear = self.mem.read_u64(at).is_some_and(|entry| entry & bits != bits);
        if clear && self.cpu.vmx.eptp != 0 {
            self.through_ept(guest, Access::READ_WRITE, Some(linear), false)?;
        }
        self.mem.set_entry_bits(at, bits);
        Ok(())
    }

    /// Loads the PDPTE registers if PAE paging is (or with this CR0 and CR4 would be) on; #GP(0) for reserved bits
    /// (SDM 4.4.1).
    pub(in crate::cpu) fn load_pdptes(&mut self, cr0: u64, cr3: u64, cr4: u64) -> Result<(), Trap> {
        if cr0 & cr0::PG == 0 || cr4 & cr4::PAE == 0 || self.cpu.efer & efer::LME != 0 {
            return Ok(());
        }
        let mut entries = [0; 4];
        for (n, entry) in entries.iter_mut().enumerate() {
            let at = cr3 & 0xffff_ffe0 | (n as u64) << 3;
            let at = self.through_ept(at, Access::READ, None, false)?.hpa;
            *entry = self.mem.read_u64(at).unwrap_or(0);
            if *entry & PRESENT != 0 && *entry & (PDPTE_RESERVED | ept::beyond(PHYSICAL_BITS)) != 0 {
                return Err(Fault::gp(0).into());
            }
        }
        self.set_pdptes(entries);
        Ok(())
    }

    /// Sets the PDPTE registers.
    pub(super) fn set_pdptes(&mut self, entries: [u64; 4]) {
        if self.cpu.pdptes != entries {
            self.cpu.pdptes = entries;
            self.forget_translations();
        }
    }

    /// #PF with its error code (SDM 3A 4.7). `bits` are P and RSVD.
    #[cold]
    fn page_fault(&mut self, linear: u64, intent: Intent, user: bool, bits: u32) -> Trap {
        self.cpu.fault_address = linear;
        let tells_fetch = self.cpu.efer & efer::NXE != 0 && self.cpu.cr4 & cr4::PAE != 0;
        let fetch = intent == Intent::Fetch && tells_fetch;
        let code = bits | u32::from(intent.writes()) << 1 | u32::from(user) << 2 | u32::from(fetch) << 4;
        Fault::pf(code).into()
    }
}

/// The page that an entry maps.
fn frame(paging: Paging, shift: u32, leaf: u64) -> u64 {
    match (paging, shift) {
        // PSE-36: bits 20:13 are bits 39:32 of the address (SDM figure 4-4).
        (Paging::Bits32, 22) => leaf & 0xffc0_0000 | (leaf >> 13 & 0xff) << 32,
        (Paging::Bits32, _) => leaf & ADDRESS_32,
        _ => leaf & ADDRESS,
    }
}
