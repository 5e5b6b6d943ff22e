//! Fetches that fault: code that ends with its page, in front of a hole, and memory that holds no code.

use iced_x86::{Code, Mnemonic as M};

use super::case::{CODE, CODE_SIZE, DATA, END, PAGE, READ_ONLY, decode};
use super::compare::{Run, compared};
use super::{encode, generate};

/// The end of the code, before a hole.
const EDGE: u64 = CODE + CODE_SIZE as u64;
/// Memory that is not to be executed, and holes.
const PLACES: [u64; 8] =
    [DATA, DATA + PAGE + 5, READ_ONLY, READ_ONLY + 7, READ_ONLY + PAGE, END - PAGE, DATA - 1, EDGE];

impl Run {
    /// Instructions of which only a part is there, and places that are not to be executed.
    pub fn fetches(&mut self, times: u32) {
        for code in compared() {
            for _ in 0..times {
                let Some(bytes) = encode::code(code, &mut self.random) else { break };
                let (i, _) = decode(&bytes, generate::PLACE);
                // Whether UD0 and UD1 have a ModRM byte is the processor's (SDM 2B "UD").
                let undefined = matches!(i.mnemonic(), M::Ud0 | M::Ud1);
                if i.code() == code && i.len() > 1 && !undefined {
                    let there = 1 + self.random.below(i.len() as u64 - 1) as usize;
                    self.fetch(code, &bytes[..there], EDGE - there as u64);
                }
            }
        }
        for place in PLACES {
            self.fetch(Code::INVALID, &[], place);
        }
    }

    /// The beginning of an instruction.
    fn fetch(&mut self, code: Code, bytes: &[u8], rip: u64) {
        let case = generate::raw(bytes.to_vec(), rip, &mut self.random);
        self.ran += 1;
        self.fetches += 1;
        if let Some((least, text)) = self.least(case) {
            self.differences.insert(code, format!("{code:?} in parts: {least}\n{text}"));
        }
    }
}
