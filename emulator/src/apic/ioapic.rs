//! The I/O APIC (82093AA, with the EOI register of version 20H): pins become messages.

use super::icr::DeliveryMode;
use super::msi::Message;
use super::spec::*;

/// An I/O APIC of 24 pins.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IoApic {
    pub(super) select: u8,
    pub(super) id: u8,
    pub(super) lines: u32,
    pub(super) rte: [u64; PINS as usize],
}

impl IoApic {
    /// After reset: every entry masked (82093AA 3.2.4).
    pub fn new(id: u8) -> IoApic {
        IoApic { select: 0, id: id & 0xf, lines: 0, rte: [RTE_MASKED; PINS as usize] }
    }

    /// A 32-bit read at `offset` from the base.
    pub fn mmio_read(&self, offset: u64) -> u32 {
        match offset {
            IOREGSEL => self.select.into(),
            IOWIN => self.read(self.select),
            _ => 0,
        }
    }

    /// A 32-bit write at `offset` from the base, and the messages that it releases.
    pub fn mmio_write(&mut self, offset: u64, value: u32) -> Vec<Message> {
        match offset {
            IOREGSEL => self.select = value as u8,
            IOWIN => return self.write(value).into_iter().collect(),
            IOEOI => return self.eoi_broadcast(value as u8),
            _ => {}
        }
        Vec::new()
    }

    /// The register that IOREGSEL would select with `index`.
    pub(super) fn read(&self, index: u8) -> u32 {
        match (index, self.entry(index)) {
            (IOAPICID | IOAPICARB, _) => u32::from(self.id) << 24,
            (IOAPICVER, _) => IOAPICVER_VALUE,
            (_, Some((pin, shift))) => self.rte.get(pin).map_or(0, |rte| (rte >> shift) as u32),
            _ => 0,
        }
    }

    /// The pin, and the position in its entry, of register `index`.
    fn entry(&self, index: u8) -> Option<(usize, u32)> {
        let i = index.checked_sub(IOREDTBL)?;
        (i < 2 * PINS).then(|| (usize::from(i / 2), 32 * u32::from(i & 1)))
    }

    fn write(&mut self, value: u32) -> Option<Message> {
        if self.select == IOAPICID {
            self.id = (value >> 24 & 0xf) as u8;
        }
        let (pin, shift) = self.entry(self.select)?;
        let rte = self.rte.get_mut(pin)?;
        let writable = RTE_WRITABLE & 0xffff_ffff << shift;
        *rte = *rte & !writable | u64::from(value) << shift & writable;
        // Software clears Remote IRR by making the entry edge-triggered for a moment.
        if *rte & RTE_LEVEL == 0 {
            *rte &= !RTE_REMOTE_IRR;
        }
        self.service_level(pin)
    }

    /// A device asserts or releases `pin` (whatever voltage the polarity bit makes that), and the message
    /// that follows. An edge at a masked pin is lost (82093AA 3.2.4, interrupt mask).
    pub fn set_line(&mut self, pin: u8, level: bool) -> Option<Message> {
        if pin >= PINS {
            return None;
        }
        let was = self.lines >> pin & 1 != 0;
        self.lines = self.lines & !(1 << pin) | u32::from(level) << pin;
        let rte = *self.rte.get(usize::from(pin))?;
        match rte & (RTE_LEVEL | RTE_MASKED) {
            0 if level && !was => Some(message(rte)),
            RTE_LEVEL => self.service_level(usize::from(pin)),
            _ => None,
        }
    }

    /// Sends for a level-triggered pin that is asserted, unmasked, and not awaiting its EOI.
    fn service_level(&mut self, pin: usize) -> Option<Message> {
        let asserted = self.lines >> pin & 1 != 0;
        let rte = self.rte.get_mut(pin)?;
        if !asserted || *rte & (RTE_LEVEL | RTE_MASKED | RTE_REMOTE_IRR) != RTE_LEVEL {
            return None;
        }
        // Only what goes through ISR will see an EOI.
        if DeliveryMode::of(*rte as u32).has_vector() {
            *rte |= RTE_REMOTE_IRR;
        }
        Some(message(*rte))
    }

    /// The EOI of a level-triggered `vector`: Remote IRR falls, and pins still asserted send again.
    pub fn eoi_broadcast(&mut self, vector: u8) -> Vec<Message> {
        let mut messages = Vec::new();
        for pin in 0..self.rte.len() {
            let rte = &mut self.rte[pin];
            if *rte & RTE_REMOTE_IRR != 0 && *rte as u8 == vector {
                *rte &= !RTE_REMOTE_IRR;
                messages.extend(self.service_level(pin));
            }
        }
        messages
    }
}

/// The message that an entry sends. Entry bits 63:48 are address bits 19:4 in both formats (destination; or index
/// 14:0 and the format bit), bit 11 is address bit 2 (destination mode; or index bit 15). Address bit 3
/// (redirection hint) is set for lowest priority only.
fn message(rte: u64) -> Message {
    let lowest_priority = DeliveryMode::of(rte as u32) == DeliveryMode::LowestPriority;
    let address =
        0xfee0_0000 | (rte >> 48 & 0xffff) << 4 | u64::from(lowest_priority) << 3 | (rte >> 11 & 1) << 2;
    let trigger = if rte & RTE_LEVEL != 0 { 0xc000 } else { 0x4000 };
    Message { address, data: trigger | (rte as u32 & 0x7ff) }
}
