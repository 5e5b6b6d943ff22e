//! VM-execution, VM-exit and VM-entry control fields (26.2.1).

use super::context::CR0_PE;
use super::{Check, Context, check};
use crate::vmx::controls::{exit, pin, primary, secondary};
use crate::vmx::ept;
use crate::vmx::events::{InterruptionType, exception_has_error_code};
use crate::vmx::fields::*;

const E: &str = "26.2.1.1";
const X: &str = "26.2.1.2";
const N: &str = "26.2.1.3";

/// 26.2.1.1.
pub static EXECUTION: &[Check] = &[
    check(E, "pin-based controls: reserved bits", |c| c.caps.pin.permits(c.vmcs.get32(PIN_BASED_CONTROLS))),
    check(E, "primary controls: reserved bits", |c| {
        c.caps.primary.permits(c.vmcs.get32(PRIMARY_PROCESSOR_BASED_CONTROLS))
    }),
    check(E, "secondary controls: reserved bits", |c| {
        !c.primary(primary::ACTIVATE_SECONDARY_CONTROLS)
            || c.caps.secondary.permits(c.vmcs.get32(SECONDARY_PROCESSOR_BASED_CONTROLS))
    }),
    check(E, "CR3-target count is supported", |c| c.vmcs.get32(CR3_TARGET_COUNT) <= c.caps.cr3_targets()),
    check(E, "I/O bitmap A address", |c| {
        !c.primary(primary::USE_IO_BITMAPS) || c.page_valid(IO_BITMAP_A_ADDRESS)
    }),
    check(E, "I/O bitmap B address", |c| {
        !c.primary(primary::USE_IO_BITMAPS) || c.page_valid(IO_BITMAP_B_ADDRESS)
    }),
    check(E, "MSR bitmap address", |c| {
        !c.primary(primary::USE_MSR_BITMAPS) || c.page_valid(MSR_BITMAPS_ADDRESS)
    }),
    check(E, "virtual-APIC address", |c| {
        !c.primary(primary::USE_TPR_SHADOW) || c.page_valid(VIRTUAL_APIC_ADDRESS)
    }),
    check(E, "TPR threshold bits 31:4 are 0", |c| {
        !tpr_threshold_counts(c) || c.vmcs.get32(TPR_THRESHOLD) & !0xf == 0
    }),
    check(E, "TPR threshold is not above VTPR[7:4]", tpr_threshold_reached),
    check(E, "APIC virtualization needs the TPR shadow", |c| {
        let bits = secondary::VIRTUALIZE_X2APIC_MODE
            | secondary::APIC_REGISTER_VIRTUALIZATION
            | secondary::VIRTUAL_INTERRUPT_DELIVERY;
        c.primary(primary::USE_TPR_SHADOW) || !c.secondary(bits)
    }),
    check(E, "virtual NMIs need NMI exiting", |c| c.pin(pin::NMI_EXITING) || !c.pin(pin::VIRTUAL_NMIS)),
    check(E, "NMI-window exiting needs virtual NMIs", |c| {
        c.pin(pin::VIRTUAL_NMIS) || !c.primary(primary::NMI_WINDOW_EXITING)
    }),
    check(E, "APIC-access address", |c| {
        !c.secondary(secondary::VIRTUALIZE_APIC_ACCESSES) || c.page_valid(APIC_ACCESS_ADDRESS)
    }),
    check(E, "x2APIC mode and APIC accesses are not both virtualized", |c| {
        !(c.secondary(secondary::VIRTUALIZE_X2APIC_MODE) && c.secondary(secondary::VIRTUALIZE_APIC_ACCESSES))
    }),
    check(E, "virtual-interrupt delivery needs external-interrupt exiting", |c| {
        !c.secondary(secondary::VIRTUAL_INTERRUPT_DELIVERY) || c.pin(pin::EXTERNAL_INTERRUPT_EXITING)
    }),
    check(E, "posted interrupts need virtual-interrupt delivery", |c| {
        !posted(c) || c.secondary(secondary::VIRTUAL_INTERRUPT_DELIVERY)
    }),
    check(E, "posted interrupts need acknowledge interrupt on exit", |c| {
        !posted(c) || c.exit(exit::ACKNOWLEDGE_INTERRUPT_ON_EXIT)
    }),
    check(E, "posted-interrupt notification vector is below 256", |c| {
        !posted(c) || c.get(POSTED_INTERRUPT_NOTIFICATION_VECTOR) < 256
    }),
    check(E, "posted-interrupt descriptor is 64-byte aligned", |c| {
        !posted(c) || c.get(POSTED_INTERRUPT_DESCRIPTOR_ADDRESS) & 0x3f == 0
    }),
    check(E, "posted-interrupt descriptor address is within the width", |c| {
        !posted(c) || c.within_width(c.get(POSTED_INTERRUPT_DESCRIPTOR_ADDRESS))
    }),
    check(E, "VPID is not 0000", |c| !c.secondary(secondary::ENABLE_VPID) || c.get(VPID) != 0),
    check(E, "EPTP memory type", |c| {
        !has_ept(c) || ept::eptp_memory_type_valid(c.caps.ept_vpid, c.get(EPT_POINTER))
    }),
    check(E, "EPTP page-walk length", |c| {
        !has_ept(c) || ept::eptp_walk_length_valid(c.caps.ept_vpid, c.get(EPT_POINTER))
    }),
    check(E, "EPTP accessed and dirty flags", |c| {
        !has_ept(c) || ept::eptp_accessed_dirty_valid(c.caps.ept_vpid, c.get(EPT_POINTER))
    }),
    check(E, "EPTP reserved bits", |c| {
        !has_ept(c) || ept::eptp_reserved_valid(c.maxphyaddr, c.get(EPT_POINTER))
    }),
    check(E, "unrestricted guest needs EPT", |c| !c.secondary(secondary::UNRESTRICTED_GUEST) || has_ept(c)),
];

/// 26.2.1.2.
pub static EXIT: &[Check] = &[
    check(X, "VM-exit controls: reserved bits", |c| c.caps.exit.permits(c.vmcs.get32(VM_EXIT_CONTROLS))),
    check(X, "saving the preemption timer needs it active", |c| {
        c.pin(pin::ACTIVATE_PREEMPTION_TIMER) || !c.exit(exit::SAVE_PREEMPTION_TIMER_VALUE)
    }),
    check(X, "VM-exit MSR-store area", |c| msr_area(c, VM_EXIT_MSR_STORE_ADDRESS, VM_EXIT_MSR_STORE_COUNT)),
    check(X, "VM-exit MSR-load area", |c| msr_area(c, VM_EXIT_MSR_LOAD_ADDRESS, VM_EXIT_MSR_LOAD_COUNT)),
];

/// 26.2.1.3. Entry to SMM and the dual-monitor treatment are not offered: their bits are reserved.
pub static ENTRY: &[Check] = &[
    check(N, "VM-entry controls: reserved bits", |c| c.caps.entry.permits(c.vmcs.get32(VM_ENTRY_CONTROLS))),
    check(N, "injected event has a type", |c| !c.injects(InterruptionType::Reserved)),
    check(N, "injected NMI has vector 2", |c| {
        !c.injects(InterruptionType::Nmi) || c.injection().vector() == 2
    }),
    check(N, "injected hardware exception has a vector below 32", |c| {
        !c.injects(InterruptionType::HardwareException) || c.injection().vector() < 32
    }),
    check(N, "injected other event has vector 0", |c| {
        !c.injects(InterruptionType::OtherEvent) || c.injection().vector() == 0
    }),
    check(N, "error code is delivered exactly with the exceptions that have one", |c| {
        !c.injection().is_valid() || c.injection().has_error_code() == error_code_expected(c)
    }),
    check(N, "interruption-information bits 30:12 are 0", |c| {
        !c.injection().is_valid() || c.injection().0 & 0x7fff_f000 == 0
    }),
    check(N, "exception error code bits 31:16 are 0", |c| {
        !(c.injection().is_valid() && c.injection().has_error_code())
            || c.vmcs.get32(VM_ENTRY_EXCEPTION_ERROR_CODE) >> 16 == 0
    }),
    check(N, "injected software event has an instruction length", |c| {
        let lengths = if c.caps.zero_length_injection() { 0..=15 } else { 1..=15 };
        !(c.injection().is_valid() && c.injection().has_instruction_length())
            || lengths.contains(&c.vmcs.get32(VM_ENTRY_INSTRUCTION_LENGTH))
    }),
    check(N, "VM-entry MSR-load area", |c| msr_area(c, VM_ENTRY_MSR_LOAD_ADDRESS, VM_ENTRY_MSR_LOAD_COUNT)),
];

fn posted(c: &Context) -> bool {
    c.pin(pin::PROCESS_POSTED_INTERRUPTS)
}

fn has_ept(c: &Context) -> bool {
    c.secondary(secondary::ENABLE_EPT)
}

/// With virtual-interrupt delivery the threshold is not used.
fn tpr_threshold_counts(c: &Context) -> bool {
    c.primary(primary::USE_TPR_SHADOW) && !c.secondary(secondary::VIRTUAL_INTERRUPT_DELIVERY)
}

/// VTPR is byte 80H of the virtual-APIC page.
fn tpr_threshold_reached(c: &Context) -> bool {
    if !tpr_threshold_counts(c) || c.secondary(secondary::VIRTUALIZE_APIC_ACCESSES) {
        return true;
    }
    let threshold = c.vmcs.get32(TPR_THRESHOLD) & 0xf;
    let vtpr = c.memory32(c.get(VIRTUAL_APIC_ADDRESS) | 0x80).unwrap_or(0);
    threshold <= vtpr >> 4 & 0xf
}

/// Aligned to 16 bytes, first and last byte within the width; not looked at when empty.
fn msr_area(c: &Context, address: Field, count: Field) -> bool {
    let (address, count) = (c.get(address), c.get(count));
    let last = address.checked_add(count * 16).map(|end| end.wrapping_sub(1));
    count == 0
        || (address & 0xf == 0 && c.within_width(address) && last.is_some_and(|last| c.within_width(last)))
}

fn error_code_expected(c: &Context) -> bool {
    c.injects(InterruptionType::HardwareException)
        && c.get(GUEST_CR0) & CR0_PE != 0
        && exception_has_error_code(c.injection().vector())
}
