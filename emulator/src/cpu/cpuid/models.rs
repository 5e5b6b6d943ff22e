//! Processor models: features, by name. What things cost is the preset's business.

use super::features::{Feature, Features};

/// What every model has.
const COMMON: &[Feature] = &[
    Feature::Vme,
    Feature::De,
    Feature::Pse,
    Feature::Tsc,
    Feature::Msr,
    Feature::Pae,
    Feature::Mce,
    Feature::Cx8,
    Feature::Apic,
    Feature::Sep,
    Feature::Mtrr,
    Feature::Pge,
    Feature::Mca,
    Feature::Cmov,
    Feature::Pat,
    Feature::Vmx,
    Feature::Cx16,
    Feature::Popcnt,
    Feature::Lahf,
    Feature::Syscall,
    Feature::Nx,
    Feature::Page1Gb,
    Feature::Rdtscp,
    Feature::LongMode,
];

/// Nehalem's floating point and vectors.
const NEHALEM: &[Feature] = &[
    Feature::Fpu,
    Feature::Clfsh,
    Feature::Mmx,
    Feature::Fxsr,
    Feature::Sse,
    Feature::Sse2,
    Feature::Sse3,
    Feature::Ssse3,
    Feature::Sse41,
    Feature::Sse42,
];

/// What Westmere and Sandy Bridge added to the local APIC.
const X2APIC: &[Feature] = &[Feature::X2apic, Feature::TscDeadline];

/// What Haswell added to Nehalem, Westmere and Sandy Bridge.
const HASWELL: &[Feature] = &[
    Feature::Pclmulqdq,
    Feature::Aes,
    Feature::Movbe,
    Feature::Xsave,
    Feature::Xsaveopt,
    Feature::Avx,
    Feature::F16c,
    Feature::Fma,
    Feature::Avx2,
    Feature::NoFcsFds,
    Feature::Bmi1,
    Feature::Bmi2,
    Feature::Lzcnt,
];

/// What Skylake Server added, without AVX-512.
const SKYLAKE: &[Feature] = &[Feature::Adx];

/// Every instruction that the emulator has; no processor of this name was sold.
const MOST: &[Feature] = &[Feature::Sha];

/// A processor model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Model {
    /// Nehalem with x2APIC and the TSC-deadline timer, which later processors have: where EOI is a register of its own
    /// that an MSR bitmap can give away. No processor of this name was sold.
    #[default]
    NehalemX2apic,
    /// Nehalem.
    Nehalem,
    /// Haswell.
    Haswell,
    /// Skylake Server without AVX-512.
    SkylakeServer,
    /// Everything that the emulator has.
    Max,
}

impl Model {
    /// All models by name, with their CPUID signatures (leaf 1, EAX) and brand strings.
    pub const ALL: &'static [(Model, &'static str, u32, &'static [u8; 48])] = &[
        (
            Model::NehalemX2apic,
            "nehalem-x2apic",
            0x0001_06a5,
            b"Exitless x86-64 (Nehalem-EP model, with x2APIC) ",
        ),
        (Model::Nehalem, "nehalem", 0x0001_06a5, b"Exitless x86-64 (Nehalem-EP model)              "),
        (Model::Haswell, "haswell", 0x0003_06f2, b"Exitless x86-64 (Haswell-EP model)              "),
        (
            Model::SkylakeServer,
            "skylake-server",
            0x0005_0654,
            b"Exitless x86-64 (Skylake-SP model)              ",
        ),
        (Model::Max, "max", 0x0005_0654, b"Exitless x86-64 (every feature)                 "),
    ];

    /// The model of that name.
    pub fn by_name(name: &str) -> Option<Model> {
        Self::ALL.iter().find(|row| row.1 == name).map(|row| row.0)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        self.row().1
    }

    /// Leaf 1, EAX: family, model and stepping.
    pub fn signature(self) -> u32 {
        self.row().2
    }

    /// The brand string.
    pub fn brand(self) -> &'static [u8; 48] {
        self.row().3
    }

    fn row(self) -> &'static (Model, &'static str, u32, &'static [u8; 48]) {
        Self::ALL.iter().find(|row| row.0 == self).unwrap_or(&Self::ALL[0])
    }

    /// The revision of its microcode: one that Intel has released for the signature, and of which no
    /// system says that it is too old for the features offered here.
    pub fn microcode(self) -> u32 {
        match self {
            Model::NehalemX2apic | Model::Nehalem => 0x1d,
            Model::Haswell => 0x49,
            Model::SkylakeServer | Model::Max => 0x0200_7006,
        }
    }

    /// Whether its VT-x runs guests in real mode and without paging; Westmere brought it.
    pub fn unrestricted_guest(self) -> bool {
        !matches!(self, Model::NehalemX2apic | Model::Nehalem)
    }

    /// Whether its extended page tables have accessed and dirty flags; Haswell brought them.
    pub fn ept_accessed_dirty(self) -> bool {
        self.unrestricted_guest()
    }

    /// Its features.
    pub const fn features(self) -> Features {
        const N: Features = Features::of(COMMON).and(Features::of(NEHALEM));
        const X: Features = N.and(Features::of(X2APIC));
        const H: Features = X.and(Features::of(HASWELL));
        const S: Features = H.and(Features::of(SKYLAKE));
        match self {
            Model::NehalemX2apic => X,
            Model::Nehalem => N,
            Model::Haswell => H,
            Model::SkylakeServer => S,
            Model::Max => S.and(Features::of(MOST)),
        }
    }
}
