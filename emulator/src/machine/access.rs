//! What a processor's memory and port accesses reach beyond RAM.

use super::{Board, Stop};
use crate::apic::Mode;
use crate::iommu::PhysicalMemory;
use crate::memory::Memory;
use crate::pci;
use crate::platform::spec::hpet;
use crate::platform::{LEGACY, PortEffect, acpi};
use crate::time::Time;
use crate::trace::{Kind, LifeId};

const PAGE: u64 = 0x1000;
const ECAM_SIZE: u64 = 256 << 20;

/// Where a physical address leads.
enum Target {
    LocalApic(u32),
    IoApic(u64),
    Vtd(u64),
    Hpet(u64),
    Ecam(u64),
    Nic(u8, u64),
    Nothing,
}

impl Board {
    fn target(&self, cpu: u8, address: u64) -> Target {
        let apic = &self.apics[usize::from(cpu)];
        let within = |base: u64, size: u64| address.wrapping_sub(base) < size;
        if apic.mode() == Mode::Xapic && within(apic.base_address(), PAGE) {
            return Target::LocalApic((address - apic.base_address()) as u32);
        }
        if within(acpi::IO_APIC.into(), PAGE) {
            return Target::IoApic(address - u64::from(acpi::IO_APIC));
        }
        if within(acpi::VTD, PAGE) {
            return Target::Vtd(address - acpi::VTD);
        }
        if within(hpet::BASE, hpet::SIZE) {
            return Target::Hpet(address - hpet::BASE);
        }
        if within(acpi::ECAM, ECAM_SIZE) {
            return Target::Ecam(address - acpi::ECAM);
        }
        match self.pci.decode_memory(address) {
            Some((bdf, bar, offset)) if bdf == pci::NIC => Target::Nic(bar, offset),
            _ => Target::Nothing,
        }
    }

    /// A load from where there is no RAM; all ones where there is nothing.
    pub fn mmio_read(&mut self, cpu: u8, now: Time, address: u64, size: u8, mem: &mut Memory<'_>) -> u64 {
        self.advance(now, mem);
        let target = self.target(cpu, address);
        if let Target::LocalApic(offset) = target {
            let value = self.apics[usize::from(cpu)].mmio_read(offset, now);
            self.apic_error(cpu.into(), now);
            return value.into();
        }
        let now = self.bus_time(now);
        match target {
            Target::IoApic(offset) => self.ioapic.mmio_read(offset).into(),
            Target::Vtd(offset) => self.iommu.mmio_read(offset, size),
            Target::Hpet(_) if !LEGACY => {
                self.stop = Some(Stop::LeftOut);
                0
            }
            Target::Hpet(offset) => self.platform.hpet.read(now, offset, size),
            Target::Ecam(offset) => {
                let (bdf, register) = pci::ecam_target(offset);
                self.config_read(bdf, register, size).into()
            }
            Target::Nic(bar, offset) => {
                let (nic, mut port) = self.nic_port(now, mem);
                match bar {
                    0 => nic.mmio_read(now, offset, size, &mut port),
                    _ => nic.msix_read(offset, size),
                }
            }
            Target::LocalApic(_) | Target::Nothing => u64::MAX,
        }
    }

    /// A store to where there is no RAM; nothing happens where there is nothing.
    pub fn mmio_write(
        &mut self,
        cpu: u8,
        now: Time,
        address: u64,
        size: u8,
        value: u64,
        mem: &mut Memory<'_>,
    ) {
        self.advance(now, mem);
        let target = self.target(cpu, address);
        if let Target::LocalApic(offset) = target {
            let action = self.apics[usize::from(cpu)].mmio_write(offset, value as u32, now);
            return self.apply_apic(cpu, now, action, false);
        }
        let now = self.bus_time(now);
        match target {
            Target::IoApic(offset) => {
                let messages = self.ioapic.mmio_write(offset, value as u32);
                self.post(now, messages);
                self.advance_lines(now, mem);
            }
            Target::Vtd(offset) => {
                let mut effects = Vec::new();
                self.iommu.mmio_write(offset, size, value, mem as &mut dyn PhysicalMemory, &mut effects);
                for effect in &effects {
                    self.fabric(now).effect(effect);
                }
            }
            Target::Hpet(_) if !LEGACY => self.stop = Some(Stop::LeftOut),
            Target::Hpet(offset) => {
                self.platform.hpet.write(now, offset, size, value);
                self.look_at_event_timers(now);
                self.advance_lines(now, mem);
            }
            Target::Ecam(offset) => {
                let (bdf, register) = pci::ecam_target(offset);
                self.config_write(now, bdf, register, size, value as u32, mem);
            }
            Target::Nic(bar, offset) => {
                let (nic, mut port) = self.nic_port(now, mem);
                match bar {
                    0 => nic.mmio_write(now, offset, size, value, &mut port),
                    _ => nic.msix_write(now, offset, size, value, &mut port),
                }
            }
            Target::LocalApic(_) | Target::Nothing => {}
        }
    }

    fn config_read(&self, bdf: pci::Bdf, offset: u16, size: u8) -> u32 {
        if bdf == pci::NIC {
            self.nic.config_read(offset, size)
        } else {
            self.pci.config_read(bdf, offset, size)
        }
    }

    fn config_write(
        &mut self,
        now: Time,
        bdf: pci::Bdf,
        offset: u16,
        size: u8,
        value: u32,
        mem: &mut Memory<'_>,
    ) {
        let word = u64::from(bdf.0) << 16 | u64::from(offset);
        self.trace.record(0, now, Kind::PciConfigWrite, LifeId::NONE, word, value.into());
        if bdf == pci::NIC {
            let (nic, mut port) = self.nic_port(now, mem);
            nic.config_write(now, offset, size, value, &mut port);
            self.pci.claim(pci::NIC, self.nic.claims());
        } else {
            self.pci.config_write(bdf, offset, size, value);
        }
    }

    /// IN.
    pub fn port_read(&mut self, _cpu: u8, now: Time, port: u16, size: u8, mem: &mut Memory<'_>) -> u32 {
        self.advance(now, mem);
        let now = self.bus_time(now);
        if let Some(value) = self.platform.read_port(now, port, size) {
            self.look_at_lines(now);
            return value;
        }
        if let Some(value) = self.pci.read_address(port, size) {
            return value;
        }
        if let Some((bdf, offset)) = self.pci.port_target(port) {
            return self.config_read(bdf, offset, size);
        }
        match self.pci.decode_io(port) {
            Some((bdf, _, offset)) if bdf == pci::NIC => {
                let (nic, mut client) = self.nic_port(now, mem);
                nic.io_read(now, offset, size, &mut client)
            }
            _ => u32::MAX >> (32 - 8 * u32::from(size.clamp(1, 4))),
        }
    }

    /// OUT. The interrupt that it ended at an 8259, and its vector.
    pub fn port_write(
        &mut self,
        cpu: u8,
        now: Time,
        port: u16,
        size: u8,
        value: u32,
        mem: &mut Memory<'_>,
    ) -> Option<(u8, LifeId)> {
        self.advance(now, mem);
        let now = self.bus_time(now);
        if let Some(effect) = self.platform.write_port(now, port, size, value) {
            self.look_at_lines(now);
            self.advance_lines(now, mem);
            return self.port_effect(cpu, now, effect);
        }
        if self.pci.write_address(port, size, value) {
            return None;
        }
        if let Some((bdf, offset)) = self.pci.port_target(port) {
            self.config_write(now, bdf, offset, size, value, mem);
        } else if let Some((bdf, _, offset)) = self.pci.decode_io(port)
            && bdf == pci::NIC
        {
            let (nic, mut client) = self.nic_port(now, mem);
            nic.io_write(now, offset, size, value, &mut client);
        }
        None
    }

    fn port_effect(&mut self, cpu: u8, now: Time, effect: PortEffect) -> Option<(u8, LifeId)> {
        match effect {
            PortEffect::Ended { vector, life } => return Some((vector, life)),
            PortEffect::None => {}
            PortEffect::Exit(code) => self.stop = Some(Stop::Exit { code }),
            PortEffect::Mark(value) => self.trace.mark(cpu, now, value),
            PortEffect::PowerOff => self.stop = Some(Stop::PowerOff),
            PortEffect::Reset => self.stop = Some(Stop::Reset),
        }
        None
    }
}
