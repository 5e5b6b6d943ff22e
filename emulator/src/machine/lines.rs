//! The platform's interrupt lines, the I/O APIC, and its messages through the remapping unit.

use super::Board;
use super::interrupts::from_device;
use super::stop::Stop;
use crate::apic::msi::Message;
use crate::iommu::SourceId;
use crate::memory::Memory;
use crate::platform::acpi::IO_APIC_SOURCE_ID;
use crate::platform::spec::hpet::ROUTES;
use crate::platform::{LEGACY, legacy_irq};
use crate::time::Time;
use crate::trace::Origin;

/// What the lines were when they were last looked at, and the messages that wait to be sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Lines {
    /// ISA lines, one bit each.
    asserted: u16,
    /// INTR of the 8259s.
    pub(super) intr: bool,
    /// When a line next changes by itself.
    timer: Option<Time>,
    /// Pins of their own that the event timers hold, one bit each.
    held: u32,
    /// Messages of the I/O APIC, and when each was posted.
    outbox: Vec<(Time, Message)>,
}

impl Lines {
    /// When the lines next want to be looked at.
    pub fn next_event(&self) -> Time {
        let posted = self.outbox.first().map_or(Time::NEVER, |(time, _)| *time);
        posted.min(self.timer.unwrap_or(Time::NEVER))
    }
}

/// ISA interrupt 0 is pin 2, as the MADT says; all others are the pin of their number.
fn pin(irq: u8) -> u8 {
    if irq == 0 { 2 } else { irq }
}

impl Board {
    /// Looks at the lines: after a port access, and when one is due to change.
    pub(super) fn look_at_lines(&mut self, now: Time) {
        let asserted = self.platform.interrupt_lines(now);
        let changed = asserted ^ self.lines.asserted;
        self.lines.asserted = asserted;
        self.lines.timer = self.platform.next_line_event(now);
        if !LEGACY {
            self.stop = if changed == 0 { self.stop } else { Some(Stop::LeftOut) };
            return;
        }
        for irq in (0..16).filter(|irq| changed >> irq & 1 != 0) {
            let message = self.ioapic.set_line(pin(irq), asserted >> irq & 1 != 0);
            self.post(now, message);
            self.platform.pics.set_line(irq, asserted >> irq & 1 != 0);
        }
        self.look_at_intr(now);
    }

    /// Looks at what the event timers hold: pins of their own, or ISA lines.
    pub(super) fn look_at_event_timers(&mut self, now: Time) {
        self.look_at_lines(now);
        let held = self.platform.hpet.held() & ROUTES;
        let changed = held ^ self.lines.held;
        self.lines.held = held;
        for pin in (0..24).filter(|pin| changed >> pin & 1 != 0) {
            let message = self.ioapic.set_line(pin, held >> pin & 1 != 0);
            self.post(now, message);
        }
    }

    fn advance_event_timers(&mut self, now: Time) {
        for matched in self.platform.hpet.advance(now) {
            if !matched.level {
                let message = self.ioapic.set_line(matched.pin, true);
                self.post(now, message);
                self.ioapic.set_line(matched.pin, false);
                if let Some(irq) = legacy_irq(matched.pin) {
                    self.platform.pics.pulse(irq);
                }
            }
        }
        self.look_at_event_timers(now);
    }

    /// Messages of the I/O APIC, to be sent when memory is at hand: an IRTE is read there.
    pub(super) fn post(&mut self, now: Time, messages: impl IntoIterator<Item = Message>) {
        self.lines.outbox.extend(messages.into_iter().map(|message| (now, message)));
    }

    /// Looks at the lines when one is due to change, and sends what waits.
    pub(super) fn advance_lines(&mut self, now: Time, mem: &mut Memory<'_>) {
        if self.lines.timer.is_some_and(|due| due <= now) {
            self.look_at_lines(now);
        }
        if LEGACY && self.platform.hpet.next_event() <= now {
            self.advance_event_timers(now);
        }
        for (_, message) in std::mem::take(&mut self.lines.outbox) {
            self.send(now, message, mem);
        }
    }

    /// The remapping unit treats the I/O APIC's messages as any device's.
    fn send(&mut self, now: Time, Message { address, data }: Message, mem: &mut Memory<'_>) {
        let origin = Origin::Device { source: IO_APIC_SOURCE_ID, vector: data as u16 & 0xff };
        let life = self.trace.begin_life(0, now, origin);
        self.trace.message(now, life, address, data);
        let mut effects = Vec::new();
        let outcome = self.iommu.remap(SourceId(IO_APIC_SOURCE_ID), address, data, mem, &mut effects);
        for effect in &effects {
            self.fabric(now).effect(effect);
        }
        match outcome {
            Ok(interrupt) => {
                if let Some(index) = interrupt.irte_index {
                    self.trace.remapped(now, life, index.into(), interrupt.vector);
                }
                self.fabric(now).deliver(from_device(&interrupt), life);
            }
            Err(fault) => self.trace.blocked(now, life, fault.code().into(), IO_APIC_SOURCE_ID.into()),
        }
    }
}
