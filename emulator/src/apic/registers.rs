//! Register accesses: by memory in xAPIC mode, by RDMSR and WRMSR in x2APIC mode. Legality comes from the
//! table in [`spec`](super::spec).

use super::icr::Icr;
use super::local::{Action, Fault, LocalApic, Mode};
use super::priority::{TIMER, lvt_index};
use super::spec::{self, *};
use super::timer::TimerMode;
use super::vectors;
use crate::time::Time;

impl LocalApic {
    /// RDMSR of 800H to 8FFH (SDM 3A 11.12.1.3).
    pub fn read_msr(&self, index: u32, now: Time) -> Result<u64, Fault> {
        let register = self.msr(index)?;
        if !register.msr.reads() {
            return Err(Fault);
        }
        let offset = (index - X2APIC_FIRST) << 4;
        Ok(match offset {
            ICR => u64::from(self.icr_high) << 32 | u64::from(self.icr_low),
            _ => self.read(offset, now).into(),
        })
    }

    /// WRMSR of 800H to 8FFH.
    pub fn write_msr(&mut self, index: u32, value: u64, now: Time) -> Result<Action, Fault> {
        let register = self.msr(index)?;
        if !register.msr.writes() || value & register.reserved != 0 {
            return Err(Fault);
        }
        if register.offset == ICR {
            self.icr_high = (value >> 32) as u32;
        }
        Ok(self.write(register, value as u32, now))
    }

    /// The register that MSR `index` names, in x2APIC mode.
    fn msr(&self, index: u32) -> Result<&'static Register, Fault> {
        match index {
            X2APIC_FIRST..=X2APIC_LAST if self.mode() == Mode::X2apic => {
                Ok(spec::at((index - X2APIC_FIRST) << 4))
            }
            _ => Err(Fault),
        }
    }

    /// A 32-bit read of the xAPIC page. All ones outside xAPIC mode; 0 off the registers, which are
    /// the first four bytes of every sixteen (SDM 3A 11.4.1).
    pub fn mmio_read(&mut self, offset: u32, now: Time) -> u32 {
        if self.mode() != Mode::Xapic {
            return u32::MAX;
        }
        let offset = offset & 0xfff;
        match spec::at(offset).mmio {
            _ if offset & 0xf != 0 => 0,
            Access::None => {
                self.error(ESR_ILLEGAL_REGISTER);
                0
            }
            Access::Wo => 0,
            _ => self.read(offset, now),
        }
    }

    /// A 32-bit write of the xAPIC page; of no effect outside xAPIC mode.
    pub fn mmio_write(&mut self, offset: u32, value: u32, now: Time) -> Action {
        let offset = offset & 0xfff;
        if self.mode() != Mode::Xapic || offset & 0xf != 0 {
            return Action::None;
        }
        let register = spec::at(offset);
        if register.mmio == Access::None {
            self.error(ESR_ILLEGAL_REGISTER);
        }
        if !register.mmio.writes() {
            return Action::None;
        }
        self.write(register, value & !(register.reserved as u32), now)
    }

    /// The value of the register at `offset`, which is readable.
    pub(super) fn read(&self, offset: u32, now: Time) -> u32 {
        match offset {
            ID if self.mode() == Mode::X2apic => self.id,
            ID => u32::from(self.xapic_id) << 24,
            VERSION => VERSION_VALUE,
            TPR => self.tpr.into(),
            PPR => self.ppr().into(),
            LDR => self.ldr(),
            DFR => self.dfr,
            SVR => self.svr,
            ISR..TMR => vectors::register(&self.isr.bits(), offset - ISR),
            TMR..IRR => vectors::register(&self.tmr, offset - TMR),
            IRR..ESR => vectors::register(&self.irr.bits(), offset - IRR),
            ESR => self.esr.into(),
            ICR => self.icr_low,
            ICR_HIGH => self.icr_high,
            INITIAL_COUNT => self.timer.initial(),
            CURRENT_COUNT => self.timer.current(now),
            DIVIDE => self.timer.divide(),
            _ => lvt_index(offset).and_then(|i| self.lvt.get(i)).copied().unwrap_or(0),
        }
    }

    /// Writes `value`, free of reserved bits, to a writable register.
    fn write(&mut self, register: &Register, value: u32, now: Time) -> Action {
        match register.offset {
            ID => self.xapic_id = (value >> 24) as u8,
            TPR => self.tpr = value as u8,
            EOI => return self.write_eoi(),
            LDR => self.ldr = value,
            DFR => self.dfr = value | 0x0fff_ffff,
            SVR => self.write_svr(value),
            ESR => self.write_esr(),
            ICR => return self.write_icr(value),
            ICR_HIGH => self.icr_high = value,
            INITIAL_COUNT => {
                self.timer.write_initial(value, now);
                return Action::TimerArmed;
            }
            DIVIDE => {
                self.timer.write_divide(value, now);
                return Action::TimerArmed;
            }
            SELF_IPI => return self.write_self_ipi(value as u8),
            _ => return self.write_lvt(register, value, now),
        }
        Action::None
    }

    /// SVR; a software-disabled local APIC has every LVT entry masked (SDM 3A 11.4.7.2).
    fn write_svr(&mut self, value: u32) {
        self.svr = value;
        if !self.software_enabled() {
            for lvt in &mut self.lvt {
                *lvt |= LVT_MASKED;
            }
        }
    }

    /// ESR: shows the errors since the last write, and arms the error interrupt again (SDM 3A 11.5.3).
    fn write_esr(&mut self) {
        self.esr = std::mem::take(&mut self.errors);
        self.error_raised = false;
    }

    /// An LVT entry. Its mask cannot be cleared while the local APIC is software-disabled. An illegal vector
    /// is noted when it is raised, not here: SDM 3A 11.5.2 allows both.
    fn write_lvt(&mut self, register: &Register, value: u32, now: Time) -> Action {
        let enabled = self.software_enabled();
        let Some(index) = lvt_index(register.offset) else { return Action::None };
        let value = if index == TIMER && !self.has_deadline { value & !LVT_DEADLINE } else { value };
        let Some(entry) = self.lvt.get_mut(index) else { return Action::None };
        *entry = value & !register.read_only | *entry & register.read_only;
        if !enabled {
            *entry |= LVT_MASKED;
        }
        if index == TIMER {
            self.timer.write_mode(TimerMode::of(value), now);
            return Action::TimerArmed;
        }
        Action::None
    }

    /// The low half of ICR: sends (SDM 3A 11.6.1). A fixed interrupt with an illegal vector is not sent.
    fn write_icr(&mut self, value: u32) -> Action {
        self.icr_low = value & !ICR_STATUS;
        let shift = if self.mode() == Mode::X2apic { 0 } else { 24 };
        let icr = Icr::new(self.icr_low, self.icr_high >> shift);
        if !icr.is_sent() {
            return Action::None;
        }
        if icr.delivery_mode.has_vector() && icr.vector < FIRST_LEGAL_VECTOR {
            self.error(ESR_SEND_ILLEGAL_VECTOR);
            return Action::None;
        }
        Action::Ipi(icr)
    }

    /// SELF IPI (SDM 3A 11.12.11).
    fn write_self_ipi(&mut self, vector: u8) -> Action {
        if vector < FIRST_LEGAL_VECTOR {
            self.error(ESR_SEND_ILLEGAL_VECTOR);
            return Action::None;
        }
        Action::SelfIpi(vector)
    }
}
