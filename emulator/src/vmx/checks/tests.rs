//! Rows: a valid VMCS with one thing broken, and the check that must say so.

use super::context::Context;
use super::*;
use crate::vmx::caps::{Capabilities, Options};
use crate::vmx::controls::{entry, exit, pin, primary, secondary};
use crate::vmx::events::InterruptionInfo;
use crate::vmx::events::InterruptionType::*;
use crate::vmx::fields::*;
use crate::vmx::segment;
use crate::vmx::vmcs::Vmcs;
use std::collections::BTreeSet;

const CURRENT: u64 = 0xc000;
const CR4_WITH_PCIDE: u64 = 0x2_27ff;

type Row = (&'static str, fn(&mut Vmcs));

fn caps() -> Capabilities {
    Capabilities::new(Options {
        unrestricted_guest: true,
        ept_accessed_dirty: true,
        apic_virtualization: true,
        posted_interrupts: true,
        invpcid: true,
        cr4_supported: CR4_WITH_PCIDE,
    })
}

/// The current VMCS holds its revision, VTPR is 0x30, and everything else is zero.
fn memory(address: u64) -> Option<u64> {
    Some(match address {
        CURRENT => 0x0e,
        0x7080 => 0x30,
        0xb008 => 1 | 1 << 1,
        _ => 0,
    })
}

fn context<'a>(vmcs: &'a Vmcs, caps: &'a Capabilities) -> Context<'a> {
    Context {
        vmcs,
        caps,
        maxphyaddr: 36,
        host_lma: true,
        current_vmcs: CURRENT,
        efer_bits: 0xd01,
        debugctl_bits: 3,
        memory: &memory,
    }
}

fn inject(v: &mut Vmcs, event: InterruptionInfo) {
    v.set(VM_ENTRY_INTERRUPTION_INFO, event.0.into());
}

/// Valid posted interrupts.
fn posted(v: &mut Vmcs) {
    v.set_bits(PIN_BASED_CONTROLS, pin::PROCESS_POSTED_INTERRUPTS.into());
    v.set_bits(SECONDARY_PROCESSOR_BASED_CONTROLS, secondary::VIRTUAL_INTERRUPT_DELIVERY.into());
    v.set(POSTED_INTERRUPT_DESCRIPTOR_ADDRESS, 0x9040);
}

/// A host in 32-bit mode.
fn host_32(v: &mut Vmcs) {
    v.clear_bits(VM_EXIT_CONTROLS, exit::HOST_ADDRESS_SPACE_SIZE.into());
    v.clear_bits(HOST_IA32_EFER, 0x500);
    v.set(HOST_RIP, 0x1000);
}

/// A guest in 32-bit protected mode with PAE paging.
fn legacy(v: &mut Vmcs) {
    v.clear_bits(VM_ENTRY_CONTROLS, entry::IA32E_MODE_GUEST.into());
    v.clear_bits(GUEST_IA32_EFER, 0x500);
    v.set(GUEST_CS_ACCESS_RIGHTS, 0xc09b);
}

/// A guest in virtual-8086 mode.
fn v8086(v: &mut Vmcs) {
    legacy(v);
    v.set_bits(GUEST_RFLAGS, 1 << 17);
    for register in 0..6 {
        v.set(segment::selector(register), 0x1000);
        v.set(segment::base(register), 0x1_0000);
        v.set(segment::limit(register), 0xffff);
        v.set(segment::access_rights(register), 0xf3);
    }
}

/// A guest at CPL 3.
fn user(v: &mut Vmcs) {
    v.set(GUEST_CS_SELECTOR, 0x23);
    v.set(GUEST_SS_SELECTOR, 0x2b);
    v.set(GUEST_CS_ACCESS_RIGHTS, 0xa0fb);
    v.set(GUEST_SS_ACCESS_RIGHTS, 0xc0f3);
}

/// A usable LDTR.
fn ldt(v: &mut Vmcs) {
    v.set(GUEST_LDTR_ACCESS_RIGHTS, 0x82);
}

mod rows;
use rows::{CONTROL_AND_HOST_ROWS, GUEST_ROWS};

fn failing(
    phase: fn(&Context) -> Result<(), Failed>,
    rows: &[Row],
    groups: &[Group],
) -> BTreeSet<&'static str> {
    let caps = caps();
    let place: Vec<_> =
        groups.iter().flat_map(|g| g.checks.iter().map(move |c| (c.name, g.failure))).collect();
    for (name, change) in rows {
        let mut vmcs = sample::valid_64bit(&caps);
        change(&mut vmcs);
        let failed = phase(&context(&vmcs, &caps)).expect_err(name);
        assert_eq!(failed.name, *name);
        assert_eq!(place[usize::from(failed.index)], (failed.name, failed.failure));
    }
    rows.iter().map(|(name, _)| *name).collect()
}

/// Every check of the groups but these is broken by some row, and no two have one name.
fn all_but(groups: &[Group], elsewhere: &[&'static str], broken: &BTreeSet<&str>) {
    let names: Vec<_> = groups.iter().flat_map(|g| g.checks).map(|c| c.name).collect();
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
    for name in names {
        assert_ne!(broken.contains(name), elsewhere.contains(&name), "{name}");
    }
}

fn passes(change: fn(&mut Vmcs)) {
    let caps = caps();
    let mut vmcs = sample::valid_64bit(&caps);
    change(&mut vmcs);
    let context = context(&vmcs, &caps);
    assert_eq!((controls_and_host(&context), guest(&context)), (Ok(()), Ok(())));
}

#[test]
fn valid_guests_of_every_mode_pass() {
    passes(|_| ());
    passes(posted);
    passes(user);
    passes(legacy);
    passes(v8086);
    passes(ldt);
    passes(|v| inject(v, InterruptionInfo::new(ExternalInterrupt, 0x20)));
    passes(|v| inject(v, InterruptionInfo::new(HardwareException, 14).with_error_code()));
    passes(|v| v.set(GUEST_DS_ACCESS_RIGHTS, 1 << 16));
    passes(|v| v.set(TPR_THRESHOLD, 3));
}

#[test]
fn each_broken_control_or_host_field_is_named() {
    let broken = failing(controls_and_host, CONTROL_AND_HOST_ROWS, CONTROLS_AND_HOST);
    // These depend on the mode of the host at the entry, or on the model; below.
    let elsewhere = [
        "EPTP accessed and dirty flags",
        "host SS selector is not 0000 outside 64-bit mode",
        "outside IA-32e mode the guest is outside it",
        "outside IA-32e mode the host address-space size is 0",
        "host address-space size 0: the guest is outside IA-32e mode",
        "host address-space size 0: CR4.PCIDE is 0",
        "host address-space size 0: RIP bits 63:32 are 0",
    ];
    all_but(CONTROLS_AND_HOST, &elsewhere, &broken);
}

#[test]
fn each_broken_guest_field_is_named() {
    let broken = failing(guest, GUEST_ROWS, GUEST);
    all_but(GUEST, &[], &broken);
}

fn from_32_bit_host(change: fn(&mut Vmcs)) -> Result<(), Failed> {
    let caps = caps();
    let mut vmcs = sample::valid_64bit(&caps);
    host_32(&mut vmcs);
    legacy(&mut vmcs);
    change(&mut vmcs);
    controls_and_host(&Context { host_lma: false, ..context(&vmcs, &caps) })
}

#[test]
fn a_32_bit_host_has_rules_of_its_own() {
    assert_eq!(from_32_bit_host(|_| ()), Ok(()));
    let rows: &[Row] = &[
        ("host SS selector is not 0000 outside 64-bit mode", |v| v.set(HOST_SS_SELECTOR, 0)),
        ("outside IA-32e mode the guest is outside it", |v| v.set_bits(VM_ENTRY_CONTROLS, 1 << 9)),
        ("outside IA-32e mode the host address-space size is 0", |v| {
            v.set_bits(VM_EXIT_CONTROLS, 1 << 9);
            v.set_bits(HOST_IA32_EFER, 0x500)
        }),
        ("host address-space size 0: CR4.PCIDE is 0", |v| v.set_bits(HOST_CR4, 1 << 17)),
        ("host address-space size 0: RIP bits 63:32 are 0", |v| v.set(HOST_RIP, 1 << 32)),
    ];
    for (name, change) in rows {
        assert_eq!(from_32_bit_host(*change).map_err(|f| f.name), Err(*name));
    }
}

#[test]
fn eptp_flags_need_the_capability() {
    let mut caps = caps();
    let mut vmcs = sample::valid_64bit(&caps);
    vmcs.set_bits(EPT_POINTER, 1 << 6);
    assert_eq!(controls_and_host(&context(&vmcs, &caps)), Ok(()));
    caps.ept_vpid &= !(1 << 21);
    let failed = controls_and_host(&context(&vmcs, &caps)).map_err(|f| f.name);
    assert_eq!(failed, Err("EPTP accessed and dirty flags"));
}

#[test]
fn pdptes_come_from_memory_without_ept() {
    let caps = caps();
    let mut vmcs = sample::valid_64bit(&caps);
    legacy(&mut vmcs);
    vmcs.clear_bits(SECONDARY_PROCESSOR_BASED_CONTROLS, secondary::ENABLE_EPT.into());
    vmcs.set(GUEST_CR3, 0xb000);
    let failed = guest(&context(&vmcs, &caps)).unwrap_err();
    assert_eq!((failed.name, failed.failure), ("guest PDPTE1 reserved bits", guest_state(2)));
}

#[test]
fn failures_tell_errors_and_qualifications_apart() {
    let caps = caps();
    let mut vmcs = sample::valid_64bit(&caps);
    vmcs.set(HOST_TR_SELECTOR, 0);
    assert_eq!(controls_and_host(&context(&vmcs, &caps)).unwrap_err().failure, HOST);
    vmcs.set(VPID, 0);
    assert_eq!(controls_and_host(&context(&vmcs, &caps)).unwrap_err().failure, CONTROL);
    vmcs.set(VMCS_LINK_POINTER, 0);
    assert_eq!(guest(&context(&vmcs, &caps)).unwrap_err().failure, guest_state(4));
    vmcs.set(GUEST_RFLAGS, 0);
    assert_eq!(guest(&context(&vmcs, &caps)).unwrap_err().failure, guest_state(0));
}
