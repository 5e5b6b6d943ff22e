//! The bits of the control fields, by their names in the manual.

macro_rules! bits {
    ($( $(#[$doc:meta])* $module:ident $default1:literal { $( $bit:literal $name:ident $text:literal )* } )*) => { $(
        $(#[$doc])*
        pub mod $module {
            $( #[doc = $text] pub const $name: u32 = 1 << $bit; )*

            /// Every bit that has a name.
            pub const ALL: u32 = 0 $( | 1 << $bit )*;

            /// The default1 class (SDM A.2): reserved bits, or once reserved, that read as 1.
            pub const DEFAULT1: u32 = $default1;

            /// Each bit with its name, lowest first.
            pub static NAMES: &[(u32, &str)] = &[ $( ($name, $text), )* ];
        }
    )* };
}

bits! {
    /// Pin-based VM-execution controls (SDM 24.6.1, table 24-5).
    pin 0x00000016 {
        0 EXTERNAL_INTERRUPT_EXITING "External-interrupt exiting"
        3 NMI_EXITING "NMI exiting"
        5 VIRTUAL_NMIS "Virtual NMIs"
        6 ACTIVATE_PREEMPTION_TIMER "Activate VMX-preemption timer"
        7 PROCESS_POSTED_INTERRUPTS "Process posted interrupts"
    }
    /// Primary processor-based VM-execution controls (SDM 24.6.2, table 24-6).
    primary 0x0401e172 {
        2 INTERRUPT_WINDOW_EXITING "Interrupt-window exiting"
        3 USE_TSC_OFFSETTING "Use TSC offsetting"
        7 HLT_EXITING "HLT exiting"
        9 INVLPG_EXITING "INVLPG exiting"
        10 MWAIT_EXITING "MWAIT exiting"
        11 RDPMC_EXITING "RDPMC exiting"
        12 RDTSC_EXITING "RDTSC exiting"
        15 CR3_LOAD_EXITING "CR3-load exiting"
        16 CR3_STORE_EXITING "CR3-store exiting"
        17 ACTIVATE_TERTIARY_CONTROLS "Activate tertiary controls"
        19 CR8_LOAD_EXITING "CR8-load exiting"
        20 CR8_STORE_EXITING "CR8-store exiting"
        21 USE_TPR_SHADOW "Use TPR shadow"
        22 NMI_WINDOW_EXITING "NMI-window exiting"
        23 MOV_DR_EXITING "MOV-DR exiting"
        24 UNCONDITIONAL_IO_EXITING "Unconditional I/O exiting"
        25 USE_IO_BITMAPS "Use I/O bitmaps"
        27 MONITOR_TRAP_FLAG "Monitor trap flag"
        28 USE_MSR_BITMAPS "Use MSR bitmaps"
        29 MONITOR_EXITING "MONITOR exiting"
        30 PAUSE_EXITING "PAUSE exiting"
        31 ACTIVATE_SECONDARY_CONTROLS "Activate secondary controls"
    }
    /// Secondary processor-based VM-execution controls (SDM 24.6.2, table 24-7).
    secondary 0x00000000 {
        0 VIRTUALIZE_APIC_ACCESSES "Virtualize APIC accesses"
        1 ENABLE_EPT "Enable EPT"
        2 DESCRIPTOR_TABLE_EXITING "Descriptor-table exiting"
        3 ENABLE_RDTSCP "Enable RDTSCP"
        4 VIRTUALIZE_X2APIC_MODE "Virtualize x2APIC mode"
        5 ENABLE_VPID "Enable VPID"
        6 WBINVD_EXITING "WBINVD exiting"
        7 UNRESTRICTED_GUEST "Unrestricted guest"
        8 APIC_REGISTER_VIRTUALIZATION "APIC-register virtualization"
        9 VIRTUAL_INTERRUPT_DELIVERY "Virtual-interrupt delivery"
        10 PAUSE_LOOP_EXITING "PAUSE-loop exiting"
        11 RDRAND_EXITING "RDRAND exiting"
        12 ENABLE_INVPCID "Enable INVPCID"
        13 ENABLE_VM_FUNCTIONS "Enable VM functions"
        14 VMCS_SHADOWING "VMCS shadowing"
        15 ENABLE_ENCLS_EXITING "Enable ENCLS exiting"
        16 RDSEED_EXITING "RDSEED exiting"
        17 ENABLE_PML "Enable PML"
        18 EPT_VIOLATION_VE "EPT-violation #VE"
        19 CONCEAL_VMX_FROM_PT "Conceal VMX from PT"
        20 ENABLE_XSAVES_XRSTORS "Enable XSAVES/XRSTORS"
        22 MODE_BASED_EXECUTE_CONTROL_FOR_EPT "Mode-based execute control for EPT"
        23 SUB_PAGE_WRITE_PERMISSIONS_FOR_EPT "Sub-page write permissions for EPT"
        24 PT_USES_GUEST_PHYSICAL_ADDRESSES "Intel PT uses guest physical addresses"
        25 USE_TSC_SCALING "Use TSC scaling"
        26 ENABLE_USER_WAIT_AND_PAUSE "Enable user wait and pause"
        27 ENABLE_PCONFIG "Enable PCONFIG"
        28 ENABLE_ENCLV_EXITING "Enable ENCLV exiting"
    }
    /// Primary VM-exit controls (SDM 24.7.1, table 24-11).
    exit 0x00036dff {
        2 SAVE_DEBUG_CONTROLS "Save debug controls"
        9 HOST_ADDRESS_SPACE_SIZE "Host address-space size"
        12 LOAD_IA32_PERF_GLOBAL_CTRL "Load IA32_PERF_GLOBAL_CTRL"
        15 ACKNOWLEDGE_INTERRUPT_ON_EXIT "Acknowledge interrupt on exit"
        18 SAVE_IA32_PAT "Save IA32_PAT"
        19 LOAD_IA32_PAT "Load IA32_PAT"
        20 SAVE_IA32_EFER "Save IA32_EFER"
        21 LOAD_IA32_EFER "Load IA32_EFER"
        22 SAVE_PREEMPTION_TIMER_VALUE "Save VMX-preemption timer value"
        23 CLEAR_IA32_BNDCFGS "Clear IA32_BNDCFGS"
        24 CONCEAL_VMX_FROM_PT "Conceal VMX from PT"
        25 CLEAR_IA32_RTIT_CTL "Clear IA32_RTIT_CTL"
        26 CLEAR_IA32_LBR_CTL "Clear IA32_LBR_CTL"
        28 LOAD_CET_STATE "Load CET state"
        29 LOAD_PKRS "Load PKRS"
        31 ACTIVATE_SECONDARY_CONTROLS "Activate secondary controls"
    }
    /// VM-entry controls (SDM 24.8.1, table 24-13).
    entry 0x000011ff {
        2 LOAD_DEBUG_CONTROLS "Load debug controls"
        9 IA32E_MODE_GUEST "IA-32e mode guest"
        10 ENTRY_TO_SMM "Entry to SMM"
        11 DEACTIVATE_DUAL_MONITOR_TREATMENT "Deactivate dual-monitor treatment"
        13 LOAD_IA32_PERF_GLOBAL_CTRL "Load IA32_PERF_GLOBAL_CTRL"
        14 LOAD_IA32_PAT "Load IA32_PAT"
        15 LOAD_IA32_EFER "Load IA32_EFER"
        16 LOAD_IA32_BNDCFGS "Load IA32_BNDCFGS"
        17 CONCEAL_VMX_FROM_PT "Conceal VMX from PT"
        18 LOAD_IA32_RTIT_CTL "Load IA32_RTIT_CTL"
        20 LOAD_CET_STATE "Load CET state"
        21 LOAD_GUEST_IA32_LBR_CTL "Load guest IA32_LBR_CTL"
        22 LOAD_PKRS "Load PKRS"
    }
}

/// The names of the bits that are set, lowest first; for panels and dumps.
pub fn names(table: &'static [(u32, &'static str)], value: u32) -> impl Iterator<Item = &'static str> {
    table.iter().filter(move |(bit, _)| value & bit != 0).map(|(_, name)| *name)
}
