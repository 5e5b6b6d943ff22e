//! The manuals' rules, a row or a sentence each.

mod base;
mod ioapic;
mod priority;
mod registers;
mod timer;

use super::spec::*;
use super::*;
use crate::time::{Clock, Time};
use crate::trace::LifeId;

const TSC_HZ: u64 = 2_930_000_000;
const TIMER_HZ: u64 = 133_333_333;
const NOW: Time = Time::ZERO;

/// A software-enabled local APIC in xAPIC mode.
fn xapic() -> LocalApic {
    let mut apic = LocalApic::new(0, true, TIMER_HZ, Clock::new(TSC_HZ));
    apic.mmio_write(SVR, 0x1ff, NOW);
    apic
}

/// A software-enabled local APIC in x2APIC mode.
fn x2apic_of(id: u32) -> LocalApic {
    let mut apic = LocalApic::new(id, true, TIMER_HZ, Clock::new(TSC_HZ));
    apic.write_base(apic.base_msr() | BASE_EXTD).unwrap();
    apic.write_msr(msr(SVR), 0x1ff, NOW).unwrap();
    apic
}

fn x2apic() -> LocalApic {
    x2apic_of(0)
}

fn msr(offset: u32) -> u32 {
    at(offset).index()
}

fn edge(apic: &mut LocalApic, vector: u8, life: u32) -> Accepted {
    apic.accept(vector, Trigger::Edge, LifeId(life))
}

/// A seeded generator, so that a failure comes back.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, n: u64) -> u64 {
        (self.next() >> 16) % n
    }
}
