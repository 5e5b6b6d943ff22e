//! Memory as the processor would see it, for those who only look: page walks without effects.

use super::Machine;
use crate::cpu::arch::{PHYSICAL_BITS, cr0};
use crate::memory::Memory;
use crate::vmx::controls::secondary;
use crate::vmx::ept::{self, Access, EptMemory, Rules};
use crate::vmx::fields::{
    EPT_POINTER, GUEST_CR0, GUEST_CR3, GUEST_IDTR_BASE, GUEST_IDTR_LIMIT, HOST_CR0, HOST_CR3, HOST_IDTR_BASE,
    SECONDARY_PROCESSOR_BASED_CONTROLS,
};

const PRESENT: u64 = 1 << 0;
const LARGE: u64 = 1 << 7;
const ADDRESS: u64 = 0x000f_ffff_ffff_f000;

/// A linear-address space.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Space {
    /// The paging structures' root; `None` where paging is off.
    pub cr3: Option<u64>,
    /// The EPT pointer; 0 where guest-physical addresses are physical.
    pub eptp: u64,
}

/// An entry of the paging structures (SDM 3A 4.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Entry {
    /// Where it is: physical, or guest-physical under EPT.
    pub address: u64,
    /// What it holds.
    pub value: u64,
    /// The lowest bit of the linear address that chooses it: 39 for a PML4E, 12 for a PTE.
    pub shift: u32,
}

/// Entries that are only read.
pub(super) struct Look<'a>(pub &'a [u8]);

impl EptMemory for Look<'_> {
    fn read_entry(&mut self, address: u64) -> Option<u64> {
        let start = usize::try_from(address).ok()?;
        let bytes = self.0.get(start..start.checked_add(8)?)?;
        Some(u64::from_le_bytes(bytes.try_into().ok()?))
    }

    fn write_entry(&mut self, _: u64, _: u64) {}
}

impl Machine {
    /// The address space in which processor `cpu` runs now.
    pub fn space(&self, cpu: u8) -> Space {
        let Some(cpu) = self.cpus.get(usize::from(cpu)) else { return Space { cr3: None, eptp: 0 } };
        Space { cr3: (cpu.cr0 & cr0::PG != 0).then_some(cpu.cr3), eptp: cpu.vmx.eptp }
    }

    /// Whether processor `cpu` is in VMX non-root operation.
    pub fn in_guest(&self, cpu: u8) -> bool {
        self.cpus.get(usize::from(cpu)).is_some_and(|cpu| cpu.vmx.non_root)
    }

    /// The address space of the guest of processor `cpu`'s current VMCS, if there is one.
    pub fn guest_space(&self, cpu: u8) -> Option<Space> {
        if self.in_guest(cpu) {
            return Some(self.space(cpu));
        }
        let vmx = &self.cpus.get(usize::from(cpu))?.vmx;
        if !vmx.on || vmx.pointer == u64::MAX {
            return None;
        }
        let get = |field| vmx.vmcs.get(field);
        let with_ept = get(SECONDARY_PROCESSOR_BASED_CONTROLS) & u64::from(secondary::ENABLE_EPT) != 0;
        Some(Space {
            cr3: (get(GUEST_CR0) & cr0::PG != 0).then(|| get(GUEST_CR3)),
            eptp: if with_ept { get(EPT_POINTER) } else { 0 },
        })
    }

    /// The address space of root operation on processor `cpu`.
    pub fn root_space(&self, cpu: u8) -> Space {
        if !self.in_guest(cpu) {
            return self.space(cpu);
        }
        let Some(cpu) = self.cpus.get(usize::from(cpu)) else { return Space { cr3: None, eptp: 0 } };
        let get = |field| cpu.vmx.vmcs.get(field);
        Space { cr3: (get(HOST_CR0) & cr0::PG != 0).then(|| get(HOST_CR3)), eptp: 0 }
    }

    /// Base and limit of the IDT of processor `cpu`, of root operation or of the current VMCS's guest.
    pub fn idt(&self, cpu: u8, guest: bool) -> Option<(u64, u16)> {
        let state = self.cpus.get(usize::from(cpu))?;
        if guest == state.vmx.non_root {
            return Some((state.idtr.base, state.idtr.limit)).filter(|(_, limit)| *limit > 0);
        }
        let vmcs = &state.vmx.vmcs;
        if guest {
            self.guest_space(cpu)?;
            return Some((vmcs.get(GUEST_IDTR_BASE), vmcs.get32(GUEST_IDTR_LIMIT) as u16));
        }
        Some((vmcs.get(HOST_IDTR_BASE), u16::MAX))
    }

    /// The physical address of a linear one, access rights aside; `None` where nothing is mapped.
    pub fn translate(&self, space: Space, linear: u64) -> Option<u64> {
        self.walk(space, linear, |_| ())
    }

    /// As [`Machine::translate`]; `met` is given each entry of the paging structures on the way, the one that maps
    /// nothing included.
    pub fn walk(&self, space: Space, linear: u64, mut met: impl FnMut(Entry)) -> Option<u64> {
        let mut memory = Look(self.arena.ram());
        let caps = &self.cpus.first()?.vmx.caps;
        let rules = Rules::new(caps, PHYSICAL_BITS);
        let mut physical = |guest: u64| match space.eptp {
            0 => Some(guest),
            eptp => {
                let any = Access { read: false, write: false, fetch: false };
                ept::walk(&rules, eptp, guest, any, &mut memory).ok().map(|mapping| mapping.hpa)
            }
        };
        let Some(cr3) = space.cr3 else { return physical(linear) };
        let mut table = cr3 & ADDRESS;
        let mut shift = 39;
        loop {
            let address = table | (linear >> shift & 0x1ff) << 3;
            let entry = Look(self.arena.ram()).read_entry(physical(address)?)?;
            met(Entry { address, value: entry, shift });
            if entry & PRESENT == 0 {
                return None;
            }
            if shift == 12 || entry & LARGE != 0 && shift != 39 {
                let offset = (1u64 << shift) - 1;
                return physical(entry & ADDRESS & !offset | linear & offset);
            }
            table = entry & ADDRESS;
            shift -= 9;
        }
    }

    /// Reads memory by linear address; how many bytes from the first on are there.
    pub fn read_linear(&self, space: Space, address: u64, data: &mut [u8]) -> usize {
        let mut done = 0;
        while done < data.len() {
            let at = address.wrapping_add(done as u64);
            let room = (0x1000 - (at & 0xfff)) as usize;
            let size = room.min(data.len() - done);
            let there = self.translate(space, at);
            if !there.is_some_and(|physical| self.read_memory(physical, &mut data[done..done + size])) {
                break;
            }
            done += size;
        }
        done
    }

    /// Writes memory by linear address, as a debugger does; false if some of it is not there.
    pub fn write_linear(&mut self, space: Space, address: u64, data: &[u8]) -> bool {
        let mut done = 0;
        while done < data.len() {
            let at = address.wrapping_add(done as u64);
            let room = (0x1000 - (at & 0xfff)) as usize;
            let size = room.min(data.len() - done);
            let Some(physical) = self.translate(space, at) else { return false };
            let parts = self.arena.parts();
            let mut memory = Memory { ram: parts.ram, pages: &mut self.pages };
            if !memory.write_bytes(physical, &data[done..done + size]) {
                return false;
            }
            done += size;
        }
        true
    }
}
