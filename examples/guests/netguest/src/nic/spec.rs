//! The 82599's registers and descriptors that the driver uses. Sections are the 82599 datasheet's.

/// A 32-bit register's offset in BAR 0.
pub type Register = u64;

/// Device Control (RW). 8.2.3.1.1. Bit 26 RST: device reset, self-clearing. Bit 3 LRST: link reset.
pub const CTRL: Register = 0x00000;
pub const CTRL_LRST: u32 = 1 << 3;
pub const CTRL_RST: u32 = 1 << 26;
/// Extended Device Control (RW). 8.2.3.1.3. Bit 16 NS_DIS: no snoop off. Bit 28 DRV_LOAD: a driver is in charge.
pub const CTRL_EXT: Register = 0x00018;
pub const CTRL_EXT_NS_DIS: u32 = 1 << 16;
pub const CTRL_EXT_DRV_LOAD: u32 = 1 << 28;
/// EEPROM/Flash Control (RW). 8.2.3.2.1. Bit 9 ARD: the EEPROM has been read after reset.
pub const EEC: Register = 0x10010;
pub const EEC_ARD: u32 = 1 << 9;

/// Extended Interrupt Cause Set (WO). 8.2.3.5.2.
pub const EICS: Register = 0x00808;
/// Extended Interrupt Auto Clear (RW): causes whose EICR bit clears as their MSI-X message leaves. 8.2.3.5.4.
pub const EIAC: Register = 0x00810;
/// Extended Interrupt Throttle, vector 0 (RW). 8.2.3.5.12. Bits 11:3: interval in units of 2 us; bit 31 CNT_WDIS.
pub const EITR0: Register = 0x00820;
pub const EITR_INTERVAL_SHIFT: u32 = 3;
pub const EITR_INTERVAL_MAX: u32 = 0x1FF;
pub const EITR_CNT_WDIS: u32 = 1 << 31;
/// Extended Interrupt Mask Set/Read (RWS). 8.2.3.5.5.
pub const EIMS: Register = 0x00880;
/// Extended Interrupt Mask Clear (WO). 8.2.3.5.6.
pub const EIMC: Register = 0x00888;
/// Extended Interrupt Auto Mask Enable (RW): causes masked as their message leaves (with GPIE.EIAME). 8.2.3.5.7.
pub const EIAM: Register = 0x00890;
/// The same for MSI-X vectors 0..31 (RW). 8.2.3.5.11.
pub const EIAM1: Register = 0x00AD0;
/// General Purpose Interrupt Enable (RW). 8.2.3.5.18.
pub const GPIE: Register = 0x00898;
/// GPIE bit 4: several MSI-X vectors, causes routed by IVAR.
pub const GPIE_MULTIPLE_MSIX: u32 = 1 << 4;
/// GPIE bit 5 OCD: a read of EICR clears only what software may clear.
pub const GPIE_OCD: u32 = 1 << 5;
/// GPIE bit 30: auto mask on an MSI-X message.
pub const GPIE_EIAME: u32 = 1 << 30;
/// GPIE bit 31: pending bits are kept for MSI-X.
pub const GPIE_PBA_SUPPORT: u32 = 1 << 31;
/// Interrupt Vector Allocation, queues 0 and 1 (RW). 8.2.3.5.16. Byte 0: receive queue 0; bit 7 of a byte: valid.
pub const IVAR0: Register = 0x00900;
pub const IVAR_VALID: u32 = 1 << 7;
/// Miscellaneous Interrupt Vector Allocation (RW). 8.2.3.5.17.
pub const IVAR_MISC: Register = 0x00A00;
/// Every cause.
pub const ALL_CAUSES: u32 = 0x7FFF_FFFF;
/// The cause of MSI-X vector 0.
pub const VECTOR0: u32 = 1 << 0;

/// Filter Control (RW). 8.2.3.7.1. Bit 10 BAM: accept broadcast.
pub const FCTRL: Register = 0x05080;
pub const FCTRL_BAM: u32 = 1 << 10;
/// Receive Checksum Control (RW). 8.2.3.7.5.
pub const RXCSUM: Register = 0x05000;
/// Multicast Table Array, 128 registers (RW). 8.2.3.7.7.
pub const MTA: Register = 0x05200;
pub const MTA_COUNT: u64 = 128;
/// Receive Address Low and High, entry 0 (RW). 8.2.3.7.8, 8.2.3.7.9.
pub const RAL0: Register = 0x0A200;
pub const RAH0: Register = 0x0A204;
/// Multiple Receive Queues Command (RW). 8.2.3.7.12. 0: one queue, no RSS.
pub const MRQC: Register = 0x0EC80;

/// Receive descriptor ring of queue 0 (RW). 8.2.3.8.1 to 8.2.3.8.5.
pub const RDBAL0: Register = 0x01000;
pub const RDBAH0: Register = 0x01004;
pub const RDLEN0: Register = 0x01008;
/// DCA Rx control. Bit 12 must be cleared (4.6.7).
pub const DCA_RXCTRL0: Register = 0x0100C;
pub const DCA_RXCTRL_MUST_CLEAR: u32 = 1 << 12;
pub const RDH0: Register = 0x01010;
pub const RDT0: Register = 0x01018;
/// Split Receive Control, queue 0 (RW). 8.2.3.8.7. 4:0 buffer size in KiB; 27:25 type 1: advanced, one buffer; bit 28 DROP_EN.
pub const SRRCTL0: Register = 0x01014;
pub const SRRCTL_ADVANCED_ONE_BUFFER: u32 = 1 << 25;
pub const SRRCTL_DROP_EN: u32 = 1 << 28;
/// Receive Descriptor Control, queue 0 (RW). 8.2.3.8.6. Bit 25: enable.
pub const RXDCTL0: Register = 0x01028;
/// Transmit and receive: the queue is enabled.
pub const DCTL_ENABLE: u32 = 1 << 25;
/// Receive DMA Control (RW). 8.2.3.8.8. Bit 1 CRCStrip; bit 3 DMAIDONE; 21:17 RSCFRSTSIZE, to be 0.
pub const RDRXCTL: Register = 0x02F00;
pub const RDRXCTL_CRC_STRIP: u32 = 1 << 1;
pub const RDRXCTL_DMAIDONE: u32 = 1 << 3;
pub const RDRXCTL_RSCFRSTSIZE: u32 = 0x1F << 17;
/// Receive Control (RW). 8.2.3.8.10. Bit 0 RXEN.
pub const RXCTRL: Register = 0x03000;
pub const RXCTRL_RXEN: u32 = 1 << 0;
/// Security Rx Control (RW) and Status (RO). 8.2.3.12. Bit 1 RX_DIS; bit 0 SECRX_RDY.
pub const SECRXCTRL: Register = 0x08D00;
pub const SECRXCTRL_RX_DIS: u32 = 1 << 1;
pub const SECRXSTAT: Register = 0x08D04;
pub const SECRXSTAT_SECRX_RDY: u32 = 1 << 0;

/// Highlander Control 0 (RW). 8.2.3.22.8. Bit 0 TXCRCEN; bit 1 RXCRCSTRP; bit 10 TXPADEN.
pub const HLREG0: Register = 0x04240;
pub const HLREG0_TXCRCEN: u32 = 1 << 0;
pub const HLREG0_RXCRCSTRP: u32 = 1 << 1;
pub const HLREG0_TXPADEN: u32 = 1 << 10;
/// Link Status (RO). 8.2.3.22.20. Bit 30: link up.
pub const LINKS: Register = 0x042A4;
pub const LINKS_UP: u32 = 1 << 30;

/// DCB Transmit Descriptor Plane Control (RW). 8.2.3.10.2. Bit 6 ARBDIS.
pub const RTTDCS: Register = 0x04900;
pub const RTTDCS_ARBDIS: u32 = 1 << 6;
/// DMA Tx Control (RW). 8.2.3.9.2. Bit 0 TE: transmit enable.
pub const DMATXCTL: Register = 0x04A80;
pub const DMATXCTL_TE: u32 = 1 << 0;
/// DMA Tx Map Allow Size Requests (RW). 8.2.3.9.1.
pub const DTXMXSZRQ: Register = 0x08100;
pub const DTXMXSZRQ_MAX: u32 = 0xFFF;
/// Transmit descriptor ring of queue 0 (RW). 8.2.3.9.5 to 8.2.3.9.9.
pub const TDBAL0: Register = 0x06000;
pub const TDBAH0: Register = 0x06004;
pub const TDLEN0: Register = 0x06008;
pub const TDH0: Register = 0x06010;
pub const TDT0: Register = 0x06018;
/// DCA Tx control. Bit 11: relaxed ordering of descriptor write-back, to be off with head write-back.
pub const DCA_TXCTRL0: Register = 0x0600C;
pub const DCA_TXCTRL_WRITE_BACK_RO: u32 = 1 << 11;
/// Transmit Descriptor Control, queue 0 (RW). 8.2.3.9.10. 6:0 PTHRESH, 14:8 HTHRESH, 22:16 WTHRESH (0 with head write-back).
pub const TXDCTL0: Register = 0x06028;
pub const TXDCTL_THRESHOLDS: u32 = 32 | 1 << 8;
/// Tx Descriptor Write-Back Address (RW). 8.2.3.9.11. Bit 0 Head_WB_En; 31:2 address.
pub const TDWBAL0: Register = 0x06038;
pub const TDWBAH0: Register = 0x0603C;
pub const TDWBAL_ENABLE: u32 = 1 << 0;

/// Advanced receive descriptor as the driver writes it: two addresses. 7.1.6.1.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct RxDescriptor {
    /// Packet buffer. Written back: 3:0 RSS type, 16:4 packet type, 63:32 hash.
    pub packet: u64,
    /// Header buffer, 0: its bit 0 (DD) must be clear. Written back: 19:0 status, 31:20 errors, 47:32 length, 63:48 VLAN.
    pub header: u64,
}

/// Written back, low doubleword: descriptor done. 7.1.6.2.
pub const RX_DD: u32 = 1 << 0;
/// End of packet.
pub const RX_EOP: u32 = 1 << 1;
/// TCP or UDP checksum was checked.
pub const RX_L4CS: u32 = 1 << 5;
/// IPv4 header checksum was checked.
pub const RX_IPCS: u32 = 1 << 6;
/// Errors: receive error (bit 29), L4 checksum (bit 30), IP checksum (bit 31).
pub const RX_ERRORS: u32 = 1 << 29 | 1 << 30 | 1 << 31;

/// Advanced transmit data descriptor. 7.2.3.2.4.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct TxDescriptor {
    /// Buffer, or a context's lengths (8:0 IPLEN, 15:9 MACLEN).
    pub address: u64,
    /// 15:0 DTALEN, 23:20 DTYP, 31:24 DCMD.
    pub command: u32,
    /// 6:4 IDX, bit 7 CC, 13:8 POPTS, 31:14 PAYLEN.
    pub options: u32,
}

/// DTYP 2: context descriptor. 7.2.3.2.3.
pub const TX_TYPE_CONTEXT: u32 = 2 << 20;
/// DTYP 3: data descriptor.
pub const TX_TYPE_DATA: u32 = 3 << 20;
/// DCMD: end of packet.
pub const TX_EOP: u32 = 1 << 24;
/// DCMD: insert the frame check sequence.
pub const TX_IFCS: u32 = 1 << 25;
/// DCMD: report status, here by head write-back.
pub const TX_RS: u32 = 1 << 27;
/// DCMD: advanced descriptor.
pub const TX_DEXT: u32 = 1 << 29;
/// Context, TUCMD: IPv4.
pub const TX_CONTEXT_IPV4: u32 = 1 << 10;
/// Context, TUCMD: L4T, TCP (UDP is 0).
pub const TX_CONTEXT_TCP: u32 = 1 << 11;
/// Data, options: which context.
pub const TX_INDEX_SHIFT: u32 = 4;
/// Data, options: a context is needed.
pub const TX_CC: u32 = 1 << 7;
/// Data, POPTS: insert the IP checksum.
pub const TX_IXSM: u32 = 1 << 8;
/// Data, POPTS: insert the TCP or UDP checksum.
pub const TX_TXSM: u32 = 1 << 9;
/// Data, options: payload length.
pub const TX_PAYLEN_SHIFT: u32 = 14;
/// Context, lengths: MACLEN.
pub const TX_MACLEN_SHIFT: u32 = 9;
