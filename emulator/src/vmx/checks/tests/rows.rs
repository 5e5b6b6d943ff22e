//! What is broken, and which check says so.

use super::*;

/// 26.2, in the order of the checks.
pub(super) static CONTROL_AND_HOST_ROWS: &[Row] = &[
    ("pin-based controls: reserved bits", |v| v.clear_bits(PIN_BASED_CONTROLS, 1 << 1)),
    ("primary controls: reserved bits", |v| v.set_bits(PRIMARY_PROCESSOR_BASED_CONTROLS, 1 << 17)),
    ("secondary controls: reserved bits", |v| v.set_bits(SECONDARY_PROCESSOR_BASED_CONTROLS, 1 << 21)),
    ("CR3-target count is supported", |v| v.set(CR3_TARGET_COUNT, 5)),
    ("I/O bitmap A address", |v| v.set(IO_BITMAP_A_ADDRESS, 0x4001)),
    ("I/O bitmap B address", |v| v.set(IO_BITMAP_B_ADDRESS, 1 << 36)),
    ("MSR bitmap address", |v| v.set(MSR_BITMAPS_ADDRESS, 0x800)),
    ("virtual-APIC address", |v| v.set(VIRTUAL_APIC_ADDRESS, 1 << 40)),
    ("TPR threshold bits 31:4 are 0", |v| v.set(TPR_THRESHOLD, 0x10)),
    ("TPR threshold is not above VTPR[7:4]", |v| v.set(TPR_THRESHOLD, 4)),
    ("APIC virtualization needs the TPR shadow", |v| {
        v.set_bits(SECONDARY_PROCESSOR_BASED_CONTROLS, secondary::APIC_REGISTER_VIRTUALIZATION.into());
        v.clear_bits(PRIMARY_PROCESSOR_BASED_CONTROLS, primary::USE_TPR_SHADOW.into())
    }),
    ("virtual NMIs need NMI exiting", |v| {
        v.set_bits(PIN_BASED_CONTROLS, pin::VIRTUAL_NMIS.into());
        v.clear_bits(PIN_BASED_CONTROLS, pin::NMI_EXITING.into())
    }),
    ("NMI-window exiting needs virtual NMIs", |v| {
        v.set_bits(PRIMARY_PROCESSOR_BASED_CONTROLS, primary::NMI_WINDOW_EXITING.into())
    }),
    ("APIC-access address", |v| {
        v.set_bits(SECONDARY_PROCESSOR_BASED_CONTROLS, secondary::VIRTUALIZE_APIC_ACCESSES.into());
        v.set(APIC_ACCESS_ADDRESS, 0x8010)
    }),
    ("x2APIC mode and APIC accesses are not both virtualized", |v| {
        v.set_bits(SECONDARY_PROCESSOR_BASED_CONTROLS, secondary::VIRTUALIZE_APIC_ACCESSES.into());
        v.set_bits(SECONDARY_PROCESSOR_BASED_CONTROLS, secondary::VIRTUALIZE_X2APIC_MODE.into())
    }),
    ("virtual-interrupt delivery needs external-interrupt exiting", |v| {
        v.set_bits(SECONDARY_PROCESSOR_BASED_CONTROLS, secondary::VIRTUAL_INTERRUPT_DELIVERY.into());
        v.clear_bits(PIN_BASED_CONTROLS, 1)
    }),
    ("posted interrupts need virtual-interrupt delivery", |v| {
        v.set_bits(PIN_BASED_CONTROLS, pin::PROCESS_POSTED_INTERRUPTS.into())
    }),
    ("posted interrupts need acknowledge interrupt on exit", |v| {
        posted(v);
        v.clear_bits(VM_EXIT_CONTROLS, exit::ACKNOWLEDGE_INTERRUPT_ON_EXIT.into())
    }),
    ("posted-interrupt notification vector is below 256", |v| {
        posted(v);
        v.set(POSTED_INTERRUPT_NOTIFICATION_VECTOR, 256)
    }),
    ("posted-interrupt descriptor is 64-byte aligned", |v| {
        posted(v);
        v.set(POSTED_INTERRUPT_DESCRIPTOR_ADDRESS, 0x9020)
    }),
    ("posted-interrupt descriptor address is within the width", |v| {
        posted(v);
        v.set(POSTED_INTERRUPT_DESCRIPTOR_ADDRESS, 1 << 36)
    }),
    ("VPID is not 0000", |v| v.set(VPID, 0)),
    ("EPTP memory type", |v| v.set_bits(EPT_POINTER, 1)),
    ("EPTP page-walk length", |v| v.set_bits(EPT_POINTER, 4 << 3)),
    ("EPTP reserved bits", |v| v.set_bits(EPT_POINTER, 1 << 7)),
    ("unrestricted guest needs EPT", |v| {
        v.set(SECONDARY_PROCESSOR_BASED_CONTROLS, secondary::UNRESTRICTED_GUEST.into())
    }),
    ("VM-exit controls: reserved bits", |v| v.clear_bits(VM_EXIT_CONTROLS, 1)),
    ("saving the preemption timer needs it active", |v| {
        v.set_bits(VM_EXIT_CONTROLS, exit::SAVE_PREEMPTION_TIMER_VALUE.into())
    }),
    ("VM-exit MSR-store area", |v| {
        v.set(VM_EXIT_MSR_STORE_COUNT, 1);
        v.set(VM_EXIT_MSR_STORE_ADDRESS, 8)
    }),
    ("VM-exit MSR-load area", |v| {
        v.set(VM_EXIT_MSR_LOAD_COUNT, 2);
        v.set(VM_EXIT_MSR_LOAD_ADDRESS, (1 << 36) - 16)
    }),
    ("VM-entry controls: reserved bits", |v| v.set_bits(VM_ENTRY_CONTROLS, entry::ENTRY_TO_SMM.into())),
    ("injected event has a type", |v| inject(v, InterruptionInfo::new(Reserved, 0))),
    ("injected NMI has vector 2", |v| inject(v, InterruptionInfo::new(Nmi, 3))),
    ("injected hardware exception has a vector below 32", |v| {
        inject(v, InterruptionInfo::new(HardwareException, 32))
    }),
    ("injected other event has vector 0", |v| inject(v, InterruptionInfo::new(OtherEvent, 1))),
    ("error code is delivered exactly with the exceptions that have one", |v| {
        inject(v, InterruptionInfo::new(HardwareException, 14))
    }),
    ("error code is delivered exactly with the exceptions that have one", |v| {
        inject(v, InterruptionInfo::new(ExternalInterrupt, 14).with_error_code())
    }),
    ("interruption-information bits 30:12 are 0", |v| {
        v.set(VM_ENTRY_INTERRUPTION_INFO, 1 << 31 | 1 << 12 | 0x20)
    }),
    ("exception error code bits 31:16 are 0", |v| {
        inject(v, InterruptionInfo::new(HardwareException, 14).with_error_code());
        v.set(VM_ENTRY_EXCEPTION_ERROR_CODE, 1 << 16)
    }),
    ("injected software event has an instruction length", |v| {
        inject(v, InterruptionInfo::new(SoftwareInterrupt, 128))
    }),
    ("VM-entry MSR-load area", |v| {
        v.set(VM_ENTRY_MSR_LOAD_COUNT, 1);
        v.set(VM_ENTRY_MSR_LOAD_ADDRESS, u64::MAX - 15)
    }),
    ("host CR0 is supported in VMX operation", |v| v.clear_bits(HOST_CR0, 1 << 5)),
    ("host CR4 is supported in VMX operation", |v| v.clear_bits(HOST_CR4, 1 << 13)),
    ("host CR3 is within the width", |v| v.set(HOST_CR3, 1 << 36)),
    ("host IA32_SYSENTER_ESP is canonical", |v| v.set(HOST_IA32_SYSENTER_ESP, 1 << 47)),
    ("host IA32_SYSENTER_EIP is canonical", |v| v.set(HOST_IA32_SYSENTER_EIP, 1 << 63)),
    ("host IA32_PAT", |v| v.set(HOST_IA32_PAT, 0x0200)),
    ("host IA32_EFER reserved bits", |v| v.set_bits(HOST_IA32_EFER, 2)),
    ("host IA32_EFER.LMA and LME are the host address-space size", |v| v.clear_bits(HOST_IA32_EFER, 1 << 8)),
    ("host CS selector: RPL and TI are 0", |v| v.set_bits(HOST_CS_SELECTOR, 3)),
    ("host SS selector: RPL and TI are 0", |v| v.set_bits(HOST_SS_SELECTOR, 3)),
    ("host DS selector: RPL and TI are 0", |v| v.set_bits(HOST_DS_SELECTOR, 4)),
    ("host ES selector: RPL and TI are 0", |v| v.set_bits(HOST_ES_SELECTOR, 3)),
    ("host FS selector: RPL and TI are 0", |v| v.set_bits(HOST_FS_SELECTOR, 3)),
    ("host GS selector: RPL and TI are 0", |v| v.set_bits(HOST_GS_SELECTOR, 3)),
    ("host TR selector: RPL and TI are 0", |v| v.set_bits(HOST_TR_SELECTOR, 4)),
    ("host CS selector is not 0000", |v| v.set(HOST_CS_SELECTOR, 0)),
    ("host TR selector is not 0000", |v| v.set(HOST_TR_SELECTOR, 0)),
    ("host FS base is canonical", |v| v.set(HOST_FS_BASE, 0xffff_0000_0000_0000)),
    ("host GS base is canonical", |v| v.set(HOST_GS_BASE, 0xffff_0000_0000_0000)),
    ("host GDTR base is canonical", |v| v.set(HOST_GDTR_BASE, 0xffff_0000_0000_0000)),
    ("host IDTR base is canonical", |v| v.set(HOST_IDTR_BASE, 0xffff_0000_0000_0000)),
    ("host TR base is canonical", |v| v.set(HOST_TR_BASE, 0xffff_0000_0000_0000)),
    ("in IA-32e mode the host address-space size is 1", |v| {
        host_32(v);
        v.clear_bits(VM_ENTRY_CONTROLS, entry::IA32E_MODE_GUEST.into())
    }),
    ("host address-space size 1: CR4.PAE is 1", |v| v.clear_bits(HOST_CR4, 1 << 5)),
    ("host address-space size 1: RIP is canonical", |v| v.set(HOST_RIP, 1 << 47)),
];

/// 26.3.
pub(super) static GUEST_ROWS: &[Row] = &[
    ("guest CR0 is supported in VMX operation", |v| v.clear_bits(GUEST_CR0, 1 << 0)),
    ("guest CR0 is supported in VMX operation", |v| v.set_bits(GUEST_CR0, 1 << 32)),
    ("guest CR0.PG needs CR0.PE", |v| {
        v.set_bits(SECONDARY_PROCESSOR_BASED_CONTROLS, secondary::UNRESTRICTED_GUEST.into());
        v.clear_bits(GUEST_CR0, 1)
    }),
    ("guest CR4 is supported in VMX operation", |v| v.set_bits(GUEST_CR4, 1 << 31)),
    ("guest IA32_DEBUGCTL reserved bits", |v| v.set(GUEST_IA32_DEBUGCTL, 1 << 2)),
    ("IA-32e mode guest has CR0.PG", |v| {
        v.set_bits(SECONDARY_PROCESSOR_BASED_CONTROLS, secondary::UNRESTRICTED_GUEST.into());
        v.clear_bits(GUEST_CR0, 1 << 31)
    }),
    ("IA-32e mode guest has CR4.PAE", |v| v.clear_bits(GUEST_CR4, 1 << 5)),
    ("guest CR4.PCIDE needs IA-32e mode", |v| {
        legacy(v);
        v.set_bits(GUEST_CR4, 1 << 17)
    }),
    ("guest CR3 is within the width", |v| v.set(GUEST_CR3, 1 << 36)),
    ("guest DR7 bits 63:32 are 0", |v| v.set(GUEST_DR7, 1 << 32)),
    ("guest IA32_SYSENTER_ESP is canonical", |v| v.set(GUEST_IA32_SYSENTER_ESP, 1 << 47)),
    ("guest IA32_SYSENTER_EIP is canonical", |v| v.set(GUEST_IA32_SYSENTER_EIP, 1 << 47)),
    ("guest IA32_PAT", |v| v.set(GUEST_IA32_PAT, 0x0300_0000_0000_0000)),
    ("guest IA32_EFER reserved bits", |v| v.set_bits(GUEST_IA32_EFER, 1 << 12)),
    ("guest IA32_EFER.LMA is the IA-32e mode guest control", |v| v.clear_bits(GUEST_IA32_EFER, 1 << 10)),
    ("guest IA32_EFER.LMA equals LME with paging", |v| v.clear_bits(GUEST_IA32_EFER, 1 << 8)),
    ("guest TR selector: TI is 0", |v| v.set_bits(GUEST_TR_SELECTOR, 4)),
    ("guest LDTR selector: TI is 0", |v| {
        ldt(v);
        v.set(GUEST_LDTR_SELECTOR, 4)
    }),
    ("guest SS selector: RPL is that of CS", |v| v.set_bits(GUEST_SS_SELECTOR, 3)),
    ("virtual-8086: guest CS base is its selector times 16", |v| {
        v8086(v);
        v.set(GUEST_CS_BASE, 0)
    }),
    ("virtual-8086: guest CS limit is FFFF", |v| {
        v8086(v);
        v.set(GUEST_CS_LIMIT, 0xfffe)
    }),
    ("virtual-8086: guest CS access rights are F3", |v| {
        v8086(v);
        v.set(GUEST_CS_ACCESS_RIGHTS, 0x93)
    }),
    ("guest CS S is 1", |v| v.clear_bits(GUEST_CS_ACCESS_RIGHTS, 1 << 4)),
    ("guest CS P is 1", |v| v.clear_bits(GUEST_CS_ACCESS_RIGHTS, 1 << 7)),
    ("guest CS access rights bits 11:8 are 0", |v| v.set_bits(GUEST_CS_ACCESS_RIGHTS, 1 << 9)),
    ("guest CS access rights bits 31:17 are 0", |v| v.set_bits(GUEST_CS_ACCESS_RIGHTS, 1 << 17)),
    ("guest CS G suits its limit", |v| v.set(GUEST_CS_LIMIT, 0xffffe)),
    ("virtual-8086: guest SS base is its selector times 16", |v| {
        v8086(v);
        v.set(GUEST_SS_BASE, 0)
    }),
    ("virtual-8086: guest SS limit is FFFF", |v| {
        v8086(v);
        v.set(GUEST_SS_LIMIT, 0xfffe)
    }),
    ("virtual-8086: guest SS access rights are F3", |v| {
        v8086(v);
        v.set(GUEST_SS_ACCESS_RIGHTS, 0x93)
    }),
    ("guest SS S is 1", |v| v.clear_bits(GUEST_SS_ACCESS_RIGHTS, 1 << 4)),
    ("guest SS P is 1", |v| v.clear_bits(GUEST_SS_ACCESS_RIGHTS, 1 << 7)),
    ("guest SS access rights bits 11:8 are 0", |v| v.set_bits(GUEST_SS_ACCESS_RIGHTS, 1 << 9)),
    ("guest SS access rights bits 31:17 are 0", |v| v.set_bits(GUEST_SS_ACCESS_RIGHTS, 1 << 17)),
    ("guest SS G suits its limit", |v| v.set(GUEST_SS_LIMIT, 0xfffff000)),
    ("virtual-8086: guest DS base is its selector times 16", |v| {
        v8086(v);
        v.set(GUEST_DS_BASE, 0)
    }),
    ("virtual-8086: guest DS limit is FFFF", |v| {
        v8086(v);
        v.set(GUEST_DS_LIMIT, 0xfffe)
    }),
    ("virtual-8086: guest DS access rights are F3", |v| {
        v8086(v);
        v.set(GUEST_DS_ACCESS_RIGHTS, 0x93)
    }),
    ("guest DS S is 1", |v| v.clear_bits(GUEST_DS_ACCESS_RIGHTS, 1 << 4)),
    ("guest DS P is 1", |v| v.clear_bits(GUEST_DS_ACCESS_RIGHTS, 1 << 7)),
    ("guest DS access rights bits 11:8 are 0", |v| v.set_bits(GUEST_DS_ACCESS_RIGHTS, 1 << 9)),
    ("guest DS access rights bits 31:17 are 0", |v| v.set_bits(GUEST_DS_ACCESS_RIGHTS, 1 << 17)),
    ("guest DS G suits its limit", |v| v.set(GUEST_DS_LIMIT, 0xffffe)),
    ("virtual-8086: guest ES base is its selector times 16", |v| {
        v8086(v);
        v.set(GUEST_ES_BASE, 0)
    }),
    ("virtual-8086: guest ES limit is FFFF", |v| {
        v8086(v);
        v.set(GUEST_ES_LIMIT, 0xfffe)
    }),
    ("virtual-8086: guest ES access rights are F3", |v| {
        v8086(v);
        v.set(GUEST_ES_ACCESS_RIGHTS, 0x93)
    }),
    ("guest ES S is 1", |v| v.clear_bits(GUEST_ES_ACCESS_RIGHTS, 1 << 4)),
    ("guest ES P is 1", |v| v.clear_bits(GUEST_ES_ACCESS_RIGHTS, 1 << 7)),
    ("guest ES access rights bits 11:8 are 0", |v| v.set_bits(GUEST_ES_ACCESS_RIGHTS, 1 << 9)),
    ("guest ES access rights bits 31:17 are 0", |v| v.set_bits(GUEST_ES_ACCESS_RIGHTS, 1 << 17)),
    ("guest ES G suits its limit", |v| v.set(GUEST_ES_LIMIT, 0xfffff000)),
    ("virtual-8086: guest FS base is its selector times 16", |v| {
        v8086(v);
        v.set(GUEST_FS_BASE, 0)
    }),
    ("virtual-8086: guest FS limit is FFFF", |v| {
        v8086(v);
        v.set(GUEST_FS_LIMIT, 0xfffe)
    }),
    ("virtual-8086: guest FS access rights are F3", |v| {
        v8086(v);
        v.set(GUEST_FS_ACCESS_RIGHTS, 0x93)
    }),
    ("guest FS S is 1", |v| v.clear_bits(GUEST_FS_ACCESS_RIGHTS, 1 << 4)),
    ("guest FS P is 1", |v| v.clear_bits(GUEST_FS_ACCESS_RIGHTS, 1 << 7)),
    ("guest FS access rights bits 11:8 are 0", |v| v.set_bits(GUEST_FS_ACCESS_RIGHTS, 1 << 9)),
    ("guest FS access rights bits 31:17 are 0", |v| v.set_bits(GUEST_FS_ACCESS_RIGHTS, 1 << 17)),
    ("guest FS G suits its limit", |v| v.set(GUEST_FS_LIMIT, 0xfffff000)),
    ("virtual-8086: guest GS base is its selector times 16", |v| {
        v8086(v);
        v.set(GUEST_GS_BASE, 0)
    }),
    ("virtual-8086: guest GS limit is FFFF", |v| {
        v8086(v);
        v.set(GUEST_GS_LIMIT, 0xfffe)
    }),
    ("virtual-8086: guest GS access rights are F3", |v| {
        v8086(v);
        v.set(GUEST_GS_ACCESS_RIGHTS, 0x93)
    }),
    ("guest GS S is 1", |v| v.clear_bits(GUEST_GS_ACCESS_RIGHTS, 1 << 4)),
    ("guest GS P is 1", |v| v.clear_bits(GUEST_GS_ACCESS_RIGHTS, 1 << 7)),
    ("guest GS access rights bits 11:8 are 0", |v| v.set_bits(GUEST_GS_ACCESS_RIGHTS, 1 << 9)),
    ("guest GS access rights bits 31:17 are 0", |v| v.set_bits(GUEST_GS_ACCESS_RIGHTS, 1 << 17)),
    ("guest GS G suits its limit", |v| v.set(GUEST_GS_LIMIT, 0xfffff000)),
    ("guest SS G suits its limit", |v| v.clear_bits(GUEST_SS_ACCESS_RIGHTS, 1 << 15)),
    ("guest TR base is canonical", |v| v.set(GUEST_TR_BASE, 1 << 47)),
    ("guest FS base is canonical", |v| v.set(GUEST_FS_BASE, 1 << 47)),
    ("guest GS base is canonical", |v| v.set(GUEST_GS_BASE, 1 << 47)),
    ("guest LDTR base is canonical", |v| {
        ldt(v);
        v.set(GUEST_LDTR_BASE, 1 << 47)
    }),
    ("guest CS base bits 63:32 are 0", |v| v.set(GUEST_CS_BASE, 1 << 32)),
    ("guest SS base bits 63:32 are 0", |v| v.set(GUEST_SS_BASE, 1 << 32)),
    ("guest DS base bits 63:32 are 0", |v| v.set(GUEST_DS_BASE, 1 << 32)),
    ("guest ES base bits 63:32 are 0", |v| v.set(GUEST_ES_BASE, 1 << 32)),
    ("guest CS type is accessed code", |v| v.set(GUEST_CS_ACCESS_RIGHTS, 0xa09a)),
    ("guest SS type is writable data", |v| v.set(GUEST_SS_ACCESS_RIGHTS, 0xc091)),
    ("guest DS type is accessed, and readable if code", |v| v.set(GUEST_DS_ACCESS_RIGHTS, 0xc092)),
    ("guest DS DPL is not below its RPL", |v| v.set_bits(GUEST_DS_SELECTOR, 3)),
    ("guest ES type is accessed, and readable if code", |v| v.set(GUEST_ES_ACCESS_RIGHTS, 0xc099)),
    ("guest ES DPL is not below its RPL", |v| v.set_bits(GUEST_ES_SELECTOR, 3)),
    ("guest FS type is accessed, and readable if code", |v| v.set(GUEST_FS_ACCESS_RIGHTS, 0xc092)),
    ("guest FS DPL is not below its RPL", |v| v.set_bits(GUEST_FS_SELECTOR, 3)),
    ("guest GS type is accessed, and readable if code", |v| v.set(GUEST_GS_ACCESS_RIGHTS, 0xc099)),
    ("guest GS DPL is not below its RPL", |v| v.set_bits(GUEST_GS_SELECTOR, 3)),
    ("guest CS DPL suits its type", |v| v.set(GUEST_CS_ACCESS_RIGHTS, 0xa0fb)),
    ("guest CS DPL suits its type", |v| v.set(GUEST_CS_ACCESS_RIGHTS, 0xa0ff)),
    ("guest SS DPL is its RPL", |v| {
        v.set(GUEST_CS_ACCESS_RIGHTS, 0xa09f);
        v.set(GUEST_SS_ACCESS_RIGHTS, 0xc0f3)
    }),
    ("guest SS DPL is 0 in real mode", |v| {
        v.set_bits(SECONDARY_PROCESSOR_BASED_CONTROLS, secondary::UNRESTRICTED_GUEST.into());
        v.set(GUEST_CS_ACCESS_RIGHTS, 0x8093);
        v.set(GUEST_SS_ACCESS_RIGHTS, 0xc0f3)
    }),
    ("guest CS D/B is 0 in 64-bit mode", |v| v.set_bits(GUEST_CS_ACCESS_RIGHTS, 1 << 14)),
    ("guest TR type is a busy TSS", |v| v.set(GUEST_TR_ACCESS_RIGHTS, 0x83)),
    ("guest TR S is 0", |v| v.set_bits(GUEST_TR_ACCESS_RIGHTS, 1 << 4)),
    ("guest TR P is 1", |v| v.clear_bits(GUEST_TR_ACCESS_RIGHTS, 1 << 7)),
    ("guest TR access rights bits 11:8 are 0", |v| v.set_bits(GUEST_TR_ACCESS_RIGHTS, 1 << 8)),
    ("guest TR G suits its limit", |v| v.set(GUEST_TR_LIMIT, 0x10_0000)),
    ("guest TR is usable", |v| v.set_bits(GUEST_TR_ACCESS_RIGHTS, 1 << 16)),
    ("guest TR access rights bits 31:17 are 0", |v| v.set_bits(GUEST_TR_ACCESS_RIGHTS, 1 << 31)),
    ("guest LDTR type is LDT", |v| {
        ldt(v);
        v.set(GUEST_LDTR_ACCESS_RIGHTS, 0x83)
    }),
    ("guest LDTR S is 0", |v| {
        ldt(v);
        v.set(GUEST_LDTR_ACCESS_RIGHTS, 0x92)
    }),
    ("guest LDTR P is 1", |v| {
        ldt(v);
        v.set(GUEST_LDTR_ACCESS_RIGHTS, 0x02)
    }),
    ("guest LDTR access rights bits 11:8 are 0", |v| {
        ldt(v);
        v.set(GUEST_LDTR_ACCESS_RIGHTS, 0x882)
    }),
    ("guest LDTR G suits its limit", |v| {
        ldt(v);
        v.set(GUEST_LDTR_ACCESS_RIGHTS, 0x8082)
    }),
    ("guest LDTR access rights bits 31:17 are 0", |v| {
        ldt(v);
        v.set(GUEST_LDTR_ACCESS_RIGHTS, 0x2_0082)
    }),
    ("guest GDTR base is canonical", |v| v.set(GUEST_GDTR_BASE, 1 << 47)),
    ("guest GDTR limit bits 31:16 are 0", |v| v.set(GUEST_GDTR_LIMIT, 0x1_0000)),
    ("guest IDTR base is canonical", |v| v.set(GUEST_IDTR_BASE, 1 << 47)),
    ("guest IDTR limit bits 31:16 are 0", |v| v.set(GUEST_IDTR_LIMIT, 0x1_0000)),
    ("guest RIP bits 63:32 are 0 outside 64-bit mode", |v| {
        v.set(GUEST_CS_ACCESS_RIGHTS, 0xc09b);
        v.set(GUEST_RIP, 1 << 32)
    }),
    ("guest RIP bits 63:48 are the same in 64-bit mode", |v| v.set(GUEST_RIP, 1 << 48)),
    ("guest RFLAGS reserved bits", |v| v.set(GUEST_RFLAGS, 0)),
    ("guest RFLAGS reserved bits", |v| v.set_bits(GUEST_RFLAGS, 1 << 15)),
    ("guest RFLAGS.VM needs protected mode outside IA-32e mode", |v| {
        v8086(v);
        v.set_bits(VM_ENTRY_CONTROLS, entry::IA32E_MODE_GUEST.into());
        v.set(GUEST_IA32_EFER, 0xd01);
        v.set(GUEST_TR_ACCESS_RIGHTS, 0x8b)
    }),
    ("guest RFLAGS.IF is 1 for an injected external interrupt", |v| {
        inject(v, InterruptionInfo::new(ExternalInterrupt, 0x20));
        v.set(GUEST_RFLAGS, 2)
    }),
    ("guest activity state is supported", |v| v.set(GUEST_ACTIVITY_STATE, 4)),
    ("guest in HLT has SS.DPL 0", |v| {
        v.set(GUEST_ACTIVITY_STATE, 1);
        user(v)
    }),
    ("guest with blocking by STI or MOV SS is active", |v| {
        v.set(GUEST_ACTIVITY_STATE, 1);
        v.set(GUEST_INTERRUPTIBILITY_STATE, 1)
    }),
    ("the injected event may come in the guest's activity state", |v| {
        v.set(GUEST_ACTIVITY_STATE, 1);
        inject(v, InterruptionInfo::new(HardwareException, 3))
    }),
    ("the injected event may come in the guest's activity state", |v| {
        v.set(GUEST_ACTIVITY_STATE, 2);
        inject(v, InterruptionInfo::new(ExternalInterrupt, 0x20))
    }),
    ("the injected event may come in the guest's activity state", |v| {
        v.set(GUEST_ACTIVITY_STATE, 3);
        inject(v, InterruptionInfo::new(Nmi, 2))
    }),
    ("guest interruptibility state bits 31:5 are 0", |v| v.set(GUEST_INTERRUPTIBILITY_STATE, 1 << 5)),
    ("guest is not blocking by both STI and MOV SS", |v| v.set(GUEST_INTERRUPTIBILITY_STATE, 3)),
    ("guest blocking by STI has RFLAGS.IF", |v| {
        v.set(GUEST_INTERRUPTIBILITY_STATE, 1);
        v.set(GUEST_RFLAGS, 2)
    }),
    ("no external interrupt is injected under blocking by STI or MOV SS", |v| {
        v.set(GUEST_INTERRUPTIBILITY_STATE, 1);
        inject(v, InterruptionInfo::new(ExternalInterrupt, 0x20))
    }),
    ("no NMI is injected under blocking by MOV SS", |v| {
        v.set(GUEST_INTERRUPTIBILITY_STATE, 2);
        inject(v, InterruptionInfo::new(Nmi, 2))
    }),
    ("guest is not blocking by SMI outside SMM", |v| v.set(GUEST_INTERRUPTIBILITY_STATE, 4)),
    ("no virtual NMI is injected under blocking by NMI", |v| {
        v.set(GUEST_INTERRUPTIBILITY_STATE, 8);
        v.set_bits(PIN_BASED_CONTROLS, pin::VIRTUAL_NMIS.into());
        inject(v, InterruptionInfo::new(Nmi, 2))
    }),
    ("no enclave interruption without SGX", |v| v.set(GUEST_INTERRUPTIBILITY_STATE, 16)),
    ("pending debug exceptions: reserved bits", |v| v.set(GUEST_PENDING_DEBUG_EXCEPTIONS, 1 << 13)),
    ("pending debug exceptions: BS is 1 exactly when single-stepping under blocking or HLT", |v| {
        v.set(GUEST_INTERRUPTIBILITY_STATE, 1);
        v.set_bits(GUEST_RFLAGS, 1 << 8)
    }),
    ("pending debug exceptions: BS is 1 exactly when single-stepping under blocking or HLT", |v| {
        v.set(GUEST_ACTIVITY_STATE, 1);
        v.set(GUEST_PENDING_DEBUG_EXCEPTIONS, 1 << 14)
    }),
    ("no NMI is injected under blocking by STI", |v| {
        v.set(GUEST_INTERRUPTIBILITY_STATE, 1);
        inject(v, InterruptionInfo::new(Nmi, 2))
    }),
    ("VMCS link pointer is a page within the width", |v| v.set(VMCS_LINK_POINTER, 0x123)),
    ("VMCS link pointer leads to this processor's revision identifier", |v| v.set(VMCS_LINK_POINTER, 0xf000)),
    ("VMCS link pointer is not the current VMCS", |v| v.set(VMCS_LINK_POINTER, CURRENT)),
    ("guest PDPTE0 reserved bits", |v| {
        legacy(v);
        v.set(GUEST_PDPTE0, 3)
    }),
    ("guest PDPTE1 reserved bits", |v| {
        legacy(v);
        v.set(GUEST_PDPTE1, 1 | 1 << 5)
    }),
    ("guest PDPTE2 reserved bits", |v| {
        legacy(v);
        v.set(GUEST_PDPTE2, 1 | 1 << 36)
    }),
    ("guest PDPTE3 reserved bits", |v| {
        legacy(v);
        v.set(GUEST_PDPTE3, 1 | 1 << 8)
    }),
];
