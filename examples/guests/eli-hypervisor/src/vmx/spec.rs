//! VT-x: VMCS fields, controls, exit reasons. Sections are those of SDM 3C.

macro_rules! fields {
    ($($(#[$doc:meta])* $name:ident = $encoding:literal;)*) => {
        /// Encodings of VMCS fields. Appendix B.
        #[expect(dead_code, reason = "the segments' fields are reached by their distance from those of ES")]
        pub mod field {
            $($(#[$doc])* pub const $name: u64 = $encoding;)*
        }
    };
}

fields! {
    // 16-bit control, guest and host fields. B.1.
    VPID = 0x0000;
    GUEST_ES = 0x0800; GUEST_CS = 0x0802; GUEST_SS = 0x0804; GUEST_DS = 0x0806;
    GUEST_FS = 0x0808; GUEST_GS = 0x080A; GUEST_LDTR = 0x080C; GUEST_TR = 0x080E;
    HOST_ES = 0x0C00; HOST_CS = 0x0C02; HOST_SS = 0x0C04; HOST_DS = 0x0C06;
    HOST_FS = 0x0C08; HOST_GS = 0x0C0A; HOST_TR = 0x0C0C;
    // 64-bit fields. B.2.
    MSR_BITMAP = 0x2004; EPT_POINTER = 0x201A; GUEST_PHYSICAL_ADDRESS = 0x2400;
    VMCS_LINK_POINTER = 0x2800; GUEST_DEBUGCTL = 0x2802; GUEST_PAT = 0x2804; GUEST_EFER = 0x2806;
    HOST_PAT = 0x2C00; HOST_EFER = 0x2C02;
    // 32-bit fields. B.3.
    PIN_CONTROLS = 0x4000; PRIMARY_CONTROLS = 0x4002; EXCEPTION_BITMAP = 0x4004;
    PAGE_FAULT_MASK = 0x4006; PAGE_FAULT_MATCH = 0x4008; CR3_TARGET_COUNT = 0x400A;
    EXIT_CONTROLS = 0x400C; EXIT_MSR_STORE_COUNT = 0x400E; EXIT_MSR_LOAD_COUNT = 0x4010;
    ENTRY_CONTROLS = 0x4012; ENTRY_MSR_LOAD_COUNT = 0x4014; ENTRY_INTERRUPTION_INFO = 0x4016;
    ENTRY_ERROR_CODE = 0x4018; ENTRY_INSTRUCTION_LENGTH = 0x401A; SECONDARY_CONTROLS = 0x401E;
    INSTRUCTION_ERROR = 0x4400; EXIT_REASON = 0x4402; EXIT_INTERRUPTION_INFO = 0x4404;
    EXIT_ERROR_CODE = 0x4406; IDT_VECTORING_INFO = 0x4408; IDT_VECTORING_ERROR_CODE = 0x440A;
    EXIT_INSTRUCTION_LENGTH = 0x440C;
    GUEST_ES_LIMIT = 0x4800; GUEST_CS_LIMIT = 0x4802; GUEST_SS_LIMIT = 0x4804; GUEST_DS_LIMIT = 0x4806;
    GUEST_FS_LIMIT = 0x4808; GUEST_GS_LIMIT = 0x480A; GUEST_LDTR_LIMIT = 0x480C; GUEST_TR_LIMIT = 0x480E;
    GUEST_GDTR_LIMIT = 0x4810; GUEST_IDTR_LIMIT = 0x4812;
    GUEST_ES_RIGHTS = 0x4814; GUEST_CS_RIGHTS = 0x4816; GUEST_SS_RIGHTS = 0x4818; GUEST_DS_RIGHTS = 0x481A;
    GUEST_FS_RIGHTS = 0x481C; GUEST_GS_RIGHTS = 0x481E; GUEST_LDTR_RIGHTS = 0x4820; GUEST_TR_RIGHTS = 0x4822;
    GUEST_INTERRUPTIBILITY = 0x4824; GUEST_ACTIVITY = 0x4826; GUEST_SYSENTER_CS = 0x482A;
    PREEMPTION_TIMER_VALUE = 0x482E; HOST_SYSENTER_CS = 0x4C00;
    // Natural-width fields. B.4.
    CR0_MASK = 0x6000; CR4_MASK = 0x6002; CR0_SHADOW = 0x6004; CR4_SHADOW = 0x6006;
    CR3_TARGET_VALUE_0 = 0x6008;
    EXIT_QUALIFICATION = 0x6400; GUEST_LINEAR_ADDRESS = 0x640A;
    GUEST_CR0 = 0x6800; GUEST_CR3 = 0x6802; GUEST_CR4 = 0x6804;
    GUEST_ES_BASE = 0x6806; GUEST_CS_BASE = 0x6808; GUEST_SS_BASE = 0x680A; GUEST_DS_BASE = 0x680C;
    GUEST_FS_BASE = 0x680E; GUEST_GS_BASE = 0x6810; GUEST_LDTR_BASE = 0x6812; GUEST_TR_BASE = 0x6814;
    GUEST_GDTR_BASE = 0x6816; GUEST_IDTR_BASE = 0x6818; GUEST_DR7 = 0x681A; GUEST_RSP = 0x681C;
    GUEST_RIP = 0x681E; GUEST_RFLAGS = 0x6820; GUEST_PENDING_DEBUG = 0x6822;
    GUEST_SYSENTER_ESP = 0x6824; GUEST_SYSENTER_EIP = 0x6826;
    HOST_CR0 = 0x6C00; HOST_CR3 = 0x6C02; HOST_CR4 = 0x6C04; HOST_FS_BASE = 0x6C06; HOST_GS_BASE = 0x6C08;
    HOST_TR_BASE = 0x6C0A; HOST_GDTR_BASE = 0x6C0C; HOST_IDTR_BASE = 0x6C0E; HOST_SYSENTER_ESP = 0x6C10;
    HOST_SYSENTER_EIP = 0x6C12; HOST_RSP = 0x6C14; HOST_RIP = 0x6C16;
}

/// Pin-based VM-execution controls. 24.6.1.
pub mod pin {
    pub const EXTERNAL_INTERRUPT_EXITING: u32 = 1 << 0;
    pub const NMI_EXITING: u32 = 1 << 3;
    pub const VIRTUAL_NMIS: u32 = 1 << 5;
    pub const PREEMPTION_TIMER: u32 = 1 << 6;
}

/// Primary processor-based VM-execution controls. 24.6.2.
pub mod primary {
    pub const INTERRUPT_WINDOW_EXITING: u32 = 1 << 2;
    pub const CR3_LOAD_EXITING: u32 = 1 << 15;
    pub const CR3_STORE_EXITING: u32 = 1 << 16;
    pub const CR8_LOAD_EXITING: u32 = 1 << 19;
    pub const CR8_STORE_EXITING: u32 = 1 << 20;
    pub const UNCONDITIONAL_IO_EXITING: u32 = 1 << 24;
    pub const MONITOR_TRAP_FLAG: u32 = 1 << 27;
    pub const USE_MSR_BITMAPS: u32 = 1 << 28;
    pub const ACTIVATE_SECONDARY_CONTROLS: u32 = 1 << 31;
}

/// Secondary processor-based VM-execution controls. 24.6.2.
pub mod secondary {
    pub const ENABLE_EPT: u32 = 1 << 1;
    pub const DESCRIPTOR_TABLE_EXITING: u32 = 1 << 2;
    pub const ENABLE_RDTSCP: u32 = 1 << 3;
    pub const ENABLE_VPID: u32 = 1 << 5;
    pub const ENABLE_INVPCID: u32 = 1 << 12;
}

/// VM-exit controls. 24.7.1.
pub mod exit {
    pub const SAVE_DEBUG_CONTROLS: u32 = 1 << 2;
    pub const HOST_ADDRESS_SPACE_SIZE: u32 = 1 << 9;
    pub const ACKNOWLEDGE_INTERRUPT: u32 = 1 << 15;
    pub const SAVE_PAT: u32 = 1 << 18;
    pub const LOAD_PAT: u32 = 1 << 19;
    pub const SAVE_EFER: u32 = 1 << 20;
    pub const LOAD_EFER: u32 = 1 << 21;
}

/// VM-entry controls. 24.8.1.
pub mod entry {
    pub const LOAD_DEBUG_CONTROLS: u32 = 1 << 2;
    pub const IA32E_MODE_GUEST: u32 = 1 << 9;
    pub const LOAD_PAT: u32 = 1 << 14;
    pub const LOAD_EFER: u32 = 1 << 15;
}

/// Basic exit reasons. Appendix C.
pub mod reason {
    pub const EXCEPTION_OR_NMI: u16 = 0;
    pub const EXTERNAL_INTERRUPT: u16 = 1;
    pub const TRIPLE_FAULT: u16 = 2;
    pub const INIT: u16 = 3;
    pub const INTERRUPT_WINDOW: u16 = 7;
    pub const CPUID: u16 = 10;
    pub const GETSEC: u16 = 11;
    pub const INVD: u16 = 13;
    pub const VMCALL: u16 = 18;
    pub const VMXON: u16 = 27;
    pub const CR_ACCESS: u16 = 28;
    pub const IO_INSTRUCTION: u16 = 30;
    pub const RDMSR: u16 = 31;
    pub const WRMSR: u16 = 32;
    pub const MONITOR_TRAP_FLAG: u16 = 37;
    pub const GDTR_IDTR: u16 = 46;
    pub const LDTR_TR: u16 = 47;
    pub const EPT_VIOLATION: u16 = 48;
    pub const INVEPT: u16 = 50;
    pub const PREEMPTION_TIMER: u16 = 52;
    pub const INVVPID: u16 = 53;
    pub const XSETBV: u16 = 55;
}

/// Exit reason bit 31: the entry failed. 26.8.
pub const ENTRY_FAILURE: u32 = 1 << 31;

/// Interruption information, for exits, entries and IDT vectoring. 24.8.3, 24.9.2, 24.9.3.
pub mod event {
    /// Bit 31: valid.
    pub const VALID: u32 = 1 << 31;
    /// Bit 11: there is an error code.
    pub const ERROR_CODE: u32 = 1 << 11;
    /// Bits 10:8: type.
    pub const TYPE: u32 = 7 << 8;
    pub const EXTERNAL_INTERRUPT: u32 = 0 << 8;
    pub const NMI: u32 = 2 << 8;
    pub const HARDWARE_EXCEPTION: u32 = 3 << 8;
    pub const SOFTWARE_INTERRUPT: u32 = 4 << 8;
    pub const PRIVILEGED_SOFTWARE_EXCEPTION: u32 = 5 << 8;
    pub const SOFTWARE_EXCEPTION: u32 = 6 << 8;
}

/// Interruptibility: blocking by STI (bit 0) and by MOV SS (bit 1). 24.4.2.
pub const BLOCKING_BY_STI_OR_MOV_SS: u64 = 3;
/// Activity state 0: active. 24.4.2.
pub const ACTIVE: u64 = 0;
/// Pending debug exceptions: bit 14 BS, bit 12 enabled breakpoint. 24.4.2.
pub const PENDING_DEBUG_BS: u64 = 1 << 14;
/// Segment access rights: bit 16, unusable. 24.4.1.
pub const UNUSABLE: u64 = 1 << 16;

/// EPT entry: read, write, execute; 5:3 memory type; bit 7 large page. 28.3.2.
pub mod ept {
    pub const READ: u64 = 1 << 0;
    pub const WRITE: u64 = 1 << 1;
    pub const EXECUTE: u64 = 1 << 2;
    pub const ALL: u64 = READ | WRITE | EXECUTE;
    pub const WRITE_BACK: u64 = 6 << 3;
    pub const UNCACHEABLE: u64 = 0 << 3;
    pub const LARGE: u64 = 1 << 7;
    /// EPT pointer: memory type 6, page-walk length 4 (as 3 in bits 5:3). 24.6.11.
    pub const POINTER: u64 = 6 | 3 << 3;
    /// INVEPT type 2: all contexts.
    pub const INVEPT_ALL: u64 = 2;
    /// Exit qualification of a violation: the access. 27.2.1, table 27-7.
    pub const ACCESS_WRITE: u64 = 1 << 1;
    pub const ACCESS_FETCH: u64 = 1 << 2;
    /// Exit qualification: the access was the translation of a linear address, not to a paging structure.
    pub const LINEAR_TRANSLATION: u64 = 1 << 8;
}

/// Capability MSRs. Appendix A.
pub mod msr {
    pub const BASIC: u32 = 0x480;
    pub const MISC: u32 = 0x485;
    pub const CR0_FIXED0: u32 = 0x486;
    pub const CR0_FIXED1: u32 = 0x487;
    pub const CR4_FIXED0: u32 = 0x488;
    pub const CR4_FIXED1: u32 = 0x489;
    pub const SECONDARY: u32 = 0x48B;
    pub const EPT_VPID: u32 = 0x48C;
    pub const TRUE_PIN: u32 = 0x48D;
    pub const TRUE_PRIMARY: u32 = 0x48E;
    pub const TRUE_EXIT: u32 = 0x48F;
    pub const TRUE_ENTRY: u32 = 0x490;
    /// BASIC bit 55: the TRUE MSRs exist.
    pub const BASIC_TRUE: u64 = 1 << 55;
    /// EPT_VPID: walk length 4, write-back, 2 MiB pages, INVEPT, its all-context type.
    pub const EPT_NEEDED: u64 = 1 << 6 | 1 << 14 | 1 << 16 | 1 << 20 | 1 << 26;
}
