//! Instructions as text, from memory as the processor sees it, with names where there are any.

use emulator::machine::{Machine, Space};
use iced_x86::{Decoder, DecoderOptions, FastFormatter, Instruction, SymbolResolver, SymbolResult};

use crate::symbols::{SymbolMap, Symbols, World};

/// The longest instruction, in bytes.
const LONGEST: usize = 15;
/// How far back a function's beginning may lie for lines before an address to be decoded from it.
const BACK: u64 = 0x1000;

/// One instruction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its linear address.
    pub address: u64,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Its text, in Intel's syntax.
    pub text: String,
    /// The symbol that begins here, if one does.
    pub label: Option<String>,
}

/// The names of one image, for the formatter, which wants to own them.
struct Names(Symbols);

impl SymbolResolver for Names {
    fn symbol(
        &mut self,
        _: &Instruction,
        _: u32,
        _: Option<u32>,
        address: u64,
        _: u32,
    ) -> Option<SymbolResult<'_>> {
        let (symbol, _) = self.0.at(address)?;
        Some(SymbolResult::with_str(symbol.address, symbol.name.as_str()))
    }
}

/// Up to `count` instructions from `address` on; fewer where memory ends.
pub fn from(machine: &Machine, space: Space, symbols: &Symbols, address: u64, count: usize) -> Vec<Line> {
    let mut bytes = vec![0; count.min(0x1000) * LONGEST];
    let there = machine.read_linear(space, address, &mut bytes);
    bytes.truncate(there);
    lines(&bytes, address, symbols).take(count).collect()
}

fn lines<'a>(bytes: &'a [u8], address: u64, symbols: &'a Symbols) -> impl Iterator<Item = Line> + 'a {
    let mut decoder = Decoder::with_ip(64, bytes, address, DecoderOptions::NONE);
    let resolver: Box<dyn SymbolResolver> = Box::new(Names(symbols.clone()));
    let mut formatter =
        FastFormatter::try_with_options(Some(resolver)).unwrap_or_else(|_| FastFormatter::new());
    formatter.options_mut().set_space_after_operand_separator(true);
    std::iter::from_fn(move || {
        if !decoder.can_decode() {
            return None;
        }
        let at = decoder.position();
        let instruction = decoder.decode();
        let bytes = bytes.get(at..decoder.position())?.to_vec();
        let mut text = String::new();
        formatter.format(&instruction, &mut text);
        let label =
            symbols.at(instruction.ip()).filter(|(_, offset)| *offset == 0).map(|(s, _)| s.name.clone());
        Some(Line { address: instruction.ip(), bytes, text, label })
    })
}

/// Instructions around the next one of processor `cpu`: up to `before` of them, as far as its function
/// begins close enough, then it and `after` more.
pub fn around(machine: &Machine, cpu: u8, names: &SymbolMap, before: usize, after: usize) -> Vec<Line> {
    let world = World::of(machine, cpu);
    let symbols = names.of_world(world);
    let space = machine.space(cpu);
    let rip = machine.registers(cpu).rip;
    let start = symbols.at(rip).map(|(s, _)| s.address).filter(|start| rip - start <= BACK);
    let mut lines = match start {
        Some(start) => from(machine, space, symbols, start, (rip - start) as usize),
        None => Vec::new(),
    };
    lines.retain(|line| line.address < rip);
    let aligned = lines.last().is_none_or(|line| line.address + line.bytes.len() as u64 == rip);
    let first = if aligned { lines.len().saturating_sub(before) } else { lines.len() };
    lines.drain(..first);
    lines.extend(from(machine, space, symbols, rip, after + 1));
    lines
}
