//! What floating-point and vector instructions raise by CR0 and CR4 (SDM 3A 2.5, 13.1), on a processor
//! without AVX; and what becomes of unmasked exceptions (SDM 1 8.7, 11.5).

use iced_x86::code_asm::*;

use crate::lab::raises;

/// CR4.OSFXSR and OSXMMEXCPT.
const SSE: i32 = 0x600;
/// CR0.MP, EM, TS and NE.
const MP: i32 = 2;
const EM: i32 = 4;
const TS: i32 = 8;
const NE: i32 = 0x20;

raises! { Kernel;
    sse_without_osfxsr_is_invalid: 6 { addps(xmm0, xmm1); }
    sse_under_emulation_is_invalid: 6 {
        mov(rax, cr4); or(eax, SSE); mov(cr4, rax); mov(rax, cr0); or(eax, EM | TS); mov(cr0, rax); addps(xmm0, xmm1);
    }
    sse_after_a_task_switch_is_not_available: 7 {
        mov(rax, cr4); or(eax, SSE); mov(cr4, rax); mov(rax, cr0); or(eax, TS); mov(cr0, rax); addps(xmm0, xmm1);
    }
    x87_under_emulation_is_not_available: 7 { mov(rax, cr0); or(eax, EM); mov(cr0, rax); fld1(); }
    x87_after_a_task_switch_is_not_available: 7 { mov(rax, cr0); or(eax, TS); mov(cr0, rax); fld1(); }
    fninit_after_a_task_switch_is_not_available: 7 { mov(rax, cr0); or(eax, TS); mov(cr0, rax); fninit(); }
    wait_looks_at_a_task_switch_with_monitoring: 7 { mov(rax, cr0); or(eax, MP | TS); mov(cr0, rax); wait(); }
    wait_without_monitoring_does_not: 6 {
        mov(rax, cr0); and(eax, !MP); or(eax, TS); mov(cr0, rax); wait(); ud2();
    }
    mmx_under_emulation_is_invalid: 6 { mov(rax, cr0); or(eax, EM | TS); mov(cr0, rax); paddb(mm0, mm1); }
    mmx_after_a_task_switch_is_not_available: 7 { mov(rax, cr0); or(eax, TS); mov(cr0, rax); paddb(mm0, mm1); }
    fxsave_after_a_task_switch_is_not_available: 7 {
        mov(rax, cr0); or(eax, TS); mov(cr0, rax); fxsave(ptr(rsp - 1024));
    }
    fxsave_wants_16_bytes_aligned: 13 (0) { mov(rax, rsp); and(rax, -16); fxsave(ptr(rax - 1023)); }
    movaps_wants_16_bytes_aligned_before_it_looks_at_pages: 13 (0) {
        mov(rax, cr4); or(eax, SSE); mov(cr4, rax); mov(rax, (1u64 << 40) + 8); movaps(xmm0, ptr(rax));
    }
    movups_from_nowhere_is_a_page_fault: 14 (0) {
        mov(rax, cr4); or(eax, SSE); mov(cr4, rax); mov(rax, (1u64 << 40) + 8); movups(xmm0, ptr(rax));
    }
    a_vector_store_to_nowhere_says_so: 14 (2) {
        mov(rax, cr4); or(eax, SSE); mov(cr4, rax); mov(rax, 1u64 << 40); movaps(ptr(rax), xmm0);
    }
    reserved_bits_of_mxcsr_fault: 13 (0) {
        mov(rax, cr4); or(eax, SSE); mov(cr4, rax); push(0x1_1f80); ldmxcsr(dword_ptr(rsp));
    }
    an_unmasked_simd_exception_faults_at_once: 19 {
        mov(rax, cr4); or(eax, SSE); mov(cr4, rax); push(0x1f00); ldmxcsr(dword_ptr(rsp));
        xorps(xmm0, xmm0); divss(xmm0, xmm0); int3();
    }
    without_osxmmexcpt_it_is_an_invalid_opcode: 6 {
        mov(rax, cr4); or(eax, 0x200); mov(cr4, rax); push(0x1f00); ldmxcsr(dword_ptr(rsp));
        xorps(xmm0, xmm0); divss(xmm0, xmm0); int3();
    }
    an_unmasked_x87_exception_waits_for_the_next_instruction: 16 {
        mov(rax, cr0); or(eax, NE); mov(cr0, rax); fninit(); push(0x37e); fldcw(word_ptr(rsp));
        fldz(); fldz(); fdivp(st1, st0); fnstsw(ax); wait(); int3();
    }
    mmx_takes_it_too: 16 {
        mov(rax, cr0); or(eax, NE); mov(cr0, rax); fninit(); push(0x37e); fldcw(word_ptr(rsp));
        fldz(); fldz(); fdivp(st1, st0); emms(); int3();
    }
    control_instructions_do_not: 3 {
        mov(rax, cr0); or(eax, NE); mov(cr0, rax); fninit(); push(0x37e); fldcw(word_ptr(rsp));
        fldz(); fldz(); fdivp(st1, st0); fnclex(); wait(); int3();
    }
    avx_is_not_in_this_model: 6 { vaddps(xmm0, xmm1, xmm2); }
    nor_is_xsave: 6 { xor(ecx, ecx); xgetbv(); }
    so_osxsave_is_reserved: 13 (0) { mov(rax, cr4); bts(rax, 18); mov(cr4, rax); }
}
