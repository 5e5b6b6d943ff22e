//! Alignment checks (SDM 3A 6.15, #AC).

use emulator::cpu::cpuid::Model;
use emulator::machine::{Budget, Stop};
use emulator::time::Time;
use iced_x86::code_asm::*;

use crate::lab::*;

/// CR4.OSFXSR, OSXMMEXCPT and OSXSAVE.
const VECTORS: i32 = 1 << 9 | 1 << 10 | 1 << 18;

/// A program in ring 3 with these flags, and CR0.AM unless told otherwise. It may use vectors.
fn aligned(am: bool, rflags: u64, body: Body<'_>) -> End {
    let mut machine = machine_of(Model::Haswell, Level::Kernel, &|a| {
        a.mov(rax, cr4)?;
        a.or(eax, VECTORS)?;
        a.mov(cr4, rax)?;
        a.mov(eax, 7)?;
        a.xor(ecx, ecx)?;
        a.xor(edx, edx)?;
        a.xsetbv()?;
        a.mov(rax, cr0)?;
        if am {
            a.bts(eax, 18)?;
        }
        a.mov(cr0, rax)?;
        for value in [selector::USER_DATA, USER_STACK, rflags, selector::USER_CODE, USER] {
            a.mov(rax, value)?;
            a.push(rax)?;
        }
        a.mov(rbx, DATA)?;
        a.iretq()
    });
    assert!(machine.write_memory(USER, &assemble(USER, body)));
    End::of(machine)
}

const AC: u64 = 1 << 18;

#[test]
fn alignment_is_checked_in_ring_3_where_both_switches_are_on() {
    let misaligned: Body<'_> = &|a| {
        a.mov(eax, dword_ptr(rbx + 2))?;
        a.ud2()
    };
    let with = aligned(true, AC | 2, misaligned);
    assert_eq!((with.vector(), with.error(), with.frame().rip), (17, Some(0), USER));
    assert_eq!(aligned(false, AC | 2, misaligned).vector(), 6);
    assert_eq!(aligned(true, 2, misaligned).vector(), 6);
    let rows: [(&str, Instruction, u64); 10] = [
        ("a word at an odd address", |a| a.mov(word_ptr(rbx + 1), ax), 17),
        ("a word at an even one", |a| a.mov(word_ptr(rbx + 2), ax), 6),
        ("a byte anywhere", |a| a.mov(byte_ptr(rbx + 1), al), 6),
        ("a quadword at a multiple of 4", |a| a.mov(qword_ptr(rbx + 4), rax), 17),
        ("a quadword at a multiple of 8", |a| a.mov(qword_ptr(rbx + 8), rax), 6),
        ("an update", |a| a.add(dword_ptr(rbx + 1), eax), 17),
        (
            "a push to an odd stack",
            |a| {
                a.dec(rsp)?;
                a.push(rax)
            },
            17,
        ),
        (
            "a string store",
            |a| {
                a.lea(rdi, qword_ptr(rbx + 1))?;
                a.mov(ecx, 4)?;
                a.rep().stosq()
            },
            17,
        ),
        (
            "a page fault first",
            |a| {
                a.mov(rcx, (1u64 << 40) + 1)?;
                a.mov(eax, dword_ptr(rcx))
            },
            14,
        ),
        ("across a page", |a| a.mov(eax, dword_ptr(rbx - 2)), 17),
    ];
    for (sentence, access, vector) in rows {
        let body: Body<'_> = &|a| {
            access(a)?;
            a.ud2()
        };
        assert_eq!(aligned(true, AC | 2, body).vector(), vector, "{sentence}");
    }
}

/// An access so many bytes beyond RBX.
type At = fn(&mut CodeAssembler, i32) -> Result<(), IcedError>;

/// What each kind of operand's address must be divisible by; 1 where any will do. An AMD processor was seen to do the
/// same, except that it checks the 16 and 32 bytes of unaligned moves, which the manual leaves to the processor.
const OPERANDS: [(&str, i32, At); 27] = [
    ("MOVSS", 4, |a, n| a.movss(xmm0, dword_ptr(rbx + n))),
    ("MOVSD", 8, |a, n| a.movsd_2(xmm0, qword_ptr(rbx + n))),
    ("MOVSD that stores", 8, |a, n| a.movsd_2(qword_ptr(rbx + n), xmm0)),
    ("ADDSS", 4, |a, n| a.addss(xmm0, dword_ptr(rbx + n))),
    ("CVTPS2PD", 8, |a, n| a.cvtps2pd(xmm0, qword_ptr(rbx + n))),
    ("PINSRW", 2, |a, n| a.pinsrw(xmm0, word_ptr(rbx + n), 1)),
    ("PMOVSXBQ", 2, |a, n| a.pmovsxbq(xmm0, word_ptr(rbx + n))),
    ("MOVHPS", 8, |a, n| a.movhps(xmm0, qword_ptr(rbx + n))),
    ("PADDB of MMX", 8, |a, n| a.paddb(mm0, qword_ptr(rbx + n))),
    ("MOVUPS", 1, |a, n| a.movups(xmm0, xmmword_ptr(rbx + n))),
    ("VBROADCASTSS", 4, |a, n| a.vbroadcastss(xmm0, dword_ptr(rbx + n))),
    ("VMOVUPS", 1, |a, n| a.vmovups(ymmword_ptr(rbx + n), ymm0)),
    ("VMASKMOVPS", 1, |a, n| a.vmaskmovps(xmm0, xmm1, xmmword_ptr(rbx + n))),
    ("VMASKMOVPS that stores", 1, |a, n| a.vmaskmovps(xmmword_ptr(rbx + n), xmm1, xmm0)),
    ("VGATHERDPS", 1, |a, n| a.db(&[0xc4, 0xe2, 0x71, 0x92, 0x44, 0x13, n as u8])),
    ("FLD of 32 bits", 4, |a, n| a.fld(dword_ptr(rbx + n))),
    ("FLD of 64 bits", 8, |a, n| a.fld(qword_ptr(rbx + n))),
    ("FLD of 80 bits", 8, |a, n| a.fld(tbyte_ptr(rbx + n))),
    ("FBSTP", 8, |a, n| a.fbstp(tbyte_ptr(rbx + n))),
    ("FILD of 16 bits", 2, |a, n| a.fild(word_ptr(rbx + n))),
    ("FILD of 64 bits", 8, |a, n| a.fild(qword_ptr(rbx + n))),
    ("FNSTCW", 2, |a, n| a.fnstcw(word_ptr(rbx + n))),
    ("FNSTENV", 4, |a, n| a.fnstenv(ptr(rbx + n))),
    ("FNSTENV of 16 bits", 2, |a, n| a.db(&[0x66, 0xd9, 0x73, n as u8])),
    ("FNSAVE", 4, |a, n| a.fnsave(ptr(rbx + n))),
    ("FRSTOR of 16 bits", 2, |a, n| a.db(&[0x66, 0xdd, 0x63, n as u8])),
    ("STMXCSR", 4, |a, n| a.stmxcsr(dword_ptr(rbx + n))),
];

#[test]
fn operands_of_vectors_and_of_the_x87_are_checked_by_their_type() {
    for (sentence, divisor, access) in OPERANDS {
        for offset in 0..8 {
            let end = aligned(true, AC | 2, &|a| {
                a.fninit()?;
                // All of the mask; numbers of 0.
                a.pcmpeqd(xmm1, xmm1)?;
                a.pxor(xmm2, xmm2)?;
                access(a, offset)?;
                a.ud2()
            });
            let expected = if offset % divisor == 0 { 6 } else { 17 };
            assert_eq!(end.vector(), expected, "{sentence} at {offset}");
        }
    }
}

#[test]
fn ring_0_is_never_checked_and_popf_switches_the_check_on() {
    let kernel = end(Level::Kernel, &|a| {
        a.mov(rax, cr0)?;
        a.bts(eax, 18)?;
        a.mov(cr0, rax)?;
        a.push(AC as i32 | 2)?;
        a.popfq()?;
        a.mov(rbx, DATA)?;
        a.mov(eax, dword_ptr(rbx + 1))
    });
    assert_eq!(kernel.vector(), 6);
    let user = aligned(true, 2, &|a| {
        a.mov(eax, dword_ptr(rbx + 1))?;
        a.push(AC as i32 | 2)?;
        a.popfq()?;
        a.mov(eax, dword_ptr(rbx + 1))?;
        a.ud2()
    });
    assert_eq!((user.vector(), user.frame().rip), (17, USER + 3 + 5 + 1));
}

/// #AC raised again by the first instruction of its own handler in ring 3: nothing retires either.
#[test]
fn a_handler_that_faults_at_once_goes_on_for_ever() {
    let mut machine = machine(Level::Kernel, &|a| {
        a.mov(rax, cr0)?;
        a.bts(eax, 18)?;
        a.mov(cr0, rax)?;
        for value in [selector::USER_DATA, USER_STACK, AC | 2, selector::USER_CODE, USER] {
            a.mov(rax, value)?;
            a.push(rax)?;
        }
        a.mov(rbx, DATA)?;
        a.iretq()
    });
    let code = assemble(USER, &|a| a.mov(eax, dword_ptr(rbx + 1)));
    assert!(machine.write_memory(USER, &code));
    let low = USER & 0xffff
        | selector::USER_CODE << 16
        | 1 << 32
        | 0xe << 40
        | 1 << 47
        | (USER >> 16 & 0xffff) << 48;
    poke(&mut machine, IDT + 17 * 16, low);
    poke(&mut machine, IDT + 17 * 16 + 8, 0);
    assert_eq!(machine.run(Budget::until(Time::us(100))), Stop::Budget);
    let retired = machine.retired();
    assert_eq!(machine.run(Budget::until(Time::ms(1))), Stop::Budget);
    assert_eq!((machine.retired(), machine.registers(0).rip), (retired, USER));
}
