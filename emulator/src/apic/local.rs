//! The local APIC: its state, its modes and its resets.

use super::icr::Icr;
use super::spec::*;
use super::timer::Timer;
use super::vectors::Vectors;
use crate::time::{Clock, Time};
use crate::trace::LifeId;

/// An access that ends in #GP(0).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fault;

/// What a register write asks the machine to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Nothing more.
    None,
    /// An interrupt was ended.
    Eoi {
        /// Its vector.
        vector: u8,
        /// Which one it was.
        life: LifeId,
        /// Its TMR bit.
        level: bool,
        /// The I/O APICs are to hear of it.
        broadcast: bool,
    },
    /// An IPI is to be sent.
    Ipi(Icr),
    /// This processor is to accept a fixed, edge-triggered interrupt of this vector.
    SelfIpi(u8),
    /// [`LocalApic::next_event`] may have changed.
    TimerArmed,
    /// IA32_APIC_BASE changed: the mode, or where the registers appear.
    ModeChanged,
}

/// What IA32_APIC_BASE bits 11:10 select (SDM 3A 11.12.1 table 11-5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// EN = 0: as if there were no local APIC.
    Disabled,
    /// EN = 1, EXTD = 0: registers in memory.
    Xapic,
    /// EN = 1, EXTD = 1: registers as MSRs.
    X2apic,
}

/// One processor's local APIC.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LocalApic {
    pub(super) id: u32,
    pub(super) xapic_id: u8,
    pub(super) base: u64,
    pub(super) address_bits: u8,
    /// Whether the timer has its TSC-deadline mode: else bit 18 of its LVT entry is reserved (SDM 3A 11.5.4.1).
    pub(super) has_deadline: bool,
    pub(super) tpr: u8,
    pub(super) ldr: u32,
    pub(super) dfr: u32,
    pub(super) svr: u32,
    pub(super) irr: Vectors,
    pub(super) isr: Vectors,
    pub(super) tmr: [u64; 4],
    pub(super) lvt: [u32; 7],
    pub(super) icr_low: u32,
    pub(super) icr_high: u32,
    /// ESR as software reads it.
    pub(super) esr: u8,
    /// Errors since ESR was last written.
    pub(super) errors: u8,
    /// The error interrupt was raised since ESR was last written.
    pub(super) error_raised: bool,
    /// The error interrupt waits to be taken by the machine.
    pub(super) error_waits: bool,
    pub(super) timer: Timer,
}

impl LocalApic {
    /// The local APIC of processor `id` after power-on (SDM 3A 11.4.7.1): in xAPIC mode, software-disabled.
    pub fn new(id: u32, bootstrap: bool, timer_hz: u64, tsc: Clock) -> Self {
        LocalApic {
            id,
            xapic_id: id as u8,
            base: BASE_ADDRESS | BASE_EN | if bootstrap { BASE_BSP } else { 0 },
            address_bits: PHYSICAL_ADDRESS_BITS,
            has_deadline: true,
            tpr: 0,
            ldr: 0,
            dfr: u32::MAX,
            svr: SVR_RESET,
            irr: Vectors::default(),
            isr: Vectors::default(),
            tmr: [0; 4],
            lvt: [LVT_MASKED; 7],
            icr_low: 0,
            icr_high: 0,
            esr: 0,
            errors: 0,
            error_raised: false,
            error_waits: false,
            timer: Timer::new(timer_hz, tsc),
        }
    }

    /// Sets MAXPHYADDR, from which on the bits of IA32_APIC_BASE are reserved.
    pub fn set_physical_address_bits(&mut self, bits: u8) {
        self.address_bits = bits.clamp(32, 52);
    }

    /// Sets whether CPUID offers the timer's TSC-deadline mode.
    pub fn set_deadline_mode(&mut self, offered: bool) {
        self.has_deadline = offered;
    }

    /// The x2APIC ID.
    pub fn id(&self) -> u32 {
        self.id
    }

    /// The mode.
    #[inline]
    pub fn mode(&self) -> Mode {
        match (self.base & BASE_EN != 0, self.base & BASE_EXTD != 0) {
            (false, _) => Mode::Disabled,
            (true, false) => Mode::Xapic,
            (true, true) => Mode::X2apic,
        }
    }

    /// Whether this is the bootstrap processor.
    pub fn bootstrap(&self) -> bool {
        self.base & BASE_BSP != 0
    }

    /// The physical address at which the registers appear in xAPIC mode.
    pub fn base_address(&self) -> u64 {
        self.base & !0xfff
    }

    /// IA32_APIC_BASE.
    pub fn base_msr(&self) -> u64 {
        self.base
    }

    /// A write of IA32_APIC_BASE. Legal changes of mode: xAPIC to x2APIC, either to disabled, disabled
    /// to xAPIC (SDM 3A 11.12.5 figure 11-27). All that is in flight is lost when the local APIC is disabled.
    pub fn write_base(&mut self, v: u64) -> Result<Action, Fault> {
        let address = ((1u64 << self.address_bits) - 1) & !0xfff;
        if v & !(address | BASE_EN | BASE_EXTD | BASE_BSP) != 0 {
            return Err(Fault);
        }
        let old = self.mode();
        let new = match (v & BASE_EN != 0, v & BASE_EXTD != 0, old) {
            (false, true, _) | (true, true, Mode::Disabled) | (true, false, Mode::X2apic) => {
                return Err(Fault);
            }
            (false, false, _) => Mode::Disabled,
            (true, false, _) => Mode::Xapic,
            (true, true, _) => Mode::X2apic,
        };
        let changed = v != self.base;
        self.base = v;
        match (old, new) {
            (Mode::Xapic | Mode::X2apic, Mode::Disabled) => self.init_reset(),
            (Mode::Xapic, Mode::X2apic) => self.enter_x2apic(),
            _ => {}
        }
        Ok(if changed { Action::ModeChanged } else { Action::None })
    }

    /// What xAPIC mode does not hand on (11.12.5.3): LDR, a written ID, the high half of ICR.
    fn enter_x2apic(&mut self) {
        self.xapic_id = self.id as u8;
        self.ldr = 0;
        self.icr_high = 0;
    }

    /// INIT (SDM 3A 11.4.7.3): as after power-on, but mode, base and ID stay.
    pub fn init_reset(&mut self) {
        let mut timer = self.timer.clone();
        timer.reset();
        let fresh = LocalApic::new(self.id, false, 1, Clock::new(1));
        let LocalApic { base, address_bits, has_deadline, xapic_id, .. } = *self;
        *self = LocalApic { base, address_bits, has_deadline, xapic_id, timer, ..fresh };
    }

    /// Every interrupt that is pending or in service: what a reset is about to lose.
    pub fn lives(&self) -> Vec<(u8, LifeId)> {
        self.irr.iter().chain(self.isr.iter()).collect()
    }

    /// IA32_TSC_DEADLINE.
    pub fn deadline_msr(&self) -> u64 {
        self.timer.deadline()
    }

    /// A write of IA32_TSC_DEADLINE: arms the timer if the LVT says TSC-deadline mode, else is ignored.
    pub fn write_deadline(&mut self, tsc_deadline: u64, now: Time) {
        self.timer.write_deadline(tsc_deadline, now);
    }

    /// The time-stamp counter shows `offset` more than the cycles since power-on.
    pub fn set_tsc_offset(&mut self, offset: u64, now: Time) {
        self.timer.set_tsc_offset(offset, now);
    }

    /// When [`LocalApic::advance`] next has something to do.
    #[inline]
    pub fn next_event(&self) -> Time {
        self.timer.expiry()
    }

    /// Brings the timer to `now`. The vector that it raises, if it expired unmasked, is for [`LocalApic::accept`].
    /// To be called before anything else at a time later than [`LocalApic::next_event`].
    pub fn advance(&mut self, now: Time) -> Option<u8> {
        let lvt = self.lvt[super::priority::TIMER];
        (self.timer.advance(now) && lvt & LVT_MASKED == 0).then_some(lvt as u8)
    }
}
