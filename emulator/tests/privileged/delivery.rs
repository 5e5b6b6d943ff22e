//! Events through gates: the gate, its code segment, the stack, the frame (SDM 3A 6.12 to 6.14).

use iced_x86::code_asm::*;

use crate::lab::*;

raises! { Kernel;
    a_gate_to_a_null_selector_faults_with_no_selector: 13 (0) { int(TO_NULL as i32); }
    a_gate_to_a_data_segment_faults_with_the_segment: 13 (selector::DATA) { int(TO_DATA as i32); }
    a_gate_to_an_absent_segment_is_not_present: 11 (selector::ABSENT_CODE) { int(TO_ABSENT as i32); }
    a_gate_to_32_bit_code_faults_in_ia_32e_mode: 13 (selector::CODE_32) { int(TO_32 as i32); }
    a_gate_beyond_the_gdt_faults_with_its_selector: 13 (selector::NOWHERE) { int(TO_NOWHERE as i32); }
    a_gate_to_a_hole_in_the_address_space_faults: 13 (0) { int(TO_HOLE as i32); }
    a_gate_never_leads_to_an_outer_level: 13 (selector::USER_CODE & !3) { int(TO_USER as i32); }
    an_interrupt_stack_that_is_not_canonical_is_a_stack_fault: 12 (0) { int(BAD_IST as i32); }
    int1_needs_no_privilege_and_pushes_no_code: 1 { int1(); }
}

raises! { User;
    a_software_interrupt_needs_the_gates_privilege: 13 (0x2e * 8 + 2) { int(0x2e); }
    int3_through_an_open_gate_arrives: 3 { int3(); }
    int1_ignores_the_gates_privilege: 1 { int1(); }
    an_exception_ignores_the_gates_privilege: 6 { ud2(); }
    an_absent_gate_of_dpl_0_is_a_matter_of_privilege_first: 13 (ABSENT * 8 + 2) { int(ABSENT as i32); }
}

ends! { User;
    an_interrupt_gate_to_ring_0_switches_stack_and_clears_if {
        int(OPEN as i32);
    } |end| {
        let user = Frame {
            rip: USER + 2,
            cs: selector::USER_CODE,
            rflags: 2,
            rsp: USER_STACK,
            ss: selector::USER_DATA,
        };
        assert_eq!((end.vector(), end.frame()), (OPEN, user));
        assert_eq!((end.register(4), end.cpl()), (RSP0 - 40, 0));
        // SDM 3A 6.14.4: the new SS is null.
        assert_eq!(end.value("segments/SS/selector"), 0);
        assert_eq!(end.value("registers/RFLAGS"), 2);
    }
    a_fault_pushes_its_error_code_last_and_rf_set {
        mov(rax, 1u64 << 40); mov(ecx, dword_ptr(rax));
    } |end| {
        assert_eq!((end.vector(), end.error()), (14, Some(4)));
        let f = end.frame();
        assert_eq!((f.rip, f.cs, f.rsp), (USER + 10, (selector::USER_CODE), USER_STACK));
        assert_eq!((f.ss, f.rflags), ((selector::USER_DATA), 0x1_0002));
        assert_eq!(end.register(4), RSP0 - 48);
        assert_eq!(end.value("control/CR2"), 1 << 40);
    }
    an_interrupt_stack_table_entry_is_used_at_any_level {
        int(OPEN_IST as i32);
    } |end| { assert_eq!((end.vector(), end.register(4)), (OPEN_IST, IST1 - 40)); }
    the_user_flag_of_a_page_fault_says_who_asked {
        mov(rax, 1u64 << 40); mov(dword_ptr(rax), ecx);
    } |end| { assert_eq!(end.error(), Some(6)); }
    a_store_to_a_supervisor_page_is_a_protection_violation {
        mov(rax, 1u64 << 30); mov(dword_ptr(rax), ecx);
    } |end| { assert_eq!((end.vector(), end.error()), (14, Some(7))); }
    ring_3_code_stays_in_ring_3_through_a_gate_to_ring_3 {
        int(TO_USER as i32);
    } |end| {
        // HLT of the handler is privileged there: the stack shows the frame of INT under that of #GP.
        assert_eq!((end.vector(), end.error()), (13, Some(0)));
        let f = end.frame();
        assert_eq!((f.rip, f.cs, f.rsp), (HANDLERS + TO_USER * 16, (selector::USER_CODE), USER_STACK - 40));
        assert_eq!(peek(&end.machine, f.rsp), USER + 2);
    }
}

ends! { Kernel;
    the_stack_is_aligned_even_without_a_change_of_level {
        mov(rsp, STACK - 5); int(OPEN as i32);
    } |end| {
        assert_eq!(end.register(4), STACK - 16 - 40);
        assert_eq!(end.frame().rsp, STACK - 5);
    }
    an_interrupt_gate_clears_if_and_tf_and_nt {
        pushfq(); or(dword_ptr(rsp), 0x4200); popfq(); int(OPEN as i32);
    } |end| {
        assert_eq!((end.frame().rflags, end.value("registers/RFLAGS")), (0x4202, 2));
    }
    a_trap_gate_leaves_if {
        pushfq(); or(dword_ptr(rsp), 0x200); popfq(); int(OPEN_TRAP as i32);
    } |end| { assert_eq!(end.value("registers/RFLAGS"), 0x202); }
    int3_returns_after_itself { mov(eax, 0x1234_5678); int3(); nop(); } |end| {
        // The byte before the return address is the instruction.
        let at = end.frame().rip - 1;
        assert_eq!((end.vector(), peek(&end.machine, at) & 0xffff), (3, 0x90cc));
    }
}

/// Runs at CPL 0 with gates spoilt, which makes faults in the delivery of faults.
fn with_gates_cleared(vectors: &[u64], body: Body<'_>) -> End {
    let mut machine = machine(Level::Kernel, body);
    for vector in vectors {
        let low = peek(&machine, IDT + vector * 16) & !(1 << 47);
        poke(&mut machine, IDT + vector * 16, low);
    }
    End::of(machine)
}

/// What the second exception is, after which a first: SDM table 6-5. `None` is a triple fault.
macro_rules! combines {
    ($( $sentence:ident: [$($absent:literal),*] { $($body:tt)* } => $expected:expr; )*) => { $(
        #[test]
        fn $sentence() {
            let end = with_gates_cleared(&[$($absent),*], &|a| { raises!(@body a $($body)*); Ok(()) });
            let expected: Option<(u64, Option<u64>)> = $expected;
            match expected {
                None => assert!(end.shutdown, "RIP {:#x}", end.rip),
                Some(raised) => assert_eq!((end.vector(), end.error()), raised),
            }
        }
    )* };
}

combines! {
    a_contributory_fault_after_a_benign_one_is_delivered: [6] { ud2(); } => Some((11, Some(6 * 8 + 3)));
    a_contributory_fault_after_a_software_interrupt_is_delivered: [0x22] { int(0x22); } => Some((11, Some(0x22 * 8 + 2)));
    two_contributory_faults_make_a_double_fault: [13] { mov(cr8, rsp); } => Some((8, Some(0)));
    a_contributory_fault_after_a_page_fault_makes_a_double_fault: [14] { mov(rax, 1u64 << 40); mov(ecx, dword_ptr(rax)); } => Some((8, Some(0)));
    a_fault_in_the_delivery_of_a_double_fault_shuts_down: [13, 8] { mov(cr8, rsp); } => None;
    not_present_after_not_present_makes_a_double_fault: [0, 11] { xor(edx, edx); xor(ecx, ecx); div(ecx); } => Some((8, Some(0)));
    a_benign_fault_after_a_contributory_one_would_be_delivered: [3, 11] { int3(); } => Some((8, Some(0)));
    // A page fault on the handler's stack: after a page fault double, after #GP it is served.
    a_page_fault_after_a_page_fault_makes_a_double_fault_and_its_stack_faults_again: [] { mov(rsp, 1u64 << 40); mov(eax, dword_ptr(rsp)); } => None;
    a_page_fault_after_a_contributory_fault_is_delivered_as_itself_and_then_doubles: [] { mov(rsp, 1u64 << 40); mov(cr8, rsp); } => None;
}

/// The second page fault's address is in CR2 although the fault became a double one (SDM 3A 6.15, #PF).
#[test]
fn cr2_has_the_address_of_the_fault_that_made_a_double_fault() {
    let end = end(Level::Kernel, &|a| {
        // The stack is at an address that maps nothing, so the delivery of the first fault raises another.
        a.mov(rsp, 3u64 << 40)?;
        a.mov(rbx, 1u64 << 40)?;
        a.mov(rax, qword_ptr(rbx))
    });
    assert_eq!((end.shutdown, end.value("control/CR2")), (true, (3 << 40) - 8));
}
