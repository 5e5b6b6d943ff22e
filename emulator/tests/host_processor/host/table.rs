//! What is compared, and what is left out and why.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use iced_x86::{Code, EncodingKind, Instruction, Mnemonic as M, OpKind, Register, RflagsBits};

use super::case::{Registers, bits};

/// CF, PF, AF, ZF, SF, DF and OF.
pub const COMPARED: u64 = CF | PF | AF | ZF | SF | DF | OF;
/// Carry.
pub const CF: u64 = 1 << 0;
/// Parity.
pub const PF: u64 = 1 << 2;
/// Auxiliary carry.
pub const AF: u64 = 1 << 4;
/// Zero.
pub const ZF: u64 = 1 << 6;
/// Sign.
pub const SF: u64 = 1 << 7;
/// Direction.
pub const DF: u64 = 1 << 10;
/// Overflow.
pub const OF: u64 = 1 << 11;

/// The instructions compared, by family.
pub const FAMILIES: &[(&str, &[M])] = &[
    ("arithmetic", &[M::Add, M::Adc, M::Sub, M::Sbb, M::Cmp, M::Inc, M::Dec, M::Neg]),
    ("logic", &[M::And, M::Or, M::Xor, M::Test, M::Not]),
    ("shifts", &[M::Shl, M::Sal, M::Shr, M::Sar, M::Rol, M::Ror, M::Rcl, M::Rcr, M::Shld, M::Shrd]),
    ("products", &[M::Mul, M::Imul, M::Div, M::Idiv]),
    ("extensions", &[M::Cbw, M::Cwde, M::Cdqe, M::Cwd, M::Cdq, M::Cqo, M::Movzx, M::Movsx, M::Movsxd]),
    ("moves", &[M::Mov, M::Lea, M::Bswap, M::Xlatb, M::Xchg, M::Xadd]),
    ("compare and exchange", &[M::Cmpxchg, M::Cmpxchg8b, M::Cmpxchg16b]),
    ("bits", &[M::Bt, M::Bts, M::Btr, M::Btc, M::Bsf, M::Bsr, M::Popcnt, M::Crc32]),
    (
        "flags",
        &[M::Clc, M::Stc, M::Cmc, M::Cld, M::Std, M::Lahf, M::Sahf, M::Pushf, M::Pushfq, M::Popf, M::Popfq],
    ),
    ("CMOVcc, lower", &[M::Cmovo, M::Cmovno, M::Cmovb, M::Cmovae, M::Cmove, M::Cmovne, M::Cmovbe, M::Cmova]),
    ("CMOVcc, upper", &[M::Cmovs, M::Cmovns, M::Cmovp, M::Cmovnp, M::Cmovl, M::Cmovge, M::Cmovle, M::Cmovg]),
    ("SETcc, lower", &[M::Seto, M::Setno, M::Setb, M::Setae, M::Sete, M::Setne, M::Setbe, M::Seta]),
    ("SETcc, upper", &[M::Sets, M::Setns, M::Setp, M::Setnp, M::Setl, M::Setge, M::Setle, M::Setg]),
    ("Jcc, lower", &[M::Jo, M::Jno, M::Jb, M::Jae, M::Je, M::Jne, M::Jbe, M::Ja]),
    ("Jcc, upper", &[M::Js, M::Jns, M::Jp, M::Jnp, M::Jl, M::Jge, M::Jle, M::Jg]),
    ("branches", &[M::Jmp, M::Call, M::Ret, M::Loop, M::Loope, M::Loopne, M::Jrcxz, M::Jecxz]),
    ("stack", &[M::Push, M::Pop, M::Enter, M::Leave]),
    ("MOVS, STOS, LODS", &STORES),
    ("SCAS, CMPS", &COMPARES),
    ("nothing", &NOTHING),
    ("undefined", &[M::Ud0, M::Ud1, M::Ud2]),
];

const STORES: [M; 12] = [
    M::Movsb,
    M::Movsw,
    M::Movsd,
    M::Movsq,
    M::Stosb,
    M::Stosw,
    M::Stosd,
    M::Stosq,
    M::Lodsb,
    M::Lodsw,
    M::Lodsd,
    M::Lodsq,
];
const COMPARES: [M; 8] = [M::Scasb, M::Scasw, M::Scasd, M::Scasq, M::Cmpsb, M::Cmpsw, M::Cmpsd, M::Cmpsq];
const NOTHING: [M; 18] = [
    M::Nop,
    M::Reservednop,
    M::Endbr64,
    M::Endbr32,
    M::Pause,
    M::Prefetch,
    M::Prefetchw,
    M::Prefetchwt1,
    M::Prefetchnta,
    M::Prefetcht0,
    M::Prefetcht1,
    M::Prefetcht2,
    M::Lfence,
    M::Sfence,
    M::Mfence,
    M::Clflush,
    // Without shadow stacks.
    M::Rdsspd,
    M::Rdsspq,
];

/// The family of an instruction, if it is compared.
pub fn family(mnemonic: M) -> Option<usize> {
    static OF_32: OnceLock<BTreeMap<M, usize>> = OnceLock::new();
    static OF_64: OnceLock<BTreeMap<M, usize>> = OnceLock::new();
    let index = || {
        let all = families().enumerate().flat_map(|(n, (_, list))| list.iter().map(move |m| (*m, n)));
        // The first family that has it.
        all.fold(BTreeMap::new(), |mut map, (m, n)| {
            map.entry(m).or_insert(n);
            map
        })
    };
    if bits() == 32 { &OF_32 } else { &OF_64 }.get_or_init(index).get(&mnemonic).copied()
}

/// All families: integers, then floating point and vectors.
pub fn families() -> impl Iterator<Item = &'static (&'static str, &'static [M])> {
    let (only, vectors) = if bits() == 32 { (LEGACY, &[][..]) } else { (LONG, super::vectors::FAMILIES) };
    FAMILIES.iter().chain(only).chain(vectors)
}

/// Whether the family is of instructions that do nothing, on processors that lack them, too.
pub fn is_idle(family: usize) -> bool {
    families().nth(family).is_some_and(|(_, list)| *list == NOTHING.as_slice())
}

/// Instructions that are compared in 64-bit mode only, where host and machine have the same descriptors.
const LONG: &[(&str, &[M])] = &[
    ("selectors", &[M::Lar, M::Lsl, M::Verr, M::Verw, M::Lss, M::Lgs]),
    ("extended control register", &[M::Xgetbv]),
];

/// Instructions of integers that 64-bit mode has not.
const LEGACY: &[(&str, &[M])] = &[
    ("decimal", &[M::Daa, M::Das, M::Aaa, M::Aas, M::Aam, M::Aad, M::Salc]),
    ("stack of 32 bits", &[M::Pusha, M::Pushad, M::Popa, M::Popad, M::Pushfd, M::Popfd]),
    ("bounds", &[M::Bound, M::Jcxz]),
];

/// Whether the code's size has an instruction of this name.
pub fn exists(mnemonic: M) -> bool {
    let has = |code: Code| if bits() == 32 { code.op_code().mode32() } else { code.op_code().mode64() };
    Code::values().any(|code| code.mnemonic() == mnemonic && has(code))
}

/// An address of 16 bits, which reaches no memory of an application.
fn is_low(i: &Instruction) -> bool {
    use OpKind as K;
    let low = |n: u32| match i.op_kind(n) {
        K::MemorySegSI | K::MemorySegDI | K::MemoryESDI => true,
        K::Memory => {
            let registers = [i.memory_base(), i.memory_index()];
            let absolute = registers == [Register::None; 2] && i.memory_displ_size() == 2;
            absolute || registers.iter().any(|r| r.is_gpr16())
        }
        _ => false,
    };
    bits() == 32 && i.mnemonic() != M::Lea && (0..i.op_count()).any(low)
}

/// Why whole instructions of compatibility mode are not in the table above; of 64-bit mode there is an account by code.
pub const ABSENT: &[(&str, &str)] = &[
    ("privileged ones, IN OUT INS OUTS CLI STI", "64-bit mode and emulator/tests/privileged have them"),
    ("x87, MMX, SSE, AVX, BMI", "compared in 64-bit mode"),
    (
        "RDTSC RDTSCP RDPMC CPUID XGETBV SYSCALL SYSENTER INT n INT1 INT3 INTO SGDT SIDT SLDT STR SMSW",
        "as in 64-bit mode",
    ),
    (
        "LAR LSL VERR VERW ARPL, segment registers, far transfers",
        "emulator/tests/modes has them: an application's segments of 32 bits are the host's",
    ),
];

/// Why an instruction of the table is left out; the texts are counted and printed.
pub fn skipped(i: &Instruction, bytes: &[u8], input: &Registers) -> Option<&'static str> {
    let segments =
        (0..i.op_count()).any(|n| i.op_kind(n) == OpKind::Register && is_special(i.op_register(n)));
    if segments && !super::selectors::is_compared(i) {
        return Some("segment, control and debug registers are the host's");
    }
    if i.encoding() != EncodingKind::Legacy && i.encoding() != EncodingKind::VEX {
        return Some("EVEX, XOP and 3DNow! encodings");
    }
    let idle = family(i.mnemonic()).is_some_and(is_idle);
    if !idle && !super::features::host_has(i.code()) {
        return Some("the host lacks the feature");
    }
    if !idle && !super::account::has_a_model(i.code()) {
        return Some("no model has the feature");
    }
    if let Some(reason) = super::vectors::open(i, input) {
        return Some(reason);
    }
    if is_low(i) {
        return Some("addresses of 16 bits: an application has no memory there");
    }
    if bits() == 32 && i.segment_prefix() == Register::GS {
        return Some("GS: null in the host");
    }
    if i.segment_prefix() == Register::FS {
        return Some("FS: the host thread's own base");
    }
    let branches =
        matches!(i.mnemonic(), M::Call | M::Ret | M::Jmp) || i.is_jcc_short_or_near() || is_loop(i);
    if branches && legacy_prefixes(bytes).any(|byte| byte == 0x66) {
        return Some("66 before a near branch: AMD truncates the target, Intel ignores it (SDM 2A 2.2.1)");
    }
    if is_loop(i) && legacy_prefixes(bytes).any(|byte| matches!(byte, 0xf2 | 0xf3)) {
        return Some("a repeat prefix before LOOP is reserved, and AMD's REP LOOPNE differs (SDM 2A 2.1.1)");
    }
    if i.mnemonic() == M::Pause && bytes.iter().any(|byte| byte & 0xf1 == 0x41) {
        return Some("F3 90 with REX.B is an exchange with R8 on AMD");
    }
    if is_0f0d(i.code()) {
        return Some(RESERVED);
    }
    if is_locked_verw(bytes) {
        return Some(
            "LOCK VERW of memory is #UD (SDM 2A \"LOCK\"); AMD's microcode that clears buffers lets it pass",
        );
    }
    if i.is_jmp_far_indirect() || i.is_call_far_indirect() {
        return Some("far transfers see the host's descriptors");
    }
    if is_wide_pointer(i.code()) {
        return Some(WIDE_POINTER);
    }
    if i.mnemonic() == M::Bswap && i.op_register(0).size() == 2 {
        return Some(UNDEFINED_BSWAP);
    }
    if matches!(i.mnemonic(), M::Shld | M::Shrd) && shift_count(i, input) > width(i) * 8 {
        return Some("SHLD and SHRD by more than the operand's size are undefined");
    }
    None
}

/// Why LSS and LGS of 64 bits are left out.
pub const WIDE_POINTER: &str =
    "LSS and LGS m16:64: AMD ignores REX.W (AMD64 Architecture Programmer's Manual 3)";

/// LSS and LGS of 64 bits.
pub fn is_wide_pointer(code: Code) -> bool {
    matches!(code, Code::Lss_r64_m1664 | Code::Lgs_r64_m1664)
}

/// Why 0F 0D of a register is left out.
pub const RESERVED: &str = "0F 0D of a register: #UD on AMD, a reserved NOP on Intel";
/// Why BSWAP of 16 bits is.
pub const UNDEFINED_BSWAP: &str = "BSWAP of 16 bits is undefined";

/// 0F 0D of a register.
pub fn is_0f0d(code: Code) -> bool {
    let codes = [Code::Reservednop_rm16_r16_0F0D, Code::Reservednop_rm32_r32_0F0D];
    codes.contains(&code) || code == Code::Reservednop_rm64_r64_0F0D
}

/// LOCK in front of VERW m16.
fn is_locked_verw(bytes: &[u8]) -> bool {
    let prefixes = legacy_prefixes(bytes).count();
    let verw = matches!(bytes[prefixes..], [0x0f, 0x00, modrm, ..] if modrm >> 3 & 7 == 5 && modrm < 0xc0);
    verw && bytes[..prefixes].contains(&0xf0)
}

/// Segment, control, debug and test registers.
pub fn is_special(register: Register) -> bool {
    register.is_segment_register() || register.is_cr() || register.is_dr() || register.is_tr()
}

fn is_loop(i: &Instruction) -> bool {
    matches!(i.mnemonic(), M::Loop | M::Loope | M::Loopne | M::Jrcxz | M::Jecxz | M::Jcxz)
}

/// The prefixes before the opcode, REX among them wherever they are.
pub fn legacy_prefixes(bytes: &[u8]) -> impl Iterator<Item = u8> + '_ {
    let is_prefix = |byte: &u8| matches!(byte, 0x26 | 0x2e | 0x36 | 0x3e | 0x40..=0x4f | 0x64..=0x67 | 0xf0 | 0xf2 | 0xf3);
    bytes.iter().copied().take_while(move |byte| is_prefix(byte))
}

/// The first operand's bytes.
pub fn width(i: &Instruction) -> u64 {
    match i.op_kind(0) {
        OpKind::Register => i.op_register(0).size() as u64,
        _ => i.memory_size().size() as u64,
    }
}

fn shift_count(i: &Instruction, input: &Registers) -> u64 {
    let last = i.op_count() - 1;
    let count = match i.op_kind(last) {
        OpKind::Register => input.general[1] & 0xff,
        _ => i.immediate(last),
    };
    count & if width(i) == 8 { 63 } else { 31 }
}

/// RFLAGS bits that the manual leaves undefined after this instruction with these inputs.
pub fn undefined_flags(i: &Instruction, input: &Registers) -> u64 {
    let undefined = i.rflags_undefined();
    let bits = [
        (RflagsBits::OF, OF),
        (RflagsBits::SF, SF),
        (RflagsBits::ZF, ZF),
        (RflagsBits::AF, AF),
        (RflagsBits::CF, CF),
        (RflagsBits::PF, PF),
    ];
    let table = bits.iter().filter(|(bit, _)| undefined & bit != 0).fold(0, |sum, (_, flag)| sum | flag);
    match i.mnemonic() {
        M::Shl | M::Sal | M::Shr | M::Sar | M::Shld | M::Shrd => {
            let count = shift_count(i, input);
            let of = if count > 1 { OF } else { 0 };
            let logical = matches!(i.mnemonic(), M::Shl | M::Sal | M::Shr);
            let cf = if logical && count >= width(i) * 8 { CF } else { 0 };
            if count == 0 { 0 } else { AF | of | cf }
        }
        M::Rol | M::Ror | M::Rcl | M::Rcr if shift_count(i, input) > 1 => OF,
        M::Rol | M::Ror | M::Rcl | M::Rcr => 0,
        _ => table,
    }
}
