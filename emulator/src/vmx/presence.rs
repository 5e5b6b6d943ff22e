//! Which VMCS fields exist: those whose control may be 1 (the footnotes of SDM appendix B).

use super::caps::Capabilities;
use super::controls::{entry, exit, pin, primary, secondary};
use super::fields::*;

/// Fields, and what must be offered for them to exist. A field in no row always exists.
type Row = (&'static [Field], fn(&Capabilities) -> bool);

static ROWS: &[Row] = &[
    (&[VPID], |c| c.secondary.offers(secondary::ENABLE_VPID)),
    (&[POSTED_INTERRUPT_NOTIFICATION_VECTOR, POSTED_INTERRUPT_DESCRIPTOR_ADDRESS], |c| {
        c.pin.offers(pin::PROCESS_POSTED_INTERRUPTS)
    }),
    (&[EPTP_INDEX, VIRTUALIZATION_EXCEPTION_INFORMATION_ADDRESS], |c| {
        c.secondary.offers(secondary::EPT_VIOLATION_VE)
    }),
    (
        &[GUEST_INTERRUPT_STATUS, EOI_EXIT_BITMAP_0, EOI_EXIT_BITMAP_1, EOI_EXIT_BITMAP_2, EOI_EXIT_BITMAP_3],
        |c| c.secondary.offers(secondary::VIRTUAL_INTERRUPT_DELIVERY),
    ),
    (&[PML_INDEX, PML_ADDRESS], |c| c.secondary.offers(secondary::ENABLE_PML)),
    (&[MSR_BITMAPS_ADDRESS], |c| c.primary.offers(primary::USE_MSR_BITMAPS)),
    (&[VIRTUAL_APIC_ADDRESS, TPR_THRESHOLD], |c| c.primary.offers(primary::USE_TPR_SHADOW)),
    (&[APIC_ACCESS_ADDRESS], |c| c.secondary.offers(secondary::VIRTUALIZE_APIC_ACCESSES)),
    (&[VM_FUNCTION_CONTROLS, EPTP_LIST_ADDRESS], |c| c.secondary.offers(secondary::ENABLE_VM_FUNCTIONS)),
    (&[EPT_POINTER, GUEST_PHYSICAL_ADDRESS, GUEST_PDPTE0, GUEST_PDPTE1, GUEST_PDPTE2, GUEST_PDPTE3], |c| {
        c.secondary.offers(secondary::ENABLE_EPT)
    }),
    (&[VMREAD_BITMAP_ADDRESS, VMWRITE_BITMAP_ADDRESS], |c| c.secondary.offers(secondary::VMCS_SHADOWING)),
    (&[XSS_EXITING_BITMAP], |c| c.secondary.offers(secondary::ENABLE_XSAVES_XRSTORS)),
    (&[ENCLS_EXITING_BITMAP], |c| c.secondary.offers(secondary::ENABLE_ENCLS_EXITING)),
    (&[ENCLV_EXITING_BITMAP], |c| c.secondary.offers(secondary::ENABLE_ENCLV_EXITING)),
    (&[PCONFIG_EXITING_BITMAP], |c| c.secondary.offers(secondary::ENABLE_PCONFIG)),
    (&[SUB_PAGE_PERMISSION_TABLE_POINTER], |c| {
        c.secondary.offers(secondary::SUB_PAGE_WRITE_PERMISSIONS_FOR_EPT)
    }),
    (&[TSC_MULTIPLIER], |c| c.secondary.offers(secondary::USE_TSC_SCALING)),
    (&[SECONDARY_PROCESSOR_BASED_CONTROLS], |c| c.primary.offers(primary::ACTIVATE_SECONDARY_CONTROLS)),
    (&[PLE_GAP, PLE_WINDOW], |c| c.secondary.offers(secondary::PAUSE_LOOP_EXITING)),
    (&[TERTIARY_PROCESSOR_BASED_CONTROLS], |c| c.primary.offers(primary::ACTIVATE_TERTIARY_CONTROLS)),
    (&[SECONDARY_VM_EXIT_CONTROLS], |c| c.exit.offers(exit::ACTIVATE_SECONDARY_CONTROLS)),
    (&[GUEST_IA32_PAT], |c| c.exit.offers(exit::SAVE_IA32_PAT) || c.entry.offers(entry::LOAD_IA32_PAT)),
    (&[GUEST_IA32_EFER], |c| c.exit.offers(exit::SAVE_IA32_EFER) || c.entry.offers(entry::LOAD_IA32_EFER)),
    (&[GUEST_IA32_PERF_GLOBAL_CTRL], |c| c.entry.offers(entry::LOAD_IA32_PERF_GLOBAL_CTRL)),
    (&[GUEST_IA32_BNDCFGS], |c| c.entry.offers(entry::LOAD_IA32_BNDCFGS)),
    (&[GUEST_IA32_RTIT_CTL], |c| c.entry.offers(entry::LOAD_IA32_RTIT_CTL)),
    (&[GUEST_IA32_LBR_CTL], |c| c.entry.offers(entry::LOAD_GUEST_IA32_LBR_CTL)),
    (&[GUEST_IA32_PKRS], |c| c.entry.offers(entry::LOAD_PKRS)),
    (&[HOST_IA32_PAT], |c| c.exit.offers(exit::LOAD_IA32_PAT)),
    (&[HOST_IA32_EFER], |c| c.exit.offers(exit::LOAD_IA32_EFER)),
    (&[HOST_IA32_PERF_GLOBAL_CTRL], |c| c.exit.offers(exit::LOAD_IA32_PERF_GLOBAL_CTRL)),
    (&[HOST_IA32_PKRS], |c| c.exit.offers(exit::LOAD_PKRS)),
    (&[VMX_PREEMPTION_TIMER_VALUE], |c| c.pin.offers(pin::ACTIVATE_PREEMPTION_TIMER)),
    (&[GUEST_IA32_S_CET, GUEST_SSP, GUEST_IA32_INTERRUPT_SSP_TABLE_ADDR], |c| {
        c.entry.offers(entry::LOAD_CET_STATE)
    }),
    (&[HOST_IA32_S_CET, HOST_SSP, HOST_IA32_INTERRUPT_SSP_TABLE_ADDR], |c| {
        c.exit.offers(exit::LOAD_CET_STATE)
    }),
    // These belong to tertiary controls or to user interrupts, of which no model has any.
    (
        &[
            HLAT_PREFIX_SIZE,
            LAST_PID_POINTER_INDEX,
            GUEST_UINV,
            LOW_PASID_DIRECTORY_ADDRESS,
            HIGH_PASID_DIRECTORY_ADDRESS,
            SHARED_EPT_POINTER,
            HLAT_POINTER,
            PID_POINTER_TABLE_ADDRESS,
            IA32_SPEC_CTRL_MASK,
            IA32_SPEC_CTRL_SHADOW,
            INSTRUCTION_TIMEOUT_CONTROL,
        ],
        |_| false,
    ),
];

const _: () = assert!(COUNT <= 256);

/// A bit for each field that exists, by slot.
pub(super) fn bitmap(caps: &Capabilities) -> [u64; 4] {
    let mut present = [u64::MAX; 4];
    for (fields, offered) in ROWS {
        if offered(caps) {
            continue;
        }
        for field in *fields {
            let slot = field.slot();
            present[usize::from(slot >> 6)] &= !(1 << (slot & 63));
        }
    }
    present
}
