//! The decoder's table, row by row.

use super::*;
use crate::cpu::cpuid::Model;
use crate::cpu::hot::{BLOCK_RIP, ZERO};
use crate::cpu::op::OpBits;

fn op(bytes: &[u8], offset: u16) -> (Op, bool, CostClass) {
    match decode(bytes, offset, Model::default().features(), CodeSize::Bits64) {
        Decoded::Op { op, ends_block, cost_class } => (op, ends_block, cost_class),
        Decoded::Truncated => panic!("{bytes:02x?} is whole"),
    }
}

fn is(run: Handler, other: Handler) -> bool {
    std::ptr::fn_addr_eq(run, other)
}

fn undefined(bytes: &[u8]) -> bool {
    is(op(bytes, 0).0.run, exec::undefined)
}

#[test]
fn every_row_ends_its_block_as_it_should_and_costs_its_class() {
    use CostClass::{Divide, Multiply, Plain, String, System};
    let rows: &[(&str, &[u8], bool, CostClass)] = &[
        ("add eax, ecx", &[0x01, 0xc8], false, Plain),
        ("add [rax], ah", &[0x00, 0x20], false, Plain),
        ("lock cmpxchg [rdi], rcx", &[0xf0, 0x48, 0x0f, 0xb1, 0x0f], false, Plain),
        ("imul rax, rcx, 5", &[0x48, 0x6b, 0xc1, 0x05], false, Multiply),
        ("div rcx", &[0x48, 0xf7, 0xf1], false, Divide),
        ("shld eax, ecx, cl", &[0x0f, 0xa5, 0xc8], false, Plain),
        ("movabs al, [..]", &[0xa0, 1, 2, 3, 4, 5, 6, 7, 8], false, Plain),
        ("movsxd rax, ecx", &[0x48, 0x63, 0xc1], false, Plain),
        ("cmovne eax, [rcx]", &[0x0f, 0x45, 0x01], false, Plain),
        ("setg al", &[0x0f, 0x9f, 0xc0], false, Plain),
        ("push rax", &[0x50], false, Plain),
        ("push imm8", &[0x6a, 0xff], false, Plain),
        ("pop [rsp]", &[0x8f, 0x04, 0x24], false, Plain),
        ("enter 16, 1", &[0xc8, 0x10, 0x00, 0x01], false, Plain),
        ("leave", &[0xc9], false, Plain),
        ("bts [rax], rcx", &[0x48, 0x0f, 0xab, 0x08], false, Plain),
        ("tzcnt eax, ecx", &[0xf3, 0x0f, 0xbc, 0xc1], false, Plain),
        ("popcnt eax, ecx", &[0xf3, 0x0f, 0xb8, 0xc1], false, Plain),
        ("crc32 eax, cl", &[0xf2, 0x0f, 0x38, 0xf0, 0xc1], false, Plain),
        ("endbr64", &[0xf3, 0x0f, 0x1e, 0xfa], false, Plain),
        ("nop [rax]", &[0x0f, 0x1f, 0x00], false, Plain),
        ("prefetcht0 [rax]", &[0x0f, 0x18, 0x08], false, Plain),
        ("mfence", &[0x0f, 0xae, 0xf0], false, Plain),
        ("xlatb", &[0xd7], false, Plain),
        ("addps xmm0, xmm1", &[0x0f, 0x58, 0xc1], false, Plain),
        ("movsd xmm0, [rax]", &[0xf2, 0x0f, 0x10, 0x00], false, Plain),
        ("paddb mm0, mm1", &[0x0f, 0xfc, 0xc1], false, Plain),
        ("fld st(0)", &[0xd9, 0xc0], false, Plain),
        ("fxsave64 [rax]", &[0x48, 0x0f, 0xae, 0x00], false, Plain),
        ("ldmxcsr [rax]", &[0x0f, 0xae, 0x10], false, Plain),
        ("jne", &[0x75, 0xfe], true, Plain),
        ("jmp", &[0xeb, 0xfe], true, Plain),
        ("call rax", &[0xff, 0xd0], true, Plain),
        ("ret 8", &[0xc2, 0x08, 0x00], true, Plain),
        ("loop", &[0xe2, 0xfe], true, Plain),
        ("movsb", &[0xa4], false, String),
        ("rep stosq", &[0xf3, 0x48, 0xab], true, String),
        ("repne scasb", &[0xf2, 0xae], true, String),
        ("rdtsc", &[0x0f, 0x31], false, System),
        ("pause", &[0xf3, 0x90], false, System),
        ("pushfq", &[0x9c], false, System),
        ("popfq", &[0x9d], true, System),
        ("hlt", &[0xf4], true, System),
        ("mov cr3, rax", &[0x0f, 0x22, 0xd8], true, System),
        ("mov ds, eax", &[0x8e, 0xd8], true, System),
        ("out dx, al", &[0xee], true, System),
        ("int3", &[0xcc], true, System),
        ("iretq", &[0x48, 0xcf], true, System),
        ("vmlaunch", &[0x0f, 0x01, 0xc2], true, System),
        ("lgdt [rax]", &[0x0f, 0x01, 0x10], true, System),
    ];
    for &(name, bytes, ends, class) in rows {
        let (op, ends_block, cost_class) = op(bytes, 0);
        assert_eq!((ends_block, cost_class), (ends, class), "{name}");
        assert!(!is(op.run, exec::undefined), "{name}");
        assert_eq!(usize::from(op.len), bytes.len(), "{name}");
    }
}

#[test]
fn what_the_model_lacks_is_undefined() {
    let rows: &[&[u8]] = &[
        &[0xc5, 0xf0, 0x58, 0xc2],             // VADDPS
        &[0xc5, 0xf8, 0x77],                   // VZEROUPPER
        &[0x66, 0x0f, 0x38, 0xdc, 0xc1],       // AESENC
        &[0x66, 0x0f, 0x3a, 0x44, 0xc1, 0x00], // PCLMULQDQ
        &[0xf2, 0x0f, 0x78, 0xc1, 0x01, 0x02], // INSERTQ
        &[0x0f, 0x01, 0xd0],                   // XGETBV
        &[0x0f, 0xae, 0x20],                   // XSAVE
        &[0x06, 0],                            // PUSH ES
        &[0xf0, 0x01, 0xc8],                   // LOCK ADD to a register
        &[0x0f, 0x38, 0xf0, 0x00],             // MOVBE
    ];
    for bytes in rows {
        assert!(undefined(bytes), "{bytes:02x?}");
    }
}

#[test]
fn an_instruction_ends_where_its_bytes_do() {
    assert!(matches!(decode(&[0x48, 0x8b], 0, Features::default(), CodeSize::Bits64), Decoded::Truncated));
    assert!(matches!(decode(&[], 0, Features::default(), CodeSize::Bits64), Decoded::Truncated));
    let mut long = [0x66; 16];
    long[15] = 0x90;
    assert!(is(op(&long, 0).0.run, exec::too_long));
    let mut undefined = [0x66; 16];
    undefined[0] = 0xf0;
    undefined[14] = 0x90;
    assert!(is(op(&undefined, 0).0.run, exec::undefined));
    let mut longest = [0x66; 15];
    longest[14] = 0x90;
    assert_eq!(op(&longest, 0).0.len, 15);
}

#[test]
fn targets_and_displacements_are_relative_to_the_block() {
    assert_eq!(op(&[0xeb, 0xfe], 0x40).0.imm, 0x40);
    assert_eq!(op(&[0xe9, 0, 0xff, 0xff, 0xff], 0x10).0.imm, (0x15i64 - 0x100) as u64);
    let (load, ..) = op(&[0x48, 0x8b, 0x05, 0xf0, 0xff, 0xff, 0xff], 4);
    assert_eq!((load.base, load.index, load.disp), (BLOCK_RIP, ZERO, (4i64 + 7 - 16) as u64));
}

#[test]
fn only_fs_and_gs_are_segments_and_the_stack_is_known() {
    let gs = op(&[0x65, 0x48, 0x8b, 0x04, 0x24], 0).0;
    assert_eq!((gs.segment, gs.bits & OpBits::STACK), (5, 0));
    let stack = op(&[0x48, 0x8b, 0x45, 0x08], 0).0;
    assert_eq!((stack.segment, stack.bits & OpBits::STACK, stack.disp), (6, OpBits::STACK, 8));
    let absolute = op(&[0x67, 0x8b, 0x04, 0x25, 0xff, 0xff, 0xff, 0xff], 0).0;
    assert_eq!(absolute.wrap, 32);
    let wide = op(&[0x8b, 0x04, 0x25, 0xff, 0xff, 0xff, 0xff], 0).0;
    assert_eq!((wide.wrap, wide.disp), (0, u64::MAX));
    let scaled = op(&[0x48, 0x8b, 0x04, 0xd9], 0).0;
    assert_eq!((scaled.base, scaled.index, scaled.scale), (1, 3, 3));
}

#[test]
fn registers_have_their_numbers() {
    let high = op(&[0x88, 0xfc], 0).0; // MOV AH, BH
    assert_eq!((high.dst, high.src), (0x80, 0x83));
    let low = op(&[0x40, 0x88, 0xfc], 0).0; // MOV SPL, DIL
    assert_eq!((low.dst, low.src), (4, 7));
    let new = op(&[0x45, 0x88, 0xc7], 0).0; // MOV R15B, R8B
    assert_eq!((new.dst, new.src), (15, 8));
}

#[test]
fn system_operands_are_where_their_handlers_look() {
    let port = op(&[0xe6, 0x80], 0).0; // OUT 80h, AL
    assert_eq!((port.imm, port.scale, port.bits & OpBits::MEMORY), (0x80, 1, 0));
    let dx = op(&[0xed], 0).0; // IN EAX, DX
    assert_eq!((dx.scale, dx.bits & OpBits::MEMORY), (4, OpBits::MEMORY));
    let cr = op(&[0x44, 0x0f, 0x22, 0xc1], 0).0; // MOV CR8, RCX
    assert_eq!((cr.dst, cr.src), (8, 1));
    let ss = op(&[0x8e, 0xd1], 0).0; // MOV SS, ECX
    assert_eq!((ss.imm, ss.src), (2, 1));
    let read = op(&[0x0f, 0x78, 0xc8], 0).0; // VMREAD RAX, RCX
    assert_eq!((read.dst, read.src, read.bits & OpBits::MEMORY), (0, 1, 0));
    let write = op(&[0x0f, 0x79, 0x08], 0).0; // VMWRITE RCX, [RAX]
    assert_eq!((write.dst, write.bits & OpBits::MEMORY), (1, OpBits::MEMORY));
    let far = op(&[0x48, 0xff, 0x28], 0).0; // JMP FAR m16:64
    assert_eq!((far.imm, far.base), (8, 0));
    let ret = op(&[0x48, 0xca, 0x10, 0x00], 0).0; // RETF 16
    assert_eq!((ret.imm, ret.disp), (8, 16));
    let int = op(&[0xcd, 0x80], 0).0;
    assert_eq!(int.imm, 0x80);
}
