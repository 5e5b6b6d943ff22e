//! From a message, a timer or an IPI to the local APICs.

use super::Board;
use super::turns::{Mail, Signals, Turns};
use crate::apic::msi::Interrupt;
use crate::apic::{Accepted, Action, DeliveryMode, Fault, Icr, LocalApic, Mode, Shorthand, Trigger};
use crate::cpu::arch::PHYSICAL_BITS;
use crate::iommu::{self, Effect};
use crate::time::Time;
use crate::trace::{Kind, LifeId, Origin, Trace};

/// The local APICs as a message finds them.
pub struct Fabric<'a> {
    /// When.
    pub now: Time,
    /// The local APICs.
    pub apics: &'a mut [LocalApic],
    /// Signals that wait for each processor.
    pub signals: &'a mut [Signals],
    /// Whose turn it is.
    pub turns: &'a mut Turns,
    /// The trace.
    pub trace: &'a mut Trace,
}

/// An interrupt from the remapping unit in the local APICs' terms.
pub fn from_device(interrupt: &iommu::Interrupt) -> Interrupt {
    Interrupt {
        destination: interrupt.destination,
        logical: interrupt.logical,
        redirection_hint: interrupt.redirection_hint,
        delivery_mode: DeliveryMode::of(u32::from(interrupt.delivery_mode) << 8),
        vector: interrupt.vector,
        level: interrupt.level,
    }
}

impl Fabric<'_> {
    /// Delivers to every processor of the destination; to one of a logical one whose message says so (SDM 3A
    /// 11.11.1; VT-d 9.10, RH). Of a physical destination the hint says nothing new.
    pub fn deliver(&mut self, interrupt: Interrupt, life: LifeId) {
        let matches = |apic: &LocalApic| apic.matches(interrupt.destination, interrupt.logical);
        let one = interrupt.redirection_hint && interrupt.logical;
        let one = one || interrupt.delivery_mode == DeliveryMode::LowestPriority;
        let targets = self.targets(one, |_, apic| matches(apic));
        for i in &targets {
            self.deliver_to(*i, &interrupt, life);
        }
        if targets.is_empty() {
            self.trace.dropped(0, self.now, life, interrupt.vector, interrupt.destination);
        }
    }

    /// The processors that are meant; if only one is, that of the lowest task priority (SDM 3A 11.6.2.4), the
    /// first of equals.
    fn targets(&self, one: bool, meant: impl Fn(usize, &LocalApic) -> bool) -> Vec<usize> {
        let all = self.apics.iter().enumerate().filter(|(i, apic)| meant(*i, apic));
        if one {
            return all.min_by_key(|(_, apic)| apic.tpr()).map(|(i, _)| i).into_iter().collect();
        }
        all.map(|(i, _)| i).collect()
    }

    /// Delivers to a processor: now if it is its turn, else at the beginning of the next round.
    pub(super) fn deliver_to(&mut self, i: usize, interrupt: &Interrupt, life: LifeId) {
        if i == self.turns.running() {
            self.arrive(i, interrupt, life);
        } else {
            self.turns.post(Mail { time: self.now, target: i as u8, interrupt: *interrupt, life });
        }
    }

    /// A message arrives at a processor.
    pub(super) fn arrive(&mut self, i: usize, interrupt: &Interrupt, life: LifeId) {
        let Some(signals) = self.signals.get_mut(i) else { return };
        match interrupt.delivery_mode {
            DeliveryMode::Fixed | DeliveryMode::LowestPriority => {
                let trigger = if interrupt.level { Trigger::Level } else { Trigger::Edge };
                self.accept(i, interrupt.vector, trigger, life);
            }
            DeliveryMode::Nmi => signals.nmi = true,
            // In their order: an INIT takes back a start-up not yet taken, and of start-ups the first counts.
            DeliveryMode::Init => (signals.init, signals.start_up) = (true, None),
            DeliveryMode::StartUp => _ = signals.start_up.get_or_insert(interrupt.vector),
            DeliveryMode::ExtInt if self.apics[i].software_enabled() => {
                return self.arrive_external(i, interrupt.vector, life);
            }
            // There is no system-management mode. A local APIC that software has disabled answers to INIT, NMI, SMI and
            // start-up IPIs alone (SDM 3A 11.4.7.2).
            DeliveryMode::Smi | DeliveryMode::ExtInt | DeliveryMode::Reserved => {}
        }
        if !interrupt.delivery_mode.has_vector() {
            self.trace.dropped(i as u8, self.now, life, interrupt.vector, i as u32);
        }
    }

    /// The processor is to ask the 8259s for a vector when it takes interrupts.
    fn arrive_external(&mut self, i: usize, vector: u8, life: LifeId) {
        match self.signals[i].external {
            Some(survivor) => self.trace.coalesced(i as u8, self.now, life, survivor, vector),
            None => {
                self.signals[i].external = Some(life);
                self.trace.pending(i as u8, self.now, life, vector, i as u32);
            }
        }
    }

    /// Sets a bit in IRR.
    pub fn accept(&mut self, i: usize, vector: u8, trigger: Trigger, life: LifeId) {
        match self.apics[i].accept(vector, trigger, life) {
            Accepted::Pending => self.trace.pending(i as u8, self.now, life, vector, i as u32),
            Accepted::Coalesced(survivor) => self.trace.coalesced(i as u8, self.now, life, survivor, vector),
            Accepted::Dropped(_) => self.trace.dropped(i as u8, self.now, life, vector, i as u32),
        }
        self.raise_error(i);
    }

    /// The error interrupt of a local APIC, if it has noted one since (SDM 3A 11.5.3).
    fn raise_error(&mut self, i: usize) {
        if let Some(vector) = self.apics[i].take_error() {
            let life = self.trace.begin_life(i as u8, self.now, Origin::Error { apic: i as u8 });
            self.accept(i, vector, Trigger::Edge, life);
        }
    }

    /// What the remapping unit asks for.
    pub fn effect(&mut self, effect: &Effect) {
        match *effect {
            Effect::FaultEvent { address, data } | Effect::InvalidationEvent { address, data } => {
                let origin = Origin::Device { source: crate::platform::acpi::IO_APIC_SOURCE_ID, vector: 0 };
                let life = self.trace.begin_life(0, self.now, origin);
                let interrupt = from_device(&iommu::Interrupt::of_event(address, data));
                self.deliver(interrupt, life);
            }
            Effect::Invalidated { descriptor: [low, high] } => {
                self.trace.record(0, self.now, Kind::Invalidation, LifeId::NONE, low, high);
            }
        }
    }
}

impl Board {
    pub(super) fn fabric(&mut self, now: Time) -> Fabric<'_> {
        Fabric {
            now,
            apics: &mut self.apics,
            signals: &mut self.signals,
            turns: &mut self.turns,
            trace: &mut self.trace,
        }
    }

    /// The local APIC's timer of the processor whose turn it is: the others' run in their own turns.
    pub(super) fn advance_apic(&mut self, now: Time) {
        let i = self.turns.running();
        if self.apics[i].next_event() > now {
            return;
        }
        if let Some(vector) = self.apics[i].advance(now) {
            let life = self.trace.begin_life(i as u8, now, Origin::ApicTimer { apic: i as u8 });
            self.fabric(now).accept(i, vector, Trigger::Edge, life);
        }
        self.apic_error(i, now);
    }

    pub(super) fn apic_error(&mut self, i: usize, now: Time) {
        self.fabric(now).raise_error(i);
    }

    /// WRMSR to IA32_APIC_BASE, IA32_TSC_DEADLINE or an x2APIC register.
    pub fn apic_write(
        &mut self,
        cpu: u8,
        now: Time,
        index: u32,
        value: u64,
        non_root: bool,
    ) -> Result<(), Fault> {
        let i = usize::from(cpu);
        let action = match index {
            0x1b if value >> PHYSICAL_BITS == 0 => self.apics[i].write_base(value)?,
            0x1b => return Err(Fault),
            0x6e0 => {
                self.apics[i].write_deadline(value, now);
                Action::TimerArmed
            }
            _ => self.apics[i].write_msr(index, value, now)?,
        };
        if index != 0x80b {
            self.trace.record(cpu, now, Kind::MsrWrite, LifeId::NONE, index.into(), value);
        }
        self.apply_apic(cpu, now, action, non_root);
        Ok(())
    }

    /// Does what a local APIC's register write asked for.
    pub(super) fn apply_apic(&mut self, cpu: u8, now: Time, action: Action, non_root: bool) {
        match action {
            Action::None | Action::TimerArmed | Action::ModeChanged => {}
            Action::Eoi { vector, life, level, broadcast } => {
                self.trace.eoi(cpu, now, life, vector, non_root);
                if level && broadcast {
                    let messages = self.ioapic.eoi_broadcast(vector);
                    let now = self.bus_time(now);
                    self.post(now, messages);
                }
            }
            Action::Ipi(icr) => self.ipi(cpu, now, icr, non_root),
            Action::SelfIpi(vector) => {
                let life = self.trace.begin_life(cpu, now, Origin::Ipi { apic: cpu, vector });
                self.fabric(now).accept(cpu.into(), vector, Trigger::Edge, life);
            }
        }
        self.apic_error(cpu.into(), now);
        self.sample_lint0(cpu, now);
    }

    fn ipi(&mut self, cpu: u8, now: Time, icr: Icr, non_root: bool) {
        self.trace.record(cpu, now, Kind::Ipi, LifeId::NONE, icr.raw(), non_root.into());
        let meant = |i: usize, apic: &LocalApic| {
            let own = i == usize::from(cpu);
            // A processor whose local APIC is disabled is as one that has none (SDM 3A 11.4.3).
            apic.mode() != Mode::Disabled
                && match icr.shorthand {
                    Shorthand::None => apic.matches(icr.destination, icr.logical),
                    Shorthand::Myself => own,
                    Shorthand::AllIncludingSelf => true,
                    Shorthand::AllExcludingSelf => !own,
                }
        };
        let one = icr.delivery_mode == DeliveryMode::LowestPriority;
        for i in self.fabric(now).targets(one, meant) {
            let life = self.trace.begin_life(cpu, now, Origin::Ipi { apic: cpu, vector: icr.vector });
            let interrupt = Interrupt {
                destination: i as u32,
                logical: false,
                redirection_hint: false,
                delivery_mode: icr.delivery_mode,
                vector: icr.vector,
                level: false,
            };
            self.fabric(now).deliver_to(i, &interrupt, life);
        }
    }
}
