//! The costs as the machine uses them: plain numbers, compiled from a preset.

use super::Preset;
use crate::vmx::ExitReason;

macro_rules! cost_model {
    ($( $field:ident $text:literal )*) => {
        /// What things cost. Cycles, unless the name says otherwise.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub struct CostModel {
            $( #[doc = $text] pub $field: u64, )*
            /// A VM exit by reason: hardware and the declared software path, without the entry.
            pub exits: [u64; ExitReason::COUNT],
            /// Charged to the guest after the entry that follows an exit, by that exit's reason.
            pub indirect: [u64; ExitReason::COUNT],
        }

        impl CostModel {
            /// The names of the constants that fields are compiled from.
            pub const FIELDS: &'static [&'static str] = &[ $( stringify!($field), )* ];

            /// Compiles a preset.
            pub fn new(preset: &Preset) -> CostModel {
                CostModel {
                    $( $field: preset.get(stringify!($field)).unwrap_or(0), )*
                    exits: exits(preset),
                    indirect: [preset.get("exit_indirect").unwrap_or(0); ExitReason::COUNT],
                }
            }
        }
    };
}

cost_model! {
    tsc_hz "Cycles a second."
    apic_timer_hz "The local-APIC timer's input, counts a second."
    instruction "An instruction."
    multiply "A multiplication."
    divide "A division."
    string_sixteenths_per_byte "A byte of REP MOVS or STOS, in sixteenths of a cycle."
    string_iteration "An iteration of another repeated string instruction."
    system "A system instruction."
    interrupt_delivery "A delivery through the IDT."
    mmio_read "A read of a device's memory."
    mmio_write "A write of a device's memory."
    port_io "An access to a port."
    msi_latency_ps "A message's way to the local APIC, in picoseconds."
    dma_read_ps "A device's read of memory, in picoseconds."
    dma_write_ps "A device's write of memory, in picoseconds."
    nic_doorbell_to_fetch_ps "From the write of a tail register to the request for descriptors, in picoseconds."
    nic_descriptor_fetch_ps "From that request to the first buffer on the chip, in picoseconds."
    nic_receive_to_memory_ps "From a frame's last bit to its descriptor written back, in picoseconds."
    nic_cause_to_message_ps "From a cause to its message, in picoseconds."
    vm_entry "A VM entry."
}

impl CostModel {
    /// A VM exit for `reason`.
    #[inline]
    pub fn vm_exit(&self, reason: ExitReason) -> u64 {
        self.exits.get(usize::from(reason.0)).copied().unwrap_or(0)
    }

    /// What an exit for `reason` costs the guest after the next entry.
    #[inline]
    pub fn exit_indirect(&self, reason: ExitReason) -> u64 {
        self.indirect.get(usize::from(reason.0)).copied().unwrap_or(0)
    }
}

/// A preset states exit and entry together; the entry is charged on its own.
fn exits(preset: &Preset) -> [u64; ExitReason::COUNT] {
    let entry = preset.get("vm_entry").unwrap_or(0);
    let mut costs = [preset.get("exit.other").unwrap_or(0); ExitReason::COUNT];
    for reason in ExitReason::ALL {
        let name = format!("exit.{}", reason.name().to_ascii_lowercase());
        if let (Some(value), Some(cost)) = (preset.get(&name), costs.get_mut(usize::from(reason.0))) {
            *cost = value;
        }
    }
    costs.map(|cost| cost.saturating_sub(entry))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_preset_states_every_field_and_every_constant_is_used() {
        for name in Preset::names() {
            let preset = Preset::by_name(name).unwrap();
            for field in CostModel::FIELDS {
                assert!(preset.get(field).is_some(), "{name} lacks {field}");
            }
            let reason = |n: &str| ExitReason::ALL.iter().any(|r| r.name().eq_ignore_ascii_case(n));
            for c in preset.constants() {
                let exit = c.name.strip_prefix("exit.").is_some_and(|n| n == "other" || reason(n));
                let known = exit || c.name == "exit_indirect" || CostModel::FIELDS.contains(&c.name);
                assert!(known, "{name}: nothing uses {}", c.name);
            }
        }
    }

    #[test]
    fn an_exit_and_its_entry_cost_what_the_preset_says() {
        let mut preset = Preset::by_name("nehalem-ep").unwrap();
        let cost = CostModel::new(&preset);
        assert_eq!(cost.vm_exit(ExitReason::EXTERNAL_INTERRUPT) + cost.vm_entry, 11_000);
        assert_eq!(cost.vm_exit(ExitReason::HLT) + cost.vm_entry, 4_000);
        preset.scale_exit_costs(0, 1);
        let none = CostModel::new(&preset);
        let reasons = ExitReason::ALL.iter();
        assert_eq!(
            reasons.map(|r| none.vm_exit(*r) + none.vm_entry + none.exit_indirect(*r)).sum::<u64>(),
            0
        );
        assert_eq!(none.mmio_read, cost.mmio_read);
    }

    #[test]
    fn a_reason_beyond_the_table_costs_nothing_and_does_not_panic() {
        let cost = CostModel::new(&Preset::by_name("nehalem-ep").unwrap());
        assert_eq!((cost.vm_exit(ExitReason(200)), cost.exit_indirect(ExitReason(200))), (0, 0));
    }
}
