//! Invalidation queue descriptors (128 bits), VT-d 6.5.2.

/// Bytes of one descriptor.
pub const DESCRIPTOR_SIZE: u64 = 16;

/// Type 1: context cache, 6.5.2.1.
pub const CONTEXT_CACHE: u8 = 1;
/// Type 2: IOTLB, 6.5.2.3.
pub const IOTLB: u8 = 2;
/// Type 3: device-TLB, 6.5.2.5.
pub const DEVICE_TLB: u8 = 3;
/// Type 4: interrupt entry cache, 6.5.2.7.
pub const INTERRUPT_ENTRY_CACHE: u8 = 4;
/// Type 5: wait, 6.5.2.8.
pub const WAIT: u8 = 5;

/// The descriptor types that exist, with the reserved bits of each.
pub struct Descriptor {
    /// Bits 3:0.
    pub kind: u8,
    /// The specification's name.
    pub name: &'static str,
    /// Reserved bits, low and high quadword.
    pub reserved: [u64; 2],
}

/// One row per type.
pub const DESCRIPTORS: [Descriptor; 5] = [
    Descriptor { kind: CONTEXT_CACHE, name: "cc_inv_dsc", reserved: [0xfffc_0000_0000_ffc0, u64::MAX] },
    Descriptor { kind: IOTLB, name: "iotlb_inv_dsc", reserved: [0xffff_ffff_0000_ff00, 0xf80] },
    Descriptor { kind: DEVICE_TLB, name: "dev_tlb_inv_dsc", reserved: [0x0000_0000_ffe0_0ff0, 0xffe] },
    Descriptor {
        kind: INTERRUPT_ENTRY_CACHE,
        name: "iec_inv_dsc",
        reserved: [0xffff_0000_07ff_ffe0, u64::MAX],
    },
    Descriptor { kind: WAIT, name: "inv_wait_dsc", reserved: [0x0000_0000_ffff_ff00, 3] },
];

/// G, bits 5:4 of context-cache and IOTLB descriptors, CIRG, IIRG: 1 is global.
pub const GLOBAL: u8 = 1;
/// Domain-selective.
pub const DOMAIN: u8 = 2;
/// Device-selective (context cache) or page-selective within a domain (IOTLB).
pub const SELECTIVE: u8 = 3;

/// G, bit 4 of an interrupt-entry-cache descriptor: index-selective.
pub const IEC_INDEX_SELECTIVE: u64 = 1 << 4;
/// IF, bit 4 of a wait descriptor: interrupt on completion.
pub const WAIT_IF: u64 = 1 << 4;
/// SW, bit 5 of a wait descriptor: write status data.
pub const WAIT_SW: u64 = 1 << 5;

/// IQERCD.IQEI: why FSTS.IQE was set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum QueueError {
    /// The tail lies outside the queue.
    InvalidTail = 1,
    /// The descriptor could not be read.
    Fetch = 2,
    /// No such descriptor type.
    InvalidType = 3,
    /// A reserved field is set, or a field has a reserved value.
    ReservedField = 4,
}
