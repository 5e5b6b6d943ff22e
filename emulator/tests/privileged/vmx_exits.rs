//! Which instructions exit, and what the exit says (SDM 3C 25.1, 27.2).

use emulator::vmx::controls::{primary, secondary};
use emulator::vmx::fields::*;
use iced_x86::code_asm::*;

use crate::lab::*;
use crate::vm::*;

/// A row: what is set, the instruction, then reason, qualification, instruction information and length.
type Row = (&'static str, fn() -> Vec<Set>, Instruction, [u64; 4]);

fn no_change() -> Vec<Set> {
    Vec::new()
}

fn check(rows: &[Row]) {
    for (sentence, changes, instruction, expected) in rows {
        let exit = exit(&changes(), &|a| {
            a.nop()?;
            instruction(a)
        });
        let (reason, qualification) = exit.why();
        let (at, length) = exit.at();
        assert_eq!(at, 1, "{sentence}: RIP; reason {reason}");
        let got = [reason, qualification, exit.get(VM_EXIT_INSTRUCTION_INFO), length];
        assert_eq!(got, *expected, "{sentence}");
    }
}

/// Instruction information: a 64-bit address in RBX and no index, in DS.
const AT_RBX: u64 = 2 << 7 | 3 << 15 | 1 << 22 | 3 << 23;

#[test]
fn instructions_that_always_exit_say_which() {
    check(&[
        ("CPUID", no_change, |a| a.cpuid(), [10, 0, 0, 2]),
        ("HLT with its control", no_change, |a| a.hlt(), [12, 0, 0, 1]),
        ("INVD", no_change, |a| a.invd(), [13, 0, 0, 2]),
        ("VMCALL", no_change, |a| a.vmcall(), [18, 0, 0, 3]),
        ("VMLAUNCH", no_change, |a| a.vmlaunch(), [20, 0, 0, 3]),
        ("VMRESUME", no_change, |a| a.vmresume(), [24, 0, 0, 3]),
        ("VMXOFF", no_change, |a| a.vmxoff(), [26, 0, 0, 3]),
        ("VMCLEAR", no_change, |a| a.vmclear(qword_ptr(rbx + 0x40)), [19, 0x40, AT_RBX, 5]),
        ("VMPTRLD", no_change, |a| a.vmptrld(qword_ptr(rbx)), [21, 0, AT_RBX, 3]),
        ("VMPTRST", no_change, |a| a.vmptrst(qword_ptr(rbx)), [22, 0, AT_RBX, 3]),
        ("VMXON", no_change, |a| a.vmxon(qword_ptr(rbx)), [27, 0, AT_RBX, 4]),
        ("VMREAD to a register", no_change, |a| a.vmread(rdx, rsi), [23, 0, 1 << 10 | 2 << 3 | 6 << 28, 3]),
        ("VMREAD to memory", no_change, |a| a.vmread(qword_ptr(rbx), rsi), [23, 0, AT_RBX | 6 << 28, 3]),
        (
            "VMWRITE from a register",
            no_change,
            |a| a.vmwrite(rsi, rdx),
            [25, 0, 1 << 10 | 2 << 3 | 6 << 28, 3],
        ),
        ("INVEPT", no_change, |a| a.invept(rdx, xmmword_ptr(rbx)), [50, 0, AT_RBX | 2 << 28, 5]),
        ("INVVPID", no_change, |a| a.invvpid(rdx, xmmword_ptr(rbx)), [53, 0, AT_RBX | 2 << 28, 5]),
        ("RDMSR without bitmaps", no_change, |a| a.rdmsr(), [31, 0, 0, 2]),
        ("WRMSR without bitmaps", no_change, |a| a.wrmsr(), [32, 0, 0, 2]),
    ]);
}

fn with(bit: u32) -> Vec<Set> {
    vec![primary_controls(bit)]
}

fn also(bit: u32) -> Vec<Set> {
    vec![secondary_controls(bit)]
}

#[test]
fn instructions_exit_by_their_controls() {
    use primary as p;
    check(&[
        ("INVLPG", || with(p::INVLPG_EXITING), |a| a.invlpg(ptr(0x1234)), [14, 0x1234, 0, 8]),
        ("RDPMC", || with(p::RDPMC_EXITING), |a| a.rdpmc(), [15, 0, 0, 2]),
        ("RDTSC", || with(p::RDTSC_EXITING), |a| a.rdtsc(), [16, 0, 0, 2]),
        (
            "RDTSCP",
            || [with(p::RDTSC_EXITING), also(secondary::ENABLE_RDTSCP)].concat(),
            |a| a.rdtscp(),
            [51, 0, 0, 3],
        ),
        ("PAUSE", || with(p::PAUSE_EXITING), |a| a.pause(), [40, 0, 0, 2]),
        ("WBINVD", || also(secondary::WBINVD_EXITING), |a| a.wbinvd(), [54, 0, 0, 2]),
        ("MOV to CR3", || with(p::CR3_LOAD_EXITING), |a| a.mov(cr3, rdx), [28, 3 | 2 << 8, 0, 3]),
        ("MOV from CR3", || with(p::CR3_STORE_EXITING), |a| a.mov(rdi, cr3), [28, 3 | 1 << 4 | 7 << 8, 0, 3]),
        ("MOV to CR8", || with(p::CR8_LOAD_EXITING), |a| a.mov(cr8, rdx), [28, 8 | 2 << 8, 0, 4]),
        ("MOV from CR8", || with(p::CR8_STORE_EXITING), |a| a.mov(r9, cr8), [28, 8 | 1 << 4 | 9 << 8, 0, 4]),
        (
            "MOV to CR0, a bit of the host's",
            || vec![(CR0_GUEST_HOST_MASK, 8), (CR0_READ_SHADOW, 8)],
            |a| a.mov(cr0, rdx),
            [28, 2 << 8, 0, 3],
        ),
        (
            "MOV to CR4, a bit of the host's",
            || vec![(CR4_GUEST_HOST_MASK, 4), (CR4_READ_SHADOW, 4)],
            |a| a.mov(cr4, rdx),
            [28, 4 | 2 << 8, 0, 3],
        ),
        (
            "CLTS, a bit of the host's",
            || vec![(CR0_GUEST_HOST_MASK, 8), (CR0_READ_SHADOW, 8)],
            |a| a.clts(),
            [28, 2 << 4, 0, 2],
        ),
        (
            "LMSW from a register",
            || vec![(CR0_GUEST_HOST_MASK, 8), (CR0_READ_SHADOW, 8)],
            |a| a.lmsw(dx),
            [28, 3 << 4, 0, 4],
        ),
        ("MOV to DR", || with(p::MOV_DR_EXITING), |a| a.mov(dr6, rdx), [29, 6 | 2 << 8, 0, 3]),
        ("MOV from DR", || with(p::MOV_DR_EXITING), |a| a.mov(rdi, dr7), [29, 7 | 1 << 4 | 7 << 8, 0, 3]),
        (
            "LGDT",
            || also(secondary::DESCRIPTOR_TABLE_EXITING),
            |a| a.lgdt(ptr(rbx + 8)),
            [46, 8, AT_RBX | 2 << 28, 4],
        ),
        (
            "LIDT",
            || also(secondary::DESCRIPTOR_TABLE_EXITING),
            |a| a.lidt(ptr(rbx)),
            [46, 0, AT_RBX | 3 << 28, 3],
        ),
        ("SGDT", || also(secondary::DESCRIPTOR_TABLE_EXITING), |a| a.sgdt(ptr(rbx)), [46, 0, AT_RBX, 3]),
        (
            "SIDT on the stack",
            || also(secondary::DESCRIPTOR_TABLE_EXITING),
            |a| a.sidt(ptr(rsp)),
            [46, 0, 2 << 7 | 2 << 15 | 1 << 22 | 4 << 23 | 1 << 28, 4],
        ),
        (
            "LLDT",
            || also(secondary::DESCRIPTOR_TABLE_EXITING),
            |a| a.lldt(dx),
            [47, 0, 1 << 10 | 2 << 3 | 2 << 28, 4],
        ),
        (
            "LTR",
            || also(secondary::DESCRIPTOR_TABLE_EXITING),
            |a| a.ltr(dx),
            [47, 0, 1 << 10 | 2 << 3 | 3 << 28, 4],
        ),
        ("SLDT", || also(secondary::DESCRIPTOR_TABLE_EXITING), |a| a.sldt(edx), [47, 0, 1 << 10 | 2 << 3, 3]),
        (
            "STR to memory",
            || also(secondary::DESCRIPTOR_TABLE_EXITING),
            |a| a.str(word_ptr(rbx)),
            [47, 0, AT_RBX | 1 << 28, 3],
        ),
        (
            "IN from an immediate port",
            || with(p::UNCONDITIONAL_IO_EXITING),
            |a| a.in_(al, 0x60),
            [30, 1 << 3 | 1 << 6 | 0x60 << 16, 0, 2],
        ),
        ("OUT to DX", || with(p::UNCONDITIONAL_IO_EXITING), |a| a.out(dx, eax), [30, 3, 0, 1]),
    ]);
}

#[test]
fn a_rip_relative_operand_is_reported_by_its_address() {
    let exit =
        exit(&[secondary_controls(secondary::DESCRIPTOR_TABLE_EXITING)], &|a| a.lidt(ptr(GUEST + 0x100)));
    let no_base = 1 << 27;
    let direct = exit.get(VM_EXIT_INSTRUCTION_INFO);
    assert_eq!((exit.reason(), direct & no_base), (46, no_base));
    // LIDT [RIP + 0x100]: seven bytes.
    let relative = crate::vm::exit(&[secondary_controls(secondary::DESCRIPTOR_TABLE_EXITING)], &|a| {
        a.db(&[0x0f, 0x01, 0x1d, 0, 1, 0, 0])
    });
    assert_eq!(relative.why(), (46, GUEST + 7 + 0x100));
}

#[test]
fn lmsw_from_memory_says_where() {
    let exit = exit(&[(CR0_GUEST_HOST_MASK, 8)], &|a| {
        a.mov(rbx, DATA)?;
        a.mov(word_ptr(rbx + 2), 0x1234 | 8)?;
        a.lmsw(word_ptr(rbx + 2))
    });
    let source = 0x1234 | 8;
    assert_eq!(exit.why(), (28, 3 << 4 | 1 << 6 | source << 16));
    assert_eq!(exit.get(GUEST_LINEAR_ADDRESS), DATA + 2);
}

#[test]
fn string_io_says_address_size_and_segment() {
    let outs = exit(&[primary_controls(primary::UNCONDITIONAL_IO_EXITING)], &|a| {
        a.mov(rsi, DATA)?;
        a.mov(edx, 0x70)?;
        a.mov(ecx, 3)?;
        a.db(&[0xf3, 0x6e])
    });
    assert_eq!(outs.why(), (30, 1 << 4 | 1 << 5 | 0x70 << 16));
    assert_eq!(
        (outs.get(VM_EXIT_INSTRUCTION_INFO), outs.get(GUEST_LINEAR_ADDRESS)),
        (2 << 7 | 3 << 15, DATA)
    );
    // FS OUTSD with 32-bit addresses.
    let narrow =
        exit(&[primary_controls(primary::UNCONDITIONAL_IO_EXITING), (GUEST_FS_BASE, 0x1000)], &|a| {
            a.mov(rsi, DATA | 1 << 40)?;
            a.mov(edx, 0x70)?;
            a.db(&[0x67, 0x64, 0x6f])
        });
    assert_eq!(narrow.why(), (30, 3 | 1 << 4 | 0x70 << 16));
    let info = narrow.get(VM_EXIT_INSTRUCTION_INFO);
    assert_eq!((info, narrow.get(GUEST_LINEAR_ADDRESS)), (1 << 7 | 4 << 15, DATA + 0x1000));
    let ins = exit(&[primary_controls(primary::UNCONDITIONAL_IO_EXITING)], &|a| {
        a.mov(rdi, DATA + 8)?;
        a.mov(edx, 0x70)?;
        a.db(&[0x66, 0x6d])
    });
    assert_eq!(ins.why(), (30, 1 | 1 << 3 | 1 << 4 | 0x70 << 16));
    assert_eq!(ins.get(GUEST_LINEAR_ADDRESS), DATA + 8);
}

#[test]
fn bitmaps_let_through_what_they_say() {
    let io = [primary_controls(primary::USE_IO_BITMAPS)];
    let mut machine = vm(&io, &|_| Ok(()), &|a| {
        a.out(0x80, al)?;
        a.out(0x84, al)
    });
    assert!(machine.write_memory(IO_BITMAP_A + 0x10, &[1 << 4]));
    let exit = exit_of(machine);
    assert_eq!((exit.why(), exit.at()), ((30, 1 << 6 | 0x84 << 16), (2, 2)));
    let msr = [primary_controls(primary::USE_MSR_BITMAPS)];
    let mut machine = vm(&msr, &|_| Ok(()), &|a| {
        a.mov(ecx, 0x10)?;
        a.rdmsr()?;
        a.mov(ecx, 0x174)?;
        a.rdmsr()
    });
    assert!(machine.write_memory(MSR_BITMAP + 0x174 / 8, &[1 << 4]));
    let exit = exit_of(machine);
    assert_eq!((exit.reason(), exit.at().0, exit.0.register(1)), (31, 12, 0x174));
}

#[test]
fn what_the_controls_leave_alone_does_not_exit() {
    let rows: [(&str, Instruction); 12] = [
        ("RDTSC", |a| a.rdtsc()),
        ("PAUSE", |a| a.pause()),
        ("INVLPG", |a| a.invlpg(ptr(rsp))),
        ("WBINVD", |a| a.wbinvd()),
        ("MOV CR3", |a| {
            a.mov(rax, cr3)?;
            a.mov(cr3, rax)
        }),
        ("MOV CR0", |a| {
            a.mov(rax, cr0)?;
            a.mov(cr0, rax)
        }),
        ("MOV CR4", |a| {
            a.mov(rax, cr4)?;
            a.mov(cr4, rax)
        }),
        ("MOV CR8", |a| {
            a.mov(rax, cr8)?;
            a.mov(cr8, rax)
        }),
        ("MOV DR", |a| {
            a.mov(rax, dr7)?;
            a.mov(dr7, rax)
        }),
        ("SIDT", |a| a.sidt(ptr(rsp - 16))),
        ("CLTS", |a| a.clts()),
        ("OUT", |a| a.out(0x80, al)),
    ];
    for (sentence, instruction) in rows {
        let exit = exit(&[], &|a| {
            instruction(a)?;
            a.vmcall()
        });
        assert_eq!(exit.reason(), 18, "{sentence}");
    }
}

#[test]
fn a_cr3_target_value_does_not_exit_and_a_shadow_is_what_is_read() {
    let targets =
        [primary_controls(primary::CR3_LOAD_EXITING), (CR3_TARGET_COUNT, 1), (CR3_TARGET_VALUE_0, 0x8000)];
    let exit = exit(&targets, &|a| {
        a.mov(eax, 0x8000)?;
        a.mov(cr3, rax)?;
        a.mov(eax, 0x9000)?;
        a.mov(cr3, rax)
    });
    assert_eq!((exit.why(), exit.at().0), ((28, 3), 13));
    let shadow = [(CR0_GUEST_HOST_MASK, 8), (CR0_READ_SHADOW, 8)];
    let exit = crate::vm::exit(&shadow, &|a| {
        a.mov(rax, cr0)?;
        a.vmcall()
    });
    assert_eq!((exit.0.register(0) & 8, exit.get(GUEST_CR0) & 8), (8, 0));
}

#[test]
fn exits_come_before_or_after_faults_as_the_manual_orders_them() {
    // Privilege before the exit; the exit before the memory operand (25.1.1).
    let user = [
        (GUEST_CS_SELECTOR, selector::USER_CODE),
        (GUEST_CS_ACCESS_RIGHTS, 0xa0fb),
        (GUEST_SS_SELECTOR, selector::USER_DATA),
        (GUEST_SS_ACCESS_RIGHTS, 0xc0f3),
        (GUEST_DS_SELECTOR, selector::USER_DATA),
        (GUEST_DS_ACCESS_RIGHTS, 0xc0f3),
        (EXCEPTION_BITMAP, 1 << 13),
    ];
    let gp = |body: Body<'_>| {
        let exit = exit(
            &[&user[..], &[primary_controls(primary::MOV_DR_EXITING | primary::CR3_LOAD_EXITING)]].concat(),
            body,
        );
        exit.reason()
    };
    assert_eq!(gp(&|a| a.mov(cr3, rax)), 0);
    assert_eq!(gp(&|a| a.hlt()), 0);
    assert_eq!(gp(&|a| a.invd()), 0);
    assert_eq!(gp(&|a| a.rdmsr()), 0);
    // MOV DR is the exception: its exit comes first.
    assert_eq!(gp(&|a| a.mov(rax, dr7)), 29);
    assert_eq!(gp(&|a| a.vmcall()), 18);
    assert_eq!(gp(&|a| a.cpuid()), 10);
    let hole = exit(&[], &|a| {
        a.mov(rbx, 1u64 << 47)?;
        a.vmptrld(qword_ptr(rbx))
    });
    assert_eq!(hole.reason(), 21);
}
