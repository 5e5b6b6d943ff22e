//! Interrupts of the 8259s: their INTR, which is LINT0 of the first processor and pin 0 of the I/O APIC
//! (MultiProcessor Specification 1.4, 3.6.2), and the acknowledge cycle.

use super::{Board, Stop};
use crate::apic::DeliveryMode;
use crate::apic::Trigger;
use crate::apic::msi::Interrupt;
use crate::apic::spec::LVT_LINT0;
use crate::platform::LEGACY;
use crate::platform::acpi::IO_APIC_SOURCE_ID;
use crate::time::Time;
use crate::trace::{LifeId, Origin};

/// The I/O APIC's pin that INTR is wired to.
const INTR_PIN: u8 = 0;

impl Board {
    /// Looks at INTR: after whatever may have changed it.
    pub(super) fn look_at_intr(&mut self, now: Time) {
        let high = self.platform.pics.requests();
        if high != self.lines.intr {
            self.set_intr(now, high);
        }
    }

    fn set_intr(&mut self, now: Time, high: bool) {
        self.lines.intr = high;
        let message = self.ioapic.set_line(INTR_PIN, high);
        self.post(now, message);
        if high {
            self.lint0(now);
        }
    }

    /// LINT0 of the first processor rises, or is looked at while it is high, and interrupts in a mode of its own.
    /// ExtINT is looked at by the processor, between instructions.
    fn lint0(&mut self, now: Time) {
        let Some(local) = self.apics.first_mut().and_then(|apic| apic.local(LVT_LINT0)) else { return };
        if !matches!(local.delivery_mode, DeliveryMode::Fixed | DeliveryMode::Nmi | DeliveryMode::Init) {
            return;
        }
        let life = self.trace.begin_life(0, now, of_8259(0));
        let interrupt = Interrupt {
            destination: 0,
            logical: false,
            redirection_hint: false,
            delivery_mode: local.delivery_mode,
            vector: local.vector,
            level: local.trigger == Trigger::Level,
        };
        self.fabric(now).deliver_to(0, &interrupt, life);
    }

    /// A level that lasts interrupts again after its EOI, and when its LVT entry is unmasked.
    pub(super) fn sample_lint0(&mut self, cpu: u8, now: Time) {
        if LEGACY
            && cpu == 0
            && self.lines.intr
            && self.apics.first().is_some_and(|apic| apic.lint0_is_level())
        {
            self.lint0(now);
        }
    }

    /// Whether an external interrupt waits for a processor, whatever its priorities.
    #[inline]
    fn external_waits(&self, cpu: usize) -> bool {
        let intr = || LEGACY && cpu == 0 && self.lines.intr && self.apics[cpu].takes_external();
        self.signals[cpu].external.is_some() || intr()
    }

    /// Whether an interrupt waits for a processor that would take it if it took any.
    #[inline]
    pub fn interrupt_waits(&self, cpu: u8) -> bool {
        let i = usize::from(cpu);
        self.apics[i].deliverable().is_some() || self.external_waits(i)
    }

    /// Whether it is an external interrupt whose vector only 8259s know that this build does not have: it stops.
    pub fn external_is_left_out(&mut self, cpu: u8) -> bool {
        let left_out = !LEGACY && self.external_waits(cpu.into());
        if left_out {
            self.stop = Some(Stop::LeftOut);
        }
        left_out
    }

    /// The acknowledge cycle of a processor: an external interrupt comes before those of the local APIC, whose
    /// priorities it passes by. Its vector and which one it is.
    pub fn acknowledge(&mut self, cpu: u8, now: Time, non_root: bool) -> Option<(u8, LifeId)> {
        let i = usize::from(cpu);
        if LEGACY && self.external_waits(i) {
            return Some(self.acknowledge_external(cpu, now, non_root));
        }
        let (vector, life) = self.apics[i].acknowledge()?;
        self.trace.acknowledged(cpu, now, life, vector, non_root);
        Some((vector, life))
    }

    fn acknowledge_external(&mut self, cpu: u8, now: Time, non_root: bool) -> (u8, LifeId) {
        let message = self.signals[usize::from(cpu)].external.take();
        let acknowledged = self.platform.pics.acknowledge();
        let vector = acknowledged.vector;
        let life = match (acknowledged.irq, message) {
            (Some(_), Some(life)) => life,
            (Some(irq), None) => self.trace.begin_life(cpu, now, of_8259(irq)),
            (None, None) => LifeId::NONE,
            (None, Some(life)) => {
                self.trace.dropped(cpu, now, life, vector, cpu.into());
                LifeId::NONE
            }
        };
        self.trace.acknowledged_external(cpu, now, life, vector, non_root);
        let served = acknowledged.irq.and_then(|irq| self.platform.pics.serve(irq, (vector, life)));
        match served {
            Some((vector, over)) if over == life => self.trace.eoi(cpu, now, over, vector, non_root),
            Some((vector, lost)) => self.trace.dropped(cpu, now, lost, vector, cpu.into()),
            None => {}
        }
        // INTR falls during the cycle, and rises anew if there is more.
        let now = self.bus_time(now);
        self.set_intr(now, false);
        self.look_at_intr(now);
        (vector, life)
    }
}

/// The 8259s are in the bridge in which the I/O APIC is.
fn of_8259(irq: u8) -> Origin {
    Origin::Device { source: IO_APIC_SOURCE_ID, vector: irq.into() }
}
