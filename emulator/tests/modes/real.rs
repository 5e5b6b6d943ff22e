//! Real-address mode (SDM 3A 20.1).

use emulator::cpu::cpuid::Model;
use iced_x86::code_asm::*;

use crate::real_lab::*;

#[test]
fn a_start_up_ipi_begins_at_its_page() {
    let end = end(&|a| a.nop());
    assert_eq!(end.value("segments/CS/selector"), 0x8000);
    assert_eq!(end.value("segments/CS/base"), CODE);
    assert_eq!((end.value("control/CR0"), end.value("registers/RFLAGS") & 2), (0x10, 2));
    assert_eq!(end.register(4), STACK);
}

#[test]
fn segments_are_paragraphs() {
    let end = end(&|a| {
        a.mov(ax, 0x1234)?;
        a.mov(ds, ax)?;
        a.mov(word_ptr(0x10), 0xbeefu32)?;
        a.mov(bx, 0x10)?;
        a.mov(si, 0xfff0u32)?;
        // The effective address wraps at 64 KiB.
        a.mov(cx, word_ptr(bx + si + 0x10))
    });
    assert_eq!((end.word(0x1_2350), end.register(1)), (0xbeef, 0xbeef));
    assert_eq!(end.value("segments/DS/base"), 0x1_2340);
    assert_eq!(end.value("segments/DS/limit"), 0xffff);
}

#[test]
fn an_access_across_the_limit_faults() {
    let by_ds = end(&|a| {
        a.mov(bx, 0xffffu32)?;
        a.mov(ax, word_ptr(bx))
    });
    assert_eq!(by_ds.vector(), Some(13));
    // No error code: FLAGS, CS and IP.
    assert_eq!((by_ds.register(4), by_ds.stacked(1)), (STACK - 6, 0x8000));
    let by_ss = end(&|a| {
        a.mov(bp, 0xffffu32)?;
        a.mov(ax, word_ptr(bp))
    });
    assert_eq!(by_ss.vector(), Some(12));
    let by_32_bits = end(&|a| {
        a.mov(ebx, 0x1_0000)?;
        a.mov(al, byte_ptr(ebx))
    });
    assert_eq!(by_32_bits.vector(), Some(13));
}

#[test]
fn the_stack_is_of_16_bits() {
    let end = end(&|a| {
        a.mov(esp, 0x1234_7000)?;
        a.push(ax)?;
        a.push(0x55aa)?;
        a.mov(ecx, 0x1122_3344)?;
        a.push(ecx)?;
        a.pop(dx)?;
        a.pop(bx)?;
        a.pop(di)
    });
    assert_eq!((end.register(2) & 0xffff, end.register(3), end.register(7)), (0x3344, 0x1122, 0x55aa));
    assert_eq!(end.register(4), 0x1234_6ffe);
}

#[test]
fn pusha_and_popa_keep_the_stack_pointer() {
    let end = end(&|a| {
        a.mov(ax, 1)?;
        a.mov(di, 7)?;
        a.pusha()?;
        a.mov(ax, 0)?;
        a.mov(di, 0)?;
        a.mov(bp, sp)?;
        a.mov(si, word_ptr(bp + 6))?;
        a.mov(word_ptr(0x100), si)?;
        a.popa()
    });
    assert_eq!((end.register(0), end.register(7), end.register(4)), (1, 7, STACK));
    assert_eq!(u64::from(end.word(0x100)), STACK);
}

#[test]
fn near_calls_push_16_bits_and_wrap() {
    let end = end(&|a| {
        let (mut over, mut back) = (a.create_label(), a.create_label());
        a.call(over)?;
        a.jmp(back)?;
        a.set_label(&mut over)?;
        a.mov(bx, sp)?;
        a.ret()?;
        a.set_label(&mut back)?;
        a.nop()
    });
    assert_eq!((end.register(3), end.register(4)), (STACK - 2, STACK));
}

#[test]
fn far_calls_and_returns_change_paragraphs() {
    let mut machine = machine(&|a| {
        a.db(&[0x9a, 0x20, 0x00, 0x00, 0x90])?; // CALL 9000:0020
        a.mov(dx, cs)
    });
    let callee = assemble(16, 0x20, &|a| {
        a.mov(cx, cs)?;
        a.mov(bx, sp)?;
        a.retf()
    });
    assert!(machine.write_memory(0x9_0020, &callee));
    let end = End::of(machine);
    assert_eq!((end.register(1), end.register(2) & 0xffff), (0x9000, 0x8000));
    assert_eq!((end.register(3), end.register(4)), (STACK - 4, STACK));
}

#[test]
fn interrupts_go_through_the_vector_table_and_return() {
    let mut machine = machine(&|a| {
        a.sti()?;
        a.int(0x21)?;
        a.mov(dx, 0x77)
    });
    let handler = assemble(16, 0, &|a| {
        a.pushf()?;
        a.pop(bx)?;
        a.mov(si, sp)?;
        a.iret()
    });
    assert!(machine.write_memory(0x21 * 4, &[0, 0, 0, 0x90]));
    assert!(machine.write_memory(0x9_0000, &handler));
    let end = End::of(machine);
    assert_eq!((end.register(2) & 0xffff, end.register(6)), (0x77, STACK - 6));
    assert_eq!((end.register(3) & 0x200, end.value("registers/RFLAGS") & 0x200), (0, 0x200));
}

#[test]
fn exceptions_go_through_the_vector_table() {
    let rows: [(&str, u64, Body<'_>); 5] = [
        ("division by zero", 0, &|a| {
            a.xor(bl, bl)?;
            a.div(bl)
        }),
        ("an invalid opcode", 6, &|a| a.ud2()),
        ("BOUND", 5, &|a| {
            a.mov(dword_ptr(0x200), 0x0005_0001)?;
            a.mov(ax, 6)?;
            a.bound(ax, dword_ptr(0x200))
        }),
        ("INTO", 4, &|a| {
            a.mov(al, 0x7f)?;
            a.inc(al)?;
            a.into()
        }),
        ("SLDT, which protected mode has", 6, &|a| a.sldt(ax)),
    ];
    for (sentence, vector, body) in rows {
        assert_eq!(end(body).vector(), Some(vector), "{sentence}");
    }
}

#[test]
fn a_vector_table_that_is_too_short_shuts_down() {
    let end = end(&|a| {
        a.mov(dword_ptr(0x200), 0x0000_0003)?;
        a.mov(dword_ptr(0x204), 0)?;
        a.lidt(fword_ptr(0x200))?;
        a.ud2()
    });
    assert!(end.shutdown);
}

#[test]
fn code_that_runs_beyond_its_limit_faults() {
    let mut machine = machine(&|a| a.db(&[0xe9, 0xf6, 0xff])); // JMP near the end of the segment
    assert!(machine.write_memory(CODE, &[0xbc, 0x00, 0x70, 0xe9, 0xf8, 0xff]));
    // JMP -8 from 6 leads to FFFEh, where a MOV is cut by the limit.
    assert!(machine.write_memory(CODE + 0xfffe, &[0xb8, 0x01, 0x02]));
    let end = End::of(machine);
    assert_eq!((end.vector(), end.stacked(0)), (Some(13), 0xfffe));
}

#[test]
fn strings_index_by_16_bits() {
    let end = end(&|a| {
        a.mov(dword_ptr(0x300), 0x4433_2211)?;
        a.mov(esi, 0xabcd_0300u32)?;
        a.mov(edi, 0x1234_0400)?;
        a.mov(ecx, 0x5555_0004)?;
        a.cld()?;
        a.rep().movsb()
    });
    assert_eq!((end.word(0x400), end.word(0x402)), (0x2211, 0x4433));
    assert_eq!((end.register(6), end.register(7)), (0xabcd_0304, 0x1234_0404));
    assert_eq!(end.register(1), 0x5555_0000);
}

#[test]
fn loops_count_by_the_address_size() {
    let end = end(&|a| {
        a.mov(ecx, 0x1_0003)?;
        let mut again = a.create_label();
        a.set_label(&mut again)?;
        a.inc(bx)?;
        a.loop_(again)
    });
    assert_eq!((end.register(3), end.register(1)), (3, 0x1_0000));
}

/// SDM 2A 2.4: every class of exceptions has #UD for a VEX prefix in real-address and virtual-8086 mode.
#[test]
fn there_is_no_vex_encoding() {
    let rows: [(&str, &[u8], Option<u64>); 6] = [
        ("VZEROUPPER", &[0xc5, 0xf8, 0x77], Some(6)),
        ("VADDPS", &[0xc5, 0xf0, 0x58, 0xc2], Some(6)),
        ("ANDN", &[0xc4, 0xe2, 0x78, 0xf2, 0xc1], Some(6)),
        ("MULX", &[0xc4, 0xe2, 0x7b, 0xf6, 0xc1], Some(6)),
        ("BLSR", &[0xc4, 0xe2, 0x78, 0xf3, 0xc9], Some(6)),
        ("TZCNT, which has none", &[0xf3, 0x0f, 0xbc, 0xc1], None),
    ];
    for (sentence, code, vector) in rows {
        let machine = machine_of(Model::Haswell, &|a| {
            a.mov(ecx, AVX_CONTROL)?;
            a.mov(cr4, ecx)?;
            enable_avx(a)?;
            a.db(code)
        });
        assert_eq!(End::of(machine).vector(), vector, "{sentence}");
    }
}
