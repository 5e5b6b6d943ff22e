//! ftrace's text format with the names and fields of KVM's trace events.
//!
//! What is not known is left out rather than invented. Lines are in the order of their times, as a
//! reader of the kernel's buffer expects.

use std::fmt::Write;

use emulator::trace::{ExitFacts, Kind, Record};

use super::modes::{kvm_name, reason};
use super::order::InOrder;
use super::{Event, Exporter, Facts};

/// Writes each record that KVM has an event for.
#[derive(Clone, Debug)]
pub struct Ftrace {
    cpus: u8,
    exit: Option<ExitFacts>,
    lines: InOrder<String>,
}

impl Ftrace {
    /// For a machine of so many processors.
    pub fn new(facts: &Facts) -> Ftrace {
        Ftrace { cpus: facts.cpus, exit: None, lines: InOrder::new(facts.cpus) }
    }
}

/// The event's name and fields, if KVM has such an event.
fn body(r: &Record, exit: Option<&ExitFacts>) -> Option<String> {
    let vector = r.b & 0xff;
    Some(match r.kind {
        Kind::VmExit => {
            let name = kvm_name(reason(r));
            let start = format!("kvm_exit: vcpu {} reason {name}", r.cpu);
            let Some(e) = exit else { return Some(format!("{start} info1 {:#018x}", r.b)) };
            let (rip, info2, intr, error) = (e.rip, e.vectoring, e.interruption, e.error_code);
            format!(
                "{start} rip {rip:#x} info1 {:#018x} info2 {info2:#018x} intr_info {intr:#010x} \
                 error_code {error:#010x}",
                r.b
            )
        }
        Kind::VmEntry => format!("kvm_entry: vcpu {}, rip {:#x} intr_info {:#010x}", r.cpu, r.b, r.a),
        // Of what is injected KVM has events for interrupts and for exceptions (SDM 3C 24.8.3: the type).
        Kind::Injected if r.a >> 8 & 7 == 0 => format!("kvm_inj_virq: IRQ {:#x}", r.a & 0xff),
        Kind::Injected if r.a >> 8 & 7 == 3 => format!("kvm_inj_exception: vector {}", r.a & 0xff),
        Kind::Pending => format!("kvm_apic_accept_irq: apicid {:x} vec {vector} (Fixed|edge)", r.a),
        Kind::Eoi | Kind::VirtualEoi => format!("kvm_eoi: apicid {:x} vector {vector}", r.cpu),
        Kind::MsrWrite => format!("kvm_msr: msr_write {:x} = {:#x}", r.a, r.b),
        Kind::ControlWrite => format!("kvm_cr: cr_write {:x} = {:#x}", r.a, r.b),
        // In the remappable format the address holds no destination (VT-d 5.1.5.2: bit 4).
        Kind::Message if r.a >> 4 & 1 == 0 => {
            format!("kvm_msi_set_irq: dst {:x} vec {:x} (Fixed|physical|edge)", r.a >> 12 & 0xff, r.b & 0xff)
        }
        _ => return None,
    })
}

impl Exporter for Ftrace {
    fn begin(&mut self, out: &mut Vec<u8>) {
        let text = format!(
            "# tracer: nop\n#\n# processors: {}\n#\n\
             #                                _-----=> irqs-off/BH-disabled\n\
             #                               / _----=> need-resched\n\
             #                              | / _---=> hardirq/softirq\n\
             #                              || / _--=> preempt-depth\n\
             #                              ||| / _-=> migrate-disable\n\
             #                              |||| /     delay\n\
             #           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION\n\
             #              | |         |   |||||     |         |\n",
            self.cpus
        );
        out.extend_from_slice(text.as_bytes());
    }

    fn event(&mut self, event: &Event<'_>, out: &mut Vec<u8>) {
        let r = match event {
            Event::Record(record) => *record,
            Event::Exit(facts) => {
                self.exit = Some(**facts);
                return;
            }
            _ => return,
        };
        let Some(body) = body(r, self.exit.take().as_ref()) else { return };
        let (s, ns) = (r.time.0 / 1_000_000_000_000, r.time.0 / 1_000 % 1_000_000_000);
        let mut line = String::with_capacity(120);
        _ = writeln!(
            line,
            "{:>16}-{:<7} [{:03}] d.... {s}.{ns:09}: {body}",
            format!("vcpu{}", r.cpu),
            1 + u32::from(r.cpu),
            r.cpu
        );
        self.lines.push(r.time.0, line);
        while let Some((_, line)) = self.lines.pop_due() {
            out.extend_from_slice(line.as_bytes());
        }
    }

    fn finish(&mut self, _: u64, out: &mut Vec<u8>) {
        while let Some((_, line)) = self.lines.pop() {
            out.extend_from_slice(line.as_bytes());
        }
    }
}
