//! Descriptors are two little-endian quadwords.

/// Bytes of any descriptor.
pub const DESCRIPTOR_SIZE: u64 = 16;
/// How many descriptors one fetch brings at most. 7.1.8, 7.2.3.3.
pub const FETCH_BATCH: u32 = 32;

/// Legacy and advanced transmit descriptors: second quadword. 7.2.3.2.2, 7.2.3.2.4.
pub mod tx {
    /// CMD and DCMD: end of packet.
    pub const EOP: u64 = 1 << 24;
    /// CMD (legacy): insert checksum.
    pub const IC: u64 = 1 << 26;
    /// CMD and DCMD: report status.
    pub const RS: u64 = 1 << 27;
    /// CMD and DCMD: not a legacy descriptor.
    pub const DEXT: u64 = 1 << 29;
    /// CMD and DCMD: insert the VLAN tag.
    pub const VLE: u64 = 1 << 30;
    /// DCMD: segment (TSO).
    pub const TSE: u64 = 1 << 31;
    /// STA: done.
    pub const DD: u64 = 1 << 32;
    /// DTYP of an advanced context descriptor (bits 23:20).
    pub const DTYP_CONTEXT: u64 = 2;
    /// DTYP of an advanced data descriptor.
    pub const DTYP_DATA: u64 = 3;
    /// IDX: which of the queue's two contexts.
    pub const IDX: u64 = 1 << 36;
    /// CC: a context is to be used although nothing is offloaded.
    pub const CC: u64 = 1 << 39;
    /// POPTS: insert the IP checksum.
    pub const IXSM: u64 = 1 << 40;
    /// POPTS: insert the L4 checksum.
    pub const TXSM: u64 = 1 << 41;
    /// Context TUCMD: IPv4. 7.2.3.2.3.
    pub const TUCMD_IPV4: u64 = 1 << 10;
    /// Context TUCMD: L4 type, bits 12:11.
    pub const TUCMD_L4T: u64 = 3 << 11;
    /// L4 type UDP.
    pub const L4T_UDP: u64 = 0;
    /// L4 type TCP.
    pub const L4T_TCP: u64 = 1 << 11;
    /// L4 type SCTP.
    pub const L4T_SCTP: u64 = 2 << 11;

    /// DTYP of an advanced descriptor.
    pub fn dtyp(q1: u64) -> u64 {
        q1 >> 20 & 0xf
    }
    /// PAYLEN: bytes of the packet, or of its TCP payload with TSE.
    pub fn paylen(q1: u64) -> u32 {
        (q1 >> 46) as u32
    }
}

/// Receive descriptors: status and error bits as the advanced write-back's third doubleword has
/// them. 7.1.6.2. The legacy write-back's bytes are bits 7:0 and 31:24 of the same (7.1.5).
pub mod rx {
    /// Descriptor done.
    pub const DD: u32 = 1 << 0;
    /// End of packet.
    pub const EOP: u32 = 1 << 1;
    /// A filter of the flow director matched.
    pub const FLM: u32 = 1 << 2;
    /// The VLAN tag was stripped.
    pub const VP: u32 = 1 << 3;
    /// UDP checksum calculated.
    pub const UDPCS: u32 = 1 << 4;
    /// L4 checksum calculated.
    pub const L4CS: u32 = 1 << 5;
    /// IP checksum calculated.
    pub const IPCS: u32 = 1 << 6;
    /// Passed an inexact filter.
    pub const PIF: u32 = 1 << 7;
    /// The UDP checksum field was not zero.
    pub const UDPV: u32 = 1 << 10;
    /// TCP or UDP checksum error.
    pub const L4E: u32 = 1 << 30;
    /// IPv4 checksum error.
    pub const IPE: u32 = 1 << 31;

    /// RSS type: the flow director's filter is reported, bits 3:0 of the first doubleword. 7.1.6.2.
    pub const REPORTS_FILTER: u32 = 0xf;
    /// Packet type bits, in place (bits 16:4 of the first doubleword). 7.1.6.2.
    pub const TYPE_IPV4: u32 = 1 << 4;
    /// IPv4 with options.
    pub const TYPE_IPV4_OPTIONS: u32 = 1 << 5;
    /// IPv6.
    pub const TYPE_IPV6: u32 = 1 << 6;
    /// IPv6 with extensions.
    pub const TYPE_IPV6_EXTENSIONS: u32 = 1 << 7;
    /// TCP.
    pub const TYPE_TCP: u32 = 1 << 8;
    /// UDP.
    pub const TYPE_UDP: u32 = 1 << 9;
    /// SCTP.
    pub const TYPE_SCTP: u32 = 1 << 10;
}
