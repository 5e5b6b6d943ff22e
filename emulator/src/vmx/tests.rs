//! Fields, capabilities, EPT, bitmaps and operands against the manual's tables.

use super::bitmaps::{IoBitmap, io_exits, msr_exits};
use super::ept::Rules;
use super::fields::*;
use super::instruction_info::{GdtrIdtr, MemoryOperand, Operand};
use super::invalidate::{Invept, Invvpid, invept, invvpid};
use super::qualification::{CrAccess, EptAccessFor, IoAccess};
use super::*;

mod ept_walk;

fn caps() -> Capabilities {
    Capabilities::new(Options::default())
}

#[test]
fn every_encoding_says_its_own_width_and_kind() {
    for field in Field::all() {
        let info = field.info();
        let encoding = u32::from(info.encoding);
        assert_eq!(encoding >> 13 & 3, info.width as u32, "{field:?}");
        assert_eq!(encoding >> 10 & 3, info.kind as u32, "{field:?}");
        assert_eq!(encoding & 0x9001, 0, "{field:?}");
        assert_eq!(lookup(encoding), Some((field, Half::Full)));
        let high = (info.width == Width::W64).then_some((field, Half::High));
        assert_eq!(lookup(encoding | 1), high, "{field:?}");
    }
}

#[test]
fn the_table_rises_without_duplicates() {
    assert!(FIELDS.windows(2).all(|w| w[0].encoding < w[1].encoding));
    assert!(FIELDS.iter().enumerate().all(|(n, f)| FIELDS[..n].iter().all(|g| g.name != f.name)));
}

#[test]
fn well_known_encodings_are_those_of_appendix_b() {
    let rows = [
        (GUEST_RIP, 0x681e),
        (GUEST_IDTR_BASE, 0x6818),
        (HOST_RIP, 0x6c16),
        (EXIT_REASON, 0x4402),
        (EXIT_QUALIFICATION, 0x6400),
        (EPT_POINTER, 0x201a),
        (GUEST_TR_ACCESS_RIGHTS, 0x4822),
        (VMX_PREEMPTION_TIMER_VALUE, 0x482e),
        (segment::limit(segment::TR), 0x480e),
        (segment::base(segment::GS), 0x6810),
        (segment::selector(segment::LDTR), 0x080c),
    ];
    for (field, encoding) in rows {
        assert_eq!(field.encoding(), encoding, "{field:?}");
    }
}

#[test]
fn an_encoding_beyond_the_table_is_no_field() {
    for encoding in [0x000a, 0x1000, 0x681e | 1 << 7, 0x8000_681e, 0x481e | 1, 0xffff_ffff] {
        assert_eq!(lookup(encoding), None, "{encoding:x}");
    }
}

#[test]
fn vmread_and_vmwrite_reach_halves_and_refuse() {
    let caps = caps();
    let mut v = Vmcs::new(caps.revision());
    v.write_encoding(&caps, 0x2010, 0x1111_2222_3333_4444).unwrap();
    v.write_encoding(&caps, 0x2011, 0xaaaa_bbbb).unwrap();
    assert_eq!(v.get(TSC_OFFSET), 0xaaaa_bbbb_3333_4444);
    assert_eq!(v.read_encoding(&caps, 0x2011), Ok(0xaaaa_bbbb));
    v.write_encoding(&caps, 0x0802, 0x12_3456).unwrap();
    assert_eq!(v.get(GUEST_CS_SELECTOR), 0x3456);
    assert_eq!(v.read_encoding(&caps, 1 << 32 | 0x2010).unwrap_err().0, 12);
    assert_eq!(v.write_encoding(&caps, 0x4402, 0).unwrap_err().0, 13);
    // APIC virtualization is not offered, so its fields do not exist.
    assert_eq!(v.write_encoding(&caps, 0x2014, 0).unwrap_err().0, 12);
    let more = Capabilities::new(Options { apic_virtualization: true, ..Options::default() });
    assert_eq!(v.write_encoding(&more, 0x2014, 0x1000), Ok(()));
}

#[test]
fn capability_msrs_are_consistent() {
    for options in [Options::default(), Options { unrestricted_guest: true, ..Options::default() }] {
        let caps = Capabilities::new(options);
        for index in [0x481, 0x482, 0x483, 0x484, 0x48b, 0x48d, 0x48e, 0x48f, 0x490] {
            let value = caps.msr(index).unwrap();
            assert_eq!(value as u32 & !(value >> 32) as u32, 0, "{index:x}: what must be 1 may be 1");
        }
        for (original, relaxed) in [(0x481, 0x48d), (0x482, 0x48e), (0x483, 0x48f), (0x484, 0x490)] {
            let (original, relaxed) = (caps.msr(original).unwrap(), caps.msr(relaxed).unwrap());
            assert_eq!(original >> 32, relaxed >> 32);
            assert_eq!(relaxed as u32 & !(original as u32), 0);
        }
    }
}

#[test]
fn capability_msrs_have_the_manuals_values() {
    let rows = [
        (0x480, 0x00d8_1000_0000_000e),
        (0x481, 0x0000_007f_0000_0016),
        (0x482, 0xffd9_fffe_0401_e172),
        (0x483, 0x007f_efff_0003_6dff),
        (0x484, 0x0000_d3ff_0000_11ff),
        (0x485, 0x0004_01c5),
        (0x486, 0x8000_0021),
        (0x487, 0xffff_ffff),
        (0x488, 0x2000),
        (0x489, 0x27ff),
        (0x48a, 0x2e),
        (0x48b, 0x0000_006e_0000_0000),
        (0x48c, 0x0f01_0613_4141),
        (0x48d, 0x0000_007f_0000_0016),
        (0x48e, 0xffd9_fffe_0400_6172),
        (0x48f, 0x007f_efff_0003_6dfb),
        (0x490, 0x0000_d3ff_0000_11fb),
    ];
    for (index, value) in rows {
        assert_eq!(caps().msr(index), Some(value), "{index:x}: {:x?}", caps().msr(index));
    }
    assert_eq!((caps().msr(0x491), caps().msr(0x47f)), (None, None));
}

fn rules() -> Rules {
    Rules::new(&caps(), 36)
}

/// A four-level, write-back EPTP.
const EPTP: u64 = 0x1000 | 3 << 3 | 6;

#[test]
fn io_bitmaps_cover_every_byte_of_an_access() {
    let only_3f9 = |b, offset| if b == IoBitmap::A && offset == 0x7f { 1u8 << 1 } else { 0 };
    assert!(!io_exits(0x3f8, 1, only_3f9));
    assert!(io_exits(0x3f8, 2, only_3f9));
    assert!(!io_exits(0x3fa, 4, only_3f9));
    let first_of_b = |b, offset| u8::from(b == IoBitmap::B && offset == 0);
    assert!(io_exits(0x7fff, 2, first_of_b) && !io_exits(0x7ffe, 2, first_of_b));
    assert!(io_exits(0xffff, 2, |_, _| 0) && !io_exits(0xfffe, 2, |_, _| 0));
}

#[test]
fn msr_bitmaps_have_four_quarters() {
    let rows = [
        (0x80b, false, 0x101, 3),
        (0x80b, true, 2048 + 0x101, 3),
        (0xc000_0080, false, 1024 + 0x10, 0),
        (0xc000_1fff, true, 4095, 7),
    ];
    for (msr, write, offset, bit) in rows {
        assert!(msr_exits(msr, write, |o| if o == offset { 1 << bit } else { 0 }), "{msr:x}");
        assert!(!msr_exits(msr, write, |o| if o == offset { !(1 << bit) } else { 0xff }), "{msr:x}");
    }
    assert!(msr_exits(0x2000, false, |_| 0) && msr_exits(0xc000_2000, true, |_| 0));
}

#[test]
fn invalidations_check_their_operands() {
    let r = rules();
    assert_eq!(invept(&r, 1, [EPTP, 0]), Ok(Invept::SingleContext { eptp: EPTP }));
    assert_eq!(invept(&r, 2, [0, 0]), Ok(Invept::AllContexts));
    assert_eq!(invvpid(&r, 0, [1, 0x1000]), Ok(Invvpid::IndividualAddress { vpid: 1, address: 0x1000 }));
    assert_eq!(invvpid(&r, 2, [0, 0]), Ok(Invvpid::AllContexts));
    for (kind, descriptor) in [(0, [EPTP, 0]), (3, [EPTP, 0]), (1, [EPTP | 1 << 7, 0]), (1, [0x1006, 0])] {
        assert_eq!(invept(&r, kind, descriptor).unwrap_err().0, 28);
    }
    for (kind, descriptor) in
        [(0, [1, 1 << 47]), (1, [0, 0]), (3, [0, 0]), (2, [1 << 16, 0]), (4, [1, 0]), (u64::MAX, [1, 0])]
    {
        assert_eq!(invvpid(&r, kind, descriptor).unwrap_err().0, 28);
    }
}

#[test]
fn qualifications_follow_their_tables() {
    assert_eq!(qualification::cr_access(CrAccess::MovTo { cr: 3, register: 7 }), 0x703);
    assert_eq!(qualification::cr_access(CrAccess::MovFrom { cr: 8, register: 15 }), 0xf18);
    assert_eq!(qualification::cr_access(CrAccess::Clts), 0x20);
    assert_eq!(qualification::cr_access(CrAccess::Lmsw { source: 0x1234, memory: true }), 0x1234_0070);
    assert_eq!(qualification::dr_access(7, true, 2), 0x217);
    let out = IoAccess { port: 0xf4, size: 4, immediate: true, ..IoAccess::default() };
    assert_eq!(qualification::io_instruction(out), 0x00f4_0043);
    let ins = IoAccess { port: 0x3f8, size: 1, is_in: true, string: true, rep: true, immediate: false };
    assert_eq!(qualification::io_instruction(ins), 0x03f8_0038);
    assert_eq!(qualification::ept_violation(0x0a, EptAccessFor::Translation, false), 0x18a);
    assert_eq!(qualification::ept_violation(0x03, EptAccessFor::PagingStructure, true), 0x1083);
}

#[test]
fn instruction_information_follows_its_tables() {
    // [rsp + rax*8 + ...] with 64-bit addresses in SS.
    let memory = MemoryOperand { scaling: 3, address_size: 2, segment: 2, index: Some(0), base: Some(4) };
    assert_eq!(instruction_info::gdtr_idtr(memory, true, GdtrIdtr::Lidt), 0x3201_0903);
    let no_registers = MemoryOperand { address_size: 2, segment: 3, ..MemoryOperand::default() };
    assert_eq!(instruction_info::vmcs_pointer(no_registers), 0x0841_8100);
    assert_eq!(instruction_info::vmread_vmwrite(Operand::Register(3), 1), 0x1000_0418);
    assert_eq!(instruction_info::invalidate(no_registers, 15), 0xf841_8100);
}

#[test]
fn reasons_errors_and_control_bits_have_their_names() {
    assert_eq!(ExitReason::MSR_WRITE.name(), "MSR_WRITE");
    assert_eq!((ExitReason::PREEMPTION_TIMER.0, ExitReason::EPT_VIOLATION.0), (52, 48));
    assert_eq!(ExitReason::INVALID_GUEST_STATE.entry_failure(), 0x8000_0021);
    assert!(ExitReason::ALL.iter().all(|r| usize::from(r.0) < ExitReason::COUNT));
    assert_eq!(VmInstructionError(28).text(), "Invalid operand to INVEPT/INVVPID");
    assert_eq!(VmInstructionError(14).text(), "reserved");
    let names: Vec<_> = controls::names(controls::pin::NAMES, 0x29).collect();
    assert_eq!(names, ["External-interrupt exiting", "NMI exiting", "Virtual NMIs"]);
}

#[test]
fn access_rights_come_from_a_descriptor() {
    let code64 = segment::AccessRights::from_descriptor(0x00af_9b00_0000_ffff);
    assert_eq!(code64.0, 0xa09b);
    assert!(code64.long() && code64.present() && code64.granular() && !code64.db());
}

#[test]
fn a_vmcs_shows_its_fields_by_area() {
    let mut v = Vmcs::new(0x0e);
    v.set(GUEST_RIP, 0x1234);
    let tree = v.inspect();
    let rip = tree.find("guest state/Guest RIP");
    assert_eq!(rip, Some(&crate::state::Node::value("Guest RIP", 0x1234, 64)));
}

#[test]
fn msr_lists_refuse_what_the_manual_forbids() {
    use super::msr_area::MsrEntry;
    assert!(MsrEntry::from_words(0xc000_0080, 0xd01).loadable());
    for low in [0xc000_0100, 0xc000_0101, 0x808, 0x9b, 1 << 32 | 0xc000_0080] {
        assert!(!MsrEntry::from_words(low, 0).loadable(), "{low:x}");
    }
    assert!(MsrEntry::from_words(0xc000_0101, 0).storable() && !MsrEntry::from_words(0x80b, 0).storable());
}
