//! Bits of the registers.

/// CTRL: PCIe master disable. 8.2.3.1.1.
pub const CTRL_MASTER_DISABLE: u32 = 1 << 2;
/// CTRL: link reset, self-clearing.
pub const CTRL_LRST: u32 = 1 << 3;
/// CTRL: device reset, self-clearing.
pub const CTRL_RST: u32 = 1 << 26;
/// STATUS: link up. 8.2.3.1.2.
pub const STATUS_LINK_UP: u32 = 1 << 7;
/// STATUS: PCIe master enable status.
pub const STATUS_MASTER_ENABLE: u32 = 1 << 19;

/// EICR bits 15:0: receive and transmit queue causes, or MSI-X vectors. 8.2.3.5.1.
pub const EICR_QUEUES: u32 = 0xffff;
/// EICR: the flow director had no room for a filter.
pub const EICR_FLOW_DIRECTOR: u32 = 1 << 16;
/// EICR: the receive packet buffer overran.
pub const EICR_RX_MISS: u32 = 1 << 17;
/// EICR: a PCI exception, such as an unsupported request.
pub const EICR_PCI: u32 = 1 << 18;
/// EICR: link status change.
pub const EICR_LSC: u32 = 1 << 20;
/// EICR: TCP timer.
pub const EICR_TCP_TIMER: u32 = 1 << 30;
/// EICR bits 30:16: everything that is not a queue.
pub const EICR_MISC: u32 = 0x7fff_0000;
/// GPIE: Multiple MSI-X: vectors other than 0 are in use. 8.2.3.5.18.
pub const GPIE_MULTIPLE_MSIX: u32 = 1 << 4;
/// GPIE: Other Clear Disable: reading EICR clears the queue causes only.
pub const GPIE_OCD: u32 = 1 << 5;
/// GPIE: Extended Interrupt Auto Mask Enable: EIAM applies when a message is sent.
pub const GPIE_EIAME: u32 = 1 << 30;
/// IVAR: the allocation is valid (bit 7 of each byte). 8.2.3.5.15.
pub const IVAR_VALID: u8 = 1 << 7;
/// EITR: ITR interval, bits 11:3. 8.2.3.5.12.
pub const EITR_INTERVAL: u32 = 0xff8;
/// EITR: what can be read back: interval, LLI moderation enable, LL credits.
pub const EITR_STORED: u32 = 0x001f_8ff8;
/// EITR: do not write the counter (bit 31).
pub const EITR_CNT_WDIS: u32 = 1 << 31;
/// One unit of the ITR interval at 10 Gb/s, in picoseconds: 2 microseconds. 7.3.2.1.1.
pub const EITR_UNIT_PS: u64 = 2_000_000;

/// RDRXCTL: DMA initialisation done. 8.2.3.8.8.
pub const RDRXCTL_DMAIDONE: u32 = 1 << 3;
/// RXCTRL: receive enable. 8.2.3.8.10.
pub const RXCTRL_RXEN: u32 = 1;
/// DMATXCTL: transmit enable. 8.2.3.9.2.
pub const DMATXCTL_TE: u32 = 1;
/// RXDCTL, TXDCTL: queue enable. 8.2.3.8.6, 8.2.3.9.10.
pub const QUEUE_ENABLE: u32 = 1 << 25;
/// RXDCTL: strip the VLAN tag.
pub const RXDCTL_VME: u32 = 1 << 30;
/// TXDCTL: software flush (self-clearing).
pub const TXDCTL_SWFLSH: u32 = 1 << 26;
/// SRRCTL: buffer size in KiB, bits 4:0. 8.2.3.8.7.
pub const SRRCTL_BSIZEPACKET: u32 = 0x1f;
/// SRRCTL: drop when there is no descriptor.
pub const SRRCTL_DROP_EN: u32 = 1 << 28;
/// SRRCTL: descriptor type, bits 27:25; 0 is legacy.
pub const SRRCTL_DESCTYPE: u32 = 7 << 25;
/// TDWBAL: head write-back enable. 8.2.3.9.11.
pub const TDWBAL_HEAD_WB_ENABLE: u64 = 1;

/// RXCSUM: the RSS hash takes the checksum's place in the descriptor. 8.2.3.7.5.
pub const RXCSUM_PCSD: u32 = 1 << 13;
/// FCTRL: multicast promiscuous. 8.2.3.7.1.
pub const FCTRL_MPE: u32 = 1 << 8;
/// FCTRL: unicast promiscuous.
pub const FCTRL_UPE: u32 = 1 << 9;
/// FCTRL: broadcast accept mode.
pub const FCTRL_BAM: u32 = 1 << 10;
/// VLNCTRL: VLAN filter enable. 8.2.3.7.2.
pub const VLNCTRL_VFE: u32 = 1 << 30;
/// MCSTCTRL: multicast filter enable. 8.2.3.7.3.
pub const MCSTCTRL_MFE: u32 = 1 << 2;
/// RAH: address valid. 8.2.3.7.9.
pub const RAH_AV: u32 = 1 << 31;

/// RAH: what software may write: the address and AV; pools are in MPSAR.
pub const RAH_WRITABLE: u32 = RAH_AV | 0xffff;

/// MRQC bits 3:0: RSS only. 8.2.3.7.12.
pub const MRQC_RSS: u32 = 1;
/// MRQC: hash TCP over IPv4.
pub const MRQC_TCP_IPV4: u32 = 1 << 16;
/// MRQC: hash IPv4.
pub const MRQC_IPV4: u32 = 1 << 17;
/// MRQC: hash IPv6.
pub const MRQC_IPV6: u32 = 1 << 20;
/// MRQC: hash TCP over IPv6.
pub const MRQC_TCP_IPV6: u32 = 1 << 21;
/// MRQC: hash UDP over IPv4.
pub const MRQC_UDP_IPV4: u32 = 1 << 22;
/// MRQC: hash UDP over IPv6.
pub const MRQC_UDP_IPV6: u32 = 1 << 23;

/// HLREG0: strip the receive CRC. 8.2.3.22.8.
pub const HLREG0_RXCRCSTRP: u32 = 1 << 1;
/// HLREG0: jumbo frames up to MAXFRS.
pub const HLREG0_JUMBOEN: u32 = 1 << 2;
/// HLREG0: pad short frames to 64 bytes.
pub const HLREG0_TXPADEN: u32 = 1 << 10;
/// HLREG0: transmit is looped back to receive.
pub const HLREG0_LPBK: u32 = 1 << 15;
/// MSCA: start a command (bit 30), self-clearing. 8.2.3.22.11.
pub const MSCA_COMMAND: u32 = 1 << 30;
/// AUTOC: restart auto-negotiation, self-clearing. 8.2.3.22.19.
pub const AUTOC_RESTART_AN: u32 = 1 << 12;
/// AUTOC: force link up.
pub const AUTOC_FLU: u32 = 1;
/// AUTOC: link mode select, bits 15:13.
pub const AUTOC_LMS: u32 = 7 << 13;
/// LMS: 10 Gb/s serial (SFI).
pub const AUTOC_LMS_10G_SERIAL: u32 = 3 << 13;
/// LMS: modes from 100b on negotiate over a backplane (Clause 73).
pub const AUTOC_LMS_BACKPLANE: u32 = 4 << 13;
/// AUTOC after reset: 10 Gb/s serial.
pub const AUTOC_RESET: u32 = AUTOC_LMS_10G_SERIAL;
/// ANLP1: arbitration state, bits 19:16: ABILITY DETECT, in which a station without a partner stays
/// (IEEE 802.3 73.10.4). 8.2.3.22.24.
pub const ANLP1_ABILITY_DETECT: u32 = 3 << 16;
/// ESDP: SDP3 is wired to the module's transmit disable. 8.2.3.1.4.
pub const ESDP_TX_DISABLE: u32 = 1 << 3;
/// ESDP after reset: SDP2 says that a module is in the cage, and SDP3 is an output.
pub const ESDP_RESET: u32 = 1 << 2 | 1 << 11;

/// HICR: the host interface is enabled. 10.8.1.
pub const HICR_EN: u32 = 1;
/// HICR: a command is in the buffer, cleared when it is done.
pub const HICR_C: u32 = 2;
/// HICR: the status is valid.
pub const HICR_SV: u32 = 4;
/// FWSM: firmware is valid (bit 15), its mode (bits 3:1) is the host interface only. 8.2.3.4.12.
pub const FWSM_HOST_INTERFACE: u32 = 1 << 15 | 4 << 1;
/// LINKS with the link up: up, 10 Gb/s, aligned, signal on all lanes. 8.2.3.22.20.
pub const LINKS_UP_10G: u32 = 0x7002_0f00;

/// EEC: access request and grant; EEPROM present; auto read done; 256 words. 8.2.3.2.1.
pub const EEC_REQ: u32 = 1 << 6;
/// EEC: grant.
pub const EEC_GNT: u32 = 1 << 7;
/// EEC: present (bit 8), auto read done (bit 9), size code 2 in bits 14:11 (256 words). EE_DO (bit 3) is never pulled
/// down: no EEPROM answers on the serial lines, so a driver that would write one finds it busy until it gives up.
pub const EEC_FIXED: u32 = 1 << 3 | 1 << 8 | 1 << 9 | 2 << 11;
/// EERD: start, done. 8.2.3.2.2.
pub const EERD_START: u32 = 1;
/// EERD: done.
pub const EERD_DONE: u32 = 2;
/// SWSM: taken by whoever reads it as 0. 8.2.3.4.11.
pub const SWSM_SMBI: u32 = 1;
/// SWSM: software's claim against firmware.
pub const SWSM_SWESMBI: u32 = 2;

/// The receive packet buffer in bytes. 1.4.1, 8.2.3.8.9.
pub const RX_PACKET_BUFFER: u32 = 512 * 1024;
/// The longest frame without jumbo frames, FCS not counted. 8.2.3.22.13.
pub const MAX_FRAME: u32 = 1514;
/// The shortest frame, FCS not counted.
pub const MIN_FRAME: usize = 60;

/// FDIRCTRL: the packet buffer's share: none, 64, 128 or 256 KiB. 8.2.3.21.
pub const FDIRCTRL_PBALLOC: u32 = 3;
/// FDIRCTRL: filters match perfectly, not by a signature.
pub const FDIRCTRL_PERFECT: u32 = 1 << 4;
/// FDIRCTRL: descriptors report the filter in place of the hash of RSS.
pub const FDIRCTRL_REPORT: u32 = 1 << 5;
/// FDIRCTRL: where the queue for frames to be dropped begins.
pub const FDIRCTRL_DROP_QUEUE: u32 = 8;
/// FDIRCTRL: where the flexible bytes' offset begins, in words.
pub const FDIRCTRL_FLEX: u32 = 16;
/// FDIRCTRL: where the warning begins: it comes when fewer than 16 times as many places are free.
pub const FDIRCTRL_THRESHOLD: u32 = 28;
/// FDIRCMD: what is to be done.
pub const FDIRCMD_CMD: u32 = 3;
/// FDIRCMD: add a filter.
pub const ADD: u32 = 1;
/// FDIRCMD: remove a filter.
pub const REMOVE: u32 = 2;
/// FDIRCMD: say whether there is such a filter.
pub const QUERY: u32 = 3;
/// FDIRCMD: there is (RO).
pub const FDIRCMD_VALID: u32 = 1 << 2;
/// FDIRCMD: a filter that is there already becomes the new one.
pub const FDIRCMD_UPDATE: u32 = 1 << 3;
/// FDIRCMD: where the kind of flow begins.
pub const FDIRCMD_KIND: u32 = 5;
/// FDIRCMD: take all filters out.
pub const FDIRCMD_CLEAR: u32 = 1 << 8;
/// FDIRCMD: drop what matches.
pub const FDIRCMD_DROP: u32 = 1 << 9;
/// FDIRCMD: the filter chooses a queue.
pub const FDIRCMD_QUEUE_EN: u32 = 1 << 15;
/// FDIRCMD: where that queue begins.
pub const FDIRCMD_QUEUE: u32 = 16;
/// FDIRCMD: where the pool begins.
pub const FDIRCMD_POOL: u32 = 24;
/// FDIRM: the VLAN's number.
pub const FDIRM_VLANID: u32 = 1 << 0;
/// FDIRM: the VLAN tag's priority.
pub const FDIRM_VLANP: u32 = 1 << 1;
/// FDIRM: the pool.
pub const FDIRM_POOL: u32 = 1 << 2;
/// FDIRM: the protocol above IP, and its ports.
pub const FDIRM_L4P: u32 = 1 << 3;
/// FDIRM: the flexible bytes.
pub const FDIRM_FLEX: u32 = 1 << 4;
/// FDIRM: the destination's IPv6 address.
pub const FDIRM_DIPV6: u32 = 1 << 5;
