//! What CPL 3 may not do, and what needs IOPL or the I/O permission bitmap (SDM 3A 5.9, volume 1, 19.5).

use iced_x86::code_asm::*;

use crate::lab::*;

raises! { User;
    hlt_is_for_ring_0: 13 (0) { hlt(); }
    cli_needs_iopl: 13 (0) { cli(); }
    sti_needs_iopl: 13 (0) { sti(); }
    clts_is_for_ring_0: 13 (0) { clts(); }
    lgdt_is_for_ring_0: 13 (0) { lgdt(ptr(rsp)); }
    lidt_is_for_ring_0: 13 (0) { lidt(ptr(rsp)); }
    lldt_is_for_ring_0: 13 (0) { lldt(ax); }
    ltr_is_for_ring_0: 13 (0) { ltr(ax); }
    lmsw_is_for_ring_0: 13 (0) { lmsw(ax); }
    invlpg_is_for_ring_0: 13 (0) { invlpg(ptr(rsp)); }
    invd_is_for_ring_0: 13 (0) { invd(); }
    wbinvd_is_for_ring_0: 13 (0) { wbinvd(); }
    wbnoinvd_is_for_ring_0: 13 (0) { db(&[0xf3, 0x0f, 0x09]); }
    prefetches_of_code_are_hints: 3 { db(&[0x0f, 0x18, 0x3d, 0, 0, 0, 0]); db(&[0x0f, 0x18, 0x35, 0, 0, 0, 0]); int3(); }
    a_demoted_line_is_a_hint: 3 { mov(rax, 1u64 << 40); db(&[0x0f, 0x1c, 0x00]); int3(); }
    rdmsr_is_for_ring_0: 13 (0) { mov(ecx, 0x10); rdmsr(); }
    wrmsr_is_for_ring_0: 13 (0) { mov(ecx, 0x10); wrmsr(); }
    mov_to_cr0_is_for_ring_0: 13 (0) { mov(cr0, rax); }
    mov_from_cr0_is_for_ring_0: 13 (0) { mov(rax, cr0); }
    mov_from_cr2_is_for_ring_0: 13 (0) { mov(rax, cr2); }
    mov_to_cr3_is_for_ring_0: 13 (0) { mov(cr3, rax); }
    mov_to_cr4_is_for_ring_0: 13 (0) { mov(cr4, rax); }
    mov_to_cr8_is_for_ring_0: 13 (0) { mov(cr8, rax); }
    mov_to_dr7_is_for_ring_0: 13 (0) { mov(dr7, rax); }
    mov_from_dr6_is_for_ring_0: 13 (0) { mov(rax, dr6); }
    rdpmc_needs_its_enable: 13 (0) { rdpmc(); }
    vmxon_outside_its_enable_is_invalid_in_any_ring: 6 { vmxon(qword_ptr(rsp)); }
    vmcall_outside_vmx_operation_is_invalid_in_any_ring: 6 { vmcall(); }
    in_from_a_port_without_permission_faults: 13 (0) { in_(al, 0x40); }
    out_to_a_port_without_permission_faults: 13 (0) { out(0x40, al); }
    a_port_beyond_the_bitmap_faults: 13 (0) { mov(edx, 0x3f8); out(dx, al); }
    a_wide_access_needs_each_of_its_ports: 13 (0) { mov(edx, 0x86); in_(eax, dx); }
    a_data_segment_of_ring_0_cannot_be_loaded: 13 (selector::DATA) { mov(eax, (selector::DATA) as i32); mov(ds, eax); }
    code_of_ring_0_cannot_be_loaded_as_data: 13 (selector::CODE) { mov(eax, (selector::CODE) as i32); mov(ds, eax); }
    a_null_stack_segment_is_refused_in_ring_3: 13 (0) { xor(eax, eax); mov(ss, eax); }
}

raises! { Kernel;
    a_stack_segment_must_be_writable: 13 (selector::READ_ONLY) { mov(eax, (selector::READ_ONLY) as i32); mov(ss, eax); }
    a_stack_segment_must_have_the_current_level: 13 (selector::USER_DATA & !3) { mov(eax, (selector::USER_DATA) as i32); mov(ss, eax); }
    a_stack_segment_that_is_absent_is_a_stack_fault: 12 (selector::ABSENT_DATA) { mov(eax, (selector::ABSENT_DATA) as i32); mov(ss, eax); }
    a_data_segment_that_is_absent_is_not_present: 11 (selector::ABSENT_DATA) { mov(eax, (selector::ABSENT_DATA) as i32); mov(ds, eax); }
    a_system_descriptor_is_no_data_segment: 13 (selector::TSS) { mov(eax, (selector::TSS) as i32); mov(ds, eax); }
    cs_cannot_be_moved_to: 6 { db(&[0x8e, 0xc8]); }
    ltr_refuses_a_busy_tss: 13 (selector::BUSY_TSS) { mov(eax, (selector::BUSY_TSS) as i32); ltr(ax); }
    ltr_refuses_the_null_selector: 13 (0) { xor(eax, eax); ltr(ax); }
    ltr_refuses_an_ldt: 13 (selector::LDT) { mov(eax, (selector::LDT) as i32); ltr(ax); }
    ltr_refuses_what_it_made_busy_itself: 13 (selector::TSS) { mov(eax, (selector::TSS) as i32); ltr(ax); }
    lldt_refuses_a_tss: 13 (selector::BUSY_TSS) { mov(eax, (selector::BUSY_TSS) as i32); lldt(ax); }
    lldt_refuses_a_selector_of_the_ldt: 13 (selector::LDT | 4) { mov(eax, (selector::LDT | 4) as i32); lldt(ax); }
    lldt_refuses_a_selector_beyond_the_gdt: 13 (selector::NOWHERE) { mov(eax, (selector::NOWHERE) as i32); lldt(ax); }
    a_selector_of_an_absent_ldt_faults: 13 (0xc) { mov(eax, 0xc); mov(ds, eax); }
    lgdt_refuses_a_base_in_a_hole: 13 (0) { mov(rax, 1u64 << 47); push(rax); push(0); lgdt(ptr(rsp + 6)); }
    lidt_refuses_a_base_in_a_hole: 13 (0) { mov(rax, 1u64 << 47); push(rax); push(0); lidt(ptr(rsp + 6)); }
    the_upper_half_of_cr0_is_reserved: 13 (0) { mov(rax, cr0); bts(rax, 32); mov(cr0, rax); }
    paging_needs_protection: 13 (0) { mov(rax, cr0); btr(rax, 0); mov(cr0, rax); }
    a_high_bit_of_cr4_is_reserved: 13 (0) { mov(rax, cr4); bts(rax, 40); mov(cr4, rax); }
    cr1_does_not_exist: 6 { db(&[0x0f, 0x20, 0xc8]); }
    cr5_does_not_exist: 6 { db(&[0x0f, 0x22, 0xe8]); }
    the_upper_half_of_dr7_is_reserved: 13 (0) { mov(rax, 1u64 << 32); mov(dr7, rax); }
    the_upper_half_of_dr6_is_reserved: 13 (0) { mov(rax, 1u64 << 32); mov(dr6, rax); }
    dr4_does_not_exist_with_debugging_extensions: 6 { mov(rax, cr4); bts(eax, 3); mov(cr4, rax); db(&[0x0f, 0x21, 0xe0]); }
    rdtsc_can_be_kept_from_nobody_in_ring_0: 6 { mov(rax, cr4); bts(eax, 2); mov(cr4, rax); rdtsc(); ud2(); }
}

ends! { User;
    a_permitted_port_can_be_read_and_written { out(0x80, al); in_(al, 0x84); ud2(); } |end| {
        assert_eq!((end.vector(), end.register(0) & 0xff), (6, 0xff));
    }
    without_umip_ring_3_sees_the_tables {
        mov(rbx, DATA); sgdt(ptr(rbx)); sidt(ptr(rbx + 16)); str(eax); sldt(ecx); smsw(edx); ud2();
    } |end| {
        assert_eq!(end.vector(), 6);
        assert_eq!((peek(&end.machine, DATA) & 0xffff, peek(&end.machine, DATA + 2)), (0xff, GDT));
        assert_eq!(peek(&end.machine, DATA + 18), IDT);
        assert_eq!((end.register(0), end.register(1)), (selector::TSS, 0));
        assert_eq!(end.register(2), end.value("control/CR0"));
    }
    verr_and_verw_judge_by_level {
        mov(eax, (selector::USER_DATA) as i32); verw(ax); sete(bl);
        mov(eax, (selector::READ_ONLY | 3) as i32); verr(ax); sete(cl);
        mov(eax, (selector::READ_ONLY | 3) as i32); verw(ax); sete(dl);
        mov(eax, (selector::DATA) as i32); verr(ax); sete(sil); ud2();
    } |end| {
        let set = [3, 1, 2, 6].map(|n| end.register(n) & 0xff);
        assert_eq!(set, [1, 1, 0, 0]);
    }
    lar_and_lsl_read_what_they_may {
        mov(eax, (selector::USER_DATA) as i32); lar(ebx, eax); lsl(ecx, eax); sete(dl); ud2();
    } |end| {
        assert_eq!((end.register(3), end.register(1), end.register(2) & 0xff), (0xcf_f300, 0xffff_ffff, 1));
    }
}

#[test]
fn with_iopl_3_ring_3_may_touch_every_port_and_if() {
    let mut machine = machine(Level::Kernel, &|a| {
        for value in [(selector::USER_DATA), USER_STACK, 0x3002, selector::USER_CODE, USER] {
            a.mov(rax, value)?;
            a.push(rax)?;
        }
        a.iretq()
    });
    let user = assemble(USER, &|a| {
        a.in_(al, 0x40)?;
        a.sti()?;
        a.cli()?;
        a.sti()?;
        a.nop()?;
        a.ud2()
    });
    assert!(machine.write_memory(USER, &user));
    let end = End::of(machine);
    assert_eq!((end.vector(), end.frame().rflags), (6, 0x1_3202));
}
