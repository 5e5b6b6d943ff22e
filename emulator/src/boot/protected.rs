//! 32-bit protected mode without paging: what multiboot and 32-bit PVH kernels are entered in.

use super::firmware::words;
use crate::cpu::arch::{CS, Cpu, DS, ES, FS, GS, LDTR, SS, Segment, TR, TableRegister, cr0};
use crate::cpu::hot::Hot;
use crate::memory::Memory;
use crate::vmx::segment::AccessRights;

const GDT: u64 = 0x1000;
const CODE_DESCRIPTOR: u64 = 0x00cf_9b00_0000_ffff;
const DATA_DESCRIPTOR: u64 = 0x00cf_9300_0000_ffff;

/// Flat segments of 4 GiB, interrupts off, execution at `entry` (Multiboot 3.2, Multiboot2 3.3).
pub(super) fn enter_protected_mode(memory: &mut Memory<'_>, cpu: &mut Cpu, hot: &mut Hot, entry: u64) {
    words(memory, GDT, &[0, CODE_DESCRIPTOR, DATA_DESCRIPTOR]);
    let flat =
        |selector, rights| Segment { selector, limit: u32::MAX, rights: AccessRights(rights), base: 0 };
    cpu.segments[CS] = flat(8, 0xc09b);
    for segment in [ES, SS, DS, FS, GS] {
        cpu.segments[segment] = flat(16, 0xc093);
    }
    cpu.segments[LDTR] = Segment { rights: AccessRights(AccessRights::UNUSABLE), ..Segment::default() };
    cpu.segments[TR] = Segment { limit: 0x67, rights: AccessRights(0x8b), ..Segment::default() };
    cpu.gdtr = TableRegister { base: GDT, limit: 23 };
    cpu.idtr = TableRegister::default();
    cpu.cr0 = cr0::PE | cr0::ET;
    (cpu.cr3, cpu.cr4, cpu.efer) = (0, 0, 0);
    hot.seg_base = [0; 8];
    hot.rip = entry;
    hot.flags.set_rflags(2);
}
