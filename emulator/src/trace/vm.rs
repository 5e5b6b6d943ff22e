//! VM exits, each attributed to one cause, and VM entries with what they inject.

use super::{Cause, Kind, LifeEnd, LifeId, Origin, Trace};
use crate::time::Time;
use crate::vmx::{ExitReason, InterruptionInfo, InterruptionType};

/// The EOI register in x2APIC mode (SDM 3A table 11-6).
const IA32_X2APIC_EOI: u32 = 0x80b;
/// Its offset on the APIC page.
const EOI_OFFSET: u64 = 0xb0;
/// Exit qualification of an APIC access, bits 15:12: a linear write (SDM 3C table 27-6).
const APIC_ACCESS_WRITE: u64 = 1 << 12;
/// Bits 31:24 of a mark: the next injection's physical vector is told.
const MARK_INJECTION: u32 = 1;

/// What an exit reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ExitFacts {
    /// Basic exit reason.
    pub reason: ExitReason,
    /// Exit qualification.
    pub qualification: u64,
    /// VM-exit interruption information.
    pub interruption: u32,
    /// VM-exit interruption error code, where the information says that there is one.
    pub error_code: u32,
    /// IDT-vectoring information.
    pub vectoring: u32,
    /// The MSR's index, for an exit of RDMSR or WRMSR.
    pub msr: u32,
    /// The guest's RIP.
    pub rip: u64,
}

impl ExitFacts {
    /// The guest wrote the EOI register.
    fn is_eoi(&self) -> bool {
        match self.reason {
            ExitReason::MSR_WRITE => self.msr == IA32_X2APIC_EOI,
            ExitReason::APIC_ACCESS => self.qualification & 0xffff == APIC_ACCESS_WRITE | EOI_OFFSET,
            ExitReason::APIC_WRITE => self.qualification & 0xfff == EOI_OFFSET,
            _ => false,
        }
    }
}

/// The vector of `info`, when it is an external interrupt.
fn external(info: u32) -> Option<u8> {
    let info = InterruptionInfo(info);
    info.is(InterruptionType::ExternalInterrupt).then_some(info.vector())
}

impl Trace {
    /// A VM exit; its one cause.
    pub fn vm_exit(&mut self, cpu: u8, time: Time, facts: &ExitFacts) -> Cause {
        self.processor(cpu).virtualised = true;
        let cause = self.cause(cpu, time, facts);
        self.count_exit(cpu, facts.reason, cause);
        self.tap_exit(facts);
        let a = u64::from(facts.reason.0) | u64::from(cause.code()) << 32;
        self.record(cpu, time, Kind::VmExit, cause.life(), a, facts.qualification);
        if facts.is_eoi() {
            self.virtual_eoi(cpu, time);
        }
        cause
    }

    /// The exit belongs to the event whose delivery it broke off, or to what its reason says.
    fn cause(&mut self, cpu: u8, time: Time, facts: &ExitFacts) -> Cause {
        let life = if let Some(vector) = external(facts.vectoring) {
            self.vectored(cpu, vector)
        } else if facts.is_eoi() {
            let p = self.processor(cpu);
            match p.injected.last().or(p.in_service.last()) {
                Some((_, life)) => Some(*life),
                None => return Cause::Instruction,
            }
        } else {
            match facts.reason {
                ExitReason::EXTERNAL_INTERRUPT => self.arrival(cpu, facts.interruption),
                ExitReason::INTERRUPT_WINDOW => Some(self.window(cpu, time)),
                ExitReason::PREEMPTION_TIMER => return Cause::PreemptionTimer,
                ExitReason::INIT_SIGNAL | ExitReason::SIPI_SIGNAL | ExitReason::NMI_WINDOW => None,
                ExitReason::EXCEPTION_NMI
                    if InterruptionInfo(facts.interruption).is(InterruptionType::Nmi) =>
                {
                    None
                }
                _ => return Cause::Instruction,
            }
        };
        life.and_then(|life| self.lives.cause(life)).unwrap_or(Cause::Event)
    }

    /// An interrupt that the exit acknowledged.
    fn arrival(&mut self, cpu: u8, interruption: u32) -> Option<LifeId> {
        let vector = external(interruption)?;
        let (_, life) = self.processor(cpu).under_way.filter(|(v, _)| *v == vector)?;
        self.taken(cpu, vector, life);
        Some(life)
    }

    /// An interrupt whose delivery did not complete (SDM 3C 27.2.4): root software may inject it again.
    fn vectored(&mut self, cpu: u8, vector: u8) -> Option<LifeId> {
        let p = self.processor(cpu);
        let life = p.vectored(vector)?;
        p.returned = Some((vector, life));
        if p.serves(life) {
            self.taken(cpu, vector, life);
        } else {
            p.injected.retain(|(_, l)| *l != life);
        }
        Some(life)
    }

    /// The interrupt that waits for the window; one that no device raised begins here.
    fn window(&mut self, cpu: u8, time: Time) -> LifeId {
        if let Some(life) = self.processor(cpu).waiting() {
            return life;
        }
        let life = self.begin_life(cpu, time, Origin::Virtual);
        self.processor(cpu).promised = life;
        life
    }

    fn count_exit(&mut self, cpu: u8, reason: ExitReason, cause: Cause) {
        let c = &mut self.counters;
        if let Some(n) = c.exits.get_mut(usize::from(reason.0)) {
            *n += 1;
        }
        c.preemption_expiries += u64::from(reason == ExitReason::PREEMPTION_TIMER);
        let by = &mut c.exits_by_cause;
        *match cause {
            Cause::Interrupt(_, Origin::Device { .. }) => &mut by.device,
            Cause::Interrupt(_, Origin::ApicTimer { .. }) => &mut by.host_timer,
            Cause::Interrupt(_, Origin::Virtual) => &mut by.virtual_interrupt,
            Cause::Interrupt(..) => &mut by.other_interrupt,
            Cause::PreemptionTimer => &mut by.preemption_timer,
            Cause::Instruction => &mut by.instruction,
            Cause::Event => &mut by.event,
        } += 1;
        if let Some(life) = self.lives.get_mut(cause.life()) {
            life.own_exits = life.own_exits.saturating_add(1);
            if life.is_device() {
                c.own_exits_of_nic_interrupts += 1;
                let most = &mut c.max_own_exits_in_one_nic_life;
                *most = (*most).max(life.own_exits.into());
            }
        }
        if !cause.is_device() && self.lives.foreign_exit(cpu) {
            self.counters.foreign_exits_overlapping += 1;
        }
    }

    /// The guest's EOI of what was injected last, if anything is.
    fn virtual_eoi(&mut self, cpu: u8, time: Time) {
        if let Some((vector, life)) = self.processor(cpu).injected.pop() {
            self.record(cpu, time, Kind::VirtualEoi, life, 0, vector.into());
            self.end(life, LifeEnd::EoiGuest);
        }
    }

    /// A VM entry completes, and injects `info`; the injected interrupt's life.
    pub fn vm_entry(
        &mut self,
        cpu: u8,
        time: Time,
        info: InterruptionInfo,
        error_code: u32,
        rip: u64,
    ) -> LifeId {
        self.processor(cpu).virtualised = true;
        self.record(cpu, time, Kind::VmEntry, LifeId::NONE, info.0.into(), rip);
        let life = match external(info.0) {
            Some(vector) => self.inject(cpu, time, vector),
            None => LifeId::NONE,
        };
        if info.is_valid() {
            let external = !life.is_none();
            self.counters.injections += u64::from(external);
            self.counters.other_injections += u64::from(!external);
            self.record(cpu, time, Kind::Injected, life, info.0.into(), error_code.into());
        }
        let p = self.processor(cpu);
        p.under_way = (!life.is_none()).then_some((info.vector(), life));
        if p.returned.is_some_and(|(_, l)| p.serves(l)) {
            p.returned = None;
        }
        life
    }

    /// Finds the interrupt that is injected as `vector`.
    fn inject(&mut self, cpu: u8, time: Time, vector: u8) -> LifeId {
        let p = self.processor(cpu);
        let again = p.returned.take_if(|(v, _)| *v == vector).map(|(_, life)| life);
        if let Some(life) = again
            && p.serves(life)
        {
            p.awaiting.retain(|(_, l)| *l != life);
            if let Some(l) = self.lives.get_mut(life) {
                l.taken = false;
            }
            return life;
        }
        let marked = || p.mark.take_if(|(_, g)| *g == vector).and_then(|(h, _)| p.take_awaiting(h));
        let life = match again.or_else(marked) {
            Some(life) => life,
            None => self.tick(cpu, time),
        };
        if let Some(l) = self.lives.get_mut(life) {
            l.injected = true;
        }
        if let Some(old) = self.processor(cpu).inject(vector, life) {
            self.end(old, LifeEnd::Superseded);
        }
        life
    }

    /// An interrupt that no device raised: the one that a window was open for, or a new one.
    fn tick(&mut self, cpu: u8, time: Time) -> LifeId {
        self.counters.guest_ticks += 1;
        let promised = std::mem::take(&mut self.processor(cpu).promised);
        if promised.is_none() { self.begin_life(cpu, time, Origin::Virtual) } else { promised }
    }

    /// A VM entry failed for the exit reason or error `reason`, at the check of index `check`.
    pub fn vm_entry_failed(&mut self, cpu: u8, time: Time, reason: u32, check: u32) {
        self.record(cpu, time, Kind::VmEntryFailed, LifeId::NONE, reason.into(), check.into());
    }

    /// A VMX instruction failed.
    pub fn vm_fail(&mut self, cpu: u8, time: Time, error: u32, rip: u64) {
        self.record(cpu, time, Kind::VmFail, LifeId::NONE, error.into(), rip);
    }

    /// Guest software wrote the mark port. Kind 1 tells the physical vector (bits 15:8) from which
    /// the next injection of a guest vector (bits 7:0) stems.
    pub fn mark(&mut self, cpu: u8, time: Time, value: u32) {
        self.record(cpu, time, Kind::Mark, LifeId::NONE, value.into(), 0);
        if value >> 24 == MARK_INJECTION {
            self.processor(cpu).mark = Some(((value >> 8) as u8, value as u8));
        }
    }
}
