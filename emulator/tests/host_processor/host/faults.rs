//! What the manual leaves open of an instruction that a page fault stops.

use iced_x86::{Code, Instruction, InstructionInfoFactory, Mnemonic as M, OpAccess};

use super::case::{Case, DATA, Ending, Outcome, PAGE, READ_ONLY, Registers};
use super::floats::IMAGE;
use super::implicit::uses_stack;
use super::table::COMPARED;
use super::{selectors, vectors};

const READ_ONLY_END: u64 = READ_ONLY + PAGE;

/// Whether the outcome is a page fault.
pub fn is_page_fault(ending: &Ending) -> bool {
    matches!(ending, Ending::Fault { vector: 14, .. })
}

/// Why an instruction's operands are not put where a page ends: how much it reads there is open, or AMD's own.
pub fn is_left_out(i: &Instruction) -> bool {
    // Two bytes or the whole slot of the stack.
    let selector = i.mnemonic() == M::Pop && selectors::loads(i);
    // AMD's reads four bytes, where SDM 2B "MOVSX/MOVSXD" has r/m16.
    selector || i.code() == Code::Movsxd_r16_rm16
}

/// What is open, or AMD's own, where a page fault or another one stops an instruction; printed.
pub const OPEN: [&str; 8] = [
    "memory that x87 and vector instructions of more than a quadword, ENTER and masked stores began to write (SDM 3A 10.1.1)",
    "which part of an image of registers, or which element of a masked store, reports its page fault: any of the operand",
    "whether bytes that are not written fault: of FXSAVE the last 96, of MASKMOVQ and MASKMOVDQU those not selected",
    "alignment, reserved bits, addresses that are not canonical, and pages: their order in one class (SDM 3A 6.9)",
    "of two operands in memory, or a call's target and its stack, which faults first: only one is where a page ends",
    "RFLAGS of REPE and REPNE CMPS and SCAS: the manual's are those of the beginning, AMD's of the last comparison",
    "POP of a segment register: two bytes or the whole slot; MOVSXD r16, r/m16: AMD reads four bytes",
    "UD0 and UD1 in front of a hole: whether they have a ModRM byte",
];

/// What page faults stop.
pub const KINDS: [&str; 9] = [
    "fetches",
    "repeated strings at their beginning",
    "repeated strings in the middle",
    "the stack",
    "vectors and images that cross a page",
    "loads",
    "stores",
    "loads for stores",
    "stores to the read-only page",
];

/// The kind of a page fault.
pub fn kind(case: &Case, host: &Outcome) -> &'static str {
    let i = case.instruction();
    let Ending::Fault { code, address, .. } = host.ending else { return KINDS[0] };
    let repeated = i.is_string_instruction() && (i.has_rep_prefix() || i.has_repne_prefix());
    let crosses = case.address().is_some_and(|at| at < address);
    let (reads, writes) = accesses(&i);
    KINDS[match () {
        () if code & 16 != 0 => 0,
        () if repeated && host.registers.general[1] == case.input.general[1] => 1,
        () if repeated => 2,
        () if uses_stack(&i) => 3,
        () if crosses && vectors::is_vector(&i) && !matches!(i.memory_size().size(), 1..=8) => 4,
        () if code == 7 => 8,
        () if reads && writes => 7,
        () if writes => 6,
        () => 5,
    }]
}

/// Whether the instruction accesses memory by the decoder's book.
pub fn accesses_memory(i: &Instruction) -> bool {
    let (reads, writes) = accesses(i);
    reads || writes
}

/// Whether parts of what the instruction stores may be in memory although it faulted: x87 and vector instructions
/// that store more than a quadword (SDM 3A 10.1.1), and those that store several times.
pub fn may_store_parts(i: &Instruction) -> bool {
    let several = matches!(i.mnemonic(), M::Enter | M::Cmpxchg16b | M::Maskmovq);
    several || vectors::is_vector(i) && accesses(i).1 && !matches!(i.memory_size().size(), 1..=8)
}

/// Whether the instruction loads, and whether it stores.
fn accesses(i: &Instruction) -> (bool, bool) {
    use OpAccess as A;
    let mut factory = InstructionInfoFactory::new();
    let all: Vec<A> = factory.info(i).used_memory().iter().map(|memory| memory.access()).collect();
    let both = |access: &A| matches!(access, A::ReadWrite | A::ReadCondWrite);
    let loads = all.iter().any(|access| both(access) || matches!(access, A::Read | A::CondRead));
    (loads, all.iter().any(|access| both(access) || matches!(access, A::Write | A::CondWrite)))
}

/// Why what a fault left is not carried on with.
pub fn ends_here(i: &Instruction) -> bool {
    // Where the branch goes would be what the pages hold that were opened.
    matches!(i.mnemonic(), M::Jmp | M::Call | M::Ret)
}

/// Gives the emulator's outcome the host's where the manual leaves it open: see [`OPEN`].
pub fn settle(case: &Case, host: &Outcome, guest: &mut Outcome) {
    let i = case.instruction();
    settle_flags(&i, &case.input, host, guest);
    let masked = matches!(i.mnemonic(), M::Maskmovq | M::Maskmovdqu | M::Vmaskmovdqu);
    let elements = matches!(i.mnemonic(), M::Vmaskmovps | M::Vmaskmovpd | M::Vpmaskmovd | M::Vpmaskmovq);
    let image = is_image(i.mnemonic());
    let operand = match case.address() {
        Some(at) => at..at + IMAGE as u64,
        None => case.input.general[7]..case.input.general[7] + 16,
    };
    let may = |ending: &Ending| match ending {
        Ending::Fault { vector: 14, address, code } => {
            operand.contains(address) && faults_there(*address, *code)
        }
        Ending::Fault { vector: 13, code: 0, .. } => image,
        _ => false,
    };
    let same_page = is_page_fault(&host.ending) && page(&host.ending) == page(&guest.ending);
    if may(&host.ending) && image && may(&guest.ending) || elements && same_page {
        guest.ending = host.ending.clone();
    }
    // FXSAVE's last 96 bytes are not written (SDM 2A "FXSAVE"), bytes that are not selected neither: ours does not
    // look at them.
    let unwritten = masked || matches!(i.mnemonic(), M::Fxsave | M::Fxsave64);
    let passed = may(&guest.ending) || guest.ending == Ending::Retired;
    // A call's target that is not canonical, and its stack that faults or is not.
    let called = i.mnemonic() == M::Call
        && matches!(faulted(&host.ending), Some(12 | 14))
        && faulted(&guest.ending) == Some(13);
    // An operand that is neither aligned nor canonical.
    let twice = vectors::is_vector(&i)
        && case.address().is_some_and(|at| at % 16 != 0)
        && (faulted(&host.ending), faulted(&guest.ending)) == (Some(12), Some(13));
    if unwritten && may(&host.ending) && passed || called || twice {
        *guest = host.clone();
    }
}

/// The exception's vector.
fn faulted(ending: &Ending) -> Option<u8> {
    page(ending).map(|(vector, ..)| vector)
}

/// Vector, error code and page.
fn page(ending: &Ending) -> Option<(u8, u32, u64)> {
    match ending {
        Ending::Fault { vector, code, address } => Some((*vector, *code, *address / PAGE)),
        _ => None,
    }
}

/// What stops CMPS and SCAS in the middle finds the flags that they began with (SDM 2B "REP"); AMD's has those of the
/// last comparison.
fn settle_flags(i: &Instruction, input: &Registers, host: &Outcome, guest: &mut Outcome) {
    let repeated = i.is_string_instruction() && (i.has_rep_prefix() || i.has_repne_prefix());
    let ours = &mut guest.registers.rflags;
    if repeated && is_page_fault(&guest.ending) && (*ours ^ input.rflags) & COMPARED == 0 {
        *ours = host.registers.rflags;
    }
}

/// Whether an access to that address raises a page fault of that code: user, write, present.
fn faults_there(address: u64, code: u32) -> bool {
    match address {
        READ_ONLY..READ_ONLY_END => code == 7,
        DATA..READ_ONLY => false,
        _ => code & !2 == 4,
    }
}

/// Instructions whose operand is an image of registers.
fn is_image(m: M) -> bool {
    vectors::is_state(m) || matches!(m, M::Fldenv | M::Fnstenv | M::Fnsave | M::Frstor)
}
