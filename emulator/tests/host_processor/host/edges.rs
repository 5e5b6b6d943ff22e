//! Cases with an operand where a page ends.

use iced_x86::Code;

use super::case::decode;
use super::compare::{Run, compared};
use super::place::Place;
use super::{encode, faults, generate, rows, table};

/// Cases of a code that accesses memory until one has met a page fault.
const TRIES: u32 = 200;

/// So many times more often come string instructions.
const STRINGS: u32 = 10;

impl Run {
    /// Every row and every code `times` times, and codes that access memory until they have met a page fault.
    pub fn faults(&mut self, times: u32) {
        for row in rows::assemble() {
            // Repeated strings are to fault in their middle, too.
            let i = decode(&row, generate::PLACE).0;
            for _ in 0..if i.is_string_instruction() { times * STRINGS } else { times } {
                self.at_edge(row.clone());
            }
        }
        for code in compared() {
            for n in 0..TRIES {
                let done = self.faulted.contains(&code) || !self.at_edges.contains(&code);
                if n >= times && done {
                    break;
                }
                let Some(bytes) = encode::code(code, &mut self.random) else { break };
                self.at_edge(bytes);
            }
        }
    }

    fn at_edge(&mut self, bytes: Vec<u8>) {
        let i = decode(&bytes, generate::PLACE).0;
        if faults::is_left_out(&i) {
            return;
        }
        let place = Place::at_edge(&i, &mut self.random);
        let case = generate::case_at(bytes, generate::PLACE, &place, &self.background, &mut self.random);
        let Some(case) = case else { return };
        if faults::accesses_memory(&i) && table::skipped(&i, &case.bytes, &case.input).is_none() {
            self.at_edges.insert(i.code());
        }
        self.case(Some(case));
    }

    /// Prints the page faults, and fails if there were none of a kind or of a code.
    pub fn judge_faults(&self) {
        for kind in faults::KINDS {
            let count = self.page_faults.get(kind).copied().unwrap_or(0);
            println!("  page faults of {kind}: {count}");
            assert!(count > 0, "no page fault of {kind}");
        }
        for open in faults::OPEN {
            println!("  left open: {open}");
        }
        let never: Vec<Code> = self.at_edges.difference(&self.faulted).copied().collect();
        println!("  {} codes that access memory met a page fault", self.faulted.len());
        assert!(never.is_empty(), "never met a page fault: {never:?}");
    }
}
