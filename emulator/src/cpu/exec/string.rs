//! MOVS, STOS, LODS, SCAS and CMPS, with and without a repeat prefix (SDM 2B "REP").
//!
//! A repeated instruction is interruptible: at the deadline it ends with [`Trap::Again`], its
//! registers those of the iterations done. What it does, and what it costs, is the same however
//! it is sliced and whether iterations ran singly or in bulk.

use super::operand::{read, write};
use crate::cpu::flags::DF;
use crate::cpu::hot::{RAX, RCX, RDI, RSI};
use crate::cpu::mmu::LINEAR_PAGE;
use crate::cpu::op::OpBits;
use crate::cpu::width::Width;
use crate::cpu::{Core, Flow, Op, Trap};
use crate::memory::PAGE_SIZE;

const PAGE: u64 = PAGE_SIZE as u64;

/// One of the string instructions.
pub trait Element {
    /// SCAS and CMPS: a repeat also ends by ZF.
    const CONDITIONAL: bool = false;
    /// Charged by bytes moved, not by iterations.
    const BY_BYTES: bool = false;

    /// One iteration.
    fn step<W: Width>(core: &mut Core<'_>, op: &Op) -> Flow;

    /// Up to `limit` iterations at once; gives how many were done, 0 if there is no such way.
    #[inline(always)]
    fn bulk<W: Width>(_core: &mut Core<'_>, _op: &Op, _limit: u64) -> u64 {
        0
    }
}

/// MOVS.
pub struct Movs;
/// STOS.
pub struct Stos;
/// LODS.
pub struct Lods;
/// SCAS.
pub struct Scas;
/// CMPS.
pub struct Cmps;

/// An index or count register after a change: of 16 bits, the rest stays.
#[inline(always)]
pub(in crate::cpu) fn counted(old: u64, new: u64, op: &Op) -> u64 {
    let kept = if op.wrap == 48 { old & !0xffff } else { 0 };
    kept | new & op.mask()
}

#[inline(always)]
fn source(core: &Core<'_>, op: &Op) -> u64 {
    core.in_segment(op, core.hot.regs[RSI] & op.mask())
}

/// `dst` is the target's segment: ES, but in 64-bit mode none.
#[inline(always)]
pub(super) fn target(core: &Core<'_>, op: &Op) -> u64 {
    (core.hot.regs[RDI] & op.mask()).wrapping_add(core.hot.seg_linear[usize::from(op.dst & 7)])
}

#[inline(always)]
fn advance<W: Width>(core: &mut Core<'_>, op: &Op, register: usize) {
    let bytes = W::BYTES as u64;
    let down = core.hot.flags.system & DF != 0;
    let delta = if down { bytes.wrapping_neg() } else { bytes };
    let old = core.hot.regs[register];
    core.hot.regs[register] = counted(old, old.wrapping_add(delta), op);
}

fn compare<W: Width>(core: &mut Core<'_>, a: W, b: W) {
    let difference = W::truncate(a.zero_extend().wrapping_sub(b.zero_extend()));
    core.hot.flags.sub(a, b, difference);
}

impl Element for Movs {
    const BY_BYTES: bool = true;

    #[inline(always)]
    fn step<W: Width>(core: &mut Core<'_>, op: &Op) -> Flow {
        let value = core.load::<W>(op, source(core, op))?;
        core.store(op, target(core, op), value)?;
        advance::<W>(core, op, RSI);
        advance::<W>(core, op, RDI);
        Ok(())
    }

    fn bulk<W: Width>(core: &mut Core<'_>, op: &Op, limit: u64) -> u64 {
        let (from, to) = (source(core, op), target(core, op));
        let Some(read_at) = ram_behind(core, from, false) else { return 0 };
        let Some(write_at) = ram_behind(core, to, true) else { return 0 };
        let bytes = W::BYTES as u64;
        let mut count = limit.min(in_page::<W>(from)).min(in_page::<W>(to));
        if write_at > read_at {
            // Later iterations read what earlier ones wrote: stop before the first that does.
            count = count.min((write_at - read_at) / bytes);
        }
        let (start, end) = (read_at as usize, (read_at + count * bytes) as usize);
        if count == 0 || end.max((write_at + count * bytes) as usize) > core.mem.ram.len() {
            return 0;
        }
        core.mem.ram.copy_within(start..end, write_at as usize);
        core.hot.regs[RSI] = core.hot.regs[RSI].wrapping_add(count * bytes);
        core.hot.regs[RDI] = core.hot.regs[RDI].wrapping_add(count * bytes);
        count
    }
}

impl Element for Stos {
    const BY_BYTES: bool = true;

    #[inline(always)]
    fn step<W: Width>(core: &mut Core<'_>, op: &Op) -> Flow {
        let value = read::<W>(core, RAX as u8);
        core.store(op, target(core, op), value)?;
        advance::<W>(core, op, RDI);
        Ok(())
    }

    fn bulk<W: Width>(core: &mut Core<'_>, op: &Op, limit: u64) -> u64 {
        let to = target(core, op);
        let Some(write_at) = ram_behind(core, to, true) else { return 0 };
        let count = limit.min(in_page::<W>(to));
        let bytes = count * W::BYTES as u64;
        let value = read::<W>(core, RAX as u8);
        let range = write_at as usize..(write_at + bytes) as usize;
        let Some(filled) = core.mem.ram.get_mut(range) else { return 0 };
        for element in filled.chunks_exact_mut(W::BYTES) {
            value.to_bytes(element);
        }
        core.hot.regs[RDI] = core.hot.regs[RDI].wrapping_add(bytes);
        count
    }
}

impl Element for Lods {
    #[inline(always)]
    fn step<W: Width>(core: &mut Core<'_>, op: &Op) -> Flow {
        let value = core.load::<W>(op, source(core, op))?;
        write(core, RAX as u8, value);
        advance::<W>(core, op, RSI);
        Ok(())
    }
}

impl Element for Scas {
    const CONDITIONAL: bool = true;

    #[inline(always)]
    fn step<W: Width>(core: &mut Core<'_>, op: &Op) -> Flow {
        let value = core.load::<W>(op, target(core, op))?;
        let accumulator = read::<W>(core, RAX as u8);
        compare(core, accumulator, value);
        advance::<W>(core, op, RDI);
        Ok(())
    }
}

impl Element for Cmps {
    const CONDITIONAL: bool = true;

    #[inline(always)]
    fn step<W: Width>(core: &mut Core<'_>, op: &Op) -> Flow {
        let first = core.load::<W>(op, source(core, op))?;
        let second = core.load::<W>(op, target(core, op))?;
        compare(core, first, second);
        advance::<W>(core, op, RSI);
        advance::<W>(core, op, RDI);
        Ok(())
    }
}

/// The physical address behind `linear`, if its page is RAM that can be reached directly.
#[inline(always)]
fn ram_behind(core: &Core<'_>, linear: u64, store: bool) -> Option<u64> {
    let index = (linear >> 12) as usize % crate::cpu::hot::TLB_ENTRIES;
    let entry = &core.hot.tlb[index];
    let tag = linear & LINEAR_PAGE | core.hot.context;
    let known = if store { entry.store } else { entry.load };
    (known == tag).then(|| linear.wrapping_add(entry.addend))
}

/// Whole elements from `linear` to the end of its page.
#[inline(always)]
fn in_page<W: Width>(linear: u64) -> u64 {
    (PAGE - (linear & (PAGE - 1))) / W::BYTES as u64
}

#[inline(always)]
fn sixteenths<E: Element, W: Width>(core: &Core<'_>) -> u64 {
    let cost = &core.board.cost;
    if E::BY_BYTES {
        cost.string_sixteenths_per_byte.wrapping_mul(W::BYTES as u64)
    } else {
        cost.string_iteration.wrapping_mul(16)
    }
}

#[inline(always)]
fn charge(core: &mut Core<'_>, sixteenths: u64) {
    let total = core.hot.subcycles.wrapping_add(sixteenths);
    core.hot.cycles = core.hot.cycles.wrapping_add(total >> 4);
    core.hot.subcycles = total & 15;
}

/// Iterations that may begin before the deadline, if each costs `each`; at least 1.
fn before_deadline(now: u64, deadline: u64, subcycles: u64, each: u64) -> u64 {
    let room = deadline.saturating_sub(now).saturating_mul(16);
    let last = room.saturating_sub(1).saturating_sub(subcycles).checked_div(each).unwrap_or(u64::MAX);
    last.saturating_add(u64::from(room > subcycles)).max(1)
}

/// As many iterations at once as a single page and the deadline allow.
#[inline(always)]
fn bulk<E: Element, W: Width>(core: &mut Core<'_>, op: &Op, count: u64) -> u64 {
    if op.wrap != 0 || core.hot.flags.system & DF != 0 {
        return 0;
    }
    let now = core.hot.cycles.wrapping_add(u64::from(op.before));
    let each = sixteenths::<E, W>(core);
    let limit = count.min(before_deadline(now, core.hot.deadline, core.hot.subcycles, each));
    if limit < 2 { 0 } else { E::bulk::<W>(core, op, limit) }
}

/// Without a repeat prefix.
pub fn single<E: Element, W: Width>(core: &mut Core<'_>, op: &Op) -> Flow {
    E::step::<W>(core, op)?;
    core.finish()
}

/// With REP, REPE or REPNE. What stops CMPS and SCAS in the middle finds the flags that they began with (SDM 2B "REP").
pub fn repeated<E: Element, W: Width>(core: &mut Core<'_>, op: &Op) -> Flow {
    if !E::CONDITIONAL {
        iterate::<E, W>(core, op)?;
        return core.finish();
    }
    let before = core.hot.flags.arithmetic();
    if let Err(trap) = iterate::<E, W>(core, op) {
        core.hot.flags.set_arithmetic(before);
        return Err(trap);
    }
    core.finish()
}

/// Iterations, until the last is done or something stops them.
#[inline(always)]
fn iterate<E: Element, W: Width>(core: &mut Core<'_>, op: &Op) -> Flow {
    let each = sixteenths::<E, W>(core);
    let mut may_stop = false;
    loop {
        let old = core.hot.regs[RCX];
        let count = old & op.mask();
        if count == 0 {
            return Ok(());
        }
        let now = core.hot.cycles.wrapping_add(u64::from(op.before));
        if may_stop && (core.hot.leave != 0 || now >= core.hot.deadline) {
            return Err(Trap::Again);
        }
        may_stop = true;
        let mut done = bulk::<E, W>(core, op, count);
        if done == 0 {
            E::step::<W>(core, op)?;
            done = 1;
        }
        core.hot.regs[RCX] = counted(old, count - done, op);
        charge(core, each.wrapping_mul(done));
        if E::CONDITIONAL && core.hot.flags.zf() != (op.bits & OpBits::REP != 0) {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::before_deadline;

    /// One iteration after the other, as the definition has it.
    fn singly(mut now: u64, deadline: u64, mut subcycles: u64, each: u64) -> u64 {
        let mut iterations = 0;
        while iterations == 0 || now < deadline {
            iterations += 1;
            subcycles += each;
            now += subcycles >> 4;
            subcycles &= 15;
        }
        iterations
    }

    #[test]
    fn bulk_iterations_stop_where_single_ones_do() {
        for each in [1, 3, 8, 16, 40] {
            for room in 0..20 {
                for subcycles in 0..16 {
                    let expected = singly(100, 100 + room, subcycles, each);
                    assert_eq!(
                        before_deadline(100, 100 + room, subcycles, each),
                        expected,
                        "{each} {room} {subcycles}"
                    );
                }
            }
        }
    }

    #[test]
    fn free_iterations_have_no_end() {
        assert_eq!(before_deadline(0, 5, 0, 0), u64::MAX);
    }
}
