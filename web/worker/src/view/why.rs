//! Why an exit happened: the control that decided it.

use emulator::trace::Kind;
use emulator::vmx::ExitReason;
use emulator::vmx::fields::{self, Field};
use lab_protocol::Why;
use observe::scenario::bundle::Bundle;

use crate::side::{Life, Side};

/// A control: what decides that a kind of exit happens.
pub struct Control {
    /// Its key in scenarios.
    pub key: &'static str,
    /// The VMCS field; none where nothing decides.
    field: Option<Field>,
    /// The bit, or none for an address.
    bit: Option<u8>,
    /// What the manual calls it.
    name: &'static str,
    /// The manual's section.
    section: &'static str,
    /// One sentence.
    text: &'static str,
}

const PIN: Option<Field> = Some(fields::PIN_BASED_CONTROLS);
const PRIMARY: Option<Field> = Some(fields::PRIMARY_PROCESSOR_BASED_CONTROLS);
const SECONDARY: Option<Field> = Some(fields::SECONDARY_PROCESSOR_BASED_CONTROLS);
const EXCEPTIONS: Option<Field> = Some(fields::EXCEPTION_BITMAP);
const MSR_BITMAPS: Option<Field> = Some(fields::MSR_BITMAPS_ADDRESS);
const EPT_POINTER: Option<Field> = Some(fields::EPT_POINTER);

macro_rules! controls {
    ($( $reason:ident $key:literal $field:expr, $bit:expr, $name:literal $section:literal $text:literal )*) => {
        const CONTROLS: &[(ExitReason, Control)] = &[ $( (ExitReason::$reason, Control {
            key: $key, field: $field, bit: $bit, name: $name, section: $section, text: $text,
        }), )* ];
    };
}

controls! {
    EXTERNAL_INTERRUPT "external-interrupt-exiting" PIN, Some(0), "external-interrupt exiting" "SDM 3C 24.6.1, table 24-5"
        "While this bit is 1, every interrupt that arrives forces the guest out, whoever it is for."
    INTERRUPT_WINDOW "interrupt-window-exiting" PRIMARY, Some(2), "interrupt-window exiting" "SDM 3C 24.6.2, table 24-6"
        "The host has something to inject and waits for the moment at which the guest can take it."
    NMI_WINDOW "nmi-window-exiting" PRIMARY, Some(22), "NMI-window exiting" "SDM 3C 24.6.2, table 24-6"
        "The host waits for the moment at which the guest can take an NMI."
    PREEMPTION_TIMER "preemption-timer" PIN, Some(6), "activate VMX-preemption timer" "SDM 3C 25.5.1"
        "A countdown bounds how long the guest keeps the processor; it has run out."
    HLT "hlt-exiting" PRIMARY, Some(7), "HLT exiting" "SDM 3C 25.1.3"
        "The guest has nothing to do and halts; the host takes the processor back."
    INVLPG "invlpg-exiting" PRIMARY, Some(9), "INVLPG exiting" "SDM 3C 25.1.3"
        "The guest invalidates a translation, and the host wants to see that."
    RDTSC "rdtsc-exiting" PRIMARY, Some(12), "RDTSC exiting" "SDM 3C 25.1.3"
        "The guest reads the time-stamp counter, and the host wants to see that."
    DR_ACCESS "mov-dr-exiting" PRIMARY, Some(23), "MOV-DR exiting" "SDM 3C 25.1.3"
        "The guest touches a debug register."
    IO_INSTRUCTION "io-exiting" PRIMARY, Some(24), "unconditional I/O exiting" "SDM 3C 25.1.3"
        "The guest talks to an I/O port; the host plays the device behind it."
    MONITOR_TRAP_FLAG "monitor-trap-flag" PRIMARY, Some(27), "monitor trap flag" "SDM 3C 25.5.2"
        "The host lets the guest run one instruction at a time here."
    PAUSE "pause-exiting" PRIMARY, Some(30), "PAUSE exiting" "SDM 3C 25.1.3"
        "The guest spins on a lock, and the host wants to know."
    GDTR_IDTR "descriptor-table-exiting" SECONDARY, Some(2), "descriptor-table exiting" "SDM 3C 25.1.3"
        "The guest loads or stores a descriptor-table register; the host keeps the table that is in use."
    LDTR_TR "descriptor-table-exiting" SECONDARY, Some(2), "descriptor-table exiting" "SDM 3C 25.1.3"
        "The guest loads or stores LDTR or TR."
    WBINVD "wbinvd-exiting" SECONDARY, Some(6), "WBINVD exiting" "SDM 3C 25.1.3"
        "The guest flushes the caches."
    RDRAND "rdrand-exiting" SECONDARY, Some(11), "RDRAND exiting" "SDM 3C 25.1.3"
        "The guest asks for a random number."
    MSR_READ "msr-bitmap" MSR_BITMAPS, None, "MSR bitmaps: reads" "SDM 3C 24.6.9"
        "The bit of this MSR in the read bitmap is 1, so reading it exits."
    MSR_WRITE "msr-bitmap" MSR_BITMAPS, None, "MSR bitmaps: writes" "SDM 3C 24.6.9"
        "The bit of this MSR in the write bitmap is 1, so writing it exits."
    EXCEPTION_NMI "exception-bitmap" EXCEPTIONS, None, "exception bitmap" "SDM 3C 25.2"
        "The bit of this exception is 1, so raising it exits before the guest's handler sees it."
    CR_ACCESS "cr8-load-exiting" PRIMARY, Some(19), "CR8-load exiting" "SDM 3C 25.1.3"
        "The guest moves to or from a control register that the host guards."
    EPT_VIOLATION "ept" EPT_POINTER, None, "extended page tables" "SDM 3C 28.2.3.2"
        "The guest touched an address that its extended page tables do not allow."
    EPT_MISCONFIGURATION "ept" EPT_POINTER, None, "extended page tables" "SDM 3C 28.2.3.1"
        "An entry of the extended page tables makes no sense."
    CPUID "unconditional" None, None, "no control: CPUID always exits" "SDM 3C 25.1.2"
        "This instruction exits on every processor, whatever the controls say."
    VMCALL "unconditional" None, None, "no control: VMCALL always exits" "SDM 3C 25.1.2"
        "The guest calls its host on purpose."
    TRIPLE_FAULT "unconditional" None, None, "no control: a triple fault always exits" "SDM 3C 25.2"
        "The guest could not even handle its own fault."
    XSETBV "unconditional" None, None, "no control: XSETBV always exits" "SDM 3C 25.1.2"
        "This instruction exits on every processor, whatever the controls say."
}

/// A write of EOI is a case of its own: one bit of one bitmap.
const EOI_WRITE: Control = Control {
    key: "eoi-write",
    field: MSR_BITMAPS,
    bit: None,
    name: "MSR bitmaps: write of 0x80B, EOI",
    section: "SDM 3C 24.6.9; 3A 11.12.1.2",
    text: "The guest says that it is done with the interrupt. One bit of the write bitmap decides whether it may say so itself; it is 1.",
};

/// The control that decides exits for a reason. `is_eoi`: the guest wrote the EOI register. An own exit
/// of a life after its delivery is its EOI's too.
pub fn control_of(
    reason: ExitReason,
    _qualification: u64,
    is_eoi: bool,
    life: &Life,
    event: u64,
) -> Option<&'static Control> {
    let signs_off = life.steps.iter().any(|s| s.0 == lab_protocol::StepKind::EoiExit && s.1 == event);
    if reason == ExitReason::MSR_WRITE && (is_eoi || signs_off) {
        return Some(&EOI_WRITE);
    }
    CONTROLS.iter().find(|(of, _)| *of == reason).map(|(_, control)| control)
}

/// Why the exit at `event` happened, if it is one; else why the selected life's last exit before it did.
pub fn view(side: &mut Side, event: u64, selected: Option<&Life>, bundle: Option<&Bundle>) -> Option<Why> {
    let record = side.record(event).filter(|r| r.kind == Kind::VmExit)?;
    let reason = ExitReason(record.a as u16);
    let is_eoi = side.record(event + 1).is_some_and(|next| next.kind == Kind::VirtualEoi);
    let none = Life::default();
    let control = control_of(reason, record.b, is_eoi, selected.unwrap_or(&none), event);
    let Some(control) = control else {
        let text = format!("{}.", reason.text());
        return Some(Why { event, text, ..Why::default() });
    };
    let can_flip = bundle.is_some_and(|b| b.lab.flip(control.key, &side.words.setup.mode).is_some());
    let words = match (control.field, control.bit) {
        (None, _) => control.name.to_string(),
        (Some(field), Some(bit)) => format!("{}, bit {bit}: {}", field.name(), control.name),
        (Some(field), None) => format!("{}: {}", field.name(), control.name),
    };
    Some(Why {
        event,
        text: control.text.to_string(),
        control: words,
        value: value(side, control),
        section: control.section.to_string(),
        can_flip,
    })
}

/// The control's value in the machine's VMCS.
fn value(side: &Side, control: &Control) -> String {
    let Some(field) = control.field else { return String::new() };
    match (side.travel().machine().vmcs_field(0, field), control.bit) {
        (Some(value), Some(bit)) => format!("{} (field {value:#010x})", value >> bit & 1),
        (Some(value), None) => {
            let digits = usize::from(field.info().bits().div_ceil(4)) + 2;
            format!("{value:#0digits$x}")
        }
        (None, _) => String::new(),
    }
}
