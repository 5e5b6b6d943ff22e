//! Offsets in BAR 0 of registers with behaviour. All are 32-bit; the section is 8.2.3.x.

/// Device Control (RW). 8.2.3.1.1. Also at 0x4.
pub const CTRL: u32 = 0x0000;
/// Device Status (RO). 8.2.3.1.2.
pub const STATUS: u32 = 0x0008;
/// Extended SDP Control (RW). 8.2.3.1.4.
pub const ESDP: u32 = 0x0020;
/// I2C Control (RW). 8.2.3.1.5.
pub const I2CCTL: u32 = 0x0028;
/// Free Running Timer (RO), milliseconds. 8.2.3.17.1.
pub const FRTIMER: u32 = 0x0048;

/// Extended Interrupt Cause (RC, W1C). 8.2.3.5.1.
pub const EICR: u32 = 0x0800;
/// Extended Interrupt Cause Set (WO; reads as EICR without clearing it). 8.2.3.5.2.
pub const EICS: u32 = 0x0808;
/// Extended Interrupt Auto Clear (RW). 8.2.3.5.5.
pub const EIAC: u32 = 0x0810;
/// Extended Interrupt Throttle, vectors 0 to 23 (RW). 8.2.3.5.12.
pub const EITR_LOW: u32 = 0x0820;
/// Extended Interrupt Mask Set (RW1S). 8.2.3.5.3.
pub const EIMS: u32 = 0x0880;
/// Extended Interrupt Mask Clear (WO). 8.2.3.5.4.
pub const EIMC: u32 = 0x0888;
/// Extended Interrupt Auto Mask (RW). 8.2.3.5.6.
pub const EIAM: u32 = 0x0890;
/// EITR Select for virtual functions (RW). 8.2.3.5.13.
pub const EITRSEL: u32 = 0x0894;
/// General Purpose Interrupt Enable (RW). 8.2.3.5.18.
pub const GPIE: u32 = 0x0898;
/// Interrupt Vector Allocation, 64 registers of two queue pairs (RW). 8.2.3.5.15.
pub const IVAR: u32 = 0x0900;
/// Interrupt Vector Allocation, other causes (RW). 8.2.3.5.16.
pub const IVAR_MISC: u32 = 0x0a00;
/// EICS for vectors 0 to 63 (2 registers, WO). 8.2.3.5.7.
pub const EICS_EX: u32 = 0x0a90;
/// EIMS for vectors 0 to 63 (2 registers, RW1S). 8.2.3.5.8.
pub const EIMS_EX: u32 = 0x0aa0;
/// EIMC for vectors 0 to 63 (2 registers, WO). 8.2.3.5.9.
pub const EIMC_EX: u32 = 0x0ab0;
/// EIAM for vectors 0 to 63 (2 registers, RW). 8.2.3.5.10.
pub const EIAM_EX: u32 = 0x0ad0;
/// Extended Interrupt Throttle, vectors 24 to 127 (RW). 8.2.3.5.12.
pub const EITR_HIGH: u32 = 0x12300;

/// Receive queues 0 to 63: blocks of 0x40 bytes. 8.2.3.8.
pub const RX_QUEUES_LOW: u32 = 0x1000;
/// Receive queues 64 to 127: blocks of 0x40 bytes.
pub const RX_QUEUES_HIGH: u32 = 0xd000;
/// SRRCTL of queues 0 to 15 at their other address. 8.2.3.8.7.
pub const SRRCTL_LOW: u32 = 0x2100;
/// DCA_RXCTRL of queues 0 to 15 at their other address. 8.2.3.11.1.
pub const DCA_RXCTRL_LOW: u32 = 0x2200;
/// Receive DMA Control (RW). 8.2.3.8.8.
pub const RDRXCTL: u32 = 0x2f00;
/// Receive Packet Buffer Size of buffer 0 (RW), bits 19:10. 8.2.3.8.9.
pub const RXPBSIZE0: u32 = 0x3c00;
/// Receive Control (RW). 8.2.3.8.10.
pub const RXCTRL: u32 = 0x3000;
/// Receive Queue Statistic Mapping, 32 registers (RW). 8.2.3.23.71.
pub const RQSMR: u32 = 0x2300;

/// Transmit queues 0 to 127: blocks of 0x40 bytes. 8.2.3.9.
pub const TX_QUEUES: u32 = 0x6000;
/// DMA Tx Control (RW). 8.2.3.9.2.
pub const DMATXCTL: u32 = 0x4a80;
/// DMA Tx TCP Flags Control Low and High (RW). 8.2.3.9.3.
pub const DTXTCPFLGL: u32 = 0x4a88;
/// The mask of the last segment.
pub const DTXTCPFLGH: u32 = 0x4a8c;
/// Transmit Queue Statistic Mapping, 32 registers (RW). 8.2.3.23.73.
pub const TQSM: u32 = 0x8600;

/// Offsets within a queue's block of 0x40 bytes; R is receive (8.2.3.8), T transmit (8.2.3.9).
pub mod queue {
    /// RDBAL, TDBAL: ring base low, 128-byte aligned.
    pub const BAL: u32 = 0x00;
    /// RDBAH, TDBAH: ring base high.
    pub const BAH: u32 = 0x04;
    /// RDLEN, TDLEN: ring length in bytes, bits 19:7.
    pub const LEN: u32 = 0x08;
    /// DCA_RXCTRL, DCA_TXCTRL.
    pub const DCA: u32 = 0x0c;
    /// RDH, TDH: head.
    pub const HEAD: u32 = 0x10;
    /// SRRCTL (receive only).
    pub const SRRCTL: u32 = 0x14;
    /// RDT, TDT: tail, the doorbell.
    pub const TAIL: u32 = 0x18;
    /// RXDCTL, TXDCTL.
    pub const CONTROL: u32 = 0x28;
    /// RSCCTL (receive only).
    pub const RSCCTL: u32 = 0x2c;
    /// QPRC, QPTC for queues 0 to 15; QPRDC in the receive blocks 16 to 31.
    pub const PACKETS: u32 = 0x30;
    /// QBRC low (receive only).
    pub const BYTES_LOW: u32 = 0x34;
    /// TDWBAL (transmit): head write-back address and enable. QBRC high (receive).
    pub const WBAL: u32 = 0x38;
    /// TDWBAH (transmit).
    pub const WBAH: u32 = 0x3c;
}

/// Receive Checksum Control (RW). 8.2.3.7.5.
pub const RXCSUM: u32 = 0x5000;
/// Filter Control (RW). 8.2.3.7.1.
pub const FCTRL: u32 = 0x5080;
/// VLAN Control (RW). 8.2.3.7.2.
pub const VLNCTRL: u32 = 0x5088;
/// Multicast Control (RW). 8.2.3.7.3.
pub const MCSTCTRL: u32 = 0x5090;
/// Multicast Table Array, 128 registers (RW). 8.2.3.7.7.
pub const MTA: u32 = 0x5200;
/// Receive Address Low, entries 0 to 15 at their other address (8 bytes apart). 8.2.3.7.8.
pub const RAL_LEGACY: u32 = 0x5400;
/// Receive Address Low, 128 entries 8 bytes apart; RAH 4 bytes on. 8.2.3.7.8.
pub const RAL: u32 = 0xa200;
/// VLAN Filter Table Array, 128 registers (RW). 8.2.3.7.11.
pub const VFTA: u32 = 0xa000;
/// Multiple Receive Queues Command (RW). 8.2.3.7.12.
pub const MRQC: u32 = 0x5818;
/// Redirection Table, 32 registers (RW). 8.2.3.7.15.
pub const RETA: u32 = 0x5c00;
/// RSS Random Key, 10 registers (RW). 8.2.3.7.14.
pub const RSSRK: u32 = 0x5c80;

/// Registers of the flow director. 8.2.3.21.
pub const FDIR: std::ops::Range<u32> = 0xee00..0xee80;
/// Flow Director Filters Control (RW).
pub const FDIRCTRL: u32 = 0xee00;
/// Source IPv4 Address of a filter (RW), its first byte in bits 7:0.
pub const FDIRIPSA: u32 = 0xee18;
/// Destination IPv4 Address of a filter (RW).
pub const FDIRIPDA: u32 = 0xee1c;
/// Ports of a filter (RW): destination in bits 31:16, source in bits 15:0.
pub const FDIRPORT: u32 = 0xee20;
/// VLAN tag of a filter, bits 15:0, and its flexible bytes, the first in bits 23:16 (RW).
pub const FDIRVLAN: u32 = 0xee24;
/// Hash of a filter, bits 14:0, and its signature, or software's index, bits 30:16 (RW).
pub const FDIRHASH: u32 = 0xee28;
/// Flow Director Command (RW): a write does it.
pub const FDIRCMD: u32 = 0xee2c;
/// Places for filters that are free (RO).
pub const FDIRFREE: u32 = 0xee38;
/// Destination IPv4 Mask (RW), as FDIRIPDA.
pub const FDIRDIP4M: u32 = 0xee3c;
/// Source IPv4 Mask (RW).
pub const FDIRSIP4M: u32 = 0xee40;
/// TCP Ports Mask (RW): as FDIRPORT, each half from its most significant bit on.
pub const FDIRTCPM: u32 = 0xee44;
/// UDP Ports Mask (RW).
pub const FDIRUDPM: u32 = 0xee48;
/// Filters added, bits 15:0, and removed, bits 31:16 (RC).
pub const FDIRUSTAT: u32 = 0xee50;
/// Filters not added for want of room, bits 7:0, and not found to be removed, bits 15:8 (RC).
pub const FDIRFSTAT: u32 = 0xee54;
/// Key of the hash that names a bucket (RW).
pub const FDIRHKEY: u32 = 0xee68;
/// Key of the signature (RW).
pub const FDIRSKEY: u32 = 0xee6c;
/// What else is masked (RW).
pub const FDIRM: u32 = 0xee70;

/// MAC Core Control 0 (RW). 8.2.3.22.8.
pub const HLREG0: u32 = 0x4240;
/// MDI Single Command and Address (RW). 8.2.3.22.11.
pub const MSCA: u32 = 0x425c;
/// MDI Single Read and Write Data (RW). 8.2.3.22.12.
pub const MSRWD: u32 = 0x4260;
/// Max Frame Size (RW). 8.2.3.22.13.
pub const MAXFRS: u32 = 0x4268;
/// Auto-Negotiation Control (RW). 8.2.3.22.19.
pub const AUTOC: u32 = 0x42a0;
/// Link Status (RO). 8.2.3.22.20.
pub const LINKS: u32 = 0x42a4;

/// Auto-Negotiation Link Partner Control Word 1 (RO). 8.2.3.22.24.
pub const ANLP1: u32 = 0x42b0;

/// Firmware's command buffer, 448 doublewords (RW). 10.5.4.
pub const FLEX_MNG: u32 = 0x15800;
/// Host Interface Control (RW). 10.8.1.
pub const HICR: u32 = 0x15f00;

/// EEPROM/Flash Control (RW). 8.2.3.2.1.
pub const EEC: u32 = 0x10010;
/// EEPROM Read (RW). 8.2.3.2.2.
pub const EERD: u32 = 0x10014;
/// Software Semaphore (RW; SMBI is set by reading it). 8.2.3.4.11.
pub const SWSM: u32 = 0x10140;

/// Packets Dropped by the packet buffer, 8 registers (RC). 8.2.3.23.6.
pub const RXMPC: u32 = 0x3fa0;
/// Packets dropped for want of descriptors, 16 registers (RC). 8.2.3.23.76.
pub const QPRDC: u32 = 0x1430;
/// Packets transmitted, 16 registers at their other address (RC). 8.2.3.23.75.
pub const QPTC: u32 = 0x8680;
/// Bytes transmitted, 16 pairs (RC). 8.2.3.23.78.
pub const QBTC: u32 = 0x8700;
