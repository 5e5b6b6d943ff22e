//! The APIC's MSRs as the guest reads and writes them. SDM 3A 10.12.1.2, table 10-6.

use super::VirtualApic;
use kit::msr::{APIC_BASE_EN, APIC_BASE_EXTD, IA32_APIC_BASE, IA32_TSC_DEADLINE};
use kit::x2apic::*;

/// Version: like the physical one's, with six LVT entries above entry 0 (bits 23:16).
const VERSION: u32 = 0x803;
const VERSION_VALUE: u64 = 0x0006_0015;
/// Logical destination (RO).
const LDR: u32 = 0x80D;
/// Trigger mode, eight registers (RO). Every interrupt is edge-triggered.
const TMR0: u32 = 0x818;
const LVT_CMCI: u32 = 0x82F;
const LVT_THERMAL: u32 = 0x833;
const LVT_PERFORMANCE: u32 = 0x834;
/// IA32_APIC_BASE: the bits that are not reserved for a 40-bit address.
const BASE_BITS: u64 = 0xFF_FFFF_F000 | APIC_BASE_EN | APIC_BASE_EXTD | 1 << 8;
/// ICR: 10:8 delivery mode (0 fixed, 1 lowest), bit 11 logical, 19:18 shorthand (1 self, 2 all).
const ICR_MODE: u64 = 7 << 8;
const ICR_LOGICAL: u64 = 1 << 11;
const ICR_SHORTHAND: u64 = 3 << 18;

/// What a write comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The virtual APIC has done it.
    Done,
    /// It was an EOI, with no virtual interrupt in service: it is meant for a direct one.
    Eoi,
    /// #GP(0).
    Fault,
}

/// True if the register belongs to the APIC.
pub fn is_apic(register: u32) -> bool {
    matches!(register, IA32_APIC_BASE | IA32_TSC_DEADLINE | 0x800..=0x8FF)
}

impl VirtualApic {
    /// RDMSR. `None` is #GP(0).
    pub fn read(&self, register: u32, now: u64) -> Option<u64> {
        match register {
            IA32_APIC_BASE => return Some(self.base),
            IA32_TSC_DEADLINE => return Some(self.timer.tsc_deadline()),
            _ if self.base & APIC_BASE_EXTD == 0 => return None,
            _ => {}
        }
        let value = match register {
            ID => self.id,
            TPR => self.tpr as u32,
            PPR => self.ppr() as u32,
            // Cluster in bits 31:16, one bit of 15:0. SDM 3A 10.12.10.2.
            LDR => (self.id >> 4) << 16 | 1 << (self.id & 0xF),
            VERSION => VERSION_VALUE as u32,
            SVR => self.svr,
            ISR0..TMR0 => self.in_service.word((register - ISR0) as usize),
            TMR0..IRR0 => 0,
            IRR0..ESR => self.requested.word((register - IRR0) as usize),
            ESR | ICR => 0,
            LVT_TIMER => self.timer.lvt,
            TIMER_INITIAL => self.timer.initial(),
            TIMER_CURRENT => self.timer.current(now),
            TIMER_DIVIDE => self.timer.divide,
            _ => self.lvt[lvt_index(register)?],
        };
        Some(value as u64)
    }

    /// WRMSR.
    pub fn write(&mut self, register: u32, value: u64, now: u64) -> Outcome {
        match register {
            IA32_APIC_BASE => return self.set_base(value),
            IA32_TSC_DEADLINE => self.timer.set_tsc_deadline(value),
            _ if self.base & APIC_BASE_EXTD == 0 => return Outcome::Fault,
            ICR => self.send(value),
            _ if value >> 32 != 0 => return Outcome::Fault,
            TPR if value <= 0xFF => self.tpr = value as u8,
            EOI if value == 0 => return if self.eoi() { Outcome::Done } else { Outcome::Eoi },
            SVR => self.svr = value as u32 & 0x1FF,
            ESR if value == 0 => {}
            LVT_TIMER => self.timer.set_lvt(value as u32),
            TIMER_INITIAL => self.timer.set_initial(value as u32, now),
            TIMER_DIVIDE => self.timer.divide = value as u32 & 0xB,
            SELF_IPI if value <= 0xFF => self.request(value as u8, None),
            _ => match lvt_index(register) {
                Some(index) => self.lvt[index] = value as u32,
                None => return Outcome::Fault,
            },
        }
        Outcome::Done
    }

    /// SDM 3A 10.12.5: EXTD without EN is illegal, and so is leaving x2APIC mode but by disabling.
    fn set_base(&mut self, value: u64) -> Outcome {
        let (was, mode) =
            (self.base & (APIC_BASE_EN | APIC_BASE_EXTD), value & (APIC_BASE_EN | APIC_BASE_EXTD));
        let legal = match mode {
            APIC_BASE_EXTD => false,
            APIC_BASE_EN => was & APIC_BASE_EXTD == 0,
            0 => true,
            _ => was != 0,
        };
        if !legal || value & !BASE_BITS != 0 {
            return Outcome::Fault;
        }
        self.base = value;
        Outcome::Done
    }

    /// An interrupt to oneself is a request; there is nobody else to send to. SDM 3A 10.12.9.
    fn send(&mut self, icr: u64) {
        let destination = (icr >> 32) as u32;
        let to_self = match (icr & ICR_SHORTHAND) >> 18 {
            0 => icr & ICR_LOGICAL == 0 && (destination == self.id || destination == u32::MAX),
            1 | 2 => true,
            _ => false,
        };
        if to_self && icr & ICR_MODE <= 1 << 8 {
            self.request(icr as u8, None);
        }
    }
}

/// The LVT entries but the timer's.
fn lvt_index(register: u32) -> Option<usize> {
    [LVT_CMCI, LVT_THERMAL, LVT_PERFORMANCE, LVT_LINT0, LVT_LINT1, LVT_ERROR]
        .iter()
        .position(|r| *r == register)
}
