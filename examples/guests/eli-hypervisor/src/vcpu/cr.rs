//! Control registers. SDM 3C 27.2.1, table 27-3.

use super::event::Event;
use super::{Exit, Stop, Vcpu};
use crate::vmx::spec::{field::*, msr};
use crate::vmx::{vmread, vmwrite};
use kit::cpu::{CR0_PE, CR0_PG};
use kit::msr::rdmsr;
use kit::trap;

/// CR0.NW and CR0.CD: NW without CD is #GP.
const CR0_NW: u64 = 1 << 29;
const CR0_CD: u64 = 1 << 30;

/// Exit reason 28. Qualification: 3:0 register, 5:4 access (0 MOV to, 1 MOV from), 11:8 general register.
pub fn cr_access(vcpu: &mut Vcpu, _: &Exit) -> Result<(), Stop> {
    let qualification = vmread(EXIT_QUALIFICATION);
    let general = (qualification >> 8 & 0xF) as usize;
    match (qualification >> 4 & 3, qualification & 0xF) {
        (0, 8) => mov_to_cr8(vcpu, vcpu.register(general)),
        (1, 8) => {
            vcpu.set_register(general, (vcpu.vapic.tpr() >> 4) as u64);
            vcpu.skip();
        }
        (0, 0) => return mov_to_cr0(vcpu, vcpu.register(general)),
        (0, 3) => vcpu.mov_to_cr3(vcpu.register(general)),
        // Only a bit that the host keeps makes MOV to CR4 exit, and the guest's processor does not have it.
        (0, 4) => vcpu.raise_gp(),
        // CLTS, and LMSW without PE, change no bit that the host keeps.
        _ => vcpu.event = Some(Event::exception(trap::INVALID_OPCODE)),
    }
    Ok(())
}

fn mov_to_cr8(vcpu: &mut Vcpu, value: u64) {
    if value > 0xF {
        return vcpu.raise_gp();
    }
    vcpu.vapic.set_cr8(value as u8);
    vcpu.skip();
}

/// The guest may change every bit but PE and PG; the bits that VMX operation fixes change in its view only.
fn mov_to_cr0(vcpu: &mut Vcpu, value: u64) -> Result<(), Stop> {
    if value >> 32 != 0 || value & (CR0_NW | CR0_CD) == CR0_NW || value & (CR0_PE | CR0_PG) == CR0_PG {
        vcpu.raise_gp();
        return Ok(());
    }
    if value & CR0_PG == 0 {
        return Err(Stop("the guest leaves long mode, which takes an unrestricted guest"));
    }
    // SAFETY: the capability registers exist with VMX.
    let (fixed0, fixed1) = unsafe { (rdmsr(msr::CR0_FIXED0), rdmsr(msr::CR0_FIXED1)) };
    vmwrite(CR0_SHADOW, value);
    vmwrite(GUEST_CR0, (value | fixed0) & fixed1);
    vcpu.skip();
    Ok(())
}
