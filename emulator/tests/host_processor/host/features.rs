//! Which of the decoder library's features the host has, by its raw CPUID.

use std::arch::x86_64::__cpuid_count;
use std::collections::BTreeMap;
use std::sync::OnceLock;

use iced_x86::{Code, CpuidFeature as C};

/// How a processor tells of a feature.
enum Told {
    /// Every processor of 64-bit mode has it.
    Always,
    /// CPUID: leaf, subleaf, register (0 EAX to 3 EDX) and bit.
    By(u32, u32, usize, u32),
    /// HLE or RTM.
    Either,
    /// No processor of 64-bit mode with signals of Linux's has it.
    Never,
}
use Told::{Always, By, Either, Never};

const EXTENDED: u32 = 0x8000_0001;
const CENTAUR: u32 = 0xc000_0001;

#[rustfmt::skip]
const TOLD: &[(C, Told)] = &[
    (C::INTEL8086, Always), (C::INTEL186, Always), (C::INTEL286, Always), (C::INTEL386, Always),
    (C::INTEL486, Always), (C::CPUID, Always), (C::MULTIBYTENOP, Always), (C::PAUSE, Always), (C::RDPMC, Always),
    (C::X64, By(EXTENDED, 0, 3, 29)),
    (C::FPU, By(1, 0, 3, 0)), (C::FPU287, By(1, 0, 3, 0)), (C::FPU387, By(1, 0, 3, 0)), (C::TSC, By(1, 0, 3, 4)), (C::MSR, By(1, 0, 3, 5)),
    (C::CX8, By(1, 0, 3, 8)), (C::SEP, By(1, 0, 3, 11)), (C::CMOV, By(1, 0, 3, 15)), (C::CLFSH, By(1, 0, 3, 19)),
    (C::MMX, By(1, 0, 3, 23)), (C::FXSR, By(1, 0, 3, 24)), (C::SSE, By(1, 0, 3, 25)), (C::SSE2, By(1, 0, 3, 26)),
    (C::SSE3, By(1, 0, 2, 0)), (C::PCLMULQDQ, By(1, 0, 2, 1)), (C::MONITOR, By(1, 0, 2, 3)), (C::VMX, By(1, 0, 2, 5)),
    (C::SMX, By(1, 0, 2, 6)), (C::SSSE3, By(1, 0, 2, 9)), (C::FMA, By(1, 0, 2, 12)), (C::CMPXCHG16B, By(1, 0, 2, 13)),
    (C::SSE4_1, By(1, 0, 2, 19)), (C::SSE4_2, By(1, 0, 2, 20)), (C::MOVBE, By(1, 0, 2, 22)),
    (C::POPCNT, By(1, 0, 2, 23)), (C::AES, By(1, 0, 2, 25)), (C::XSAVE, By(1, 0, 2, 26)), (C::AVX, By(1, 0, 2, 28)),
    (C::F16C, By(1, 0, 2, 29)), (C::RDRAND, By(1, 0, 2, 30)),
    (C::FSGSBASE, By(7, 0, 1, 0)), (C::SGX1, By(0x12, 0, 0, 0)), (C::BMI1, By(7, 0, 1, 3)), (C::AVX2, By(7, 0, 1, 5)),
    (C::BMI2, By(7, 0, 1, 8)), (C::RTM, By(7, 0, 1, 11)), (C::HLE_or_RTM, Either), (C::MPX, By(7, 0, 1, 14)), (C::AVX512F, By(7, 0, 1, 16)),
    (C::AVX512DQ, By(7, 0, 1, 17)), (C::RDSEED, By(7, 0, 1, 18)), (C::ADX, By(7, 0, 1, 19)),
    (C::AVX512_IFMA, By(7, 0, 1, 21)), (C::PCOMMIT, By(7, 0, 1, 22)), (C::CLFLUSHOPT, By(7, 0, 1, 23)),
    (C::CLWB, By(7, 0, 1, 24)), (C::AVX512PF, By(7, 0, 1, 26)), (C::AVX512ER, By(7, 0, 1, 27)),
    (C::AVX512CD, By(7, 0, 1, 28)), (C::SHA, By(7, 0, 1, 29)), (C::AVX512BW, By(7, 0, 1, 30)),
    (C::AVX512VL, By(7, 0, 1, 31)),
    (C::PREFETCHWT1, By(7, 0, 2, 0)), (C::AVX512_VBMI, By(7, 0, 2, 1)), (C::PKU, By(7, 0, 2, 3)),
    (C::WAITPKG, By(7, 0, 2, 5)), (C::AVX512_VBMI2, By(7, 0, 2, 6)), (C::CET_SS, By(7, 0, 2, 7)),
    (C::GFNI, By(7, 0, 2, 8)), (C::VAES, By(7, 0, 2, 9)), (C::VPCLMULQDQ, By(7, 0, 2, 10)),
    (C::AVX512_VNNI, By(7, 0, 2, 11)), (C::AVX512_BITALG, By(7, 0, 2, 12)), (C::AVX512_VPOPCNTDQ, By(7, 0, 2, 14)),
    (C::RDPID, By(7, 0, 2, 22)), (C::CLDEMOTE, By(7, 0, 2, 25)), (C::MOVDIRI, By(7, 0, 2, 27)),
    (C::MOVDIR64B, By(7, 0, 2, 28)), (C::ENQCMD, By(7, 0, 2, 29)),
    (C::AVX512_4VNNIW, By(7, 0, 3, 2)), (C::AVX512_4FMAPS, By(7, 0, 3, 3)), (C::UINTR, By(7, 0, 3, 5)),
    (C::AVX512_VP2INTERSECT, By(7, 0, 3, 8)), (C::SERIALIZE, By(7, 0, 3, 14)), (C::TSXLDTRK, By(7, 0, 3, 16)),
    (C::CET_IBT, By(7, 0, 3, 20)), (C::AMX_BF16, By(7, 0, 3, 22)), (C::AVX512_FP16, By(7, 0, 3, 23)),
    (C::AMX_TILE, By(7, 0, 3, 24)), (C::AMX_INT8, By(7, 0, 3, 25)),
    (C::SHA512, By(7, 1, 0, 0)), (C::SM3, By(7, 1, 0, 1)), (C::SM4, By(7, 1, 0, 2)), (C::RAO_INT, By(7, 1, 0, 3)),
    (C::AVX_VNNI, By(7, 1, 0, 4)), (C::AVX512_BF16, By(7, 1, 0, 5)), (C::CMPCCXADD, By(7, 1, 0, 7)),
    (C::AMX_FP16, By(7, 1, 0, 21)), (C::AVX_IFMA, By(7, 1, 0, 23)), (C::AVX_VNNI_INT8, By(7, 1, 3, 4)),
    (C::AVX_NE_CONVERT, By(7, 1, 3, 5)), (C::AMX_COMPLEX, By(7, 1, 3, 8)), (C::AVX_VNNI_INT16, By(7, 1, 3, 10)),
    (C::PREFETCHITI, By(7, 1, 3, 14)),
    (C::XSAVEOPT, By(0xd, 1, 0, 0)), (C::XSAVEC, By(0xd, 1, 0, 1)), (C::PTWRITE, By(0x14, 0, 1, 4)),
    (C::AESKLE, By(0x19, 0, 1, 0)), (C::WIDE_KL, By(0x19, 0, 1, 2)),
    (C::SVM, By(EXTENDED, 0, 2, 2)), (C::LZCNT, By(EXTENDED, 0, 2, 5)), (C::SSE4A, By(EXTENDED, 0, 2, 6)),
    (C::PREFETCHW, By(EXTENDED, 0, 2, 8)), (C::XOP, By(EXTENDED, 0, 2, 11)), (C::LWP, By(EXTENDED, 0, 2, 15)),
    (C::FMA4, By(EXTENDED, 0, 2, 16)), (C::TBM, By(EXTENDED, 0, 2, 21)), (C::MONITORX, By(EXTENDED, 0, 2, 29)),
    (C::SYSCALL, By(EXTENDED, 0, 3, 11)), (C::RDTSCP, By(EXTENDED, 0, 3, 27)), (C::D3NOWEXT, By(EXTENDED, 0, 3, 30)),
    (C::D3NOW, By(EXTENDED, 0, 3, 31)),
    (C::CLZERO, By(0x8000_0008, 0, 1, 0)), (C::RDPRU, By(0x8000_0008, 0, 1, 4)), (C::MCOMMIT, By(0x8000_0008, 0, 1, 8)),
    (C::SEV_ES, By(0x8000_001f, 0, 0, 3)),
    (C::PADLOCK_RNG, By(CENTAUR, 0, 3, 2)), (C::PADLOCK_GMI, By(CENTAUR, 0, 3, 4)), (C::PADLOCK_ACE, By(CENTAUR, 0, 3, 6)),
    (C::PADLOCK_PHE, By(CENTAUR, 0, 3, 10)), (C::PADLOCK_PMM, By(CENTAUR, 0, 3, 12)),
    (C::PADLOCK_UNDOC, By(CENTAUR, 0, 3, 12)),
    // Knights Corner runs an operating system of its own.
    (C::KNC, Never),
];

/// Whether the host has the feature; fails for one that the table lacks.
pub fn host_has_feature(feature: C) -> bool {
    // CPUID is slow in a virtual machine.
    static HAS: OnceLock<BTreeMap<C, bool>> = OnceLock::new();
    let has = HAS.get_or_init(|| TOLD.iter().map(|(feature, told)| (*feature, told.so())).collect());
    match has.get(&feature) {
        Some(has) => *has,
        None => panic!("nobody has said which bit of CPUID tells of {feature:?}: see features.rs"),
    }
}

impl Told {
    fn so(&self) -> bool {
        match *self {
            Always => true,
            By(leaf, sub, register, n) => bit(leaf, sub, register, n),
            Either => bit(7, 0, 1, 4) || bit(7, 0, 1, 11),
            Never => false,
        }
    }
}

/// Whether the host has all of the code's features.
pub fn host_has(code: Code) -> bool {
    code.cpuid_features().iter().all(|feature| host_has_feature(*feature))
}

/// What the standard library detects, which asks the kernel's XCR0, too, CPUID must tell of.
pub fn agree_with_the_standard_library() {
    macro_rules! detected {
        ($($name:ident $text:tt)*) => { [$((C::$name, std::arch::is_x86_feature_detected!($text)),)*] };
    }
    let list = detected! {
        SSE "sse" SSE2 "sse2" SSE3 "sse3" SSSE3 "ssse3" SSE4_1 "sse4.1" SSE4_2 "sse4.2" SSE4A "sse4a" AVX "avx"
        AVX2 "avx2" FMA "fma" F16C "f16c" AES "aes" PCLMULQDQ "pclmulqdq" SHA "sha" BMI1 "bmi1" BMI2 "bmi2"
        LZCNT "lzcnt" ADX "adx" MOVBE "movbe" FXSR "fxsr" XSAVE "xsave" XSAVEOPT "xsaveopt" XSAVEC "xsavec"
        POPCNT "popcnt" CMPXCHG16B "cmpxchg16b" TBM "tbm" RDRAND "rdrand" RDSEED "rdseed" RTM "rtm"
        AVX512F "avx512f" GFNI "gfni" VAES "vaes" VPCLMULQDQ "vpclmulqdq"
    };
    let wrong: Vec<C> = list.iter().filter(|(f, is)| *is && !host_has_feature(*f)).map(|(f, _)| *f).collect();
    assert!(wrong.is_empty(), "CPUID's bits for these are others: {wrong:?}");
}

/// A bit of CPUID; 0 beyond the last leaf or subleaf.
fn bit(leaf: u32, sub: u32, register: usize, n: u32) -> bool {
    let last = __cpuid_count(leaf & 0xf000_0000, 0).eax;
    let beyond = last < leaf || last & 0xf000_0000 != leaf & 0xf000_0000;
    if beyond || leaf == 7 && __cpuid_count(7, 0).eax < sub {
        return false;
    }
    let answer = __cpuid_count(leaf, sub);
    [answer.eax, answer.ebx, answer.ecx, answer.edx][register] >> n & 1 != 0
}
