//! EPT violations: the IDT's page in direct mode, the MSI-X table, and addresses where nothing is.

use super::decode::{Kind, decode};
use super::event::Event;
use super::vectoring::Vectoring;
use super::{Exit, Stop, Vcpu, mapping};
use crate::device::Effect;
use crate::guest::read_linear;
use crate::vmx::spec::{ept, field::*};
use crate::vmx::vmread;
use kit::frames::PAGE;
use kit::trap;

/// The longest instruction.
const MAX_LENGTH: usize = 15;
/// CS access rights bit 13: L, 64-bit code.
const RIGHTS_L: u64 = 1 << 13;

/// Exit reason 48.
pub fn ept_violation(vcpu: &mut Vcpu, exit: &Exit) -> Result<(), Stop> {
    if exit.vectoring == Vectoring::Served {
        return Ok(());
    }
    let (qualification, address) = (vmread(EXIT_QUALIFICATION), vmread(GUEST_PHYSICAL_ADDRESS));
    if vcpu.was_direct() && vcpu.ept.is_backed(address / PAGE * PAGE) {
        return mapping::change(vcpu, exit);
    }
    if exit.vectoring == Vectoring::Requeued {
        return Err(Stop("an event is delivered to where no memory is"));
    }
    if qualification & ept::ACCESS_FETCH != 0 || qualification & ept::LINEAR_TRANSLATION == 0 {
        return Err(Stop("code or a page table lies where no memory is"));
    }
    access(vcpu, address, qualification & ept::ACCESS_WRITE != 0);
    Ok(())
}

/// The instruction at RIP reads or writes `address`, which is no memory.
fn access(vcpu: &mut Vcpu, address: u64, write: bool) {
    let mut bytes = [0; MAX_LENGTH];
    let in_64_bit_mode = vmread(GUEST_CS_RIGHTS) & RIGHTS_L != 0;
    let available = read_linear(&vcpu.memory, vmread(GUEST_CR3), vmread(GUEST_RIP), &mut bytes);
    let access = decode(&bytes[..available]).filter(|access| in_64_bit_mode && access.is_write() == write);
    let Some(access) = access else {
        // An instruction that no driver uses on device registers.
        vcpu.event = Some(Event::exception(trap::INVALID_OPCODE));
        return;
    };
    match access.kind {
        Kind::Load { register, merge } => {
            let value = read(vcpu, address, access.size);
            let old = if merge { vcpu.register(register) & !access.mask() } else { 0 };
            vcpu.set_register(register, old | value & access.mask());
        }
        Kind::StoreRegister(register) => store(vcpu, address, access.size, vcpu.register(register)),
        Kind::StoreImmediate(value) => store(vcpu, address, access.size, value),
    }
    vcpu.skip_bytes(access.length as u64);
}

/// Where nothing is, every bit reads as one; so do accesses that are not aligned, of which one might reach beyond the BAR.
fn read(vcpu: &Vcpu, address: u64, size: u8) -> u64 {
    let Some(offset) = vcpu.device.table_offset(address).filter(|offset| offset % size as u64 == 0) else {
        return u64::MAX;
    };
    let low = vcpu.device.read_table(offset) as u64;
    let high = if size == 8 { vcpu.device.read_table(offset + 4) as u64 } else { 0 };
    (high << 32 | low) >> ((offset & 3) * 8)
}

/// Only doublewords and quadwords reach the MSI-X table (PCI 3.0 6.8.2). Where nothing is, writes go nowhere.
fn store(vcpu: &mut Vcpu, address: u64, size: u8, value: u64) {
    let Some(offset) = vcpu.device.table_offset(address).filter(|offset| offset % size as u64 == 0) else {
        return;
    };
    let words = if size == 8 { 2 } else { (size / 4) as u64 };
    let mut effect = Effect::None;
    for word in 0..words {
        effect = vcpu.device.write_table(offset + 4 * word, (value >> (32 * word)) as u32);
    }
    vcpu.apply(effect);
}
