//! MSRs that firmware and kernels program and nothing here obeys: memory type ranges and machine-check banks. There are
//! no caches whose types could show, and no errors to be logged; but a kernel that finds them must be able to set them.

use super::arch::PHYSICAL_BITS;
use crate::vmx::ept::beyond;

/// Pairs of variable ranges.
const PAIRS: usize = 8;
/// IA32_MTRRCAP: the pairs, fixed ranges (bit 8), write combining (bit 10) (SDM 3A 11.11.1).
pub const MTRRCAP: u64 = PAIRS as u64 | 1 << 8 | 1 << 10;
/// The fixed ranges' registers, in the order of their addresses (SDM 3A table 11-9).
const FIXED: [u32; 11] = [0x250, 0x258, 0x259, 0x268, 0x269, 0x26a, 0x26b, 0x26c, 0x26d, 0x26e, 0x26f];
/// IA32_MTRR_PHYSBASE0.
const VARIABLE: u32 = 0x200;
/// IA32_MTRR_DEF_TYPE: E is bit 11, FE bit 10.
const DEFAULT: u32 = 0x2ff;

/// Memory types: uncacheable, write combining, write through, write protected, write back (SDM 3A table 11-2).
const TYPES: [u8; 5] = [0, 1, 4, 5, 6];
const UNCACHEABLE: u64 = 0;
const WRITE_BACK: u64 = 6;
/// A byte in each of the eight.
const EACH: u64 = 0x0101_0101_0101_0101;
/// PHYSMASK.V.
const VALID: u64 = 1 << 11;
/// Where devices begin, and how far they reach: 3 GiB to 4 GiB.
const DEVICES: u64 = 0xc000_0000;
const SIZE: u64 = 1 << 30;

/// Machine-check banks.
pub const BANKS: u32 = 6;
/// IA32_MC0_CTL; each bank has CTL, STATUS, ADDR and MISC (SDM 3B 15.3.2).
const BANK: u32 = 0x400;
/// IA32_MCG_STATUS: RIPV, EIPV, MCIP.
const MCG_STATUS_BITS: u64 = 7;

/// Their values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SystemMsrs {
    /// IA32_MTRR_PHYSBASE and PHYSMASK, in pairs.
    pub variable: [u64; 2 * PAIRS],
    /// The fixed ranges, a byte for each.
    pub fixed: [u64; FIXED.len()],
    /// IA32_MTRR_DEF_TYPE.
    pub default_type: u64,
    /// IA32_MCG_STATUS.
    pub mcg_status: u64,
    /// IA32_MCi_CTL.
    pub bank_control: [u64; BANKS as usize],
}

impl SystemMsrs {
    /// As firmware leaves them: memory is write-back, and what devices have below 4 GiB and at A0000 is not cached.
    pub fn new() -> SystemMsrs {
        let mut variable = [0; 2 * PAIRS];
        variable[0] = DEVICES | UNCACHEABLE;
        variable[1] = !beyond(PHYSICAL_BITS) & !(SIZE - 1) | VALID;
        let mut fixed = [WRITE_BACK * EACH; FIXED.len()];
        fixed[2] = UNCACHEABLE;
        SystemMsrs {
            variable,
            fixed,
            default_type: 1 << 11 | 1 << 10 | WRITE_BACK,
            mcg_status: 0,
            bank_control: [0; BANKS as usize],
        }
    }

    /// Reads one; none where it is not one of these.
    pub fn read(&self, index: u32) -> Option<u64> {
        if let Some((bank, register)) = bank_of(index) {
            return Some(if register == 0 { self.bank_control[bank] } else { 0 });
        }
        Some(match index {
            0xfe => MTRRCAP,
            0x179 => BANKS.into(),
            0x17a => self.mcg_status,
            DEFAULT => self.default_type,
            _ => match fixed_of(index) {
                Some(place) => self.fixed[place],
                None => *self.variable.get(variable_of(index)?)?,
            },
        })
    }

    /// Writes one; none where it is not one of these, or refuses the value.
    pub fn write(&mut self, index: u32, value: u64) -> Option<()> {
        if let Some((bank, register)) = bank_of(index) {
            if register == 0 {
                self.bank_control[bank] = value;
            } else if value != 0 {
                return None; // Software may only clear what was logged (SDM 3B 15.3.2.2).
            }
            return Some(());
        }
        let reserved = beyond(PHYSICAL_BITS);
        match index {
            0x17a if value & !MCG_STATUS_BITS == 0 => self.mcg_status = value,
            DEFAULT if value & !0xcff == 0 && is_type(value as u8) => self.default_type = value,
            _ => match fixed_of(index) {
                Some(place) if value.to_le_bytes().into_iter().all(is_type) => self.fixed[place] = value,
                Some(_) => return None,
                None => {
                    let place = variable_of(index)?;
                    let base = place % 2 == 0;
                    let zero = if base { reserved | 0xf00 } else { reserved | 0x7ff };
                    if value & zero != 0 || base && !is_type(value as u8) {
                        return None;
                    }
                    *self.variable.get_mut(place)? = value;
                }
            },
        }
        Some(())
    }
}

fn is_type(value: u8) -> bool {
    TYPES.contains(&value)
}

fn fixed_of(index: u32) -> Option<usize> {
    FIXED.iter().position(|fixed| *fixed == index)
}

fn variable_of(index: u32) -> Option<usize> {
    index.checked_sub(VARIABLE).map(|place| place as usize).filter(|place| *place < 2 * PAIRS)
}

/// The bank and which of its four registers.
fn bank_of(index: u32) -> Option<(usize, u32)> {
    let place = index.checked_sub(BANK).filter(|place| *place < 4 * BANKS)?;
    Some(((place / 4) as usize, place % 4))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn firmware_leaves_memory_write_back_and_devices_uncached() {
        let msrs = SystemMsrs::new();
        assert_eq!(msrs.read(0xfe), Some(0x508));
        assert_eq!((msrs.read(0x200), msrs.read(0x201)), (Some(0xc000_0000), Some(0xff_c000_0800)));
        assert_eq!((msrs.read(0x2ff), msrs.read(0x259)), (Some(0xc06), Some(0)));
        assert_eq!(msrs.read(0x26f), Some(0x0606_0606_0606_0606));
    }

    #[test]
    fn a_write_is_kept_or_refused() {
        let mut msrs = SystemMsrs::new();
        for (index, value, kept) in [
            (0x202, 0x1_0000_0006, true),
            (0x202, 0x1_0000_0002, false),
            (0x202, 1 << 40, false),
            (0x203, 0xff_0000_0800, true),
            (0x203, 0xff_0000_0001, false),
            (0x210, 0, false),
            (0x250, 0x0005_0405_0006_0001, true),
            (0x250, 0x0000_0000_0000_0003, false),
            (0x251, 0, false),
            (0x2ff, 0xc00, true),
            (0x2ff, 0x1c06, false),
            (0xfe, 0x508, false),
            (0x17a, 7, true),
            (0x17a, 8, false),
            (0x400, u64::MAX, true),
            (0x401, 0, true),
            (0x401, 1, false),
            (0x417, 0, true),
            (0x418, 0, false),
        ] {
            let before = msrs;
            assert_eq!(msrs.write(index, value).is_some(), kept, "{index:#x} {value:#x}");
            let now =
                if kept { if index == 0x401 { Some(0) } else { Some(value) } } else { before.read(index) };
            assert_eq!(msrs.read(index), now, "{index:#x} {value:#x}");
        }
    }
}
