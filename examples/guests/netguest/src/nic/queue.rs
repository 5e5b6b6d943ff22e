//! A bounded queue between the interrupt handler and the rest: one producer, one consumer, no locks.

use core::sync::atomic::{AtomicU32, AtomicU64, Ordering::*};

/// Entries of a queue; a power of two.
pub const QUEUE_SIZE: u32 = 512;

/// The queue. Indices run freely and are taken modulo the size.
pub struct Queue {
    head: AtomicU32,
    tail: AtomicU32,
    slots: [AtomicU64; QUEUE_SIZE as usize],
}

impl Queue {
    /// An empty queue.
    pub const fn new() -> Self {
        let slots = [const { AtomicU64::new(0) }; QUEUE_SIZE as usize];
        Self { head: AtomicU32::new(0), tail: AtomicU32::new(0), slots }
    }

    fn slot(&self, index: u32) -> &AtomicU64 {
        &self.slots[(index % QUEUE_SIZE) as usize]
    }

    /// True if there is nothing to take.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.head.load(Relaxed) == self.tail.load(Acquire)
    }

    /// Appends `value`; false if the queue is full. The producer's.
    #[inline]
    pub fn push(&self, value: u64) -> bool {
        let tail = self.tail.load(Relaxed);
        if tail.wrapping_sub(self.head.load(Acquire)) == QUEUE_SIZE {
            return false;
        }
        self.slot(tail).store(value, Relaxed);
        self.tail.store(tail.wrapping_add(1), Release);
        true
    }

    /// Takes the oldest value. The consumer's.
    #[inline]
    pub fn pop(&self) -> Option<u64> {
        let head = self.head.load(Relaxed);
        if head == self.tail.load(Acquire) {
            return None;
        }
        let value = self.slot(head).load(Relaxed);
        self.head.store(head.wrapping_add(1), Release);
        Some(value)
    }
}
