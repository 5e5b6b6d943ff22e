//! Interrupt messages (SDM 3A 11.11; the remappable format is VT-d 5.1.2.2).

use super::icr::DeliveryMode;

/// A message: the write that a device, or an I/O APIC, sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Message {
    /// Where it is written: FEEx_xxxxH.
    pub address: u64,
    /// What is written.
    pub data: u32,
}

/// An interrupt as it arrives at the local APICs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Interrupt {
    /// For whom.
    pub destination: u32,
    /// The destination is logical.
    pub logical: bool,
    /// RH, address bit 3: of a logical destination, one processor is meant.
    pub redirection_hint: bool,
    /// The delivery mode.
    pub delivery_mode: DeliveryMode,
    /// The vector.
    pub vector: u8,
    /// Level-triggered.
    pub level: bool,
}

/// Whether a write to `address` is an interrupt message.
pub const fn is_message(address: u64) -> bool {
    address >> 20 == 0xfee
}

/// Whether the address is in the remappable format (bit 4), which means something only to an IOMMU.
pub const fn is_remappable(address: u64) -> bool {
    is_message(address) && address >> 4 & 1 != 0
}

/// What a compatibility-format message asks for: address 19:12 destination, 3 hint, 2 logical; data 15 trigger, 14 level,
/// 10:8 delivery mode, 7:0 vector. None for other addresses and for a level that is de-asserted.
pub const fn decode(address: u64, data: u32) -> Option<Interrupt> {
    let level = data >> 15 & 1 != 0;
    let deasserted = level && data >> 14 & 1 == 0;
    if !is_message(address) || deasserted {
        return None;
    }
    Some(Interrupt {
        destination: (address >> 12 & 0xff) as u32,
        logical: address >> 2 & 1 != 0,
        redirection_hint: address >> 3 & 1 != 0,
        delivery_mode: DeliveryMode::of(data),
        vector: data as u8,
        level,
    })
}
