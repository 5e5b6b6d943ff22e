//! Which frames are for this station (7.1.1). Pools (VMDq), DCB and the manageability filters are
//! not modelled: every accepted frame is the host's.

use super::plain::PlainRegisters;
use super::spec::*;

/// How a frame was accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// By an exact filter, broadcast or promiscuous mode.
    Exact,
    /// By the multicast table, which is inexact.
    Inexact,
}

/// Applies the address filters (7.1.1.1) and the VLAN filter (7.1.1.2).
pub fn accept(frame: &[u8], vlan: Option<u16>, registers: &PlainRegisters) -> Option<Accepted> {
    if registers.get(VLNCTRL) & VLNCTRL_VFE != 0
        && let Some(tag) = vlan
    {
        let id = u32::from(tag & 0xfff);
        if registers.get(VFTA + id / 32 * 4) >> (id % 32) & 1 == 0 {
            return None;
        }
    }
    address(frame, registers)
}

fn address(frame: &[u8], registers: &PlainRegisters) -> Option<Accepted> {
    let &[a, b, c, d, e, f, ..] = frame else { return None };
    let control = registers.get(FCTRL);
    let low = u32::from_le_bytes([a, b, c, d]);
    let high = u32::from_le_bytes([e, f, 0, 0]);
    if (low, high) == (u32::MAX, 0xffff) {
        return (control & FCTRL_BAM != 0).then_some(Accepted::Exact);
    }
    let promiscuous = if a & 1 != 0 { FCTRL_MPE } else { FCTRL_UPE };
    let mut exact = registers.slice(RAL, 256).chunks_exact(2);
    if control & promiscuous != 0 || exact.any(|r| r[0] == low && r[1] & (RAH_AV | 0xffff) == RAH_AV | high) {
        return Some(Accepted::Exact);
    }
    let multicast = registers.get(MCSTCTRL);
    if a & 1 == 0 || multicast & MCSTCTRL_MFE == 0 {
        return None;
    }
    // MO selects 12 bits of the address: 47:36, 46:35, 45:34 or 43:32 (8.2.3.7.3).
    let shift = [4, 3, 2, 0][(multicast & 3) as usize];
    let index = (high >> shift) & 0xfff;
    (registers.get(MTA + index / 32 * 4) >> (index % 32) & 1 != 0).then_some(Accepted::Inexact)
}
