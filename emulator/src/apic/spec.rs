//! The local APIC's registers (SDM 3A 11.4.1 table 11-1, 11.12.1.2 table 11-6) and the I/O APIC's
//! (82093AA 3.1, 3.2). Sections are those of the manual's editions since 2022.

/// IA32_APIC_BASE (64-bit, MSR 1BH). SDM 3A 11.4.4, 11.12.1.
pub const IA32_APIC_BASE: u32 = 0x1b;
/// IA32_TSC_DEADLINE (64-bit, MSR 6E0H). SDM 3A 11.5.4.1.
pub const IA32_TSC_DEADLINE: u32 = 0x6e0;
/// IA32_APIC_BASE bit 8, RW: the bootstrap processor.
pub const BASE_BSP: u64 = 1 << 8;
/// IA32_APIC_BASE bit 10, RW: x2APIC mode.
pub const BASE_EXTD: u64 = 1 << 10;
/// IA32_APIC_BASE bit 11, RW: the local APIC is globally enabled.
pub const BASE_EN: u64 = 1 << 11;
/// IA32_APIC_BASE bits MAXPHYADDR-1:12, RW: where the registers appear; this value after reset.
pub const BASE_ADDRESS: u64 = 0xfee0_0000;
/// MAXPHYADDR unless the machine says otherwise (Nehalem-EP).
pub const PHYSICAL_ADDRESS_BITS: u8 = 40;

/// The first MSR of the x2APIC range: MSR = this + offset / 16. SDM 3A 11.12.1.2.
pub const X2APIC_FIRST: u32 = 0x800;
/// The last MSR of the range that belongs to the local APIC here.
pub const X2APIC_LAST: u32 = 0x8ff;

/// How a register may be accessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Access {
    /// Not there: an illegal register address (xAPIC) or #GP(0) (x2APIC).
    None,
    /// Read only.
    Ro,
    /// Write only.
    Wo,
    /// Read and write.
    Rw,
}

impl Access {
    /// Whether a read is legal.
    pub const fn reads(self) -> bool {
        matches!(self, Access::Ro | Access::Rw)
    }

    /// Whether a write is legal.
    pub const fn writes(self) -> bool {
        matches!(self, Access::Wo | Access::Rw)
    }
}

/// One local APIC register.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Register {
    /// Its byte offset in the xAPIC page; a multiple of 16.
    pub offset: u32,
    /// The manual's name.
    pub name: &'static str,
    /// Access by memory, in xAPIC mode.
    pub mmio: Access,
    /// Access by RDMSR and WRMSR, in x2APIC mode.
    pub msr: Access,
    /// Bits that WRMSR faults on when set, and that a memory write ignores.
    pub reserved: u64,
    /// Bits that a write leaves alone.
    pub read_only: u32,
}

impl Register {
    /// The register's x2APIC MSR, where it has one.
    pub const fn index(&self) -> u32 {
        X2APIC_FIRST + (self.offset >> 4)
    }
}

/// ID. SDM 3A 11.4.6, 11.12.5.1.
pub const ID: u32 = 0x020;
/// Version. SDM 3A 11.4.8.
pub const VERSION: u32 = 0x030;
/// Task priority. SDM 3A 11.8.3.1.
pub const TPR: u32 = 0x080;
/// Arbitration priority. SDM 3A 11.6.2.4.
pub const APR: u32 = 0x090;
/// Processor priority. SDM 3A 11.8.3.1.
pub const PPR: u32 = 0x0a0;
/// End of interrupt. SDM 3A 11.8.5.
pub const EOI: u32 = 0x0b0;
/// Remote read. SDM 3A table 11-1.
pub const RRD: u32 = 0x0c0;
/// Logical destination. SDM 3A 11.6.2.2, 11.12.10.2.
pub const LDR: u32 = 0x0d0;
/// Destination format. SDM 3A 11.6.2.2; not there in x2APIC mode.
pub const DFR: u32 = 0x0e0;
/// Spurious-interrupt vector. SDM 3A 11.9.
pub const SVR: u32 = 0x0f0;
/// In-service, eight registers of 32 vectors. SDM 3A 11.8.4.
pub const ISR: u32 = 0x100;
/// Trigger mode, likewise.
pub const TMR: u32 = 0x180;
/// Interrupt request, likewise.
pub const IRR: u32 = 0x200;
/// Error status. SDM 3A 11.5.3.
pub const ESR: u32 = 0x280;
/// LVT corrected machine check. SDM 3A 11.5.1.
pub const LVT_CMCI: u32 = 0x2f0;
/// Interrupt command, bits 31:0 (xAPIC), 63:0 (x2APIC). SDM 3A 11.6.1, 11.12.9.
pub const ICR: u32 = 0x300;
/// Interrupt command, bits 63:32; not there in x2APIC mode.
pub const ICR_HIGH: u32 = 0x310;
/// LVT timer. SDM 3A 11.5.1, 11.5.4.
pub const LVT_TIMER: u32 = 0x320;
/// LVT thermal sensor.
pub const LVT_THERMAL: u32 = 0x330;
/// LVT performance counters.
pub const LVT_PERFORMANCE: u32 = 0x340;
/// LVT LINT0.
pub const LVT_LINT0: u32 = 0x350;
/// LVT LINT1.
pub const LVT_LINT1: u32 = 0x360;
/// LVT error.
pub const LVT_ERROR: u32 = 0x370;
/// Timer initial count. SDM 3A 11.5.4.
pub const INITIAL_COUNT: u32 = 0x380;
/// Timer current count.
pub const CURRENT_COUNT: u32 = 0x390;
/// Timer divide configuration: bits 3, 1:0.
pub const DIVIDE: u32 = 0x3e0;
/// SELF IPI; x2APIC mode only. SDM 3A 11.12.11.
pub const SELF_IPI: u32 = 0x3f0;

/// Version 15H, seven LVT entries (bits 23:16 hold six), EOI-broadcast suppression (bit 24). 11.4.8.
pub const VERSION_VALUE: u32 = 0x0106_0015;
/// SVR after reset: vector FFH, software-disabled. 11.4.7.1.
pub const SVR_RESET: u32 = 0xff;
/// SVR bit 8: software enable.
pub const SVR_ENABLE: u32 = 1 << 8;
/// SVR bit 12: no EOI broadcast.
pub const SVR_SUPPRESS_EOI: u32 = 1 << 12;
/// LVT bit 16: masked.
pub const LVT_MASKED: u32 = 1 << 16;
/// Timer mode, its upper bit: TSC-deadline.
pub const LVT_DEADLINE: u32 = 1 << 18;
/// LVT bit 15: level-triggered (LINT0 and LINT1).
pub const LVT_LEVEL: u32 = 1 << 15;
/// LVT bit 14, RO: a level-triggered fixed interrupt was accepted and awaits its EOI.
pub const LVT_REMOTE_IRR: u32 = 1 << 14;
/// ESR bit 5: an illegal vector was to be sent.
pub const ESR_SEND_ILLEGAL_VECTOR: u8 = 1 << 5;
/// ESR bit 6: an illegal vector was received.
pub const ESR_RECEIVE_ILLEGAL_VECTOR: u8 = 1 << 6;
/// ESR bit 7: an illegal register address (xAPIC mode).
pub const ESR_ILLEGAL_REGISTER: u8 = 1 << 7;
/// The lowest vector that is not reserved. 11.5.2.
pub const FIRST_LEGAL_VECTOR: u8 = 16;
/// ICR bit 12, RO in xAPIC mode; ignored in x2APIC mode. The sender is never found busy here.
pub const ICR_STATUS: u32 = 1 << 12;
/// ICR high bits 63:56 in xAPIC mode: an 8-bit destination.
pub const ICR_HIGH_WRITABLE: u32 = 0xff00_0000;

/// Everything above bit 31 and whatever of 31:0 is not in `bits`.
const fn all_but(bits: u32) -> u64 {
    !(bits as u64)
}

const fn register(offset: u32, name: &'static str, mmio: Access, msr: Access, reserved: u64) -> Register {
    Register { offset, name, mmio, msr, reserved, read_only: 0 }
}

const fn lvt(offset: u32, name: &'static str, fields: u32, read_only: u32) -> Register {
    Register { offset, name, mmio: Access::Rw, msr: Access::Rw, reserved: all_but(fields), read_only }
}

use Access::{None as No, Ro, Rw, Wo};

/// Every register, by offset. ISR, TMR and IRR have one row for their eight registers.
#[rustfmt::skip]
pub const REGISTERS: [Register; 28] = [
    //       offset           name               xAPIC x2APIC reserved
    register(ID,              "ID",              Rw,   Ro,    all_but(0xff00_0000)),
    register(VERSION,         "Version",         Ro,   Ro,    0),
    register(TPR,             "TPR",             Rw,   Rw,    all_but(0xff)),
    register(APR,             "APR",             Ro,   No,    0),
    register(PPR,             "PPR",             Ro,   Ro,    0),
    register(EOI,             "EOI",             Wo,   Wo,    all_but(0)),
    register(RRD,             "RRD",             Ro,   No,    0),
    register(LDR,             "LDR",             Rw,   Ro,    all_but(0xff00_0000)),
    register(DFR,             "DFR",             Rw,   No,    all_but(0xf000_0000)),
    register(SVR,             "SVR",             Rw,   Rw,    all_but(0x13ff)),
    register(ISR,             "ISR",             Ro,   Ro,    0),
    register(TMR,             "TMR",             Ro,   Ro,    0),
    register(IRR,             "IRR",             Ro,   Ro,    0),
    register(ESR,             "ESR",             Rw,   Rw,    all_but(0)),
    //  offset                name               fields       read-only
    lvt(LVT_CMCI,             "LVT CMCI",        0x0001_17ff, 0x1000),
    // The x2APIC ICR: vector, delivery and destination mode, level, trigger, shorthand, destination;
    // bit 12 is neither a field nor checked.
    register(ICR,             "ICR",             Rw,   Rw,    0xfff3_2000),
    register(ICR_HIGH,        "ICR high",        Rw,   No,    all_but(ICR_HIGH_WRITABLE)),
    lvt(LVT_TIMER,            "LVT Timer",       0x0007_10ff, 0x1000),
    lvt(LVT_THERMAL,          "LVT Thermal",     0x0001_17ff, 0x1000),
    lvt(LVT_PERFORMANCE,      "LVT Performance", 0x0001_17ff, 0x1000),
    lvt(LVT_LINT0,            "LVT LINT0",       0x0001_f7ff, 0x5000),
    lvt(LVT_LINT1,            "LVT LINT1",       0x0001_f7ff, 0x5000),
    lvt(LVT_ERROR,            "LVT Error",       0x0001_10ff, 0x1000),
    register(INITIAL_COUNT,   "Initial Count",   Rw,   Rw,    all_but(u32::MAX)),
    register(CURRENT_COUNT,   "Current Count",   Ro,   Ro,    0),
    register(DIVIDE,          "Divide",          Rw,   Rw,    all_but(0b1011)),
    register(SELF_IPI,        "SELF IPI",        No,   Wo,    all_but(0xff)),
    // A row that matches nothing: what the lookup of a reserved offset finds.
    register(u32::MAX,        "reserved",        No,   No,    u64::MAX),
];

const RESERVED: u8 = REGISTERS.len() as u8 - 1;

const LOOKUP: [u8; 64] = {
    let mut table = [RESERVED; 64];
    let mut row = 0;
    while row < RESERVED as usize {
        let first = (REGISTERS[row].offset >> 4) as usize;
        let count = if matches!(REGISTERS[row].offset, ISR | TMR | IRR) { 8 } else { 1 };
        let mut i = 0;
        while i < count {
            table[first + i] = row as u8;
            i += 1;
        }
        row += 1;
    }
    table
};

/// The register at `offset` of the xAPIC page; the reserved row if there is none.
pub fn at(offset: u32) -> &'static Register {
    let row = LOOKUP.get((offset >> 4) as usize).copied().unwrap_or(RESERVED);
    &REGISTERS[usize::from(row)]
}

/// I/O APIC IOREGSEL (8-bit, RW): which register the window shows. 82093AA 3.1.1.
pub const IOREGSEL: u64 = 0x00;
/// I/O APIC IOWIN (32-bit, RW): the window. 82093AA 3.1.2.
pub const IOWIN: u64 = 0x10;
/// I/O APIC EOI (8-bit, WO): ends the level interrupts of a vector; there since version 20H.
pub const IOEOI: u64 = 0x40;
/// I/O APIC ID, bits 27:24 RW. 82093AA 3.2.1.
pub const IOAPICID: u8 = 0x00;
/// I/O APIC version and number of entries, RO. 82093AA 3.2.2.
pub const IOAPICVER: u8 = 0x01;
/// I/O APIC arbitration ID, bits 27:24 RO. 82093AA 3.2.3.
pub const IOAPICARB: u8 = 0x02;
/// The first half of the first redirection entry. 82093AA 3.2.4.
pub const IOREDTBL: u8 = 0x10;
/// How many pins, and so redirection entries, there are.
pub const PINS: u8 = 24;
/// IOAPICVER: entries less one in bits 23:16, version in 7:0.
pub const IOAPICVER_VALUE: u32 = (PINS as u32 - 1) << 16 | 0x20;
/// RTE bits that software writes: 63:48 destination, or index and format (VT-d 5.1.5.1); 16 mask, 15 trigger,
/// 13 polarity, 11:0 destination mode or index bit 15, delivery mode, vector. 12 and 14 are RO.
pub const RTE_WRITABLE: u64 = 0xffff_0000_0001_afff;
/// RTE bit 14, RO: a level interrupt was sent and awaits its EOI.
pub const RTE_REMOTE_IRR: u64 = 1 << 14;
/// RTE bit 15: level-triggered.
pub const RTE_LEVEL: u64 = 1 << 15;
/// RTE bit 16: masked.
pub const RTE_MASKED: u64 = 1 << 16;
