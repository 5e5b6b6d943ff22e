//! Runs cases on both sides and keeps what differs.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use iced_x86::{Code, EncodingKind, Mnemonic as M};

use super::approximate;
use super::case::{BESIDE, Case, DATA, DATA_SIZE, Ending, NAMES, Outcome, PAGE, Registers};
use super::features::host_has;
use super::floats::Floats;
use super::generate::{self, SHAPES};
use super::guest::Guest;
use super::minimal::minimal;
use super::native::Native;
use super::random::Random;
use super::table::{self, COMPARED};
use super::{account, encode, faults, selectors, vectors};

/// A run over many cases.
pub struct Run {
    native: Native,
    guest: Guest,
    pub(super) random: Random,
    /// A difference planted into what the emulator did.
    pub plant: Option<fn(&Case, &mut Outcome)>,
    pub(super) background: Vec<u8>,
    pub(super) ran: u64,
    pub(super) faults: u64,
    /// Page faults by what they stopped.
    pub(super) page_faults: BTreeMap<&'static str, u64>,
    /// Codes that met one.
    pub(super) faulted: BTreeSet<Code>,
    /// Codes that access memory where a page ends.
    pub(super) at_edges: BTreeSet<Code>,
    pub(super) fetches: u64,
    pub(super) refused: u64,
    pub(super) families: Vec<u64>,
    pub(super) covered: BTreeSet<Code>,
    pub(super) mnemonics: BTreeSet<M>,
    pub(super) skipped: BTreeMap<&'static str, u64>,
    pub(super) differences: BTreeMap<Code, String>,
}

impl Run {
    /// A run of the cases that follow from `seed`.
    pub fn new(native: Native, seed: u64) -> Run {
        let mut random = Random(seed.max(1));
        let background = (0..DATA_SIZE).map(|_| random.word() as u8).collect();
        Run {
            native,
            guest: Guest::new(),
            random,
            plant: None,
            background,
            ran: 0,
            faults: 0,
            page_faults: BTreeMap::new(),
            faulted: BTreeSet::new(),
            at_edges: BTreeSet::new(),
            fetches: 0,
            refused: 0,
            families: vec![0; table::families().count()],
            covered: BTreeSet::new(),
            mnemonics: BTreeSet::new(),
            skipped: BTreeMap::new(),
            differences: BTreeMap::new(),
        }
    }

    /// Every row `times` times.
    pub fn rows(&mut self, times: u32) {
        for bytes in super::rows::assemble() {
            for _ in 0..times {
                let case = generate::case(bytes.clone(), &self.background, &mut self.random);
                self.case(case);
            }
        }
    }

    /// Every code of the tables `times` times, with random operands.
    pub fn codes(&mut self, times: u32) {
        for code in compared() {
            for _ in 0..times {
                let Some(bytes) = encode::code(code, &mut self.random) else { break };
                let case = generate::case(bytes, &self.background, &mut self.random);
                self.case(case);
            }
        }
    }

    /// Sixteen bytes of one instruction: #GP (SDM 2A 2.3.11).
    pub fn too_long(&mut self) {
        let mut bytes = vec![0x66; 15];
        bytes.push(0x90);
        let case = generate::raw(bytes, generate::PLACE, &mut self.random);
        self.case(Some(case));
    }

    /// A sweep over opcodes, operand sizes and extensions, again and again, until `count` cases ran.
    pub fn random(&mut self, count: u64) {
        let end = self.ran + count;
        for n in (0..SHAPES).cycle() {
            if self.ran >= end {
                return;
            }
            let bytes = generate::encoding(n, &mut self.random);
            let case = generate::case(bytes, &self.background, &mut self.random);
            self.case(case);
        }
    }

    /// Compares one case.
    pub fn case(&mut self, case: Option<Case>) {
        let Some(case) = case else { return };
        let i = case.instruction();
        if let Some(reason) = table::skipped(&i, &case.bytes, &case.input) {
            *self.skipped.entry(reason).or_default() += 1;
            return;
        }
        self.ran += 1;
        self.covered.insert(i.code());
        self.mnemonics.insert(i.mnemonic());
        self.refused += u64::from(i.is_invalid());
        if let Some(family) = table::family(i.mnemonic()) {
            self.families[family] += 1;
        }
        if self.differences.contains_key(&i.code()) {
            return;
        }
        if let Some((least, text)) = self.least(case) {
            self.differences.insert(i.code(), format!("{least}\n{text}"));
        }
    }

    /// The minimal case that differs as this one does, and how; nothing if it does not.
    pub fn least(&mut self, case: Case) -> Option<(Case, String)> {
        let text = self.difference(&case)?;
        Some(minimal(case, text, &mut |case| self.difference(case)))
    }

    /// What differs between the two sides, or nothing.
    fn difference(&mut self, case: &Case) -> Option<String> {
        let mut data = [case.data.clone(), case.data.clone()];
        let i = case.instruction();
        let host = self.native.run(&case.bytes, &case.input, &mut data[0]);
        let mut guest = self.guest.run(&case.bytes, &case.input, &mut data[1]);
        if selectors::loads(&i) {
            self.guest.reset();
        }
        if let Some(plant) = self.plant {
            plant(case, &mut guest);
        }
        settle(case, &host, &mut guest);
        let [ours, theirs] = &mut data;
        vectors::forget_pointers(case, DATA, ours, theirs);
        self.faults += u64::from(host.ending != Ending::Retired);
        let mut text = outcomes(case, &host, &guest);
        let stopped = faults::is_page_fault(&host.ending) && host.ending == guest.ending;
        if !(stopped && faults::may_store_parts(&i)) {
            memory(&mut text, DATA, &data[0], &data[1]);
        }
        if stopped {
            self.faulted.insert(i.code());
            *self.page_faults.entry(faults::kind(case, &host)).or_default() += 1;
        }
        if stopped && text.is_empty() && !faults::ends_here(&i) {
            text = self.resumed(case, [host.registers, guest.registers], data);
        }
        (!text.is_empty()).then_some(text)
    }

    /// What differs after the pages were opened on which an instruction faulted.
    fn resumed(&mut self, case: &Case, inputs: [Registers; 2], mut data: [Vec<u8>; 2]) -> String {
        let [ours, theirs] = &mut data;
        let (host, host_beside) = self.native.run_open(&case.bytes, &inputs[0], ours);
        let (mut guest, guest_beside) = self.guest.run_open(&case.bytes, &inputs[1], theirs);
        let case = Case { input: inputs[0], ..case.clone() };
        settle(&case, &host, &mut guest);
        let mut text = outcomes(&case, &host, &guest);
        let [mut host, mut guest] = [(&data[0], host_beside), (&data[1], guest_beside)].map(around);
        vectors::forget_pointers(&case, BESIDE[0], &mut host, &mut guest);
        memory(&mut text, BESIDE[0], &host, &guest);
        if text.is_empty() { text } else { format!("  after the page was opened:\n{text}") }
    }

    /// An encoding of a code that no model has, on the emulator alone.
    pub fn alone(&mut self, bytes: &[u8]) -> Outcome {
        let case = generate::raw(bytes.to_vec(), generate::PLACE, &mut self.random);
        let mut data = case.data.clone();
        self.guest.run(&case.bytes, &case.input, &mut data)
    }
}

/// The tables' codes that host and model have, and those that do nothing where they have not.
pub fn compared() -> impl Iterator<Item = Code> {
    account::codes().filter(|code| {
        let encoding = matches!(code.encoding(), EncodingKind::Legacy | EncodingKind::VEX);
        let exists = host_has(*code) && account::has_a_model(*code);
        encoding && table::family(code.mnemonic()).is_some_and(|family| exists || table::is_idle(family))
    })
}

/// An override to SS makes a reference one to the stack, whose fault is #SS (SDM 1 3.3.7.1); AMD
/// ignores the override in 64-bit mode and raises #GP.
fn same_ending(case: &Case, host: &Ending, guest: &Ending) -> bool {
    let fault = |vector| Ending::Fault { vector, code: 0, address: 0 };
    let vendors = (fault(13), fault(12));
    let overridden = case.instruction().segment_prefix() == iced_x86::Register::SS;
    host == guest || overridden && (host, guest) == (&vendors.0, &vendors.1)
}

/// Gives the emulator's outcome what the host's is where both are right.
fn settle(case: &Case, host: &Outcome, guest: &mut Outcome) {
    approximate::settle(case, host, guest);
    vectors::settle(case, host, guest);
    faults::settle(case, host, guest);
}

/// The data with the pages beside it, in the order of their addresses.
fn around((data, beside): (&Vec<u8>, Vec<u8>)) -> Vec<u8> {
    let (before, behind) = beside.split_at(PAGE as usize);
    [before, data, behind].concat()
}

/// Where memory differs that begins at `start`.
fn memory(text: &mut String, start: u64, host: &[u8], guest: &[u8]) {
    if host == guest {
        return;
    }
    let Some(at) = host.iter().zip(guest).position(|(a, b)| a != b) else { return };
    let until = (at + 16).min(host.len());
    let (at, host, guest) = (start + at as u64, &host[at..until], &guest[at..until]);
    let _ = writeln!(text, "  memory at {at:#x}: host {host:02x?}, emulator {guest:02x?}");
}

/// Where the endings, the registers or the flags differ.
fn outcomes(case: &Case, host: &Outcome, guest: &Outcome) -> String {
    let mut text = String::new();
    if !same_ending(case, &host.ending, &guest.ending) {
        let _ = writeln!(text, "  ending: host {:?}, emulator {:?}", host.ending, guest.ending);
    }
    let (ours, theirs) = (&guest.registers, &host.registers);
    for (n, name) in NAMES.iter().enumerate().filter(|(n, _)| ours.general[*n] != theirs.general[*n]) {
        let _ = writeln!(text, "  {name}: host {:#x}, emulator {:#x}", theirs.general[n], ours.general[n]);
    }
    if ours.rip != theirs.rip {
        let _ = writeln!(text, "  rip: host {:#x}, emulator {:#x}", theirs.rip, ours.rip);
    }
    floats(&mut text, &ours.floats, &theirs.floats);
    let compared = COMPARED & !table::undefined_flags(&case.instruction(), &case.input);
    if (ours.rflags ^ theirs.rflags) & compared != 0 {
        let (a, b) = (theirs.rflags & compared, ours.rflags & compared);
        let _ = writeln!(text, "  rflags: host {a:#x}, emulator {b:#x}, in {:#x}", (a ^ b));
    }
    text
}

/// Where vector and x87 registers differ.
fn floats(text: &mut String, ours: &Floats, theirs: &Floats) {
    for (n, (a, b)) in theirs.lanes.iter().zip(&ours.lanes).enumerate().filter(|(_, (a, b))| a != b) {
        let _ = writeln!(text, "  ymm{n}: host     {:032x}_{:032x}", a[1], a[0]);
        let _ = writeln!(text, "        emulator {:032x}_{:032x}", b[1], b[0]);
    }
    let words = [
        ("mxcsr", theirs.mxcsr, ours.mxcsr),
        ("fcw", theirs.control.into(), ours.control.into()),
        ("fsw", theirs.status.into(), ours.status.into()),
        ("valid", theirs.valid.into(), ours.valid.into()),
    ];
    for (name, a, b) in words.iter().filter(|(_, a, b)| a != b) {
        let _ = writeln!(text, "  {name}: host {a:#x}, emulator {b:#x}");
    }
    for (n, (a, b)) in theirs.stack.iter().zip(&ours.stack).enumerate().filter(|(_, (a, b))| a != b) {
        let _ = writeln!(text, "  st{n}: host {:04x}:{:016x}, emulator {:04x}:{:016x}", a.1, a.0, b.1, b.0);
    }
}
