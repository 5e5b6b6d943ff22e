//! How interrupts end, and what their exits cost: what a processor does with several of them.

use emulator::time::Time;
use emulator::trace::{Kind, LifeId, Record};

use super::{Class, End, Life, Lives};

type Held = (u8, LifeId);

/// What is remembered of one processor between records.
#[derive(Clone, Debug, Default)]
pub(super) struct Processor {
    /// It has entered a guest, so root software may pass an interrupt on.
    virtualised: bool,
    /// The exit that began the present stay in root operation, and its cause.
    out: Option<(Time, LifeId)>,
    /// Taken by root software and not injected yet.
    awaiting: Vec<Held>,
    /// Injected, with the virtual EOI to come.
    injected: Vec<Held>,
    /// Its delivery was broken off by an exit after it was acknowledged in the guest.
    broken: Option<LifeId>,
}

fn replace(list: &mut Vec<Held>, vector: u8, life: LifeId) -> Option<LifeId> {
    let old = list.iter().position(|(v, _)| *v == vector).map(|i| list.remove(i).1);
    list.push((vector, life));
    old.filter(|old| *old != life)
}

impl Lives {
    fn processor(&mut self, cpu: u8) -> &mut Processor {
        let at = usize::from(cpu);
        if at >= self.processors.len() {
            self.processors.resize(at + 1, Processor::default());
        }
        &mut self.processors[at]
    }

    fn life_mut(&mut self, id: LifeId) -> Option<&mut Life> {
        self.lives.get_mut(*self.by_id.get(&id)? as usize)
    }

    fn end_life(&mut self, id: LifeId, time: Time, end: End) {
        if let Some(life) = self.life_mut(id)
            && life.end.is_none()
        {
            life.end = Some((time, end));
            life.steps.shrink_to_fit();
        }
    }

    pub(super) fn follow(&mut self, record: &Record) {
        match record.kind {
            Kind::Acknowledged if record.a == 0 && self.processor(record.cpu).virtualised => {
                self.take(record)
            }
            Kind::VmExit => self.exit(record),
            Kind::VmEntry => self.entry(record),
            Kind::Injected => self.inject(record),
            Kind::Eoi => self.eoi(record),
            Kind::VirtualEoi => {
                self.processor(record.cpu).injected.retain(|(_, life)| *life != record.life);
                self.end_life(record.life, record.time, End::EoiGuest);
            }
            _ => {}
        }
    }

    /// Root software has it, and may pass it on.
    fn take(&mut self, record: &Record) {
        let Some(life) = self.get(record.life) else { return };
        let device = matches!(life.class(), Class::Nic | Class::Device);
        let Some(vector) = life.vector.filter(|_| device) else { return };
        if let Some(old) = replace(&mut self.processor(record.cpu).awaiting, vector, record.life) {
            self.end_life(old, record.time, End::Superseded);
        }
    }

    fn exit(&mut self, record: &Record) {
        let in_guest = |life: &Life| life.acknowledged.is_some_and(|(_, guest)| guest);
        let under_way = self.get(record.life).is_some_and(|l| in_guest(l) && l.delivered.is_none());
        let arrived =
            self.get(record.life).is_some_and(|l| l.acknowledged.is_some_and(|(t, _)| t == record.time));
        let p = self.processor(record.cpu);
        p.virtualised = true;
        p.out = Some((record.time, record.life));
        if under_way {
            p.broken = Some(record.life);
        }
        if under_way || arrived {
            self.take(record);
        }
    }

    fn entry(&mut self, record: &Record) {
        let p = self.processor(record.cpu);
        p.virtualised = true;
        if let Some((since, life)) = p.out.take()
            && let Some(life) = self.life_mut(life)
        {
            life.lost = life.lost.plus(record.time.since(since));
        }
    }

    fn inject(&mut self, record: &Record) {
        let p = self.processor(record.cpu);
        p.awaiting.retain(|(_, life)| *life != record.life);
        let again = p.broken.take_if(|life| *life == record.life).is_some();
        if again || record.life.is_none() {
            return;
        }
        if let Some(old) = replace(&mut p.injected, record.a as u8, record.life) {
            self.end_life(old, record.time, End::Superseded);
        }
    }

    /// The EOI at the local APIC; root software may still pass the interrupt on.
    fn eoi(&mut self, record: &Record) {
        let p = self.processor(record.cpu);
        let holds = |list: &[Held]| list.iter().any(|(_, life)| *life == record.life);
        if !holds(&p.awaiting) && !holds(&p.injected) {
            let end = if record.a != 0 { End::EoiGuest } else { End::EoiHost };
            self.end_life(record.life, record.time, end);
        }
    }
}
