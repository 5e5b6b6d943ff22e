//! The interrupt registers (8.2.3.5).

use super::NicClient;
use super::device::Nic;
use super::interrupt::VECTORS;
use super::spec::*;
use crate::time::Time;

impl Nic {
    /// Reads an interrupt register.
    pub(super) fn read_interrupt<C: NicClient>(&mut self, now: Time, offset: u32, client: &mut C) -> u32 {
        let i = &mut self.interrupts;
        match offset {
            EICR => {
                let value = i.eicr();
                i.cause &= !u64::from(EICR_QUEUES);
                if i.gpie & GPIE_OCD == 0 {
                    i.other = 0;
                }
                i.auto_mask_by_access();
                self.withdraw(client);
                value
            }
            EICS => i.eicr(),
            EIAC => i.eiac,
            EIMS | EIMC => i.eims as u32 & EICR_QUEUES | i.eims_other,
            EIAM => i.eiam as u32 & EICR_QUEUES | i.eiam_other,
            GPIE => i.gpie,
            IVAR_MISC => i.ivar_misc,
            _ if in_ivar(offset) => i.ivar[ivar_index(offset)],
            _ => match (eitr_index(offset), half(offset)) {
                (Some(n), _) => i.vectors[n].read(now),
                (_, Some((EIMS_EX | EIMC_EX, shift))) => (i.eims >> shift) as u32,
                (_, Some((EIAM_EX, shift))) => (i.eiam >> shift) as u32,
                _ => 0,
            },
        }
    }

    /// Writes an interrupt register.
    pub(super) fn write_interrupt<C: NicClient>(
        &mut self,
        now: Time,
        offset: u32,
        value: u32,
        client: &mut C,
    ) {
        let i = &mut self.interrupts;
        let (queues, other) = (u64::from(value & EICR_QUEUES), value & EICR_MISC);
        match offset {
            EICR => {
                i.cause &= !queues;
                i.other &= !other;
                i.auto_mask_by_access();
                self.withdraw(client);
            }
            EICS => {
                self.set_causes(now, queues, client);
                for bit in (16..31).map(|n| 1 << n).filter(|bit| other & bit != 0) {
                    self.other_cause(now, bit, client);
                }
            }
            EIMS => {
                let (old, old_other) = (i.eims, i.eims_other);
                i.eims |= queues;
                i.eims_other |= other;
                self.rearm(now, queues & !old, other & !old_other, client);
            }
            EIMC => {
                i.eims &= !queues;
                i.eims_other &= !other;
            }
            EIAC => i.eiac = value,
            EIAM => {
                i.eiam = i.eiam & !u64::from(EICR_QUEUES) | queues;
                i.eiam_other = other;
            }
            GPIE => {
                let changed = i.gpie ^ value;
                i.gpie = value;
                if changed & GPIE_MULTIPLE_MSIX != 0 {
                    self.rearm(now, u64::MAX, u32::MAX, client);
                }
            }
            IVAR_MISC => i.ivar_misc = value & 0xbfbf,
            _ if in_ivar(offset) => i.ivar[ivar_index(offset)] = value & 0xbfbf_bfbf,
            _ => match (eitr_index(offset), half(offset)) {
                (Some(n), _) => i.vectors[n].write(now, value),
                (_, Some((register, shift))) => self.write_half(now, register, shift, value, client),
                _ => (),
            },
        }
    }

    /// EICS, EIMS, EIMC and EIAM for 32 vectors.
    fn write_half<C: NicClient>(&mut self, now: Time, register: u32, shift: u32, value: u32, client: &mut C) {
        let bits = u64::from(value) << shift;
        match register {
            EICS_EX => self.set_causes(now, bits, client),
            EIMS_EX => {
                let old = self.interrupts.eims;
                self.interrupts.eims |= bits;
                self.rearm(now, bits & !old, 0, client);
            }
            EIMC_EX => self.interrupts.eims &= !bits,
            _ => self.interrupts.eiam = self.interrupts.eiam & !(0xffff_ffff << shift) | bits,
        }
    }

    /// Software sets causes (EICS).
    fn set_causes<C: NicClient>(&mut self, now: Time, mut bits: u64, client: &mut C) {
        self.interrupts.cause |= bits;
        while bits != 0 {
            let vector = bits.trailing_zeros() as u16;
            bits &= bits - 1;
            self.request(now, if self.interrupts.multiple() { vector } else { 0 }, client);
        }
    }
}

/// Which of the 64 IVAR registers is at `offset`.
fn ivar_index(offset: u32) -> usize {
    ((offset.wrapping_sub(IVAR) / 4) & 63) as usize
}

fn in_ivar(offset: u32) -> bool {
    (IVAR..IVAR_MISC).contains(&offset)
}

/// The vector whose EITR is at `offset`.
fn eitr_index(offset: u32) -> Option<usize> {
    let n = match offset {
        EITR_LOW..EIMS => (offset - EITR_LOW) / 4,
        EITR_HIGH..=0x1249c => 24 + (offset - EITR_HIGH) / 4,
        _ => return None,
    };
    // The 82599 has 129 of these; those beyond 64 belong to virtual functions.
    (n < VECTORS as u32).then_some(n as usize)
}

/// The register of a pair for 64 vectors, and which half of it.
fn half(offset: u32) -> Option<(u32, u32)> {
    let base = offset & !4;
    matches!(base, EICS_EX | EIMS_EX | EIMC_EX | EIAM_EX).then_some((base, (offset & 4) * 8))
}

/// Whether `offset` is an interrupt register.
pub fn is_interrupt_register(offset: u32) -> bool {
    (EICR..0x0b00).contains(&offset) || (EITR_HIGH..0x124a0).contains(&offset)
}
