//! FXSAVE, XSAVE and their kin (SDM 1 10.5, chapter 13).

use super::privileged;
use super::x87::image::{extended, word};
use crate::cpu::arch::{cr0, cr4};
use crate::cpu::cpuid::Feature;
use crate::cpu::hot::{RAX, RCX, RDX, Vector};
use crate::cpu::{Core, Fault, Flow, Op};
use crate::vmx::ExitReason;

const X87: u64 = 1 << 0;
const SSE: u64 = 1 << 1;
const AVX: u64 = 1 << 2;
/// MXCSR bits that can be set.
const MXCSR_MASK: u32 = 0xffff;
/// Bytes of the legacy region, of the header and of the upper halves of YMM0 to YMM15.
const LEGACY: usize = 512;
const HEADER: usize = 64;
const UPPER: usize = 256;
/// What FXSAVE writes; 48 bytes are left to software.
const WRITTEN: usize = 464;

/// Leaf 0DH: components and their sizes.
pub fn leaf(core: &Core<'_>, sub: u32) -> [u32; 4] {
    let supported = core.xcr0_supported();
    let size = |components: u64| (LEGACY + HEADER + if components & AVX != 0 { UPPER } else { 0 }) as u32;
    match sub {
        0 => [supported as u32, size(core.cpu.xcr0), size(supported), 0],
        1 => [core.cpu.model.features().bits(0xd, 1, 0), 0, 0, 0],
        2 if supported & AVX != 0 => [UPPER as u32, (LEGACY + HEADER) as u32, 0, 0],
        _ => [0; 4],
    }
}

impl Core<'_> {
    /// The components that XCR0 may enable.
    fn xcr0_supported(&self) -> u64 {
        X87 | SSE | if self.cpu.model.features().has(Feature::Avx) { AVX } else { 0 }
    }
}

/// The x87 part of an image: 160 bytes but for MXCSR. FIP and FDP have 64 bits with REX.W, else 32.
fn write_x87(core: &Core<'_>, image: &mut [u8; LEGACY], wide: bool) {
    let x87 = &core.cpu.x87;
    image[..2].copy_from_slice(&x87.control().to_le_bytes());
    image[2..4].copy_from_slice(&x87.status().to_le_bytes());
    image[4] = x87.valid;
    image[5] = 0;
    image[6..8].copy_from_slice(&x87.opcode.to_le_bytes());
    let cut = if wide { u64::MAX } else { 0xffff_ffff };
    image[8..16].copy_from_slice(&(x87.ip & cut).to_le_bytes());
    image[16..24].copy_from_slice(&(x87.dp & cut).to_le_bytes());
    for (n, slot) in image[32..160].chunks_exact_mut(16).enumerate() {
        let value = x87.st(n as u8);
        slot.fill(0);
        slot[..8].copy_from_slice(&value.sig.to_le_bytes());
        slot[8..10].copy_from_slice(&value.se.to_le_bytes());
    }
}

fn read_x87(core: &mut Core<'_>, image: &[u8], wide: bool) {
    let field = |at: usize, len: usize| image.get(at..at + len).map(word).unwrap_or(0);
    let x87 = &mut core.cpu.x87;
    x87.set_control(field(0, 2) as u16);
    x87.set_status(field(2, 2) as u16);
    x87.valid = field(4, 1) as u8;
    x87.opcode = field(6, 2) as u16 & 0x7ff;
    let len = if wide { 8 } else { 4 };
    (x87.ip, x87.dp) = (field(8, len), field(16, len));
    for (n, slot) in image[32..160].chunks_exact(16).enumerate() {
        let index = x87.index(n as u8);
        x87.registers[index] = slot.first_chunk().map(extended).unwrap_or_default();
    }
}

fn write_mxcsr(core: &Core<'_>, image: &mut [u8; LEGACY]) {
    image[24..28].copy_from_slice(&core.hot.mxcsr.to_le_bytes());
    image[28..32].copy_from_slice(&MXCSR_MASK.to_le_bytes());
}

/// Vector registers that there are: outside 64-bit mode eight, and nothing touches what the image holds of the
/// others (SDM 1 13.5.2, 13.5.3).
fn vectors(core: &Core<'_>) -> usize {
    if core.legacy() { 8 } else { 16 }
}

fn write_lanes(core: &Core<'_>, lane: usize, part: &mut [u8]) {
    for (slot, vector) in part.chunks_exact_mut(16).zip(&core.hot.vectors[..vectors(core)]) {
        slot.copy_from_slice(&vector.lanes[lane].to_le_bytes());
    }
}

fn read_lanes(core: &mut Core<'_>, lane: usize, part: &[u8]) {
    let count = vectors(core);
    for (slot, vector) in part.chunks_exact(16).zip(&mut core.hot.vectors[..count]) {
        vector.lanes[lane] = slot.first_chunk().map(|b| u128::from_le_bytes(*b)).unwrap_or(0);
    }
}

/// #NM by CR0.EM or CR0.TS; #GP(0) if the area is not aligned.
fn area(core: &Core<'_>, op: &Op, alignment: u64) -> Result<u64, crate::cpu::Trap> {
    if core.cpu.cr0 & (cr0::EM | cr0::TS) != 0 {
        return Err(Fault::NM.into());
    }
    let linear = core.linear(op);
    if linear & (alignment - 1) != 0 { Err(Fault::gp(0).into()) } else { Ok(linear) }
}

/// FXSAVE and FXSAVE64.
pub fn fxsave<const WIDE: bool>(core: &mut Core<'_>, op: &Op) -> Flow {
    let linear = area(core, op, 16)?;
    let mut image = [0; LEGACY];
    write_x87(core, &mut image, WIDE);
    write_mxcsr(core, &mut image);
    write_lanes(core, 0, &mut image[160..416]);
    // The reserved bytes up to those of software keep what they hold.
    core.store_pages(op, linear, &image[..160 + 16 * vectors(core)], 1)?;
    core.finish()
}

/// FXRSTOR and FXRSTOR64: #GP(0) for MXCSR's reserved bits.
pub fn fxrstor<const WIDE: bool>(core: &mut Core<'_>, op: &Op) -> Flow {
    let linear = area(core, op, 16)?;
    let mut image = [0; WRITTEN];
    core.load_pages(op, linear, &mut image, 1)?;
    let mxcsr = word(&image[24..28]) as u32;
    if mxcsr & !MXCSR_MASK != 0 {
        return Err(Fault::gp(0).into());
    }
    read_x87(core, &image, WIDE);
    core.hot.mxcsr = mxcsr;
    read_lanes(core, 0, &image[160..416]);
    core.finish()
}

fn requested(core: &Core<'_>) -> u64 {
    core.cpu.xcr0 & (core.hot.regs[RDX] << 32 | core.hot.regs[RAX] & 0xffff_ffff)
}

/// The components that are not in their initial configuration (SDM 1 13.6).
fn in_use(core: &Core<'_>) -> u64 {
    let x87 = &core.cpu.x87;
    let initial = *x87 == crate::cpu::x87::X87::new();
    let there = &core.hot.vectors[..vectors(core)];
    let sse = there.iter().any(|v| v.lanes[0] != 0);
    let avx = there.iter().any(|v| v.lanes[1] != 0);
    u64::from(!initial) | u64::from(sse) << 1 | u64::from(avx) << 2
}

/// #UD unless CR4.OSXSAVE is set; then #NM by CR0.TS, and #GP(0) if the area is not aligned to 64.
fn extended_area(core: &Core<'_>, op: &Op) -> Result<u64, crate::cpu::Trap> {
    if core.cpu.cr4 & cr4::OSXSAVE == 0 {
        return Err(Fault::UD.into());
    }
    if core.cpu.cr0 & cr0::TS != 0 {
        return Err(Fault::NM.into());
    }
    let linear = core.linear(op);
    if linear & 63 != 0 { Err(Fault::gp(0).into()) } else { Ok(linear) }
}

/// XSAVE, and XSAVEOPT, which leaves out components in their initial configuration.
pub fn xsave<const WIDE: bool, const OPT: bool>(core: &mut Core<'_>, op: &Op) -> Flow {
    let linear = extended_area(core, op)?;
    let (asked, used) = (requested(core), in_use(core));
    let written = if OPT { asked & used } else { asked };
    let mut area = [0; LEGACY + HEADER + UPPER];
    let len = LEGACY + HEADER + if asked & AVX != 0 { UPPER } else { 0 };
    core.load_pages(op, linear, &mut area[..len], 1)?;
    let (legacy, rest) = area.split_at_mut(LEGACY);
    let Some(legacy) = legacy.first_chunk_mut::<LEGACY>() else { return Ok(()) };
    if written & X87 != 0 {
        write_x87(core, legacy, WIDE);
    }
    if asked & (SSE | AVX) != 0 {
        write_mxcsr(core, legacy);
    }
    if written & SSE != 0 {
        write_lanes(core, 0, &mut legacy[160..416]);
    }
    let state = word(&rest[..8]) & !asked | asked & used;
    rest[..8].copy_from_slice(&state.to_le_bytes());
    if written & AVX != 0 {
        write_lanes(core, 1, &mut rest[HEADER..]);
    }
    core.store_pages(op, linear, &area[..len], 1)?;
    core.finish()
}

/// XRSTOR, standard form: components that the header says are initial are initialised.
pub fn xrstor<const WIDE: bool>(core: &mut Core<'_>, op: &Op) -> Flow {
    let linear = extended_area(core, op)?;
    let asked = requested(core);
    let mut area = [0; LEGACY + HEADER + UPPER];
    let len = LEGACY + HEADER + if asked & AVX != 0 { UPPER } else { 0 };
    core.load_pages(op, linear, &mut area[..len], 1)?;
    let (legacy, rest) = area.split_at(LEGACY);
    let (state, compaction) = (word(&rest[..8]), &rest[8..24]);
    let mxcsr = word(&legacy[24..28]) as u32;
    let loads_mxcsr = asked & (SSE | AVX) != 0;
    let refused = state & !core.cpu.xcr0 != 0
        || compaction.iter().any(|byte| *byte != 0)
        || loads_mxcsr && mxcsr & !MXCSR_MASK != 0;
    if refused {
        return Err(Fault::gp(0).into());
    }
    if asked & state & X87 != 0 {
        read_x87(core, legacy, WIDE);
    } else if asked & X87 != 0 {
        core.cpu.x87 = crate::cpu::x87::X87::new();
    }
    if loads_mxcsr {
        core.hot.mxcsr = mxcsr;
    }
    let zeros = [0; UPPER];
    if asked & SSE != 0 {
        read_lanes(core, 0, if state & SSE != 0 { &legacy[160..416] } else { &zeros });
    }
    if asked & AVX != 0 {
        read_lanes(core, 1, if state & AVX != 0 { &rest[HEADER..] } else { &zeros });
    }
    core.finish()
}

/// XGETBV: XCR0 only.
pub fn xgetbv(core: &mut Core<'_>, _op: &Op) -> Flow {
    if core.cpu.cr4 & cr4::OSXSAVE == 0 {
        return Err(Fault::UD.into());
    }
    if core.hot.regs[RCX] as u32 != 0 {
        return Err(Fault::gp(0).into());
    }
    core.hot.regs[RAX] = core.cpu.xcr0 & 0xffff_ffff;
    core.hot.regs[RDX] = core.cpu.xcr0 >> 32;
    Ok(())
}

/// XSETBV: a VM exit in non-root operation (SDM 3C 25.1.2); x87 is always enabled, AVX only with SSE.
pub fn xsetbv(core: &mut Core<'_>, op: &Op) -> Flow {
    if core.cpu.cr4 & cr4::OSXSAVE == 0 {
        return Err(Fault::UD.into());
    }
    // A fault by privilege comes before the exit (SDM 3C 25.1.1).
    privileged(core)?;
    if core.cpu.vmx.non_root {
        return Err(core.exit_for_instruction(ExitReason::XSETBV, op, 0, 0));
    }
    let value = core.hot.regs[RDX] << 32 | core.hot.regs[RAX] & 0xffff_ffff;
    let valid = value & X87 != 0 && value & !core.xcr0_supported() == 0 && value & (SSE | AVX) != AVX;
    if core.hot.regs[RCX] as u32 != 0 || !valid {
        return Err(Fault::gp(0).into());
    }
    core.cpu.xcr0 = value;
    Ok(())
}

/// VZEROUPPER and VZEROALL.
pub fn vzero<const ALL: bool>(core: &mut Core<'_>, _op: &Op) -> Flow {
    core.avx()?;
    let count = vectors(core);
    for vector in &mut core.hot.vectors[..count] {
        *vector = Vector { lanes: [if ALL { 0 } else { vector.lanes[0] }, 0] };
    }
    Ok(())
}
