//! Interrupt remapping (VT-d 5.1).

use super::fault::FaultReason as Reason;
use super::spec::{registers as reg, tables};
use super::{Access, Effect, Fault, Iommu, PhysicalMemory, SourceId, read_pair};

/// An interrupt on its way to the local APICs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Interrupt {
    /// APIC id, or a logical destination: 8 bits, or 32 in extended interrupt mode.
    pub destination: u32,
    /// The destination is logical.
    pub logical: bool,
    /// RH: one processor of the destination may be chosen.
    pub redirection_hint: bool,
    /// Delivery mode, 3 bits, as in an ICR.
    pub delivery_mode: u8,
    /// The vector.
    pub vector: u8,
    /// Level-triggered.
    pub level: bool,
    /// Which IRTE it came through.
    pub irte_index: Option<u16>,
}

impl Interrupt {
    /// A message in compatibility format (SDM 3A, message signalled interrupts): destination in
    /// address bits 19:12, vector and modes in data.
    #[must_use]
    pub fn of_compatibility(address: u64, data: u32) -> Interrupt {
        Interrupt {
            destination: (address >> 12) as u32 & 0xff,
            logical: address & 1 << 2 != 0,
            redirection_hint: address & 1 << 3 != 0,
            delivery_mode: (data >> 8) as u8 & 7,
            vector: data as u8,
            level: data & 1 << 15 != 0,
            irte_index: None,
        }
    }

    /// A fault or invalidation event of the unit itself: compatibility format, with bits 31:8 of the
    /// destination in the upper address register (10.4.13).
    #[must_use]
    pub fn of_event(address: u64, data: u32) -> Interrupt {
        let low = Interrupt::of_compatibility(address, data);
        Interrupt { destination: low.destination | (address >> 32) as u32 & 0xffff_ff00, ..low }
    }

    fn of_irte(irte: [u64; 2], index: u16, extended: bool) -> Interrupt {
        let low = irte[0];
        Interrupt {
            destination: if extended { (low >> 32) as u32 } else { (low >> 40) as u32 & 0xff },
            logical: low & tables::IRTE_DM != 0,
            redirection_hint: low & tables::IRTE_RH != 0,
            delivery_mode: (low >> 5) as u8 & 7,
            vector: (low >> 16) as u8,
            level: low & tables::IRTE_TM != 0,
            irte_index: Some(index),
        }
    }
}

/// What failed, the index where one was decoded, and whether FPD is set.
struct Blocked {
    reason: Reason,
    index: u16,
    fault_disable: bool,
}

impl Iommu {
    /// Remaps an interrupt message: a DWORD write of `data` to `address` in 0xFEEx_xxxx. While
    /// remapping is off, every message is in compatibility format.
    pub fn remap(
        &mut self,
        source: SourceId,
        address: u64,
        data: u32,
        memory: &mut dyn PhysicalMemory,
        effects: &mut Vec<Effect>,
    ) -> Result<Interrupt, Fault> {
        if !self.remaps() {
            return Ok(Interrupt::of_compatibility(address, data));
        }
        self.remap_enabled(source, address, data, memory).map_err(|blocked| {
            let Blocked { reason, index, fault_disable } = blocked;
            let address = u64::from(index) << 48;
            let fault = Fault { reason, source, address, access: Access::Write, recorded: false };
            self.report(fault, fault_disable, effects)
        })
    }

    /// The steps of 5.1.4, in their order.
    fn remap_enabled(
        &mut self,
        source: SourceId,
        address: u64,
        data: u32,
        memory: &mut dyn PhysicalMemory,
    ) -> Result<Interrupt, Blocked> {
        let extended = self.interrupt_table & reg::IRTA_EIME != 0;
        if address & tables::MESSAGE_REMAPPABLE == 0 {
            // In extended mode an 8-bit destination makes no sense, whatever CFIS says.
            if extended || self.status() & reg::CFI == 0 {
                return Err(blocked(Reason::CompatibilityBlocked, 0));
            }
            return Ok(Interrupt::of_compatibility(address, data));
        }
        let index = self.interrupt_index(address, data)?;
        let irte = self.irte(index, extended, memory)?;
        if !source_verified(irte[1], source) {
            return Err(of_irte(Reason::SourceIdMismatch, index, irte));
        }
        Ok(Interrupt::of_irte(irte, index, extended))
    }

    /// Handle plus subhandle, 5.1.3; an index beyond the table is a fault.
    fn interrupt_index(&self, address: u64, data: u32) -> Result<u16, Blocked> {
        let mut index = u32::from(tables::message_handle(address));
        if address & tables::MESSAGE_SHV != 0 {
            if data >> 16 != 0 {
                return Err(blocked(Reason::InterruptRequestReserved, 0));
            }
            index += data & 0xffff;
        }
        let entries = 2u32 << (self.interrupt_table & reg::IRTA_S);
        if index >= entries {
            return Err(blocked(Reason::InterruptIndexBeyondTable, index as u16));
        }
        Ok(index as u16)
    }

    /// The IRTE, from the cache or the table; only a present and valid one is cached.
    fn irte(
        &mut self,
        index: u16,
        extended: bool,
        memory: &mut dyn PhysicalMemory,
    ) -> Result<[u64; 2], Blocked> {
        let cached = self.interrupts.lookup(index);
        let irte = match cached {
            Some(irte) => irte,
            None => {
                let table = self.interrupt_table & reg::TABLE_ADDRESS;
                read_pair(memory, table.wrapping_add(16 * u64::from(index)))
                    .ok_or(blocked(Reason::IrteAccess, index))?
            }
        };
        if irte[0] & tables::PRESENT == 0 {
            return Err(of_irte(Reason::IrteNotPresent, index, irte));
        }
        if irte_has_reserved(irte, extended) {
            return Err(of_irte(Reason::IrteReserved, index, irte));
        }
        if cached.is_none() {
            self.interrupts.fill(index, irte);
        }
        Ok(irte)
    }
}

fn blocked(reason: Reason, index: u16) -> Blocked {
    Blocked { reason, index, fault_disable: false }
}

fn of_irte(reason: Reason, index: u16, irte: [u64; 2]) -> Blocked {
    Blocked { reason, index, fault_disable: irte[0] & tables::IRTE_FPD != 0 }
}

fn irte_has_reserved(irte: [u64; 2], extended: bool) -> bool {
    let low = tables::IRTE_RESERVED[0] | if extended { 0 } else { tables::IRTE_RESERVED_XAPIC };
    irte[0] & low != 0
        || irte[1] & tables::IRTE_RESERVED[1] != 0
        || tables::irte_source_validation(irte[1]) == 3
}

/// Source-id verification, 9.10: none, SID under SQ, or a range of buses.
fn source_verified(high: u64, source: SourceId) -> bool {
    let sid = high as u16;
    match tables::irte_source_validation(high) {
        0 => true,
        1 => (sid ^ source.0) & !tables::irte_ignored_function_bits(high) == 0,
        _ => (sid >> 8..=sid & 0xff).contains(&(source.0 >> 8)),
    }
}
