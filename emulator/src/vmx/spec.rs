//! Every field of the VMCS (SDM appendix B), in the appendix's order: rising encodings.
//!
//! Each section states width and area; [`super::fields`] decodes the same from the encoding's bits,
//! and a test holds one against the other. Which fields exist depends on capabilities: `presence`.

use super::fields::{Field, FieldInfo, Kind, Width};

/// One constant for each field, and the table that holds what is known of it.
macro_rules! vmcs_fields {
    ($( $width:ident $kind:ident { $( $encoding:literal $name:ident $text:literal )* } )*) => {
        #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
        #[derive(Clone, Copy)]
        #[repr(u8)]
        enum Slot { $( $( $name, )* )* }

        $( $( #[doc = $text] pub const $name: Field = Field::at(Slot::$name as u8); )* )*

        /// How many fields there are.
        pub const COUNT: usize = [ $( $( Slot::$name, )* )* ].len();

        /// What is known of each field, by slot.
        pub static FIELDS: [FieldInfo; COUNT] = [ $( $(
            FieldInfo { encoding: $encoding, width: Width::$width, kind: Kind::$kind, name: $text },
        )* )* ];
    };
}

vmcs_fields! {
    // B.1.1: 16-bit control fields.
    W16 Control {
        0x0000 VPID "Virtual-processor identifier (VPID)"
        0x0002 POSTED_INTERRUPT_NOTIFICATION_VECTOR "Posted-interrupt notification vector"
        0x0004 EPTP_INDEX "EPTP index"
        0x0006 HLAT_PREFIX_SIZE "HLAT prefix size"
        0x0008 LAST_PID_POINTER_INDEX "Last PID-pointer index"
    }
    // B.1.2: 16-bit guest-state fields.
    W16 GuestState {
        0x0800 GUEST_ES_SELECTOR "Guest ES selector"
        0x0802 GUEST_CS_SELECTOR "Guest CS selector"
        0x0804 GUEST_SS_SELECTOR "Guest SS selector"
        0x0806 GUEST_DS_SELECTOR "Guest DS selector"
        0x0808 GUEST_FS_SELECTOR "Guest FS selector"
        0x080a GUEST_GS_SELECTOR "Guest GS selector"
        0x080c GUEST_LDTR_SELECTOR "Guest LDTR selector"
        0x080e GUEST_TR_SELECTOR "Guest TR selector"
        0x0810 GUEST_INTERRUPT_STATUS "Guest interrupt status"
        0x0812 PML_INDEX "PML index"
        0x0814 GUEST_UINV "Guest UINV"
    }
    // B.1.3: 16-bit host-state fields.
    W16 HostState {
        0x0c00 HOST_ES_SELECTOR "Host ES selector"
        0x0c02 HOST_CS_SELECTOR "Host CS selector"
        0x0c04 HOST_SS_SELECTOR "Host SS selector"
        0x0c06 HOST_DS_SELECTOR "Host DS selector"
        0x0c08 HOST_FS_SELECTOR "Host FS selector"
        0x0c0a HOST_GS_SELECTOR "Host GS selector"
        0x0c0c HOST_TR_SELECTOR "Host TR selector"
    }
    // B.2.1: 64-bit control fields.
    W64 Control {
        0x2000 IO_BITMAP_A_ADDRESS "Address of I/O bitmap A"
        0x2002 IO_BITMAP_B_ADDRESS "Address of I/O bitmap B"
        0x2004 MSR_BITMAPS_ADDRESS "Address of MSR bitmaps"
        0x2006 VM_EXIT_MSR_STORE_ADDRESS "VM-exit MSR-store address"
        0x2008 VM_EXIT_MSR_LOAD_ADDRESS "VM-exit MSR-load address"
        0x200a VM_ENTRY_MSR_LOAD_ADDRESS "VM-entry MSR-load address"
        0x200c EXECUTIVE_VMCS_POINTER "Executive-VMCS pointer"
        0x200e PML_ADDRESS "PML address"
        0x2010 TSC_OFFSET "TSC offset"
        0x2012 VIRTUAL_APIC_ADDRESS "Virtual-APIC address"
        0x2014 APIC_ACCESS_ADDRESS "APIC-access address"
        0x2016 POSTED_INTERRUPT_DESCRIPTOR_ADDRESS "Posted-interrupt descriptor address"
        0x2018 VM_FUNCTION_CONTROLS "VM-function controls"
        0x201a EPT_POINTER "EPT pointer (EPTP)"
        0x201c EOI_EXIT_BITMAP_0 "EOI-exit bitmap 0"
        0x201e EOI_EXIT_BITMAP_1 "EOI-exit bitmap 1"
        0x2020 EOI_EXIT_BITMAP_2 "EOI-exit bitmap 2"
        0x2022 EOI_EXIT_BITMAP_3 "EOI-exit bitmap 3"
        0x2024 EPTP_LIST_ADDRESS "EPTP-list address"
        0x2026 VMREAD_BITMAP_ADDRESS "VMREAD-bitmap address"
        0x2028 VMWRITE_BITMAP_ADDRESS "VMWRITE-bitmap address"
        0x202a VIRTUALIZATION_EXCEPTION_INFORMATION_ADDRESS "Virtualization-exception information address"
        0x202c XSS_EXITING_BITMAP "XSS-exiting bitmap"
        0x202e ENCLS_EXITING_BITMAP "ENCLS-exiting bitmap"
        0x2030 SUB_PAGE_PERMISSION_TABLE_POINTER "Sub-page-permission-table pointer"
        0x2032 TSC_MULTIPLIER "TSC multiplier"
        0x2034 TERTIARY_PROCESSOR_BASED_CONTROLS "Tertiary processor-based VM-execution controls"
        0x2036 ENCLV_EXITING_BITMAP "ENCLV-exiting bitmap"
        0x2038 LOW_PASID_DIRECTORY_ADDRESS "Low PASID directory address"
        0x203a HIGH_PASID_DIRECTORY_ADDRESS "High PASID directory address"
        0x203c SHARED_EPT_POINTER "Shared EPT pointer"
        0x203e PCONFIG_EXITING_BITMAP "PCONFIG-exiting bitmap"
        0x2040 HLAT_POINTER "Hypervisor-managed linear-address translation pointer (HLATP)"
        0x2042 PID_POINTER_TABLE_ADDRESS "PID-pointer table address"
        0x2044 SECONDARY_VM_EXIT_CONTROLS "Secondary VM-exit controls"
        0x204a IA32_SPEC_CTRL_MASK "IA32_SPEC_CTRL mask"
        0x204c IA32_SPEC_CTRL_SHADOW "IA32_SPEC_CTRL shadow"
    }
    // B.2.2: 64-bit read-only data field.
    W64 ReadOnlyData {
        0x2400 GUEST_PHYSICAL_ADDRESS "Guest-physical address"
    }
    // B.2.3: 64-bit guest-state fields.
    W64 GuestState {
        0x2800 VMCS_LINK_POINTER "VMCS link pointer"
        0x2802 GUEST_IA32_DEBUGCTL "Guest IA32_DEBUGCTL"
        0x2804 GUEST_IA32_PAT "Guest IA32_PAT"
        0x2806 GUEST_IA32_EFER "Guest IA32_EFER"
        0x2808 GUEST_IA32_PERF_GLOBAL_CTRL "Guest IA32_PERF_GLOBAL_CTRL"
        0x280a GUEST_PDPTE0 "Guest PDPTE0"
        0x280c GUEST_PDPTE1 "Guest PDPTE1"
        0x280e GUEST_PDPTE2 "Guest PDPTE2"
        0x2810 GUEST_PDPTE3 "Guest PDPTE3"
        0x2812 GUEST_IA32_BNDCFGS "Guest IA32_BNDCFGS"
        0x2814 GUEST_IA32_RTIT_CTL "Guest IA32_RTIT_CTL"
        0x2816 GUEST_IA32_LBR_CTL "Guest IA32_LBR_CTL"
        0x2818 GUEST_IA32_PKRS "Guest IA32_PKRS"
    }
    // B.2.4: 64-bit host-state fields.
    W64 HostState {
        0x2c00 HOST_IA32_PAT "Host IA32_PAT"
        0x2c02 HOST_IA32_EFER "Host IA32_EFER"
        0x2c04 HOST_IA32_PERF_GLOBAL_CTRL "Host IA32_PERF_GLOBAL_CTRL"
        0x2c06 HOST_IA32_PKRS "Host IA32_PKRS"
    }
    // B.3.1: 32-bit control fields.
    W32 Control {
        0x4000 PIN_BASED_CONTROLS "Pin-based VM-execution controls"
        0x4002 PRIMARY_PROCESSOR_BASED_CONTROLS "Primary processor-based VM-execution controls"
        0x4004 EXCEPTION_BITMAP "Exception bitmap"
        0x4006 PAGE_FAULT_ERROR_CODE_MASK "Page-fault error-code mask"
        0x4008 PAGE_FAULT_ERROR_CODE_MATCH "Page-fault error-code match"
        0x400a CR3_TARGET_COUNT "CR3-target count"
        0x400c VM_EXIT_CONTROLS "Primary VM-exit controls"
        0x400e VM_EXIT_MSR_STORE_COUNT "VM-exit MSR-store count"
        0x4010 VM_EXIT_MSR_LOAD_COUNT "VM-exit MSR-load count"
        0x4012 VM_ENTRY_CONTROLS "VM-entry controls"
        0x4014 VM_ENTRY_MSR_LOAD_COUNT "VM-entry MSR-load count"
        0x4016 VM_ENTRY_INTERRUPTION_INFO "VM-entry interruption-information field"
        0x4018 VM_ENTRY_EXCEPTION_ERROR_CODE "VM-entry exception error code"
        0x401a VM_ENTRY_INSTRUCTION_LENGTH "VM-entry instruction length"
        0x401c TPR_THRESHOLD "TPR threshold"
        0x401e SECONDARY_PROCESSOR_BASED_CONTROLS "Secondary processor-based VM-execution controls"
        0x4020 PLE_GAP "PLE_Gap"
        0x4022 PLE_WINDOW "PLE_Window"
        0x4024 INSTRUCTION_TIMEOUT_CONTROL "Instruction-timeout control"
    }
    // B.3.2: 32-bit read-only data fields.
    W32 ReadOnlyData {
        0x4400 VM_INSTRUCTION_ERROR "VM-instruction error"
        0x4402 EXIT_REASON "Exit reason"
        0x4404 VM_EXIT_INTERRUPTION_INFO "VM-exit interruption information"
        0x4406 VM_EXIT_INTERRUPTION_ERROR_CODE "VM-exit interruption error code"
        0x4408 IDT_VECTORING_INFO "IDT-vectoring information field"
        0x440a IDT_VECTORING_ERROR_CODE "IDT-vectoring error code"
        0x440c VM_EXIT_INSTRUCTION_LENGTH "VM-exit instruction length"
        0x440e VM_EXIT_INSTRUCTION_INFO "VM-exit instruction information"
    }
    // B.3.3: 32-bit guest-state fields.
    W32 GuestState {
        0x4800 GUEST_ES_LIMIT "Guest ES limit"
        0x4802 GUEST_CS_LIMIT "Guest CS limit"
        0x4804 GUEST_SS_LIMIT "Guest SS limit"
        0x4806 GUEST_DS_LIMIT "Guest DS limit"
        0x4808 GUEST_FS_LIMIT "Guest FS limit"
        0x480a GUEST_GS_LIMIT "Guest GS limit"
        0x480c GUEST_LDTR_LIMIT "Guest LDTR limit"
        0x480e GUEST_TR_LIMIT "Guest TR limit"
        0x4810 GUEST_GDTR_LIMIT "Guest GDTR limit"
        0x4812 GUEST_IDTR_LIMIT "Guest IDTR limit"
        0x4814 GUEST_ES_ACCESS_RIGHTS "Guest ES access rights"
        0x4816 GUEST_CS_ACCESS_RIGHTS "Guest CS access rights"
        0x4818 GUEST_SS_ACCESS_RIGHTS "Guest SS access rights"
        0x481a GUEST_DS_ACCESS_RIGHTS "Guest DS access rights"
        0x481c GUEST_FS_ACCESS_RIGHTS "Guest FS access rights"
        0x481e GUEST_GS_ACCESS_RIGHTS "Guest GS access rights"
        0x4820 GUEST_LDTR_ACCESS_RIGHTS "Guest LDTR access rights"
        0x4822 GUEST_TR_ACCESS_RIGHTS "Guest TR access rights"
        0x4824 GUEST_INTERRUPTIBILITY_STATE "Guest interruptibility state"
        0x4826 GUEST_ACTIVITY_STATE "Guest activity state"
        0x4828 GUEST_SMBASE "Guest SMBASE"
        0x482a GUEST_IA32_SYSENTER_CS "Guest IA32_SYSENTER_CS"
        0x482e VMX_PREEMPTION_TIMER_VALUE "VMX-preemption timer value"
    }
    // B.3.4: 32-bit host-state field.
    W32 HostState {
        0x4c00 HOST_IA32_SYSENTER_CS "Host IA32_SYSENTER_CS"
    }
    // B.4.1: natural-width control fields.
    Natural Control {
        0x6000 CR0_GUEST_HOST_MASK "CR0 guest/host mask"
        0x6002 CR4_GUEST_HOST_MASK "CR4 guest/host mask"
        0x6004 CR0_READ_SHADOW "CR0 read shadow"
        0x6006 CR4_READ_SHADOW "CR4 read shadow"
        0x6008 CR3_TARGET_VALUE_0 "CR3-target value 0"
        0x600a CR3_TARGET_VALUE_1 "CR3-target value 1"
        0x600c CR3_TARGET_VALUE_2 "CR3-target value 2"
        0x600e CR3_TARGET_VALUE_3 "CR3-target value 3"
    }
    // B.4.2: natural-width read-only data fields.
    Natural ReadOnlyData {
        0x6400 EXIT_QUALIFICATION "Exit qualification"
        0x6402 IO_RCX "I/O RCX"
        0x6404 IO_RSI "I/O RSI"
        0x6406 IO_RDI "I/O RDI"
        0x6408 IO_RIP "I/O RIP"
        0x640a GUEST_LINEAR_ADDRESS "Guest-linear address"
    }
    // B.4.3: natural-width guest-state fields.
    Natural GuestState {
        0x6800 GUEST_CR0 "Guest CR0"
        0x6802 GUEST_CR3 "Guest CR3"
        0x6804 GUEST_CR4 "Guest CR4"
        0x6806 GUEST_ES_BASE "Guest ES base"
        0x6808 GUEST_CS_BASE "Guest CS base"
        0x680a GUEST_SS_BASE "Guest SS base"
        0x680c GUEST_DS_BASE "Guest DS base"
        0x680e GUEST_FS_BASE "Guest FS base"
        0x6810 GUEST_GS_BASE "Guest GS base"
        0x6812 GUEST_LDTR_BASE "Guest LDTR base"
        0x6814 GUEST_TR_BASE "Guest TR base"
        0x6816 GUEST_GDTR_BASE "Guest GDTR base"
        0x6818 GUEST_IDTR_BASE "Guest IDTR base"
        0x681a GUEST_DR7 "Guest DR7"
        0x681c GUEST_RSP "Guest RSP"
        0x681e GUEST_RIP "Guest RIP"
        0x6820 GUEST_RFLAGS "Guest RFLAGS"
        0x6822 GUEST_PENDING_DEBUG_EXCEPTIONS "Guest pending debug exceptions"
        0x6824 GUEST_IA32_SYSENTER_ESP "Guest IA32_SYSENTER_ESP"
        0x6826 GUEST_IA32_SYSENTER_EIP "Guest IA32_SYSENTER_EIP"
        0x6828 GUEST_IA32_S_CET "Guest IA32_S_CET"
        0x682a GUEST_SSP "Guest SSP"
        0x682c GUEST_IA32_INTERRUPT_SSP_TABLE_ADDR "Guest IA32_INTERRUPT_SSP_TABLE_ADDR"
    }
    // B.4.4: natural-width host-state fields.
    Natural HostState {
        0x6c00 HOST_CR0 "Host CR0"
        0x6c02 HOST_CR3 "Host CR3"
        0x6c04 HOST_CR4 "Host CR4"
        0x6c06 HOST_FS_BASE "Host FS base"
        0x6c08 HOST_GS_BASE "Host GS base"
        0x6c0a HOST_TR_BASE "Host TR base"
        0x6c0c HOST_GDTR_BASE "Host GDTR base"
        0x6c0e HOST_IDTR_BASE "Host IDTR base"
        0x6c10 HOST_IA32_SYSENTER_ESP "Host IA32_SYSENTER_ESP"
        0x6c12 HOST_IA32_SYSENTER_EIP "Host IA32_SYSENTER_EIP"
        0x6c14 HOST_RSP "Host RSP"
        0x6c16 HOST_RIP "Host RIP"
        0x6c18 HOST_IA32_S_CET "Host IA32_S_CET"
        0x6c1a HOST_SSP "Host SSP"
        0x6c1c HOST_IA32_INTERRUPT_SSP_TABLE_ADDR "Host IA32_INTERRUPT_SSP_TABLE_ADDR"
    }
}
