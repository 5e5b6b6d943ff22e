//! Sentences: one for each kind of event, one for each step of a life. English.

use emulator::machine::Input;
use emulator::trace::{Kind, Origin, Record};
use emulator::vmx::{ExitReason, checks};
use lab_protocol::StepKind;
use observe::lives::Class;

/// One plain sentence on a record.
pub fn sentence(r: &Record) -> String {
    let (a, b) = (r.a, r.b);
    let vector = b as u8;
    match r.kind {
        Kind::Raised => raised_sentence(a, b),
        Kind::Message => format!("The interrupt message leaves the device: a write of {b:#x} to {a:#x}."),
        Kind::Remapped => format!("The IOMMU looks up entry {a} of its table: vector {vector:#04x}."),
        Kind::Pending => format!("Vector {vector:#04x} is pending in the local APIC (IRR)."),
        Kind::Coalesced => format!("Vector {vector:#04x} was pending already: two interrupts become one."),
        Kind::Blocked => format!("The IOMMU blocks the interrupt (fault reason {a:#x})."),
        Kind::Dropped => format!("Vector {vector:#04x} is dropped: no local APIC takes it."),
        Kind::Acknowledged if a == 1 => {
            format!("The processor takes vector {vector:#04x} while the guest runs: from IRR to ISR.")
        }
        Kind::Acknowledged => format!("The processor takes vector {vector:#04x}: from IRR to ISR."),
        Kind::Delivered if b >> 8 & 1 == 1 => {
            format!("Vector {vector:#04x} goes through the IDT to a handler in the guest, at {a:#x}.")
        }
        Kind::Delivered => format!("Vector {vector:#04x} goes through the IDT to a handler at {a:#x}."),
        Kind::Eoi if a == 1 => format!("The guest itself signs vector {vector:#04x} off (EOI): no exit."),
        Kind::Eoi => format!("EOI: vector {vector:#04x} is no longer in service."),
        Kind::Injected => format!("The VM entry injects vector {:#04x} into the guest.", a as u8),
        Kind::VirtualEoi => {
            format!("The guest signs the injected vector {vector:#04x} off; the host does it for it.")
        }
        Kind::VmExit => exit_sentence(ExitReason(a as u16), (a >> 32) as u8),
        Kind::VmEntry if a >> 31 & 1 == 1 => {
            format!("The host enters the guest, which takes vector {:#04x} first.", a as u8)
        }
        Kind::VmEntry => format!("The host enters the guest at {b:#x}."),
        Kind::VmEntryFailed => match checks::named(a, b) {
            Some(check) => {
                format!("The VM entry fails its check “{}” (SDM 3C {}).", check.name, check.section)
            }
            None => format!("The VM entry fails (reason {a:#x}, check {b})."),
        },
        Kind::VmFail => format!("A VMX instruction fails with error {a} at {b:#x}."),
        Kind::Exception => format!("Exception {} is raised at {b:#x} (error code {:#x}).", a as u8, a >> 32),
        Kind::Halt => format!("The processor halts at {b:#x}: it waits for an interrupt."),
        Kind::Wake => format!("The processor wakes at {b:#x}."),
        Kind::ControlWrite => format!("CR{a} becomes {b:#x}."),
        Kind::MsrWrite => msr_sentence(a, b),
        Kind::Ipi => format!("An interrupt command leaves the local APIC (ICR {a:#x})."),
        Kind::Dma if a >> 63 == 1 => {
            format!("The device writes {b} bytes to memory at {:#x}.", a & !(1 << 63))
        }
        Kind::Dma => format!("The device reads {b} bytes of memory at {a:#x}."),
        Kind::DmaFault => {
            format!("The IOMMU refuses the device's access to {a:#x} (reason {:#x}).", b as u16)
        }
        Kind::Invalidation => format!("The IOMMU processes an invalidation (type {}).", a & 0xf),
        Kind::Doorbell => format!("The driver writes the device's register {a:#x}: {b:#x}."),
        Kind::WriteBack => {
            let way = if b >> 8 & 1 == 1 { "transmit" } else { "receive" };
            format!("The device writes a {way} descriptor of queue {} back, at {a:#x}.", b as u8)
        }
        Kind::PacketSent => format!("A frame of {a} bytes leaves for the wire."),
        Kind::PacketReceived => format!("A frame of {a} bytes comes from the wire."),
        Kind::PacketDropped => format!("A frame of {a} bytes is dropped (reason {b})."),
        Kind::Moderated => {
            let (us, ns) = (b / 1_000_000, b / 1_000 % 1_000);
            format!("Moderation holds the interrupt back for now: not before t = {us}.{ns:03} µs.")
        }
        Kind::Link => if a == 1 { "The link is up." } else { "The link is down." }.into(),
        Kind::PciConfigWrite => {
            format!("Configuration register {:#x} of device {:#x} becomes {b:#x}.", a as u16, a >> 16)
        }
        Kind::Mark => mark_sentence(a),
        Kind::Input => {
            format!("Someone outside turns `{}`.", Input::KEYS.get(a as usize).unwrap_or(&"a knob"))
        }
        Kind::Stop => format!("The machine stops (reason {a})."),
    }
}

fn raised_sentence(a: u64, b: u64) -> String {
    let Some(origin) = Origin::of_words(a, b) else { return "Something has a reason to interrupt.".into() };
    match (Class::of(origin), origin) {
        (Class::Nic, _) => format!("The network card has a reason to interrupt (its entry {b})."),
        (_, Origin::Device { source, .. }) => format!("Device {source:#x} has a reason to interrupt."),
        (_, Origin::ApicTimer { .. }) => "The local APIC's timer has run out.".into(),
        (_, Origin::Ipi { vector, .. }) => format!("A processor sends an interrupt, vector {vector:#04x}."),
        (_, Origin::Error { .. }) => "The local APIC reports an error.".into(),
        (_, Origin::Virtual) => "The host has an interrupt of its own making for the guest.".into(),
    }
}

fn exit_sentence(reason: ExitReason, cause: u8) -> String {
    const CAUSES: [&str; 8] = [
        "an instruction of the guest",
        "the preemption timer",
        "an event",
        "the device's interrupt",
        "the host's timer",
        "an interrupt from a processor",
        "an APIC error",
        "a virtual interrupt",
    ];
    let cause = CAUSES.get(usize::from(cause)).copied().unwrap_or("something else");
    format!("The guest is left for the host. Reason: {}. Cause: {cause}.", lower(reason.text()))
}

/// The first letter small, unless it is a name in capitals.
fn lower(text: &str) -> String {
    let mut letters = text.chars();
    match (letters.next(), letters.next()) {
        (Some(first), Some(second)) if second.is_ascii_lowercase() => {
            [first.to_ascii_lowercase(), second].into_iter().chain(letters).collect()
        }
        _ => text.to_string(),
    }
}

fn msr_sentence(index: u64, value: u64) -> String {
    let name = match index {
        0x1b => "IA32_APIC_BASE",
        0x6e0 => "IA32_TSC_DEADLINE",
        0x808 => "the task priority (TPR)",
        0x80b => "EOI",
        0x80f => "the spurious-interrupt register (SVR)",
        0x830 => "the interrupt command (ICR)",
        0x832 => "the timer's entry (LVT)",
        0x838 => "the timer's initial count",
        _ => return format!("MSR {index:#x} becomes {value:#x}."),
    };
    format!("Software writes {value:#x} to {name}.")
}

fn mark_sentence(mark: u64) -> String {
    match mark >> 24 {
        1 => format!(
            "The host notes: guest vector {:#04x} stems from vector {:#04x}.",
            mark as u8,
            (mark >> 8) as u8
        ),
        2 => format!("Software marks a phase ({:#x}).", mark & 0xff_ffff),
        _ => format!("Software writes the mark {mark:#x}."),
    }
}

/// One plain sentence on a step of a life. `a` and `b` are its record's words.
pub fn step_text(step: StepKind, a: u64, b: u64, has_host: bool) -> String {
    let vector = b as u8;
    match step {
        StepKind::Packet => format!("A frame of {a} bytes has come from the wire."),
        StepKind::Raised => "The network card has data for the guest: it has a reason to interrupt.".into(),
        StepKind::Message => "The card sends its message, a small write to a special address.".into(),
        StepKind::Remapped => format!("The IOMMU checks whose it is and makes it vector {vector:#04x}."),
        StepKind::Pending => format!("The local APIC holds vector {vector:#04x}: it is pending."),
        StepKind::ArrivalExit => "The interrupt forces the guest out: the host takes over.".into(),
        StepKind::HostHandler => "The host's own handler takes it.".into(),
        StepKind::Injected => format!("The host hands it down: it injects vector {:#04x}.", a as u8),
        StepKind::Delivered if has_host => {
            "It goes through the table of handlers straight into the guest's handler.".into()
        }
        StepKind::Delivered => "It goes through the table of handlers into the driver's handler.".into(),
        StepKind::Handler => "The guest's handler works: it tells the card what it has taken.".into(),
        StepKind::EoiExit => "The guest signs it off, and that forces it out once more.".into(),
        StepKind::Eoi if has_host && a == 1 => "The guest signs it off at the APIC itself: no exit.".into(),
        StepKind::Eoi => format!("EOI: vector {vector:#04x} is done."),
        StepKind::Resumed => "The host lets the guest go on.".into(),
        StepKind::Ended => "It ended without reaching a handler.".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use emulator::time::Time;
    use emulator::trace::LifeId;

    #[test]
    fn every_kind_has_a_sentence() {
        for kind in Kind::ALL {
            for (a, b) in [(0, 0), (u64::MAX, u64::MAX), (0x18, 0x161)] {
                let text = sentence(&Record { time: Time::ZERO, a, b, life: LifeId::NONE, kind, cpu: 0 });
                assert!(text.ends_with('.') && text.len() > 10, "{kind:?}: {text}");
            }
        }
    }

    #[cfg(feature = "names")]
    #[test]
    fn a_failed_entry_names_its_check() {
        let of = |a, b| {
            let (time, life, kind) = (Time::ZERO, LifeId::NONE, Kind::VmEntryFailed);
            sentence(&Record { time, a, b, life, kind, cpu: 0 })
        };
        let first = "The VM entry fails its check “pin-based controls: reserved bits” (SDM 3C 26.2.1.1).";
        assert_eq!(of(7, 0), first);
        let guest = of(0x8000_0021, 0);
        assert_eq!(
            guest,
            "The VM entry fails its check “guest CR0 is supported in VMX operation” (SDM 3C 26.3.1.1)."
        );
        assert_eq!(of(0x8000_0022, 3), "The VM entry fails (reason 0x80000022, check 3).", "an MSR's number");
        assert_eq!(of(7, 9_999), "The VM entry fails (reason 0x7, check 9999).");
    }

    #[test]
    fn an_exit_says_reason_and_cause() {
        let text = exit_sentence(ExitReason::EXTERNAL_INTERRUPT, 3);
        assert_eq!(
            text,
            "The guest is left for the host. Reason: external interrupt. Cause: the device's interrupt."
        );
        assert!(exit_sentence(ExitReason::MSR_WRITE, 0).contains("WRMSR"));
    }
}
