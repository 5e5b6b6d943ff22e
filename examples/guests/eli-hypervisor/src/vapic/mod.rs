//! The guest's local APIC: one in x2APIC mode, by MSR exits. What the guest reads and writes is here; the
//! physical APIC stays the host's.

mod bits;
mod msr;
mod timer;

pub use msr::{Outcome, is_apic};

use bits::Bits;
use kit::msr::{APIC_BASE_EN, APIC_BASE_EXTD};
use timer::Timer;

/// APIC_BASE after reset: enabled, bootstrap processor, at its usual address. SDM 3A 10.4.4.
const BASE_RESET: u64 = 0xFEE0_0000 | APIC_BASE_EN | 1 << 8;
/// SVR after reset: software-disabled.
const SVR_RESET: u32 = 0xFF;
/// SVR bit 8: software-enabled.
const SVR_ENABLE: u32 = 1 << 8;
const LVT_MASKED: u32 = 1 << 16;
/// The LVT entries by MSR, the timer's apart: CMCI, thermal, performance, LINT0, LINT1, error.
const LVT_COUNT: usize = 6;

/// The virtual APIC.
pub struct VirtualApic {
    base: u64,
    id: u32,
    tpr: u8,
    svr: u32,
    lvt: [u32; LVT_COUNT],
    timer: Timer,
    requested: Bits,
    in_service: Bits,
    /// The physical vector behind each virtual one; 0 for none.
    source: [u8; 256],
}

impl VirtualApic {
    /// An APIC after reset. `tsc_hz` and `apic_hz` are the rates its timer goes by.
    pub fn new(id: u32, tsc_hz: u64, apic_hz: u64) -> Self {
        Self {
            base: BASE_RESET,
            id,
            tpr: 0,
            svr: SVR_RESET,
            lvt: [LVT_MASKED; LVT_COUNT],
            timer: Timer::new(tsc_hz, apic_hz),
            requested: Bits::default(),
            in_service: Bits::default(),
            source: [0; 256],
        }
    }

    /// True if the guest has enabled it, in x2APIC mode.
    pub fn is_enabled(&self) -> bool {
        let mode = APIC_BASE_EN | APIC_BASE_EXTD;
        self.base & mode == mode && self.svr & SVR_ENABLE != 0
    }

    /// The task priority.
    pub fn tpr(&self) -> u8 {
        self.tpr
    }

    /// MOV to CR8: bits 3:0 become the priority class. SDM 3A 10.8.6.
    pub fn set_cr8(&mut self, value: u8) {
        self.tpr = (value & 0xF) << 4;
    }

    /// Processor priority: the higher class of the task's and the interrupt's in service. SDM 3A 10.8.3.1.
    fn ppr(&self) -> u8 {
        let isrv = self.in_service.highest().unwrap_or(0);
        if self.tpr >> 4 >= isrv >> 4 { self.tpr } else { isrv & 0xF0 }
    }

    /// Requests `vector`; `source` is the physical vector that it stems from.
    pub fn request(&mut self, vector: u8, source: Option<u8>) {
        // Vectors below 16 are illegal (SDM 3A 10.5.2), and an APIC that is off accepts nothing.
        if vector >= 16 && self.is_enabled() {
            self.requested.set(vector);
            self.source[vector as usize] = source.unwrap_or(0);
        }
    }

    /// The requested vector that the guest would take if its RFLAGS.IF let it.
    pub fn deliverable(&self) -> Option<u8> {
        let vector = self.requested.highest()?;
        (self.is_enabled() && vector >> 4 > self.ppr() >> 4).then_some(vector)
    }

    /// The guest takes `vector`.
    pub fn accept(&mut self, vector: u8) {
        self.requested.clear(vector);
        self.in_service.set(vector);
    }

    /// The physical vector that `vector` stems from.
    pub fn source(&self, vector: u8) -> Option<u8> {
        Some(self.source[vector as usize]).filter(|source| *source != 0)
    }

    /// `vector` is in service already: the guest took it before it became the virtual APIC's.
    pub fn adopt(&mut self, vector: u8) {
        self.in_service.set(vector);
    }

    /// True if a virtual interrupt is in service.
    pub fn is_serving(&self) -> bool {
        self.in_service.highest().is_some()
    }

    /// EOI: retires the highest in service. False if there is none.
    pub fn eoi(&mut self) -> bool {
        let vector = self.in_service.highest();
        vector.map(|vector| self.in_service.clear(vector)).is_some()
    }

    /// The host's tick: requests the guest's timer interrupt if it is due.
    pub fn advance(&mut self, now: u64) {
        if let Some(vector) = self.timer.advance(now) {
            self.request(vector, None);
        }
    }
}
