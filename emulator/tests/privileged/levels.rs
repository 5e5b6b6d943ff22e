//! Between levels: IRET, SYSCALL and SYSRET, SYSENTER and SYSEXIT, SWAPGS (SDM volume 2).

use iced_x86::code_asm::*;

use crate::lab::*;

const EFER: u32 = 0xc000_0080;
const STAR: u32 = 0xc000_0081;
const LSTAR: u32 = 0xc000_0082;
const FMASK: u32 = 0xc000_0084;
const SYSENTER_CS: u32 = 0x174;
const SYSENTER_ESP: u32 = 0x175;
const SYSENTER_EIP: u32 = 0x176;

fn msr(a: &mut CodeAssembler, index: u32, value: u64) -> Result<(), IcedError> {
    a.mov(ecx, index)?;
    a.mov(eax, value as u32)?;
    a.mov(edx, (value >> 32) as u32)?;
    a.wrmsr()
}

/// The five values that IRETQ pops, then IRETQ.
fn iret(
    a: &mut CodeAssembler,
    stack: u64,
    top: u64,
    rflags: u64,
    code: u64,
    rip: u64,
) -> Result<(), IcedError> {
    for value in [stack, top, rflags, code, rip] {
        a.mov(rax, value)?;
        a.push(rax)?;
    }
    a.iretq()
}

fn ret_far(a: &mut CodeAssembler, code: u64, rip: u64) -> Result<(), IcedError> {
    for value in [code, rip] {
        a.mov(rax, value)?;
        a.push(rax)?;
    }
    // REX.W RETF.
    a.db(&[0x48, 0xcb])
}

type Row = (&'static str, Body<'static>, (u64, Option<u64>));

fn check(rows: &[Row]) {
    for (sentence, body, expected) in rows {
        let end = end(Level::Kernel, body);
        assert!(!end.shutdown, "{sentence}");
        assert_eq!((end.vector(), end.error()), *expected, "{sentence}");
    }
}

const fn gp(code: u64) -> (u64, Option<u64>) {
    (13, Some(code))
}

#[test]
fn iret_refuses_what_it_must() {
    use selector as s;
    const USERS: u64 = selector::USER_CODE;
    check(&[
        (
            "NT set",
            &|a| {
                a.push(0x4002)?;
                a.popfq()?;
                iret(a, s::DATA, STACK, 2, s::CODE, GATE_TARGET)
            },
            gp(0),
        ),
        ("null CS", &|a| iret(a, s::DATA, STACK, 2, 0, GATE_TARGET), gp(0)),
        ("CS beyond the GDT", &|a| iret(a, s::DATA, STACK, 2, s::NOWHERE, GATE_TARGET), gp(s::NOWHERE)),
        ("CS a data segment", &|a| iret(a, s::DATA, STACK, 2, s::DATA, GATE_TARGET), gp(s::DATA)),
        (
            "CS not present",
            &|a| iret(a, s::DATA, STACK, 2, s::ABSENT_CODE, GATE_TARGET),
            (11, Some(s::ABSENT_CODE)),
        ),
        ("RPL 3, DPL 0", &|a| iret(a, s::USER_DATA, STACK, 2, s::CODE | 3, GATE_TARGET), gp(s::CODE)),
        ("RPL 0, DPL 3", &|a| iret(a, s::DATA, STACK, 2, USERS & !3, GATE_TARGET), gp(USERS & !3)),
        ("null SS for ring 3", &|a| iret(a, 0, STACK, 2, USERS, USER), gp(0)),
        ("SS of another level", &|a| iret(a, s::DATA, STACK, 2, USERS, USER), gp(s::DATA)),
        ("SS read-only", &|a| iret(a, s::READ_ONLY | 3, STACK, 2, USERS, USER), gp(s::READ_ONLY)),
        ("SS beyond the GDT", &|a| iret(a, s::NOWHERE | 3, STACK, 2, USERS, USER), gp(s::NOWHERE)),
        (
            "SS not present",
            &|a| iret(a, s::ABSENT_DATA, STACK, 2, s::CODE, GATE_TARGET),
            (12, Some(s::ABSENT_DATA)),
        ),
        ("RIP not canonical", &|a| iret(a, s::DATA, STACK, 2, s::CODE, 1 << 47), gp(0)),
    ]);
}

#[test]
fn iret_goes_where_it_may() {
    // To ring 0 with a null SS, and to the same ring with another stack.
    for stack in [0, selector::DATA] {
        let end = end(Level::Kernel, &|a| iret(a, stack, STACK - 64, 2, selector::CODE, GATE_TARGET));
        assert_eq!((end.rip, end.register(4)), (GATE_TARGET + 1, STACK - 64));
        assert_eq!(end.value("segments/SS/selector"), stack);
    }
    // To conforming code at CPL 3: RPL decides.
    let body: Body<'_> =
        &|a| iret(a, selector::USER_DATA, USER_STACK, 2, selector::CONFORMING | 3, GATE_TARGET);
    let end = end(Level::Kernel, body);
    assert_eq!((end.vector(), end.frame().cs), (13, (selector::CONFORMING | 3)));
}

#[test]
fn iret_to_ring_3_makes_inner_segments_null() {
    let end = end(Level::Kernel, &|a| {
        a.mov(eax, (selector::DATA) as u32)?;
        a.mov(es, eax)?;
        a.mov(eax, (selector::USER_DATA) as u32)?;
        a.mov(ds, eax)?;
        iret(a, selector::USER_DATA, USER_STACK, 2, selector::USER_CODE, GATE_TARGET)
    });
    assert_eq!((end.vector(), end.value("segments/ES/selector")), (13, 0));
    assert_eq!(end.value("segments/DS/selector"), selector::USER_DATA);
}

ends! { User;
    iret_in_ring_3_changes_neither_if_nor_iopl {
        push((selector::USER_DATA) as i32); mov(rax, USER_STACK); push(rax); push(0x3202);
        push((selector::USER_CODE) as i32); mov(rax, GATE_TARGET); push(rax); iretq();
    } |end| { assert_eq!((end.vector(), end.frame().rflags), (13, 0x1_0002)); }
    a_return_from_a_stack_in_a_hole_is_a_stack_fault { mov(rsp, 1u64 << 47); iretq(); } |end| {
        assert_eq!((end.vector(), end.error()), (12, Some(0)));
    }
    iret_to_an_inner_level_faults_with_the_selector {
        push((selector::DATA) as i32); mov(rax, STACK); push(rax); push(2);
        push((selector::CODE) as i32); mov(rax, GATE_TARGET); push(rax); iretq();
    } |end| { assert_eq!((end.vector(), end.error()), (13, Some(selector::CODE))); }
    popf_in_ring_3_changes_neither_if_nor_iopl { push(0x3202); popfq(); ud2(); } |end| {
        assert_eq!((end.vector(), end.frame().rflags), (6, 0x1_0002));
    }
    without_its_enable_syscall_is_invalid_in_ring_3_too {
        mov(ecx, EFER as i32); syscall();
    } |end| {
        // The loader enables SYSCALL; LSTAR is 0, where a zeroed page decodes as stores to RAX's target.
        assert!(end.vector() == 6 || end.vector() == 14 || end.vector() == 13);
        assert_eq!(end.register(1), USER + 5 + 2);
    }
}

/// SYSCALL from ring 3 to [`GATE_TARGET`].
fn syscall(body: Body<'_>) -> End {
    let mut machine = machine(Level::Kernel, &|a| {
        msr(a, STAR, (selector::CODE) << 32 | 0x13 << 48)?;
        msr(a, LSTAR, GATE_TARGET)?;
        msr(a, FMASK, 0x4_0700)?;
        iret(a, selector::USER_DATA, USER_STACK, 0x4_0ad7, selector::USER_CODE, USER)
    });
    assert!(machine.write_memory(USER, &assemble(USER, body)));
    End::of(machine)
}

#[test]
fn syscall_saves_rip_and_rflags_and_masks_what_it_is_told() {
    let end = syscall(&|a| a.syscall());
    assert_eq!((end.rip, end.cpl()), (GATE_TARGET + 1, 0));
    assert_eq!((end.register(1), end.register(11)), (USER + 2, 0x4_0ad7));
    assert_eq!(end.value("registers/RFLAGS"), 0x8d7);
    assert_eq!(end.value("segments/CS/selector"), selector::CODE);
    assert_eq!(end.value("segments/SS/selector"), selector::DATA);
    assert_eq!(end.value("segments/CS/access rights"), 0xa09b);
    // The stack pointer is the caller's.
    assert_eq!(end.register(4), USER_STACK);
}

#[test]
fn sysret_goes_back_to_ring_3() {
    let end = end(Level::Kernel, &|a| {
        msr(a, STAR, 0x13 << 48)?;
        a.mov(rcx, GATE_TARGET)?;
        a.mov(r11, 0x1_0202u64)?;
        a.sysretq()
    });
    // HLT in ring 3.
    let f = end.frame();
    assert_eq!((end.vector(), f.rip), (13, GATE_TARGET));
    assert_eq!((f.cs, f.ss), (selector::USER_CODE, selector::USER_DATA));
    // RF is not loaded; the one in the frame is the fault's.
    assert_eq!(f.rflags, 0x1_0202);
}

#[test]
fn fast_system_calls_refuse_what_they_must() {
    let no_sce: Body<'static> = &|a| {
        a.mov(ecx, EFER)?;
        a.rdmsr()?;
        a.btr(eax, 0)?;
        a.wrmsr()?;
        a.syscall()
    };
    check(&[
        ("SYSCALL without EFER.SCE", no_sce, (6, None)),
        (
            "SYSRET without EFER.SCE",
            &|a| {
                a.mov(ecx, EFER)?;
                a.rdmsr()?;
                a.btr(eax, 0)?;
                a.wrmsr()?;
                a.sysretq()
            },
            (6, None),
        ),
        (
            "SYSRET to a hole",
            &|a| {
                a.mov(rcx, 1u64 << 47)?;
                a.sysretq()
            },
            gp(0),
        ),
        ("SYSENTER without a selector", &|a| a.sysenter(), gp(0)),
        ("SYSEXIT without a selector", &|a| a.sysexitq(), gp(0)),
        (
            "SYSEXIT to a hole",
            &|a| {
                msr(a, SYSENTER_CS, 8)?;
                a.mov(rdx, 1u64 << 47)?;
                a.mov(rcx, USER_STACK)?;
                a.sysexitq()
            },
            gp(0),
        ),
        ("LSTAR in a hole", &|a| msr(a, LSTAR, 1 << 47), gp(0)),
        ("SYSENTER_EIP in a hole", &|a| msr(a, SYSENTER_EIP, 1 << 47), gp(0)),
        ("SYSENTER_ESP in a hole", &|a| msr(a, SYSENTER_ESP, 1 << 47), gp(0)),
        ("FS base in a hole", &|a| msr(a, 0xc000_0100, 1 << 47), gp(0)),
        ("GS base in a hole", &|a| msr(a, 0xc000_0101, 1 << 47), gp(0)),
        ("KERNEL_GS_BASE in a hole", &|a| msr(a, 0xc000_0102, 1 << 47), gp(0)),
        ("a reserved bit of EFER", &|a| msr(a, EFER, 0xd01 | 1 << 1), gp(0)),
        ("a reserved memory type in PAT", &|a| msr(a, 0x277, 2), gp(0)),
        ("IA32_TSC_AUX beyond 32 bits", &|a| msr(a, 0xc000_0103, 1 << 32), gp(0)),
        ("IA32_FEATURE_CONTROL once locked", &|a| msr(a, 0x3a, 5), gp(0)),
        ("a VMX capability", &|a| msr(a, 0x480, 0), gp(0)),
    ]);
}

ends! { User;
    sysret_is_for_ring_0 { sysretq(); } |end| { assert_eq!((end.vector(), end.error()), (13, Some(0))); }
    sysexit_is_for_ring_0 { sysexitq(); } |end| { assert_eq!((end.vector(), end.error()), (13, Some(0))); }
    swapgs_is_for_ring_0 { swapgs(); } |end| { assert_eq!((end.vector(), end.error()), (13, Some(0))); }
}

#[test]
fn sysenter_loads_everything_from_its_msrs() {
    let end = end(Level::Kernel, &|a| {
        msr(a, SYSENTER_CS, selector::CODE)?;
        msr(a, SYSENTER_ESP, STACK - 256)?;
        msr(a, SYSENTER_EIP, GATE_TARGET)?;
        a.push(0x202)?;
        a.popfq()?;
        a.sysenter()
    });
    assert_eq!((end.rip, end.register(4)), (GATE_TARGET + 1, STACK - 256));
    assert_eq!(end.value("registers/RFLAGS"), 2);
    assert_eq!(end.value("segments/SS/selector"), (selector::CODE) + 8);
}

#[test]
fn swapgs_exchanges_the_bases() {
    let end = end(Level::Kernel, &|a| {
        msr(a, 0xc000_0101, 0x1234)?;
        msr(a, 0xc000_0102, 0x5678)?;
        a.swapgs()?;
        a.mov(ecx, 0xc000_0102u32)?;
        a.rdmsr()?;
        a.hlt()
    });
    assert_eq!((end.value("segments/GS/base"), end.register(0)), (0x5678, 0x1234));
}

#[test]
fn a_far_return_keeps_to_the_rules_of_iret() {
    use selector as s;
    check(&[
        ("null CS", &|a| ret_far(a, 0, GATE_TARGET), gp(0)),
        ("CS a data segment", &|a| ret_far(a, s::DATA, GATE_TARGET), gp(s::DATA)),
        ("CS not present", &|a| ret_far(a, s::ABSENT_CODE, GATE_TARGET), (11, Some(s::ABSENT_CODE))),
        ("a RIP in a hole", &|a| ret_far(a, s::CODE, 1 << 47), gp(0)),
    ]);
    let end = end(Level::Kernel, &|a| {
        for value in [(s::USER_DATA), USER_STACK, s::USER_CODE, GATE_TARGET] {
            a.mov(rax, value)?;
            a.push(rax)?;
        }
        a.db(&[0x48, 0xca, 0, 0])
    });
    let f = end.frame();
    assert_eq!((end.vector(), f.rip, f.cs), (13, GATE_TARGET, s::USER_CODE));
    assert_eq!((f.rsp, f.ss), (USER_STACK, s::USER_DATA));
}
