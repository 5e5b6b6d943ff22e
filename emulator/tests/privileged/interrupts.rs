//! Interrupts: the flag and the shadows, NMIs, priorities (SDM 3A 6.7 to 6.9).

use iced_x86::code_asm::*;

use crate::lab::*;

/// A vector of the IDT for self-IPIs.
const VECTOR: u64 = 0x2d;

/// x2APIC mode, enabled.
fn apic(a: &mut CodeAssembler) -> Result<(), IcedError> {
    write(a, 0x1b, 0xfee0_0d00)?;
    write(a, 0x80f, 0x1ff)
}

fn write(a: &mut CodeAssembler, msr: u32, value: u32) -> Result<(), IcedError> {
    a.mov(ecx, msr)?;
    a.mov(eax, value)?;
    a.xor(edx, edx)?;
    a.wrmsr()
}

/// An interrupt to itself.
fn ipi(a: &mut CodeAssembler) -> Result<(), IcedError> {
    write(a, 0x83f, VECTOR as u32)
}

/// An NMI to itself, by its physical APIC id.
fn nmi(a: &mut CodeAssembler) -> Result<(), IcedError> {
    write(a, 0x830, 0x4400)
}

fn run(body: Body<'_>) -> End {
    end(Level::Kernel, &|a| {
        apic(a)?;
        a.xor(ebx, ebx)?;
        body(a)
    })
}

#[test]
fn an_interrupt_waits_for_if_and_one_instruction_after_sti() {
    let masked = run(&|a| {
        ipi(a)?;
        a.inc(ebx)
    });
    assert_eq!((masked.vector(), masked.register(3)), (6, 1));
    let shadowed = run(&|a| {
        ipi(a)?;
        a.sti()?;
        a.inc(ebx)?;
        a.inc(ebx)
    });
    assert_eq!((shadowed.vector(), shadowed.register(3)), (VECTOR, 1));
    // STI with IF already set shadows nothing.
    let again = run(&|a| {
        a.sti()?;
        a.nop()?;
        ipi(a)?;
        a.inc(ebx)
    });
    assert_eq!((again.vector(), again.register(3)), (VECTOR, 0));
    // STI; CLI: never a window.
    let closed = run(&|a| {
        ipi(a)?;
        a.sti()?;
        a.cli()?;
        a.inc(ebx)
    });
    assert_eq!((closed.vector(), closed.register(3)), (6, 1));
}

#[test]
fn a_repeated_string_is_in_the_shadow_of_sti_for_one_iteration() {
    let end = run(&|a| {
        ipi(a)?;
        a.mov(edi, DATA as u32)?;
        a.mov(ecx, 8)?;
        a.sti()?;
        a.rep().stosb()?;
        a.inc(ebx)
    });
    assert_eq!((end.vector(), end.register(1), end.register(3)), (VECTOR, 7, 0));
}

#[test]
fn popf_opens_at_once_and_mov_ss_holds_back() {
    let popf = run(&|a| {
        ipi(a)?;
        a.push(0x202)?;
        a.popfq()?;
        a.inc(ebx)
    });
    assert_eq!((popf.vector(), popf.register(3)), (VECTOR, 0));
    let mov_ss = run(&|a| {
        a.mov(edi, selector::DATA as u32)?;
        a.sti()?;
        a.nop()?;
        a.mov(ecx, 0x83f)?;
        a.mov(eax, VECTOR as u32)?;
        a.cli()?;
        a.wrmsr()?;
        a.push(0x202)?;
        a.sti()?;
        a.mov(ss, edi)?;
        a.inc(ebx)?;
        a.inc(ebx)
    });
    assert_eq!((mov_ss.vector(), mov_ss.register(3)), (VECTOR, 1));
}

#[test]
fn an_nmi_needs_no_if_and_waits_for_mov_ss() {
    let end = run(&|a| {
        nmi(a)?;
        a.inc(ebx)
    });
    assert_eq!((end.vector(), end.register(3)), (2, 0));
}

#[test]
fn nmis_are_blocked_until_iret() {
    // The handler of NMI sends another one and returns: it comes only after the IRET.
    let mut machine = machine(Level::Kernel, &|a| {
        apic(a)?;
        a.xor(ebx, ebx)?;
        nmi(a)?;
        a.inc(ebx)
    });
    let handler = assemble(GATE_TARGET, &|a| {
        a.add(ebx, 0x10)?;
        a.cmp(ebx, 0x10)?;
        let mut second = a.create_label();
        a.jne(second)?;
        nmi(a)?;
        a.add(ebx, 0x100)?;
        a.iretq()?;
        a.set_label(&mut second)?;
        a.hlt()
    });
    assert!(machine.write_memory(GATE_TARGET, &handler));
    let low = GATE_TARGET & 0xffff
        | selector::CODE << 16
        | 0xe << 40
        | 1 << 47
        | (GATE_TARGET >> 16 & 0xffff) << 48;
    poke(&mut machine, IDT + 32, low);
    let end = End::of(machine);
    assert_eq!(end.register(3), 0x120);
}

#[test]
fn an_iret_that_faults_unblocks_nmis_all_the_same() {
    let mut machine = machine(Level::Kernel, &|a| {
        apic(a)?;
        a.xor(ebx, ebx)?;
        nmi(a)
    });
    let handler = assemble(GATE_TARGET, &|a| {
        nmi(a)?;
        // NT makes IRET fault in IA-32e mode.
        a.push(0x4002)?;
        a.popfq()?;
        a.inc(ebx)?;
        a.cmp(ebx, 2)?;
        let mut second = a.create_label();
        a.je(second)?;
        a.iretq()?;
        a.set_label(&mut second)?;
        a.hlt()
    });
    assert!(machine.write_memory(GATE_TARGET, &handler));
    let low = GATE_TARGET & 0xffff
        | selector::CODE << 16
        | 0xe << 40
        | 1 << 47
        | (GATE_TARGET >> 16 & 0xffff) << 48;
    poke(&mut machine, IDT + 32, low);
    assert_eq!(End::of(machine).register(3), 2);
}

#[test]
fn a_trap_comes_before_an_nmi_and_an_nmi_before_an_interrupt() {
    let trap_first = run(&|a| {
        a.push(0x302)?;
        a.mov(ecx, 0x830)?;
        a.mov(eax, 0x4400)?;
        a.popfq()?;
        a.wrmsr()
    });
    // #DB is delivered first, and the NMI before the first instruction of its handler.
    assert_eq!((trap_first.vector(), trap_first.frame().rip), (2, HANDLERS + 16));
    let nmi_first = run(&|a| {
        ipi(a)?;
        write(a, 0x830, 0x4400)
    });
    assert_eq!(nmi_first.vector(), 2);
    assert_eq!(nmi_first.value("debug/DR6"), 0xffff_0ff0);
}

#[test]
fn an_instruction_breakpoint_comes_after_interrupts() {
    let end = run(&|a| {
        a.mov(rax, GATE_TARGET)?;
        a.mov(dr0, rax)?;
        a.mov(eax, 1)?;
        a.mov(dr7, rax)?;
        ipi(a)?;
        a.mov(rax, GATE_TARGET)?;
        a.push(selector::DATA as i32)?;
        a.push(rsp)?;
        a.push(0x202)?;
        a.push(selector::CODE as i32)?;
        a.push(rax)?;
        a.iretq()
    });
    assert_eq!((end.vector(), end.frame().rip), (VECTOR, GATE_TARGET));
    assert_eq!(end.value("debug/DR6"), 0xffff_0ff0);
}

#[test]
fn cr8_holds_back_classes_up_to_its_own() {
    for (class, expected) in [(1, VECTOR), (2, 6), (15, 6)] {
        let end = run(&|a| {
            a.mov(eax, class)?;
            a.mov(cr8, rax)?;
            ipi(a)?;
            a.sti()?;
            a.nop()?;
            a.nop()
        });
        assert_eq!(end.vector(), expected, "CR8 = {class}");
    }
}
