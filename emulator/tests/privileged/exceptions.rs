//! Exceptions of instructions at CPL 0.

use iced_x86::code_asm::*;

use crate::lab::{ABSENT, EMPTY, raises};

raises! { Kernel;
    // SDM 3A 6.15, by vector.
    a_division_by_zero_is_a_divide_error: 0 { xor(edx, edx); xor(ecx, ecx); div(ecx); }
    int3_is_a_breakpoint: 3 { int3(); }
    ud2_is_an_invalid_opcode: 6 { ud2(); }
    // INT n through its gate: the checks in their order.
    a_software_interrupt_beyond_the_limit_faults_with_its_vector: 13 (0x80 * 8 + 2) { int(0x80); }
    the_gates_type_is_checked_before_its_present_bit: 13 (EMPTY * 8 + 2) { int(EMPTY as i32); }
    an_absent_gate_is_not_present_and_a_software_interrupt_not_external: 11 (ABSENT * 8 + 2) { int(ABSENT as i32); }
    // Control registers and MSRs (volume 2, MOV CR, WRMSR).
    paging_cannot_be_left_from_64_bit_mode: 13 (0) { mov(rax, cr0); btr(eax, 31); mov(cr0, rax); }
    not_write_through_without_cache_disable_faults: 13 (0) { mov(rax, cr0); bts(eax, 29); mov(cr0, rax); }
    a_reserved_bit_of_cr4_faults: 13 (0) { mov(rax, cr4); bts(rax, 22); mov(cr4, rax); }
    pae_stays_on_in_long_mode: 13 (0) { mov(rax, cr4); btr(rax, 5); mov(cr4, rax); }
    an_address_beyond_the_physical_width_faults_in_cr3: 13 (0) { mov(rax, 1u64 << 45); mov(cr3, rax); }
    cr8_holds_four_bits: 13 (0) { mov(eax, 16); mov(cr8, rax); }
    an_unknown_msr_faults: 13 (0) { mov(ecx, 0x1234_5678); rdmsr(); }
    an_x2apic_register_faults_in_xapic_mode: 13 (0) { mov(ecx, 0x802); rdmsr(); }
    the_long_mode_enable_cannot_change_under_paging: 13 (0) { mov(ecx, 0xc000_0080u32); rdmsr(); btr(eax, 8); wrmsr(); }
    // Segments and descriptor tables.
    a_selector_beyond_the_gdt_faults_with_the_selector: 13 (0x180) { mov(eax, 0x180); mov(ds, eax); }
    a_null_stack_segment_of_another_privilege_faults: 13 (0) { mov(eax, 3); mov(ss, eax); }
    ltr_wants_an_available_tss: 13 (0x10) { mov(eax, 0x10); ltr(ax); }
    a_call_to_vmx_outside_vmx_operation_is_invalid: 6 { vmcall(); }
    vmread_outside_vmx_operation_is_invalid: 6 { vmread(rax, rcx); }
    // Addresses: the first 512 GiB are mapped.
    a_load_from_nowhere_is_a_page_fault: 14 (0) { mov(rax, 1u64 << 40); mov(ecx, dword_ptr(rax)); }
    a_store_to_nowhere_says_so: 14 (2) { mov(rax, 1u64 << 40); mov(dword_ptr(rax), ecx); }
    an_update_of_nowhere_is_a_write: 14 (2) { mov(rax, 1u64 << 40); add(dword_ptr(rax), ecx); }
    a_fetch_from_nowhere_says_so: 14 (0x10) { mov(rax, 1u64 << 40); jmp(rax); }
    a_non_canonical_load_is_a_general_protection_fault: 13 (0) { mov(rax, 1u64 << 47); mov(ecx, dword_ptr(rax)); }
    a_non_canonical_stack_is_a_stack_fault: 12 (0) { mov(rbp, 1u64 << 47); mov(ecx, dword_ptr(rbp)); }
    a_non_canonical_jump_is_a_general_protection_fault: 13 (0) { mov(rax, 1u64 << 47); jmp(rax); }
}
