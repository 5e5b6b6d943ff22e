//! A VMCS that every check passes: a 64-bit guest under a 64-bit host, with EPT, VPID and bitmaps.

use crate::vmx::caps::Capabilities;
use crate::vmx::controls::{entry, exit, pin, primary, secondary};
use crate::vmx::fields::*;
use crate::vmx::segment::{self, CS, LDTR, TR};
use crate::vmx::vmcs::Vmcs;

/// The sample for a processor, its reserved bits as the TRUE capability MSRs want them.
pub(crate) fn valid_64bit(caps: &Capabilities) -> Vmcs {
    let mut v = Vmcs::new(caps.revision());
    controls(&mut v, caps);
    host(&mut v);
    guest(&mut v);
    v
}

fn controls(v: &mut Vmcs, caps: &Capabilities) {
    let pin = pin::EXTERNAL_INTERRUPT_EXITING | pin::NMI_EXITING;
    let primary = primary::ACTIVATE_SECONDARY_CONTROLS
        | primary::USE_IO_BITMAPS
        | primary::USE_MSR_BITMAPS
        | primary::USE_TPR_SHADOW & caps.primary.may_be_1;
    let exit = exit::HOST_ADDRESS_SPACE_SIZE | exit::LOAD_IA32_PAT | exit::LOAD_IA32_EFER;
    let entry =
        entry::IA32E_MODE_GUEST | entry::LOAD_DEBUG_CONTROLS | entry::LOAD_IA32_PAT | entry::LOAD_IA32_EFER;
    let exit = exit | exit::ACKNOWLEDGE_INTERRUPT_ON_EXIT;
    let secondary = secondary::ENABLE_EPT | secondary::ENABLE_VPID;
    for (field, value) in [
        (PIN_BASED_CONTROLS, caps.pin.must_be_1 | pin),
        (PRIMARY_PROCESSOR_BASED_CONTROLS, caps.primary.must_be_1 | primary),
        (SECONDARY_PROCESSOR_BASED_CONTROLS, secondary),
        (VM_EXIT_CONTROLS, caps.exit.must_be_1 | exit),
        (VM_ENTRY_CONTROLS, caps.entry.must_be_1 | entry),
        (VPID, 1),
        (EPT_POINTER, 0x10_0000 | 3 << 3 | 6),
        (IO_BITMAP_A_ADDRESS, 0x4000),
        (IO_BITMAP_B_ADDRESS, 0x5000),
        (MSR_BITMAPS_ADDRESS, 0x6000),
        (VIRTUAL_APIC_ADDRESS, 0x7000),
        (APIC_ACCESS_ADDRESS, 0x8000),
    ] {
        v.set(field, value.into());
    }
}

fn host(v: &mut Vmcs) {
    for (field, value) in [
        (HOST_CR0, 0x8000_0031),
        (HOST_CR3, 0x1000),
        (HOST_CR4, 0x2020),
        (HOST_CS_SELECTOR, 8),
        (HOST_SS_SELECTOR, 16),
        (HOST_TR_SELECTOR, 24),
        (HOST_IA32_PAT, 0x0007_0406_0007_0406),
        (HOST_IA32_EFER, 0xd01),
        (HOST_RIP, 0xffff_8000_0000_1000),
        (HOST_GDTR_BASE, 0xffff_8000_0000_2000),
    ] {
        v.set(field, value);
    }
}

fn guest(v: &mut Vmcs) {
    for (field, value) in [
        (GUEST_CR0, 0x8000_0031),
        (GUEST_CR3, 0x2000),
        (GUEST_CR4, 0x2020),
        (GUEST_DR7, 0x400),
        (GUEST_IA32_PAT, 0x0007_0406_0007_0406),
        (GUEST_IA32_EFER, 0xd01),
        (GUEST_RIP, 0x20_0000),
        (GUEST_RFLAGS, 0x202),
        (VMCS_LINK_POINTER, u64::MAX),
    ] {
        v.set(field, value);
    }
    for register in 0..6 {
        v.set(segment::selector(register), if register == CS { 8 } else { 16 });
        v.set(segment::limit(register), 0xffff_ffff);
        v.set(segment::access_rights(register), if register == CS { 0xa09b } else { 0xc093 });
    }
    v.set(segment::access_rights(LDTR), 1 << 16);
    v.set(segment::selector(TR), 24);
    v.set(segment::limit(TR), 0x67);
    v.set(segment::access_rights(TR), 0x8b);
}
