//! Predecoded blocks, keyed by physical address. Not state: what a guest sees never depends on them.

use std::any::TypeId;
use std::collections::HashMap;
use std::hash::BuildHasherDefault;

use super::decode::{self, Decoded};
use super::dispatch::Dispatch;
use super::mmu::Intent;
use super::mode::LINEAR_32;
use super::op::{Op, Trap};
use super::{CodeSize, Core};
use crate::memory::{PAGE_SIZE, PageUse};
use crate::state::StateHasher;
use crate::time::CostModel;

/// The most instructions that one block holds.
const LONGEST: usize = 64;
const FAST_ENTRIES: usize = 1 << 14;
/// The most blocks, of some 400 bytes each: a kernel that boots executes far more of them, most only once.
const MOST: usize = 20_000;

/// A run of instructions that is entered at its first.
#[derive(Debug)]
pub struct Block {
    /// The instructions.
    pub ops: Vec<Op>,
    /// Cycles of all of them.
    pub cost: u64,
    /// Bytes of all of them.
    pub bytes: u64,
    /// Physical address of the first byte.
    physical: u64,
    /// That with the code's size: what the block is found by.
    key: u64,
    /// Physical page of the last byte when that is another page, else `u64::MAX`.
    second_page: u64,
    /// What followed it lately, if blocks are chained.
    next: [Fast; 2],
}

#[derive(Clone, Copy, Debug)]
struct Fast {
    rip: u64,
    key: u64,
    block: u32,
}

/// Without the library's keyed hash: keys are addresses, and nothing depends on the order of a map.
type Map<K, V> = HashMap<K, V, BuildHasherDefault<StateHasher>>;

const NOWHERE: Fast = Fast { rip: 0, key: u64::MAX, block: 0 };

/// All blocks.
pub struct BlockCache {
    blocks: Vec<Block>,
    /// Numbers that no block has.
    free: Vec<u32>,
    by_physical: Map<u64, u32>,
    by_page: Map<u32, Vec<u32>>,
    fast: Vec<Fast>,
    limit: usize,
    epoch: u64,
    dispatch: Option<TypeId>,
    breakpoints: Vec<u64>,
    passed: Vec<Standing>,
}

/// Where a processor stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The processor.
    pub cpu: u8,
    /// Its cycles since power-on.
    pub cycles: u64,
    /// Its next instruction's address.
    pub rip: u64,
}

impl std::fmt::Debug for BlockCache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "BlockCache({} blocks)", self.blocks.len())
    }
}

impl BlockCache {
    /// An empty cache of blocks of at most `limit` instructions.
    pub fn new(limit: u32) -> BlockCache {
        BlockCache {
            blocks: Vec::new(),
            free: Vec::new(),
            by_physical: Map::default(),
            by_page: Map::default(),
            fast: vec![NOWHERE; FAST_ENTRIES],
            limit: (limit.max(1) as usize).min(LONGEST),
            epoch: 0,
            dispatch: None,
            breakpoints: Vec::new(),
            passed: Vec::new(),
        }
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.blocks.clear();
        self.free.clear();
        self.by_physical.clear();
        self.by_page.clear();
        self.next_epoch();
    }

    /// Addresses at which a debugger wants blocks to begin and execution to pause, but for these places. No
    /// guest sees them.
    pub fn set_breakpoints(&mut self, addresses: &[u64], passed: &[Standing]) {
        self.passed = passed.to_vec();
        if self.breakpoints != addresses {
            self.breakpoints = addresses.to_vec();
            self.clear();
        }
    }

    /// Whether `rip` is one of these.
    #[inline(always)]
    pub fn breaks_at(&self, rip: u64) -> bool {
        !self.breakpoints.is_empty() && self.breakpoints.contains(&rip)
    }

    /// A processor is not to pause here.
    pub fn pass(&mut self, place: Standing) {
        self.passed.retain(|known| known.cpu != place.cpu);
        self.passed.push(place);
    }

    /// Where processor `cpu` is not to pause.
    pub fn passed(&self, cpu: u8) -> Option<Standing> {
        self.passed.iter().find(|place| place.cpu == cpu).copied()
    }

    /// Whether a block must end before `physical`: some breakpoint has its place in the page, whatever
    /// linear address the page has.
    fn parts_at(&self, physical: u64) -> bool {
        self.breakpoints.iter().any(|address| (address ^ physical) & 0xfff == 0)
    }

    /// Makes every [`Fast`] entry stale. A key has room for 20 bits of the epoch.
    fn next_epoch(&mut self) {
        self.epoch = (self.epoch + 1) & 0xf_ffff;
        if self.epoch == 0 {
            self.fast.fill(NOWHERE);
            self.blocks.iter_mut().for_each(|b| b.next = [NOWHERE; 2]);
        }
    }

    /// Prepares for this way of dispatching: what was decoded for another is forgotten.
    pub fn dispatched_by<D: Dispatch>(&mut self) {
        if self.dispatch.replace(TypeId::of::<D>()) != Some(TypeId::of::<D>()) {
            self.clear();
        }
    }

    /// Forgets the blocks with instructions from these pages.
    pub fn invalidate(&mut self, pages: &[u32]) {
        for page in pages {
            self.by_page.remove(page).unwrap_or_default().into_iter().for_each(|id| self.forget(id, *page));
        }
        self.next_epoch();
    }

    /// Forgets a block of this page. A number may stand in a page's list whose block is another by now.
    fn forget(&mut self, id: u32, page: u32) {
        let block = &mut self.blocks[id as usize];
        let lies = |at: u64| at != u64::MAX && (at >> 12) as u32 == page;
        if !lies(block.physical) && !lies(block.second_page) {
            return;
        }
        if self.by_physical.get(&block.key) == Some(&id) {
            self.by_physical.remove(&block.key);
        }
        *block = Block { physical: u64::MAX, second_page: u64::MAX, ops: Vec::new(), ..*block };
        // Nobody finds it by its number either: that was kept with an epoch that is over.
        self.free.push(id);
    }

    /// A block by its number.
    #[inline(always)]
    pub fn get(&self, id: u32) -> &Block {
        &self.blocks[id as usize]
    }

    #[inline(always)]
    fn key(&self, core: &Core<'_>) -> u64 {
        (core.contexts.generation << 12 | core.hot.context) ^ self.epoch << 44
    }

    /// The block at RIP, decoded now if need be.
    #[inline(always)]
    pub fn lookup<D: Dispatch>(&mut self, core: &mut Core<'_>) -> Result<u32, Trap> {
        let rip = at(core);
        let fast = &self.fast[(rip ^ rip >> 14) as usize & (FAST_ENTRIES - 1)];
        if fast.rip == rip && fast.key == self.key(core) {
            return Ok(fast.block);
        }
        self.find::<D>(core)
    }

    /// The block at RIP, if `last` has just run.
    #[inline(always)]
    pub fn follow<D: Dispatch>(&mut self, core: &mut Core<'_>, last: Option<u32>) -> Result<u32, Trap> {
        let Some(last) = last.filter(|_| D::CHAINED) else { return self.lookup::<D>(core) };
        let (rip, key) = (at(core), self.key(core));
        let known = |next: &&Fast| next.rip == rip && next.key == key;
        if let Some(next) = self.blocks.get(last as usize).and_then(|b| b.next.iter().find(known)) {
            return Ok(next.block);
        }
        self.chain::<D>(core, last)
    }

    #[inline(never)]
    fn chain<D: Dispatch>(&mut self, core: &mut Core<'_>, last: u32) -> Result<u32, Trap> {
        let rip = at(core);
        let id = self.lookup::<D>(core)?;
        let key = self.key(core);
        let single = self.blocks.get(id as usize).is_some_and(|b| b.second_page == u64::MAX);
        if single && let Some(block) = self.blocks.get_mut(last as usize) {
            block.next[1] = block.next[0];
            block.next[0] = Fast { rip, key, block: id };
        }
        Ok(id)
    }

    #[inline(never)]
    fn find<D: Dispatch>(&mut self, core: &mut Core<'_>) -> Result<u32, Trap> {
        let rip = at(core);
        let size = core.next_code()?;
        let (linear, room) = core.code_at(size)?;
        let physical = core.translate(linear, Intent::Fetch)?;
        let key = physical | (size as u64) << 60;
        let fits = |id: &&u32| self.blocks[**id as usize].bytes <= room;
        if let Some(&id) = self.by_physical.get(&key).filter(fits) {
            let second = self.blocks[id as usize].second_page;
            if second == u64::MAX {
                self.remember(core, rip, id);
                return Ok(id);
            }
            if core.translate(next_page(linear, size), Intent::Fetch)? == second {
                return Ok(id);
            }
            self.by_physical.remove(&key);
        }
        let mut block = self.build::<D>(core, Place { linear, physical, key, room, size })?;
        block.ops.shrink_to_fit();
        let crosses = block.second_page != u64::MAX;
        let id = self.insert(core, block);
        if !crosses {
            self.remember(core, rip, id);
        }
        Ok(id)
    }

    fn remember(&mut self, core: &Core<'_>, rip: u64, block: u32) {
        let key = self.key(core);
        self.fast[(rip ^ rip >> 14) as usize & (FAST_ENTRIES - 1)] = Fast { rip, key, block };
    }

    fn insert(&mut self, core: &mut Core<'_>, block: Block) -> u32 {
        if self.free.is_empty() && self.blocks.len() >= MOST {
            self.clear();
        }
        let id = self.free.pop().unwrap_or(self.blocks.len() as u32);
        for page in [block.physical, block.second_page] {
            if page != u64::MAX {
                core.mem.pages.mark(page, PageUse::CODE);
                self.by_page.entry((page >> 12) as u32).or_default().push(id);
            }
        }
        self.by_physical.insert(block.key, id);
        match self.blocks.get_mut(id as usize) {
            Some(free) => *free = block,
            None => self.blocks.push(block),
        }
        if core.mem.pages.tables_changed {
            core.hot.leave = 1;
        }
        id
    }

    fn build<D: Dispatch>(&self, core: &mut Core<'_>, place: Place) -> Result<Block, Trap> {
        let Place { physical, key, size, .. } = place;
        let in_page = PAGE_SIZE - (physical as usize & (PAGE_SIZE - 1));
        // A limit at the page's end is met before the next page (SDM 3A table 6-2).
        let ends_inside = place.room <= in_page as u64;
        let in_page = in_page.min(place.room as usize);
        let Some(bytes) = core.mem.slice(physical, in_page).map(<[u8]>::to_vec) else {
            // Instructions are not fetched from devices: the bus returns all ones, an invalid opcode.
            return Err(super::Fault::UD.into());
        };
        let (ops, next) = (Vec::new(), [NOWHERE; 2]);
        let mut block = Block { ops, cost: 0, bytes: 0, physical, key, second_page: u64::MAX, next };
        let features = core.cpu.model.features();
        while block.ops.len() < self.limit {
            let at = block.bytes as usize;
            match decode::decode(&bytes[at..], at as u16, features, size) {
                Decoded::Op { op, ends_block, cost_class } => {
                    push::<D>(&mut block, op, cost_class.cycles(&core.board.cost));
                    let parted = self.parts_at(physical.wrapping_add(block.bytes));
                    if ends_block || parted || block.bytes as usize >= in_page {
                        break;
                    }
                }
                Decoded::Truncated if !block.ops.is_empty() => break,
                // The instruction goes beyond the code segment's limit.
                Decoded::Truncated if ends_inside => return Err(super::Fault::gp(0).into()),
                Decoded::Truncated => return self.build_crossing::<D>(core, &place, block, &bytes),
            }
        }
        Ok(block)
    }

    /// One instruction that lies on two pages.
    fn build_crossing<D: Dispatch>(
        &self,
        core: &mut Core<'_>,
        place: &Place,
        mut block: Block,
        head: &[u8],
    ) -> Result<Block, Trap> {
        let second = core.translate(next_page(place.linear, place.size), Intent::Fetch)?;
        let Some(tail) = core.mem.slice(second, 15) else { return Err(super::Fault::UD.into()) };
        let mut bytes = head.to_vec();
        bytes.extend_from_slice(tail);
        bytes.truncate(usize::try_from(place.room).unwrap_or(usize::MAX));
        match decode::decode(&bytes, 0, core.cpu.model.features(), place.size) {
            Decoded::Op { op, cost_class, .. } => {
                push::<D>(&mut block, op, cost_class.cycles(&core.board.cost))
            }
            Decoded::Truncated => return Err(super::Fault::gp(0).into()),
        }
        block.second_page = second;
        Ok(block)
    }
}

fn push<D: Dispatch>(block: &mut Block, mut op: Op, cycles: u64) {
    op.code = D::code(op.run);
    op.before = block.cost as u16;
    op.offset = block.bytes as u16;
    block.bytes += u64::from(op.len);
    block.cost += cycles.min(900);
    block.ops.push(op);
}

/// Where code is, as [`Block`]s that are known lately are found by it: RIP, with the code segment.
#[inline(always)]
fn at(core: &Core<'_>) -> u64 {
    core.hot.rip ^ core.hot.code_tag
}

/// What is decoded, and how.
struct Place {
    linear: u64,
    physical: u64,
    key: u64,
    /// Bytes to the code segment's limit.
    room: u64,
    size: CodeSize,
}

fn next_page(linear: u64, size: CodeSize) -> u64 {
    let next = (linear & !0xfff).wrapping_add(PAGE_SIZE as u64);
    if size == CodeSize::Bits64 { next } else { next & LINEAR_32 }
}

impl decode::CostClass {
    fn cycles(self, cost: &CostModel) -> u64 {
        match self {
            decode::CostClass::Plain => cost.instruction,
            decode::CostClass::Multiply => cost.multiply,
            decode::CostClass::Divide => cost.divide,
            decode::CostClass::String => cost.instruction,
            decode::CostClass::System => cost.system,
        }
    }
}
