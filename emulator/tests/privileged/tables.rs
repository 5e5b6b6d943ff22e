//! Descriptors and gates of every kind, right and wrong.

use emulator::machine::Machine;

use crate::lab::{GATE_TARGET, GDT, HANDLERS, IDT, IST1, RSP0, TSS, poke};

/// The IDT ends after this vector.
pub const LAST_VECTOR: u64 = 0x2f;
/// A gate that is well-formed but not present.
pub const ABSENT: u64 = 0x20;
/// A gate of all zeros.
pub const EMPTY: u64 = 0x21;
/// An interrupt gate of DPL 3.
pub const OPEN: u64 = 0x22;
/// A trap gate of DPL 3.
pub const OPEN_TRAP: u64 = 0x23;
/// An interrupt gate of DPL 3 with IST1.
pub const OPEN_IST: u64 = 0x24;
/// A gate to a null selector.
pub const TO_NULL: u64 = 0x25;
/// A gate to a data segment.
pub const TO_DATA: u64 = 0x26;
/// A gate to a code segment that is not present.
pub const TO_ABSENT: u64 = 0x27;
/// A gate to 32-bit code.
pub const TO_32: u64 = 0x28;
/// A gate beyond the GDT.
pub const TO_NOWHERE: u64 = 0x29;
/// A gate whose offset is not canonical.
pub const TO_HOLE: u64 = 0x2a;
/// A gate to ring-3 code, DPL 3.
pub const TO_USER: u64 = 0x2b;
/// An interrupt gate with IST2, where the TSS holds an address that is not canonical.
pub const BAD_IST: u64 = 0x2c;

/// Selectors of the GDT.
pub mod selector {
    pub const CODE: u64 = 0x08;
    pub const DATA: u64 = 0x10;
    pub const USER_DATA: u64 = 0x18 | 3;
    pub const USER_CODE: u64 = 0x20 | 3;
    pub const TSS: u64 = 0x28;
    pub const LDT: u64 = 0x38;
    pub const GATE: u64 = 0x48;
    pub const ABSENT_CODE: u64 = 0x58;
    pub const ABSENT_DATA: u64 = 0x60;
    pub const CONFORMING: u64 = 0x68;
    pub const CODE_32: u64 = 0x70;
    pub const ABSENT_GATE: u64 = 0x78;
    pub const INNER_GATE: u64 = 0x88;
    pub const GATE_TO_DATA: u64 = 0x98;
    pub const READ_ONLY: u64 = 0xa8;
    pub const GATE_TO_ABSENT: u64 = 0xb0;
    pub const GATE_TO_HOLE: u64 = 0xc0;
    pub const BAD_GATE: u64 = 0xd0;
    pub const BUSY_TSS: u64 = 0xe0;
    pub const GATE_TO_NULL: u64 = 0xf0;
    /// Beyond the limit.
    pub const NOWHERE: u64 = 0x100;
}

const HOLE: u64 = 1 << 47;

/// Writes every table, and the handlers.
pub fn write(machine: &mut Machine) {
    // The loader's tables, open to ring 3: PML4 entry 0 and the first GiB.
    poke(machine, 0x8000, 0x9007);
    poke(machine, 0x9000, 0x87);
    pointer(machine, IDT - 16, IDT, (LAST_VECTOR + 1) * 16 - 1);
    for vector in 0..=LAST_VECTOR {
        poke(machine, HANDLERS + vector * 16, 0xf4);
        for (n, half) in gate(vector).into_iter().enumerate() {
            poke(machine, IDT + vector * 16 + 8 * n as u64, half);
        }
    }
    poke(machine, GATE_TARGET, 0xf4);
    gdt(machine);
    for (slot, value) in [(4, RSP0), (36, IST1), (44, HOLE)] {
        poke(machine, TSS + slot, value);
    }
    // The I/O permission bitmap: ports 0x80 to 0x87 are permitted, and 0xff ends it.
    assert!(machine.write_memory(TSS + 0x66, &0x68u16.to_le_bytes()));
    assert!(machine.write_memory(TSS + 0x68, &[0xff; 32]));
    assert!(machine.write_memory(TSS + 0x68 + 0x10, &[0]));
}

fn gate(vector: u64) -> [u64; 2] {
    let kind = if vector == OPEN_TRAP { 0xf } else { 0xe };
    let dpl = if matches!(vector, OPEN | OPEN_TRAP | OPEN_IST | TO_USER | 3) { 3 } else { 0 };
    let ist = match vector {
        OPEN_IST => 1,
        BAD_IST => 2,
        _ => 0,
    };
    let code = match vector {
        TO_NULL => 0,
        TO_DATA => selector::DATA,
        TO_ABSENT => selector::ABSENT_CODE,
        TO_32 => selector::CODE_32,
        TO_NOWHERE => selector::NOWHERE,
        TO_USER => selector::USER_CODE,
        _ => selector::CODE,
    };
    let offset = if vector == TO_HOLE { HOLE } else { HANDLERS + vector * 16 };
    let present = u64::from(vector != ABSENT) << 47;
    let low = offset & 0xffff | code << 16 | ist << 32 | kind << 40 | dpl << 45 | present;
    if vector == EMPTY { [0, 0] } else { [low | (offset >> 16 & 0xffff) << 48, offset >> 32] }
}

fn call_gate(code: u64, offset: u64, dpl: u64, present: bool) -> [u64; 2] {
    let low = offset & 0xffff | code << 16 | 0xc << 40 | dpl << 45 | u64::from(present) << 47;
    [low | (offset >> 16 & 0xffff) << 48, offset >> 32]
}

fn system(base: u64, limit: u64, kind: u64) -> [u64; 2] {
    let low = limit | (base & 0xff_ffff) << 16 | kind << 40 | 1 << 47 | (base >> 24 & 0xff) << 56;
    [low, base >> 32]
}

fn gdt(machine: &mut Machine) {
    use selector as s;
    let single = [
        (s::CODE, 0x00af_9b00_0000_ffffu64),
        (s::DATA, 0x00cf_9300_0000_ffff),
        (s::USER_DATA, 0x00cf_f300_0000_ffff),
        (s::USER_CODE, 0x00af_fb00_0000_ffff),
        (s::ABSENT_CODE, 0x00af_1b00_0000_ffff),
        (s::ABSENT_DATA, 0x00cf_1300_0000_ffff),
        (s::CONFORMING, 0x00af_9f00_0000_ffff),
        (s::CODE_32, 0x00cf_9b00_0000_ffff),
        (s::READ_ONLY, 0x00cf_f100_0000_ffff),
    ];
    let mut bad = call_gate(s::CODE, GATE_TARGET, 3, true);
    bad[1] |= 1 << 40;
    let double = [
        (s::TSS, system(TSS, 0x68 + 31, 9)),
        (s::LDT, system(GDT, 0xff, 2)),
        (s::GATE, call_gate(s::CODE, GATE_TARGET, 3, true)),
        (s::ABSENT_GATE, call_gate(s::CODE, GATE_TARGET, 3, false)),
        (s::INNER_GATE, call_gate(s::CODE, GATE_TARGET, 0, true)),
        (s::GATE_TO_DATA, call_gate(s::DATA, GATE_TARGET, 3, true)),
        (s::GATE_TO_ABSENT, call_gate(s::ABSENT_CODE, GATE_TARGET, 3, true)),
        (s::GATE_TO_HOLE, call_gate(s::CODE, HOLE, 3, true)),
        (s::BAD_GATE, bad),
        (s::BUSY_TSS, system(TSS, 0x67, 0xb)),
        (s::GATE_TO_NULL, call_gate(0, GATE_TARGET, 3, true)),
    ];
    for (selector, descriptor) in single {
        poke(machine, GDT + (selector & !7), descriptor);
    }
    for (selector, [low, high]) in double {
        poke(machine, GDT + selector, low);
        poke(machine, GDT + selector + 8, high);
    }
    pointer(machine, GDT - 16, GDT, 0xff);
}

fn pointer(machine: &mut Machine, at: u64, base: u64, limit: u64) {
    assert!(machine.write_memory(at, &(limit as u16).to_le_bytes()));
    poke(machine, at + 2, base);
}
