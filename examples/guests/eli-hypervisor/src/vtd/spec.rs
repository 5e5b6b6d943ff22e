//! VT-d registers, structures and descriptors. Sections are those of the VT-d specification.

/// Capability (64-bit, RO). 10.4.2. 12:8 SAGAW, 33:24 FRO, bit 34 SLLPS 2 MiB, 47:40 NFR, bit 4 RWBF.
pub const CAP: u64 = 0x008;
/// CAP: bit 10, SAGAW bit 2: four-level tables, 48 bits.
pub const CAP_SAGAW_48: u64 = 1 << 10;
/// CAP: 2 MiB pages.
pub const CAP_LARGE_PAGES: u64 = 1 << 34;
/// CAP: the write buffer must be flushed by hand.
pub const CAP_RWBF: u64 = 1 << 4;
/// Extended Capability (64-bit, RO). 10.4.3.
pub const ECAP: u64 = 0x010;
/// ECAP: table walks snoop the caches.
pub const ECAP_COHERENT: u64 = 1 << 0;
/// ECAP: queued invalidation.
pub const ECAP_QI: u64 = 1 << 1;
/// ECAP: interrupt remapping.
pub const ECAP_IR: u64 = 1 << 3;
/// ECAP: extended interrupt mode (x2APIC destinations).
pub const ECAP_EIM: u64 = 1 << 4;
/// Global Command (32-bit, WO). 10.4.4.
pub const GCMD: u64 = 0x018;
/// Global Status (32-bit, RO). 10.4.5.
pub const GSTS: u64 = 0x01C;
/// GCMD, GSTS: translation.
pub const GCMD_TE: u32 = 1 << 31;
/// GCMD, GSTS: root table pointer.
pub const GCMD_SRTP: u32 = 1 << 30;
/// GCMD, GSTS: write buffer flush (GSTS: in progress).
pub const GCMD_WBF: u32 = 1 << 27;
/// GCMD, GSTS: queued invalidation.
pub const GCMD_QIE: u32 = 1 << 26;
/// GCMD, GSTS: interrupt remapping.
pub const GCMD_IRE: u32 = 1 << 25;
/// GCMD, GSTS: interrupt remapping table pointer.
pub const GCMD_SIRTP: u32 = 1 << 24;
/// The bits of GSTS that a GCMD write repeats; the others are one-shot commands. 10.4.4.
pub const GSTS_PERSISTENT: u32 = 0x96FF_FFFF;
/// Root Table Address (64-bit, RW). 10.4.6. Bits 11:10 zero: legacy mode.
pub const RTADDR: u64 = 0x020;
/// Fault Status (32-bit, RW1CS). 10.4.9. Bit 0 overflow, bit 1 primary pending, 6:4 invalidation errors.
pub const FSTS: u64 = 0x034;
pub const FSTS_ERRORS: u32 = 0x71;
pub const FSTS_PENDING: u32 = 1 << 1;
/// Invalidation Queue Head, Tail (64-bit): offsets in bytes. 10.4.21, 10.4.22.
pub const IQT: u64 = 0x088;
/// Invalidation Queue Address (64-bit, RW): 2:0 size, 2^size pages. 10.4.23.
pub const IQA: u64 = 0x090;
/// Interrupt Remapping Table Address (64-bit, RW). 10.4.28. Bit 11 EIME; 3:0 size, 2^(size+1) entries.
pub const IRTA: u64 = 0x0B8;
pub const IRTA_EIME: u64 = 1 << 11;
/// Fault recording register: bit 127 F, RW1CS. 10.4.14.
pub const FRCD_F: u32 = 1 << 31;

/// Root entry (128-bit): bit 0 present, 63:12 context table. 9.1.
pub const ROOT_PRESENT: u64 = 1 << 0;
/// Context entry (128-bit): bit 0 present, 3:2 type 0 (requests without PASID, translated), 63:12 tables. 9.3.
pub const CONTEXT_PRESENT: u64 = 1 << 0;
/// Context entry, high half: 2:0 address width, 2 for four levels.
pub const CONTEXT_WIDTH_48: u64 = 2;
/// Context entry, high half: 23:8 domain.
pub const CONTEXT_DOMAIN_SHIFT: u32 = 8;
/// Second-level entry: read, write, page size. 9.8.
pub const PAGE_READ: u64 = 1 << 0;
pub const PAGE_WRITE: u64 = 1 << 1;
pub const PAGE_LARGE: u64 = 1 << 7;

/// IRTE (128-bit), low half. 9.10. Bit 0 present; bit 2 physical destination 0; 7:5 fixed delivery 0;
/// 23:16 vector; 63:32 destination.
pub const IRTE_PRESENT: u64 = 1 << 0;
pub const IRTE_VECTOR_SHIFT: u32 = 16;
pub const IRTE_DESTINATION_SHIFT: u32 = 32;
/// IRTE, high half: 15:0 source-id; 17:16 compare all of it; 19:18 1 verifies it.
pub const IRTE_VERIFY_SOURCE: u64 = 1 << 18;

/// Invalidation descriptors (128-bit): type in bits 3:0. 6.5.2.
pub const INVALIDATE_CONTEXT_GLOBAL: u64 = 0x1 | 1 << 4;
/// IOTLB: global, drain writes and reads.
pub const INVALIDATE_IOTLB_GLOBAL: u64 = 0x2 | 1 << 4 | 1 << 6 | 1 << 7;
/// Interrupt entry cache: global.
pub const INVALIDATE_IEC_GLOBAL: u64 = 0x4;
/// Interrupt entry cache: one index, in bits 47:32.
pub const INVALIDATE_IEC_INDEX: u64 = 0x4 | 1 << 4;
/// Wait: write the status data (63:32) to the address in the high half.
pub const WAIT_STATUS_WRITE: u64 = 0x5 | 1 << 5;

/// Remappable message address: bit 4 format, 19:5 handle 14:0, bit 2 handle 15. 5.1.2.2.
pub const fn message_address(handle: u16) -> u32 {
    0xFEE0_0000 | (handle as u32 & 0x7FFF) << 5 | 1 << 4 | (handle as u32 >> 15) << 2
}
