//! Features: what CPUID shows of them, and which instructions need them.

use iced_x86::{CpuidFeature as C, Instruction};

macro_rules! features {
    ($($name:ident $leaf:literal $sub:literal $register:literal $bit:literal [$($needs:ident)*] $text:literal;)*) => {
        /// A feature of a processor model.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Feature {
            $(#[doc = $text] $name,)*
        }

        impl Feature {
            /// All of them: leaf, subleaf, register (0 EAX to 3 EDX) and bit.
            pub const ALL: &'static [(Feature, u32, u32, usize, u32)] =
                &[$((Feature::$name, $leaf, $sub, $register, $bit)),*];

            /// The feature that the decoder's table means; nothing for one that no model has.
            fn needed(by: C) -> Option<Feature> {
                match by {
                    $($(C::$needs => Some(Feature::$name),)*)*
                    _ => None,
                }
            }
        }
    };
}

features! {
    Fpu 1 0 3 0 [FPU FPU287 FPU387] "x87.";
    Vme 1 0 3 1 [] "Virtual-8086 mode enhancements.";
    De 1 0 3 2 [] "Debugging extensions.";
    Pse 1 0 3 3 [] "4-MByte pages.";
    Tsc 1 0 3 4 [TSC] "RDTSC.";
    Msr 1 0 3 5 [MSR] "RDMSR and WRMSR.";
    Pae 1 0 3 6 [] "Physical-address extension.";
    Mce 1 0 3 7 [] "Machine-check exception.";
    Cx8 1 0 3 8 [CX8] "CMPXCHG8B.";
    Apic 1 0 3 9 [] "A local APIC.";
    Sep 1 0 3 11 [SEP] "SYSENTER and SYSEXIT.";
    Mtrr 1 0 3 12 [] "Memory type range registers.";
    Pge 1 0 3 13 [] "Global pages.";
    Mca 1 0 3 14 [] "Machine-check banks.";
    Cmov 1 0 3 15 [CMOV] "CMOVcc, FCMOVcc and FCOMI.";
    Pat 1 0 3 16 [] "Page attribute table.";
    Clfsh 1 0 3 19 [CLFSH] "CLFLUSH.";
    Mmx 1 0 3 23 [MMX] "MMX.";
    Fxsr 1 0 3 24 [FXSR] "FXSAVE and FXRSTOR.";
    Sse 1 0 3 25 [SSE] "SSE.";
    Sse2 1 0 3 26 [SSE2] "SSE2.";
    Sse3 1 0 2 0 [SSE3] "SSE3.";
    Pclmulqdq 1 0 2 1 [PCLMULQDQ] "PCLMULQDQ.";
    Vmx 1 0 2 5 [VMX] "VMX.";
    Ssse3 1 0 2 9 [SSSE3] "SSSE3.";
    Fma 1 0 2 12 [FMA] "Fused multiply-add.";
    Cx16 1 0 2 13 [CMPXCHG16B] "CMPXCHG16B.";
    Sse41 1 0 2 19 [SSE4_1] "SSE4.1.";
    Sse42 1 0 2 20 [SSE4_2] "SSE4.2.";
    X2apic 1 0 2 21 [] "x2APIC.";
    Movbe 1 0 2 22 [MOVBE] "MOVBE.";
    Popcnt 1 0 2 23 [POPCNT] "POPCNT.";
    TscDeadline 1 0 2 24 [] "The local APIC timer's TSC-deadline mode.";
    Aes 1 0 2 25 [AES] "AES instructions.";
    Xsave 1 0 2 26 [XSAVE] "XSAVE and its kin.";
    Avx 1 0 2 28 [AVX] "AVX.";
    F16c 1 0 2 29 [F16C] "Conversions of half-precision numbers.";
    Bmi1 7 0 1 3 [BMI1] "BMI1.";
    Avx2 7 0 1 5 [AVX2] "AVX2.";
    Bmi2 7 0 1 8 [BMI2] "BMI2.";
    NoFcsFds 7 0 1 13 [] "FCS and FDS are deprecated.";
    Adx 7 0 1 19 [ADX] "ADCX and ADOX.";
    Sha 7 0 1 29 [SHA] "SHA instructions.";
    Xsaveopt 0xd 1 0 0 [XSAVEOPT] "XSAVEOPT.";
    Lahf 0x8000_0001 0 2 0 [] "LAHF and SAHF in 64-bit mode.";
    Lzcnt 0x8000_0001 0 2 5 [LZCNT] "LZCNT.";
    Syscall 0x8000_0001 0 3 11 [SYSCALL] "SYSCALL.";
    Nx 0x8000_0001 0 3 20 [] "No-execute pages.";
    Page1Gb 0x8000_0001 0 3 26 [] "1-GByte pages.";
    Rdtscp 0x8000_0001 0 3 27 [RDTSCP] "RDTSCP.";
    LongMode 0x8000_0001 0 3 29 [X64] "Intel 64.";
}

/// A set of features.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Features(u64);

impl Features {
    /// A set.
    pub const fn of(list: &[Feature]) -> Features {
        let (mut bits, mut n) = (0, 0);
        while n < list.len() {
            bits |= 1 << list[n] as u64;
            n += 1;
        }
        Features(bits)
    }

    /// Both sets together.
    pub const fn and(self, more: Features) -> Features {
        Features(self.0 | more.0)
    }

    /// Whether a feature is in the set.
    pub const fn has(self, feature: Feature) -> bool {
        self.0 >> feature as u64 & 1 != 0
    }

    /// The bits of one register of one leaf.
    pub fn bits(self, leaf: u32, sub: u32, register: usize) -> u32 {
        let here = |&&(feature, l, s, r, _): &&(Feature, u32, u32, usize, u32)| {
            (l, s, r) == (leaf, sub, register) && self.has(feature)
        };
        Feature::ALL.iter().filter(here).fold(0, |bits, (.., bit)| bits | 1 << bit)
    }

    /// Whether a processor with these features has the instruction.
    pub fn run(self, instruction: &Instruction) -> bool {
        instruction.cpuid_features().iter().all(|needed| match needed {
            C::INTEL8086 | C::INTEL186 | C::INTEL286 | C::INTEL386 | C::INTEL486 => true,
            other => Feature::needed(*other).is_some_and(|feature| self.has(feature)),
        })
    }
}
