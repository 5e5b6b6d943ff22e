//! Exceptions as rows from the manual: what a small program at CPL 0 raises, and with which error code.
//!
//! Every handler is a HLT of its own, so the vector is where the processor stops, and the error code
//! is on the stack.

use emulator::machine::{Budget, Config, Machine, Stop};
use emulator::time::Time;
use iced_x86::code_asm::*;

const CODE: u64 = 0x20_0000;
const HANDLERS: u64 = 0x21_0000;
const IDT: u64 = 0x22_0000;
const STACK: u64 = 0x24_0000;
/// The IDT ends after this vector.
const LAST_VECTOR: u64 = 0x2f;
/// A gate that is well-formed but not present.
const ABSENT: u64 = 0x20;
/// A gate of all zeros.
const EMPTY: u64 = 0x21;

/// What is raised: the vector, and the error code if it has one.
type Raised = (u64, Option<u64>);

fn program(body: impl FnOnce(&mut CodeAssembler) -> Result<(), IcedError>) -> Vec<u8> {
    let mut a = CodeAssembler::new(64).expect("64-bit code");
    let lidt_operand = IDT - 16;
    a.mov(rsp, STACK).expect("encodes");
    a.mov(rax, lidt_operand).expect("encodes");
    a.lidt(ptr(rax)).expect("encodes");
    body(&mut a).expect("the row encodes");
    a.ud2().expect("encodes");
    a.assemble(CODE).expect("the row assembles")
}

fn machine(code: &[u8]) -> Machine {
    let mut config = Config::default_pc();
    config.memory = 8 << 20;
    let mut machine = Machine::new(&config).expect("a small machine");
    machine.load_elf(&elf(code), "", &[]).expect("it loads");
    let mut pointer = ((LAST_VECTOR + 1) * 16 - 1).to_le_bytes()[..2].to_vec();
    pointer.extend(IDT.to_le_bytes());
    assert!(machine.write_memory(IDT - 16, &pointer));
    for vector in 0..=LAST_VECTOR {
        let handler = HANDLERS + vector * 16;
        let present = if vector == ABSENT { 0 } else { 1 << 47 };
        let low = handler & 0xffff | 8 << 16 | 0xe << 40 | present | (handler >> 16 & 0xffff) << 48;
        let gate = if vector == EMPTY { 0 } else { low };
        assert!(machine.write_memory(IDT + vector * 16, &gate.to_le_bytes()));
        assert!(machine.write_memory(handler, &[0xf4]));
    }
    machine
}

/// The least ELF64 file that is loaded at [`CODE`].
fn elf(code: &[u8]) -> Vec<u8> {
    let mut file = vec![0u8; 120];
    file[..6].copy_from_slice(b"\x7fELF\x02\x01");
    (file[16], file[18], file[32], file[54], file[56], file[64], file[68]) = (2, 62, 64, 56, 1, 1, 7);
    let length = code.len() as u64;
    for (at, value) in [(24, CODE), (72, 120), (88, CODE), (96, length), (104, length)] {
        file[at..at + 8].copy_from_slice(&value.to_le_bytes());
    }
    file.extend_from_slice(code);
    file
}

fn raised(code: &[u8]) -> Raised {
    let mut machine = machine(code);
    let stop = machine.run(Budget::until(Time::ms(1)));
    let Stop::Halted { rip } = stop else { panic!("no handler ran: {stop}") };
    let vector = (rip - 1 - HANDLERS) / 16;
    let mut code = [0; 8];
    assert!(machine.read_memory(machine.registers(0).regs[4], &mut code));
    let has_code = matches!(vector, 8 | 10..=14 | 17);
    (vector, has_code.then_some(u64::from_le_bytes(code)))
}

macro_rules! rows {
    ($( $sentence:ident: $vector:literal $(($code:expr))? { $($body:tt)* } )*) => { $(
        #[test]
        fn $sentence() {
            let code = program(|a: &mut CodeAssembler| { rows!(@body a $($body)*); Ok(()) });
            let expected = (rows!(@code $($code)?), $vector);
            assert_eq!(raised(&code), (expected.1, expected.0));
        }
    )* };
    (@code $code:expr) => { Some($code) };
    (@code) => { None };
    (@body $a:ident $( $method:ident($($argument:expr),*); )*) => { $( $a.$method($($argument),*)?; )* };
}

rows! {
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
    a_selector_beyond_the_gdt_faults_with_the_selector: 13 (0x80) { mov(eax, 0x80); mov(ds, eax); }
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
