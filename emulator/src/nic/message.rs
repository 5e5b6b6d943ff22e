//! From a cause to its message: see `interrupt` for the terms.

use super::NicClient;
use super::device::Nic;
use super::interrupt::VECTORS;
use crate::time::Time;
use crate::trace::{Kind, LifeId};

impl Nic {
    /// A queue has something to say: descriptors were written back.
    pub(super) fn queue_cause<C: NicClient>(
        &mut self,
        now: Time,
        queue: u32,
        transmit: bool,
        client: &mut C,
    ) {
        let Some(allocation) = self.interrupts.queue_allocation(queue, transmit) else { return };
        let multiple = self.interrupts.multiple();
        self.interrupts.cause |= 1 << if multiple { allocation } else { allocation & 15 };
        self.request(now, if multiple { allocation as u16 } else { 0 }, client);
    }

    /// Something else happened: one of EICR bits 30:16.
    pub(super) fn other_cause<C: NicClient>(&mut self, now: Time, bit: u32, client: &mut C) {
        self.interrupts.other |= bit;
        let vector = if self.interrupts.multiple() { self.interrupts.other_vector(bit) } else { Some(0) };
        if let Some(vector) = vector {
            self.request(now, vector, client);
        }
    }

    /// From now on an interrupt waits at `vector`, if none did.
    pub(super) fn request<C: NicClient>(&mut self, now: Time, vector: u16, client: &mut C) {
        let bit = 1u64 << (vector & 63);
        if self.interrupts.requested & bit != 0 || !self.msix.enabled() {
            return;
        }
        self.interrupts.requested |= bit;
        let ready = now.plus(self.timing.cause_to_message);
        let v = &mut self.interrupts.vectors[usize::from(vector & 63)];
        v.life = client.raise(vector);
        v.ready = ready;
        if v.throttled_until() > ready {
            client.record(Kind::Moderated, v.life, vector.into(), v.throttled_until().0);
        }
    }

    /// Requests the vectors of causes that are set and have just been unmasked: those in the two
    /// sets, in the layout of EIMS_EX and EIMS.
    pub(super) fn rearm<C: NicClient>(&mut self, now: Time, queues: u64, other: u32, client: &mut C) {
        let i = &self.interrupts;
        let (queues, other) = (i.cause & i.eims & queues, i.other & i.eims_other & other);
        if queues == 0 && other == 0 {
            return;
        }
        for vector in 0..VECTORS as u16 {
            if self.interrupts.belongs(vector, queues, other) {
                self.request(now, vector, client);
            }
        }
    }

    /// Gives up interrupts whose cause software has cleared before they were sent.
    pub(super) fn withdraw<C: NicClient>(&mut self, client: &mut C) {
        let mut set = self.interrupts.requested;
        while set != 0 {
            let vector = set.trailing_zeros() as u16;
            set &= set - 1;
            let i = &self.interrupts;
            if !i.belongs(vector, i.cause, i.other) {
                self.drop_life(vector, client);
            }
        }
    }

    fn drop_life<C: NicClient>(&mut self, vector: u16, client: &mut C) {
        self.interrupts.requested &= !(1 << (vector & 63));
        self.msix.withdraw(vector);
        let v = &mut self.interrupts.vectors[usize::from(vector & 63)];
        let life = std::mem::replace(&mut v.life, LifeId::NONE);
        client.record(Kind::Dropped, life, u64::MAX, vector.into());
    }

    /// Drops every interrupt that waits: a reset.
    pub(super) fn drop_lives<C: NicClient>(&mut self, client: &mut C) {
        for vector in 0..VECTORS as u16 {
            if self.interrupts.requested & 1 << vector != 0 {
                self.drop_life(vector, client);
            }
        }
    }

    /// When the next message is due.
    pub(super) fn next_message(&self) -> Time {
        self.messages().map(|(due, _)| due).min().unwrap_or(Time::NEVER)
    }

    /// The vectors at which an interrupt waits for nothing but time, and until when. One that
    /// MSI-X holds back waits for unmasking.
    fn messages(&self) -> impl Iterator<Item = (Time, u16)> + '_ {
        let open = if self.msix.enabled() && self.dma_enabled() { !self.msix.pending() } else { 0 };
        let mut set = self.interrupts.requested & open;
        std::iter::from_fn(move || {
            let vector = set.trailing_zeros() as u16;
            (set != 0).then(|| {
                set &= set - 1;
                (self.interrupts.due(vector), vector)
            })
        })
    }

    /// Sends one message that is due.
    pub(super) fn send_message<C: NicClient>(&mut self, now: Time, client: &mut C) {
        if let Some((_, vector)) = self.messages().min().filter(|(due, _)| *due <= now) {
            self.fire(now, vector, client);
        }
    }

    /// Sends the messages of a set of vectors that were pending and have been unmasked.
    pub(super) fn unmasked<C: NicClient>(&mut self, now: Time, mut set: u64, client: &mut C) {
        while set != 0 && self.dma_enabled() {
            let vector = set.trailing_zeros() as u16;
            set &= set - 1;
            self.fire(now, vector, client);
        }
    }

    /// Sends what was pending while the device could not send, or was masked, and now may.
    pub(super) fn send_released<C: NicClient>(&mut self, now: Time, client: &mut C) {
        if self.msix.pending() != 0 {
            let set = self.msix.released();
            self.unmasked(now, set, client);
        }
    }

    fn fire<C: NicClient>(&mut self, now: Time, vector: u16, client: &mut C) {
        let Some((address, data)) = self.msix.fire(vector) else { return };
        let v = &mut self.interrupts.vectors[usize::from(vector & 63)];
        let life = std::mem::replace(&mut v.life, LifeId::NONE);
        v.expires = now.plus(v.interval());
        self.interrupts.requested &= !(1 << (vector & 63));
        self.interrupts.auto_clear_and_mask(vector);
        client.message(address, data, life);
    }
}
