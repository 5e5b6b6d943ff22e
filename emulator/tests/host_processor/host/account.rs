//! An account of every code that the decoder library knows of 64-bit mode and CPL 3: compared, or why not.

use std::collections::{BTreeMap, BTreeSet};

use emulator::cpu::cpuid::Model;
use iced_x86::{Code, CpuidFeature, Instruction, Mnemonic as M};

use super::case::{Ending, Outcome, decode};
use super::features::{host_has, host_has_feature};
use super::generate::PLACE;
use super::random::Random;
use super::{encode, table};

/// Why codes that host and model have are not compared.
#[rustfmt::skip]
const REASONS: &[(&str, &[M])] = &[
    ("nondeterministic, or the processor's own: time, counters, identity", &[M::Rdtsc, M::Rdtscp, M::Rdpmc, M::Cpuid]),
    ("leaves the process for the host's kernel", &[M::Syscall, M::Sysenter, M::Int, M::Int1, M::Vmfunc]),
    ("the harness's own way back", &[M::Int3]),
    ("the host's kernel may forbid or emulate it (UMIP)", &[M::Sgdt, M::Sidt, M::Sldt, M::Str, M::Smsw]),
    ("far transfer: rows of emulator/tests/privileged", &[M::Retf, M::Iret, M::Iretd, M::Iretq]),
    ("of the 8087 and 80287, or in no manual", &[M::Fneni, M::Fndisi, M::Fnsetpm, M::Fstpnce]),
    ("FS is the host thread's own", &[M::Lfs]),
];
const FAR: &str = REASONS[4].0;
const OWN_FS: &str = REASONS[6].0;
const TRUNCATED: &str = "66 before a near branch: AMD truncates the target, Intel ignores it (SDM 2A 2.2.1)";
/// Tries to encode a code such that it is decoded again.
const TRIES: usize = 40;
/// What no model has but all do nothing for, as processors do that lack it.
const HINTS: &[M] = &[M::Cldemote, M::Prefetchit0, M::Prefetchit1];

/// Where each code ends up: by reason.
#[derive(Default)]
pub struct Account {
    /// Codes by why they are not compared.
    pub left_out: BTreeMap<String, Vec<Code>>,
    /// Those for which there is no reason.
    pub unaccounted: Vec<Code>,
    /// Those for which there is one although they were compared.
    pub contradictory: Vec<Code>,
    /// Features that a model has and the host lacks, by name.
    pub lacking: BTreeSet<CpuidFeature>,
    /// How many were compared.
    pub compared: usize,
    /// All of them.
    pub all: usize,
}

/// Every code of 64-bit mode that CPL 3 may execute.
pub fn codes() -> impl Iterator<Item = Code> {
    Code::values().filter(|code| {
        let info = code.op_code();
        info.mode64() && info.is_instruction() && !info.is_privileged() && !info.must_be_cpl0()
    })
}

/// Accounts for every code, given those that were compared.
pub fn account(covered: &BTreeSet<Code>) -> Account {
    let mut account = Account::default();
    for code in codes() {
        account.all += 1;
        let compared = covered.contains(&code);
        match reason(code) {
            None if !compared => account.unaccounted.push(code),
            Some(_) if compared => account.contradictory.push(code),
            Some(reason) => account.left_out.entry(reason).or_default().push(code),
            None => account.compared += 1,
        }
        if has_a_model(code) {
            account
                .lacking
                .extend(code.cpuid_features().iter().filter(|feature| !host_has_feature(**feature)));
        }
    }
    account
}

/// Why the code is not compared.
fn reason(code: Code) -> Option<String> {
    let features = || {
        let names: Vec<String> = code.cpuid_features().iter().map(|feature| format!("{feature:?}")).collect();
        names.join(" ")
    };
    // A hint is an instruction on every processor.
    let hint = table::family(code.mnemonic()).is_some_and(table::is_idle);
    let listed = REASONS.iter().find(|(_, list)| list.contains(&code.mnemonic()));
    match () {
        () if !host_has(code) && !hint => Some(format!("the host lacks {}", features())),
        () if listed.is_some() => listed.map(|(reason, _)| (*reason).into()),
        () if !has_a_model(code) && !hint => Some(format!("no model has {}", features())),
        () if is_far(code) => Some(FAR.into()),
        () if matches!(code, Code::Popw_FS | Code::Popq_FS) => Some(OWN_FS.into()),
        () if table::is_wide_pointer(code) => Some(table::WIDE_POINTER.into()),
        () if table::is_0f0d(code) => Some(table::RESERVED.into()),
        () if code == Code::Bswap_r16 => Some(table::UNDEFINED_BSWAP.into()),
        () if is_truncated(code) => Some(TRUNCATED.into()),
        () => alias(code),
    }
}

/// Whether some processor model has the code's features.
pub fn has_a_model(code: Code) -> bool {
    let mut instruction = Instruction::new();
    instruction.set_code(code);
    Model::ALL.iter().any(|(model, ..)| model.features().run(&instruction))
}

fn is_far(code: Code) -> bool {
    let mut i = Instruction::new();
    i.set_code(code);
    i.is_jmp_far_indirect() || i.is_call_far_indirect()
}

fn is_truncated(code: Code) -> bool {
    use iced_x86::OpCodeOperandKind as K;
    let info = code.op_code();
    let short = info.op_kinds().iter().any(|kind| matches!(kind, K::br16_1 | K::br16_2));
    let indirect = matches!(code, Code::Jmp_rm16 | Code::Call_rm16 | Code::Retnw | Code::Retnw_imm16);
    short || indirect
}

/// For a code that the decoder never gives back: what it does give for its encodings.
fn alias(code: Code) -> Option<String> {
    let mut random = Random(0x5eed_a11a);
    let mut others = BTreeSet::new();
    for _ in 0..TRIES {
        let bytes = encode::code(code, &mut random)?;
        let (i, _) = decode(&bytes, PLACE);
        if i.code() == code {
            return None;
        }
        others.insert(i.mnemonic());
    }
    let first = others.into_iter().next()?;
    Some(match first {
        M::Wait => "two instructions, WAIT and one without".into(),
        M::INVALID => "invalid by the manual".into(),
        _ => "another name of what is compared".into(),
    })
}

/// An encoding of a code that no model has, and which is no hint.
pub fn of_no_model(code: Code) -> Option<Vec<u8>> {
    let idle = table::family(code.mnemonic()).is_some_and(table::is_idle) || HINTS.contains(&code.mnemonic());
    // Those that the decoder's table gives features which are no model's to have or to lack.
    let listed = REASONS.iter().any(|(_, list)| list.contains(&code.mnemonic()));
    if has_a_model(code) || idle || listed {
        return None;
    }
    let mut bytes = encode::code(code, &mut Random(0x5eed_0bad))?;
    let (i, _) = decode(&bytes, PLACE);
    bytes.truncate(i.len());
    (i.code() == code).then_some(bytes)
}

/// What such an encoding did, if that is not the exception.
pub fn not_invalid(code: Code, outcome: &Outcome) -> Option<String> {
    let invalid = Ending::Fault { vector: 6, code: 0, address: 0 };
    (outcome.ending != invalid).then(|| format!("{code:?}: {:?}", outcome.ending))
}
