//! Exit qualifications (SDM 27.2.1, tables 27-1 to 27-7).

/// Bits 5:4 of a control-register access (table 27-3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CrAccess {
    /// MOV to CR from a general-purpose register.
    MovTo {
        /// CR0, CR3, CR4 or CR8.
        cr: u8,
        /// RAX 0 to R15 15.
        register: u8,
    },
    /// MOV from CR to a general-purpose register.
    MovFrom {
        /// CR3 or CR8.
        cr: u8,
        /// RAX 0 to R15 15.
        register: u8,
    },
    /// CLTS.
    Clts,
    /// LMSW.
    Lmsw {
        /// The operand, in bits 31:16.
        source: u16,
        /// The operand is in memory; its address goes to the guest-linear address field.
        memory: bool,
    },
}

/// The qualification of exit reason 28.
pub const fn cr_access(access: CrAccess) -> u64 {
    match access {
        CrAccess::MovTo { cr, register } => (cr as u64 & 15) | (register as u64 & 15) << 8,
        CrAccess::MovFrom { cr, register } => (cr as u64 & 15) | 1 << 4 | (register as u64 & 15) << 8,
        CrAccess::Clts => 2 << 4,
        CrAccess::Lmsw { source, memory } => 3 << 4 | (memory as u64) << 6 | (source as u64) << 16,
    }
}

/// The qualification of exit reason 29 (table 27-4); `from` for MOV from DR.
pub const fn dr_access(dr: u8, from: bool, register: u8) -> u64 {
    (dr as u64 & 7) | (from as u64) << 4 | (register as u64 & 15) << 8
}

/// An I/O instruction (table 27-5).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct IoAccess {
    /// The port.
    pub port: u16,
    /// 1, 2 or 4 bytes.
    pub size: u8,
    /// IN or INS.
    pub is_in: bool,
    /// INS or OUTS.
    pub string: bool,
    /// REP prefix.
    pub rep: bool,
    /// The port is an immediate operand, not DX.
    pub immediate: bool,
}

/// The qualification of exit reason 30.
pub const fn io_instruction(io: IoAccess) -> u64 {
    (io.size.wrapping_sub(1) as u64 & 7)
        | (io.is_in as u64) << 3
        | (io.string as u64) << 4
        | (io.rep as u64) << 5
        | (io.immediate as u64) << 6
        | (io.port as u64) << 16
}

/// Debug exceptions (table 27-1): the bits of DR6 that the exception would have set.
pub const fn debug(dr6: u64) -> u64 {
    dr6 & (0xf | DEBUG_BD | DEBUG_BS)
}

/// Bit 13: a debug register was accessed with DR7.GD.
pub const DEBUG_BD: u64 = 1 << 13;
/// Bit 14: a single step, or a taken branch with IA32_DEBUGCTL.BTF.
pub const DEBUG_BS: u64 = 1 << 14;

/// Where a task switch comes from (table 27-2, bits 31:30).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum TaskSwitchSource {
    /// CALL.
    Call = 0,
    /// IRET.
    Iret = 1,
    /// JMP.
    Jmp = 2,
    /// A task gate in the IDT.
    TaskGate = 3,
}

/// The qualification of exit reason 9.
pub const fn task_switch(selector: u16, source: TaskSwitchSource) -> u64 {
    selector as u64 | (source as u64) << 30
}

/// EPT violation (table 27-7): bit 7, the guest-linear address field is valid.
pub const EPT_LINEAR_ADDRESS_VALID: u64 = 1 << 7;
/// Bit 8: the access was to the linear address's translation, not to a guest paging-structure entry.
pub const EPT_LINEAR_TRANSLATION: u64 = 1 << 8;
/// Bit 12: NMI unblocking due to IRET.
pub const EPT_NMI_UNBLOCKING_DUE_TO_IRET: u64 = 1 << 12;

/// What the access behind an EPT violation was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EptAccessFor {
    /// The translation of a linear address: the access that the instruction asked for.
    Translation,
    /// A guest paging-structure entry on the way.
    PagingStructure,
    /// No linear address is to blame (MOV CR3 that loads PDPTEs, for one).
    NoLinearAddress,
}

/// The qualification of exit reason 48, from the bits 5:0 of [`super::ept::EptFault::Violation`].
pub const fn ept_violation(bits: u64, access_for: EptAccessFor, nmi_unblocking: bool) -> u64 {
    let linear = match access_for {
        EptAccessFor::Translation => EPT_LINEAR_ADDRESS_VALID | EPT_LINEAR_TRANSLATION,
        EptAccessFor::PagingStructure => EPT_LINEAR_ADDRESS_VALID,
        EptAccessFor::NoLinearAddress => 0,
    };
    bits & 0x3f | linear | if nmi_unblocking { EPT_NMI_UNBLOCKING_DUE_TO_IRET } else { 0 }
}

/// How an APIC-access exit came about (table 27-6, bits 15:12).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum ApicAccessType {
    /// A data read during instruction execution.
    LinearRead = 0,
    /// A data write during instruction execution.
    LinearWrite = 1,
    /// An instruction fetch.
    LinearFetch = 2,
    /// A linear access during event delivery.
    LinearEventDelivery = 3,
    /// A guest-physical access during event delivery.
    PhysicalEventDelivery = 10,
    /// A guest-physical access for a fetch or during instruction execution.
    PhysicalInstruction = 15,
}

/// The qualification of exit reason 44.
pub const fn apic_access(offset: u16, kind: ApicAccessType) -> u64 {
    (offset as u64 & 0xfff) | (kind as u64) << 12
}
