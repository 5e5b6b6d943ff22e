//! Repeated string instructions that meet a page fault in the middle (SDM 2B "REP"): what the handler finds, and where
//! the instruction ends once the handler has mapped the page.

use emulator::machine::Machine;
use iced_x86::code_asm::*;

use crate::lab::{DATA, End, HANDLERS, Level, assemble, machine, peek, poke};

/// The absent page, amid present ones.
const HOLE: u64 = DATA + 0x1000;
const PAGE: u64 = 0x1000;
/// Where the other operand is.
const ELSEWHERE: u64 = DATA + 0x8800;
/// The handler's program, and what it saves.
const ROUTINE: u64 = 0x23_1000;
const SAVED: u64 = 0x23_2000;
/// A page directory for the first GiB, and a page table for `DATA`'s 2 MiB.
const DIRECTORY: u64 = 0x70_0000;
const TABLE: u64 = DIRECTORY + PAGE;
const COUNT: u64 = 8;
/// CF, PF, AF, ZF, SF and OF: all set before the instruction, as well as bit 1.
const FLAGS: u64 = 0x8d7;
const ZF: u64 = 0x40;
const DF: u64 = 0x400;
const RF: u64 = 0x1_0000;
/// COM1's transmitter.
const COM1: u64 = 0x3f8;
/// Memory before, and what is stored.
const SAME: u64 = 0x5a5a_5a5a_5a5a_5a5a;
const STORED: u64 = 0x1122_3344_5566_7788;
/// Bytes of the data.
const BYTES: usize = 0xa000;
/// A port that no device has.
const NOTHING: u64 = 0x2e8;

/// A string instruction: its name, its opcode for bytes, its repeat prefix, and what it does with memory.
struct Kind {
    name: &'static str,
    opcode: u8,
    prefix: u8,
    source: bool,
    target: bool,
    stores: bool,
    widest: u64,
}

const fn kind(name: &'static str, opcode: u8, sides: [bool; 3], widest: u64) -> Kind {
    Kind { name, opcode, prefix: 0xf3, source: sides[0], target: sides[1], stores: sides[2], widest }
}

const KINDS: [Kind; 8] = [
    kind("rep movs", 0xa4, [true, true, true], 8),
    kind("rep stos", 0xaa, [false, true, true], 8),
    kind("rep lods", 0xac, [true, false, false], 8),
    kind("repe cmps", 0xa6, [true, true, false], 8),
    kind("repe scas", 0xae, [false, true, false], 8),
    Kind { prefix: 0xf2, ..kind("repne scas", 0xae, [false, true, false], 8) },
    kind("rep ins", 0x6c, [false, true, true], 4),
    kind("rep outs", 0x6e, [true, false, false], 4),
];

/// One run: an instruction, the width, the direction, the operand that meets the hole and how far its elements are from
/// ending with a page.
struct Row<'a> {
    kind: &'a Kind,
    size: u64,
    down: bool,
    target_faults: bool,
    skew: u64,
}

impl Row<'_> {
    fn bytes(&self) -> Vec<u8> {
        let size: &[u8] = match self.size {
            2 => &[0x66],
            8 => &[0x48],
            _ => &[],
        };
        let prefix: &[u8] = &[self.kind.prefix];
        // REX comes last, the operand size first.
        let prefixes = if self.size == 8 { [prefix, size] } else { [size, prefix] };
        let opcode = self.kind.opcode | u8::from(self.size > 1);
        [prefixes.concat(), vec![opcode]].concat()
    }

    /// The address of element `n` at the hole.
    fn at_hole(&self, n: u64) -> u64 {
        match self.down {
            false => HOLE + n * self.size - 3 * self.size + self.skew,
            true => HOLE + PAGE + 2 * self.size - n * self.size - self.skew,
        }
    }

    fn elsewhere(&self, n: u64) -> u64 {
        if self.down { ELSEWHERE - n * self.size } else { ELSEWHERE + n * self.size }
    }

    /// RSI and RDI before element `n`.
    fn pointers(&self, n: u64) -> (u64, u64) {
        let place = |used: bool, faults: bool| match (used, faults) {
            (false, _) => ELSEWHERE,
            (true, true) => self.at_hole(n),
            (true, false) => self.elsewhere(n),
        };
        (place(self.kind.source, !self.target_faults), place(self.kind.target, self.target_faults))
    }

    /// Elements before the one that faults.
    fn before(&self) -> u64 {
        let touches = |at: u64| at + self.size > HOLE && at < HOLE + PAGE;
        (0..COUNT).find(|n| touches(self.at_hole(*n))).expect("the hole is met")
    }

    fn program(&self, a: &mut CodeAssembler) -> Result<(), IcedError> {
        let (source, target) = self.pointers(0);
        a.mov(rax, FLAGS | if self.down { DF } else { 0 })?;
        a.push(rax)?;
        a.mov(rsi, source)?;
        a.mov(rdi, target)?;
        a.mov(rcx, COUNT)?;
        a.mov(rdx, if self.kind.name == "rep outs" { COM1 } else { NOTHING })?;
        // What REPE SCAS is to find everywhere, and the others nowhere.
        a.mov(rax, if self.kind.name == "repe scas" { SAME } else { STORED })?;
        a.popfq()?;
        a.db(&self.bytes())?;
        a.hlt()
    }

    /// The data before: all the same, but for what MOVS is to move.
    fn memory(&self) -> Vec<u8> {
        let mut bytes = vec![SAME as u8; BYTES];
        if self.kind.name == "rep movs" {
            let first = self.source(0).min(self.source(COUNT - 1)) - DATA;
            for n in 0..COUNT * self.size {
                bytes[(first + n) as usize] = n as u8 + 1;
            }
        }
        bytes
    }

    fn source(&self, n: u64) -> u64 {
        self.pointers(n).0
    }

    /// The data after all iterations.
    fn memory_after(&self) -> Vec<u8> {
        let mut bytes = self.memory();
        for n in (0..COUNT).filter(|_| self.kind.stores) {
            let (source, target) = self.pointers(n);
            let at = |address: u64| (address - DATA) as usize;
            for i in 0..self.size {
                bytes[at(target + i)] = match self.kind.name {
                    "rep movs" => bytes[at(source + i)],
                    "rep stos" => STORED.to_le_bytes()[i as usize],
                    _ => 0xff,
                };
            }
        }
        bytes
    }

    fn run(&self) -> End {
        let mut machine = machine(Level::Kernel, &|a| self.program(a));
        tables(&mut machine);
        assert!(machine.write_memory(DATA, &self.memory()));
        End::of(machine)
    }
}

/// The handler saves what it finds, maps the page of CR2 and returns.
fn handler(a: &mut CodeAssembler) -> Result<(), IcedError> {
    a.mov(qword_ptr(SAVED), rax)?;
    for (n, register) in [rcx, rsi, rdi].into_iter().enumerate() {
        a.mov(qword_ptr(SAVED + 8 + 8 * n as u64), register)?;
    }
    a.mov(rax, cr2)?;
    a.mov(qword_ptr(SAVED + 32), rax)?;
    // Error code, RIP and RFLAGS of the frame.
    for (n, slot) in [0, 8, 24].into_iter().enumerate() {
        a.mov(rax, qword_ptr(rsp + slot))?;
        a.mov(qword_ptr(SAVED + 40 + 8 * n as u64), rax)?;
    }
    a.inc(qword_ptr(SAVED + 64))?;
    a.mov(rax, cr2)?;
    a.shr(rax, 12)?;
    a.and(eax, 511)?;
    a.or(qword_ptr(TABLE + rax * 8), 1)?;
    a.mov(rax, qword_ptr(SAVED))?;
    a.add(rsp, 8)?;
    a.iretq()
}

fn tables(machine: &mut Machine) {
    poke(machine, 0x9000, DIRECTORY | 7);
    for n in 0..4 {
        poke(machine, DIRECTORY + 8 * n, n << 21 | 0x87);
    }
    poke(machine, DIRECTORY + 16, TABLE | 7);
    for n in 0..512 {
        let page = DATA & !0x1f_ffff | n << 12;
        poke(machine, TABLE + 8 * n, page | if page == HOLE { 6 } else { 7 });
    }
    let code = assemble(ROUTINE, &handler);
    assert!(machine.write_memory(ROUTINE, &code));
    let jump = assemble(HANDLERS + 14 * 16, &|a| a.jmp(ROUTINE));
    assert!(machine.write_memory(HANDLERS + 14 * 16, &jump));
}

/// Every instruction, width and direction, the hole under either operand, elements ending with the page and crossing it.
fn rows() -> impl Iterator<Item = Row<'static>> {
    KINDS.iter().flat_map(|kind| {
        let sides = [(kind.source, false), (kind.target, true)];
        let sides = sides.into_iter().filter(|(used, _)| *used).map(|(_, target)| target);
        let shapes = sides.flat_map(|target| [1u64, 2, 4, 8].map(|size| (target, size)));
        shapes.filter(|(_, size)| *size <= kind.widest).flat_map(move |(target_faults, size)| {
            let skews = [0, size / 2].into_iter().take(if size > 1 { 2 } else { 1 });
            skews
                .flat_map(move |skew| [false, true].map(|down| Row { kind, size, down, target_faults, skew }))
        })
    })
}

impl std::fmt::Display for Row<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let side = if self.target_faults { "target" } else { "source" };
        let Row { kind, size, down, skew, .. } = self;
        write!(f, "{} of {size} bytes, down {down}, the {side} at the hole, {skew} bytes off", kind.name)
    }
}

#[test]
fn a_fault_finds_the_registers_of_the_iterations_done_and_the_flags_of_the_beginning() {
    for row in rows() {
        let end = row.run();
        let saved = |n: u64| peek(&end.machine, SAVED + 8 * n);
        let done = row.before();
        assert_eq!(saved(8), 1, "page faults: {row}");
        assert_eq!(saved(1), COUNT - done, "RCX: {row}");
        assert_eq!((saved(2), saved(3)), row.pointers(done), "RSI and RDI: {row}");
        // CR2 is on the absent page: the element, or its part there.
        let element = row.at_hole(done);
        assert_eq!(saved(4), element.max(HOLE), "CR2: {row}");
        let writes = row.kind.stores && row.target_faults;
        assert_eq!(saved(5), if writes { 2 } else { 0 }, "the error code: {row}");
        assert_eq!(saved(6), end.rip - 1 - row.bytes().len() as u64, "RIP: {row}");
        let direction = if row.down { DF } else { 0 };
        assert_eq!(saved(7), FLAGS | direction | RF, "RFLAGS, RF with them (SDM 3B 17.3.1.1): {row}");
    }
}

#[test]
fn with_the_page_mapped_the_instruction_goes_on_to_its_end() {
    for row in rows() {
        let mut end = row.run();
        assert_eq!(end.register(1), 0, "RCX: {row}");
        assert_eq!((end.register(6), end.register(7)), row.pointers(COUNT), "RSI and RDI: {row}");
        let flags = end.machine.registers(0).rflags;
        let expected = match row.kind.name {
            "repe cmps" | "repe scas" => ZF,
            "repne scas" => 0,
            _ => FLAGS & ZF,
        };
        assert_eq!(flags & ZF, expected, "ZF: {row}");
        if row.kind.name == "rep outs" {
            let sent = end.machine.take_console();
            assert_eq!(sent, [0x5a; COUNT as usize], "the first byte of each element: {row}");
        }
        let mut after = vec![0; BYTES];
        assert!(end.machine.read_memory(DATA, &mut after));
        let expected = row.memory_after();
        let place = (0..BYTES).find(|n| after[*n] != expected[*n]);
        assert_eq!(place, None, "memory: {row}");
    }
}
