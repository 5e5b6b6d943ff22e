//! Why an exit happened: the control that decided it.

mod controls;

use emulator::trace::{Kind, Record};
use emulator::vmx::ExitReason;
use emulator::vmx::bitmaps::msr_bit;
use emulator::vmx::fields::{self, Field};
use lab_protocol::{StepKind, Why};
use observe::scenario::bundle::Bundle;

use crate::side::{Life, Side};
use controls::{By, Control};

/// The register that names the MSR.
const RCX: usize = 1;

/// The control that decided the exit in `record`, which is event `event`. An own exit of a life after its delivery is
/// its EOI's, too.
pub fn control_of(side: &mut Side, record: &Record, life: &Life, event: u64) -> Option<&'static Control> {
    let signs_off = life.steps.iter().any(|s| s.0 == StepKind::EoiExit && s.1 == event);
    let is_eoi = signs_off || side.record(event + 1).is_some_and(|next| next.kind == Kind::VirtualEoi);
    controls::control(ExitReason(record.a as u16), record.b, is_eoi, |f| field(side, f).unwrap_or(0))
}

/// Why the exit at `event` happened, if it is one.
pub fn view(side: &mut Side, event: u64, selected: Option<&Life>, bundle: Option<&Bundle>) -> Option<Why> {
    let record = side.record(event).filter(|r| r.kind == Kind::VmExit)?;
    let none = Life::default();
    let Some(control) = control_of(side, &record, selected.unwrap_or(&none), event) else {
        let text = format!("{}.", ExitReason(record.a as u16).text());
        return Some(Why { event, text, ..Why::default() });
    };
    let can_flip = bundle.is_some_and(|b| b.lab.flip(control.key, &side.words.setup.mode).is_some());
    let (name, value) = decided(side, control);
    Some(Why {
        event,
        text: control.text.to_string(),
        control: name,
        value,
        section: control.section.to_string(),
        can_flip,
    })
}

fn field(side: &Side, field: Field) -> Option<u64> {
    side.travel().machine().vmcs_field(0, field)
}

/// What decided, in words, and its value in the machine now: just after the exit, before the host does anything.
fn decided(side: &Side, control: &Control) -> (String, String) {
    let name = control.name;
    let bit_of = |f: Field, bit: u32| {
        field(side, f).map_or_else(String::new, |v| format!("{} (field {v:#010x})", v >> bit & 1))
    };
    match control.by {
        By::Nothing => (name.to_string(), String::new()),
        By::Bit(f, bit) => (format!("{}, bit {bit}: {name}", f.name()), bit_of(f, bit.into())),
        By::All(f) => {
            let digits = usize::from(f.info().bits().div_ceil(4)) + 2;
            let value = field(side, f).map_or_else(String::new, |v| format!("{v:#0digits$x}"));
            (format!("{}: {name}", f.name()), value)
        }
        By::Exception => {
            let vector = field(side, fields::VM_EXIT_INTERRUPTION_INFO).unwrap_or(0) & 31;
            let name = format!("{name}, bit {vector}");
            (name, bit_of(fields::EXCEPTION_BITMAP, vector as u32))
        }
        By::Msr { write } => {
            // VM exits leave the general-purpose registers alone (SDM 27.3.3), so RCX still is the guest's.
            let msr = side.travel().machine().registers(0).regs[RCX] as u32;
            (format!("{name} of {msr:#x}"), bit_of_msr(side, msr, write).unwrap_or_default())
        }
    }
}

/// An MSR's bit in the bitmaps, as it is in memory.
fn bit_of_msr(side: &Side, msr: u32, write: bool) -> Option<String> {
    let Some((offset, bit)) = msr_bit(msr, write) else {
        return Some("no bit: every MSR outside both ranges exits".to_string());
    };
    let address = field(side, fields::MSR_BITMAPS_ADDRESS)?.checked_add(offset.into())?;
    let mut byte = [0];
    let read = side.travel().machine().read_memory(address, &mut byte);
    read.then(|| format!("{} (bit {bit} of the byte at {address:#x})", byte[0] >> bit & 1))
}
