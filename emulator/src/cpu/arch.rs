//! A processor's architectural state, but for what is hot.

use super::cpuid::{Feature, Model};
use super::system_msrs::SystemMsrs;
use super::x87::X87;
use crate::time::Time;
use crate::vmx::segment::AccessRights;
use crate::vmx::{Capabilities, ExitReason, Options, Vmcs};

/// ES.
pub const ES: usize = 0;
/// CS.
pub const CS: usize = 1;
/// SS.
pub const SS: usize = 2;
/// DS.
pub const DS: usize = 3;
/// FS.
pub const FS: usize = 4;
/// GS.
pub const GS: usize = 5;
/// LDTR.
pub const LDTR: usize = 6;
/// TR.
pub const TR: usize = 7;

/// CR0 bits.
pub mod cr0 {
    /// Protection enable.
    pub const PE: u64 = 1 << 0;
    /// Monitor coprocessor.
    pub const MP: u64 = 1 << 1;
    /// Emulation.
    pub const EM: u64 = 1 << 2;
    /// Task switched.
    pub const TS: u64 = 1 << 3;
    /// Extension type, always 1.
    pub const ET: u64 = 1 << 4;
    /// Numeric error.
    pub const NE: u64 = 1 << 5;
    /// Write protect.
    pub const WP: u64 = 1 << 16;
    /// Alignment mask.
    pub const AM: u64 = 1 << 18;
    /// Not write-through.
    pub const NW: u64 = 1 << 29;
    /// Cache disable.
    pub const CD: u64 = 1 << 30;
    /// Paging.
    pub const PG: u64 = 1 << 31;
    /// Bits that can be set.
    pub const ALL: u64 = PE | MP | EM | TS | ET | NE | WP | AM | NW | CD | PG;
}

/// CR4 bits of this model (Nehalem's, SDM 3A 2.5).
pub mod cr4 {
    /// Time-stamp disable.
    pub const TSD: u64 = 1 << 2;
    /// Debugging extensions.
    pub const DE: u64 = 1 << 3;
    /// Page-size extensions.
    pub const PSE: u64 = 1 << 4;
    /// Physical-address extension.
    pub const PAE: u64 = 1 << 5;
    /// Global pages.
    pub const PGE: u64 = 1 << 7;
    /// Performance-counter enable.
    pub const PCE: u64 = 1 << 8;
    /// FXSAVE, FXRSTOR and SSE are enabled.
    pub const OSFXSR: u64 = 1 << 9;
    /// Unmasked SIMD floating-point exceptions raise #XM.
    pub const OSXMMEXCPT: u64 = 1 << 10;
    /// XSAVE and extended states are enabled.
    pub const OSXSAVE: u64 = 1 << 18;
    /// VMX enable.
    pub const VMXE: u64 = 1 << 13;
    /// Bits that can be set on any model.
    pub const ALL: u64 = 0x27ff;

    /// Bits that can be set on this model.
    pub const fn of(model: super::Model) -> u64 {
        ALL | if model.features().has(super::Feature::Xsave) { OSXSAVE } else { 0 }
    }
}

/// IA32_EFER bits.
pub mod efer {
    /// SYSCALL enable.
    pub const SCE: u64 = 1 << 0;
    /// Long-mode enable.
    pub const LME: u64 = 1 << 8;
    /// Long mode active.
    pub const LMA: u64 = 1 << 10;
    /// No-execute enable.
    pub const NXE: u64 = 1 << 11;
    /// Bits that exist.
    pub const ALL: u64 = SCE | LME | LMA | NXE;
}

/// MAXPHYADDR of this model (Nehalem-EP: 40 bits).
pub const PHYSICAL_BITS: u8 = 40;

/// A segment register's visible and hidden parts. The bases of ES to GS live in the hot state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Segment {
    /// The selector.
    pub selector: u16,
    /// The limit in bytes.
    pub limit: u32,
    /// Access rights, as in a VMCS.
    pub rights: AccessRights,
    /// The base, of LDTR and TR.
    pub base: u64,
}

/// GDTR or IDTR.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct TableRegister {
    /// Linear address.
    pub base: u64,
    /// Limit in bytes.
    pub limit: u16,
}

/// What the processor is doing (SDM 24.4.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Activity {
    /// Executing.
    #[default]
    Active,
    /// HLT.
    Halted,
    /// Shutdown after a triple fault.
    Shutdown,
    /// Waiting for a start-up IPI.
    WaitForSipi,
}

/// Model-specific registers that only hold a value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Msrs {
    /// IA32_STAR.
    pub star: u64,
    /// IA32_LSTAR.
    pub lstar: u64,
    /// IA32_CSTAR.
    pub cstar: u64,
    /// IA32_FMASK.
    pub fmask: u64,
    /// IA32_KERNEL_GS_BASE.
    pub kernel_gs_base: u64,
    /// IA32_SYSENTER_CS.
    pub sysenter_cs: u64,
    /// IA32_SYSENTER_ESP.
    pub sysenter_esp: u64,
    /// IA32_SYSENTER_EIP.
    pub sysenter_eip: u64,
    /// IA32_PAT.
    pub pat: u64,
    /// IA32_TSC_AUX.
    pub tsc_aux: u64,
    /// IA32_MISC_ENABLE.
    pub misc_enable: u64,
    /// IA32_FEATURE_CONTROL.
    pub feature_control: u64,
    /// IA32_DEBUGCTL.
    pub debugctl: u64,
    /// TSC minus cycles.
    pub tsc_offset: u64,
}

/// What a VM exit reports, gathered before the exit is taken (SDM 27.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ExitInfo {
    /// Exit qualification.
    pub qualification: u64,
    /// VM-exit interruption information.
    pub interruption: u32,
    /// VM-exit interruption error code.
    pub error_code: u32,
    /// VM-exit instruction information.
    pub instruction: u32,
    /// VM-exit instruction length.
    pub length: u8,
    /// Guest-linear address.
    pub linear: u64,
    /// Guest-physical address.
    pub physical: u64,
    /// The IRET that faults has ended blocking by NMI.
    pub nmi_unblocked: bool,
}

/// VMX operation.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Vmx {
    /// What the processor offers.
    pub caps: Capabilities,
    /// In VMX operation.
    pub on: bool,
    /// In VMX non-root operation.
    pub non_root: bool,
    /// The VMXON pointer.
    pub vmxon: u64,
    /// The current-VMCS pointer, all ones if there is none.
    pub pointer: u64,
    /// The current VMCS.
    pub vmcs: Vmcs,
    /// Control fields as they were at VM entry.
    pub pin: u32,
    /// Primary processor-based controls; all zero in root operation.
    pub primary: u32,
    /// Secondary processor-based controls; all zero in root operation or when not activated.
    pub secondary: u32,
    /// EPT pointer, 0 when EPT is off.
    pub eptp: u64,
    /// Exception bitmap; 0 in root operation.
    pub exception_bitmap: u32,
    /// The cycle at which the VMX-preemption timer expires; `u64::MAX` when it is off.
    pub preemption_cycle: u64,
    /// An MTF exit is pending on the next instruction boundary.
    pub mtf_pending: bool,
    /// What the exit under way reports.
    pub exit: ExitInfo,
    /// The event whose delivery is under way: IDT-vectoring information and its error code.
    pub vectoring: (u32, u32),
    /// Instruction length of a software event under way.
    pub vectoring_length: u8,
    /// Whether RFLAGS.RF is 1 in what that delivery saves.
    pub vectoring_resumes: bool,
    /// Virtual-NMI blocking.
    pub virtual_nmi_blocked: bool,
    /// The exit reason last taken, for cost attribution.
    pub last_exit: ExitReason,
    /// Cycles charged to the guest after entry: the indirect cost of the exit before it.
    pub indirect: u64,
}

/// Blocking after STI and MOV SS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Shadow {
    /// None.
    #[default]
    None,
    /// By STI.
    Sti,
    /// By MOV SS or POP SS.
    MovSs,
}

/// One processor, but for its hot state.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Cpu {
    /// Its number and initial APIC id.
    pub id: u8,
    /// CR0.
    pub cr0: u64,
    /// CR2.
    pub cr2: u64,
    /// CR3.
    pub cr3: u64,
    /// CR4.
    pub cr4: u64,
    /// The page-directory-pointer-table entries of PAE paging (SDM 3A 4.4.1).
    pub pdptes: [u64; 4],
    /// IA32_EFER.
    pub efer: u64,
    /// ES CS SS DS FS GS LDTR TR.
    pub segments: [Segment; 8],
    /// GDTR.
    pub gdtr: TableRegister,
    /// IDTR.
    pub idtr: TableRegister,
    /// DR0 to DR7.
    pub dr: [u64; 8],
    /// The MSRs.
    pub msrs: Msrs,
    /// Memory type ranges and machine-check banks.
    pub system_msrs: SystemMsrs,
    /// The x87.
    pub x87: X87,
    /// XCR0.
    pub xcr0: u64,
    /// What CPUID says it is.
    pub model: Model,
    /// Activity state.
    pub activity: Activity,
    /// Interrupt shadow.
    pub shadow: Shadow,
    /// The shadow ends after the next instruction.
    pub shadow_ends: bool,
    /// NMIs are blocked until IRET.
    pub nmi_blocked: bool,
    /// An NMI waits.
    pub nmi_pending: bool,
    /// Debug exceptions that wait for the instruction boundary, as in DR6.
    pub pending_debug: u64,
    /// The linear address of the page fault under way.
    pub fault_address: u64,
    /// VMX.
    pub vmx: Vmx,
    /// When the processor was halted, for the idle count.
    pub halted_since: Time,
    /// Why the processor shut down.
    pub shutdown: Option<super::Fault>,
}

impl Cpu {
    /// A processor of the default model after reset, before a loader has set it up.
    pub fn new(id: u8) -> Cpu {
        Cpu::with_model(id, Model::default())
    }

    /// A processor after reset, before a loader has set it up.
    pub fn with_model(id: u8, model: Model) -> Cpu {
        let caps = Capabilities::new(Options {
            cr4_supported: cr4::of(model),
            unrestricted_guest: model.unrestricted_guest(),
            ept_accessed_dirty: model.ept_accessed_dirty(),
            ..Options::default()
        });
        let vmcs = Vmcs::new(caps.revision());
        Cpu {
            id,
            cr0: cr0::ET,
            cr2: 0,
            cr3: 0,
            cr4: 0,
            pdptes: [0; 4],
            efer: 0,
            segments: super::reset::real_segments(),
            gdtr: TableRegister::default(),
            idtr: TableRegister::default(),
            dr: [0, 0, 0, 0, 0, 0, 0xffff_0ff0, 0x400],
            msrs: Msrs { pat: 0x0007_0406_0007_0406, feature_control: 5, misc_enable: 1, ..Msrs::default() },
            system_msrs: SystemMsrs::new(),
            x87: X87::new(),
            xcr0: 1,
            model,
            activity: Activity::Active,
            shadow: Shadow::None,
            shadow_ends: false,
            nmi_blocked: false,
            nmi_pending: false,
            pending_debug: 0,
            fault_address: 0,
            vmx: Vmx {
                caps,
                on: false,
                non_root: false,
                vmxon: u64::MAX,
                pointer: u64::MAX,
                vmcs,
                pin: 0,
                primary: 0,
                secondary: 0,
                eptp: 0,
                exception_bitmap: 0,
                preemption_cycle: u64::MAX,
                mtf_pending: false,
                exit: ExitInfo::default(),
                vectoring: (0, 0),
                vectoring_length: 0,
                vectoring_resumes: false,
                virtual_nmi_blocked: false,
                last_exit: ExitReason(0),
                indirect: 0,
            },
            halted_since: Time::ZERO,
            shutdown: None,
        }
    }

    /// Current privilege level: the DPL of SS (SDM 3A 5.5).
    #[inline(always)]
    pub fn cpl(&self) -> u8 {
        self.segments[SS].rights.dpl()
    }

    /// IA-32e mode.
    pub fn long_mode(&self) -> bool {
        self.efer & efer::LMA != 0
    }

    /// 64-bit mode.
    pub fn mode_64(&self) -> bool {
        self.long_mode() && self.segments[CS].rights.long()
    }
}
