//! What is counted whether or not records are kept.

use crate::vmx::ExitReason;

/// Every VM exit, by its one cause.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct CauseCounts {
    /// An interrupt that a device's message began.
    pub device: u64,
    /// An interrupt of a local APIC's timer.
    pub host_timer: u64,
    /// Another physical interrupt: an IPI or a local APIC's error.
    pub other_interrupt: u64,
    /// An injected interrupt with no physical origin.
    pub virtual_interrupt: u64,
    /// The VMX-preemption timer.
    pub preemption_timer: u64,
    /// An instruction of the guest, faults included.
    pub instruction: u64,
    /// An event without a life: NMI, INIT, SIPI, an interrupt that was not acknowledged.
    pub event: u64,
}

impl CauseCounts {
    /// What was counted since `earlier`.
    #[must_use]
    pub fn since(&self, earlier: &CauseCounts) -> CauseCounts {
        CauseCounts {
            device: self.device.wrapping_sub(earlier.device),
            host_timer: self.host_timer.wrapping_sub(earlier.host_timer),
            other_interrupt: self.other_interrupt.wrapping_sub(earlier.other_interrupt),
            virtual_interrupt: self.virtual_interrupt.wrapping_sub(earlier.virtual_interrupt),
            preemption_timer: self.preemption_timer.wrapping_sub(earlier.preemption_timer),
            instruction: self.instruction.wrapping_sub(earlier.instruction),
            event: self.event.wrapping_sub(earlier.event),
        }
    }

    /// Exits of every cause.
    pub fn total(&self) -> u64 {
        let interrupts = self.device + self.host_timer + self.other_interrupt + self.virtual_interrupt;
        interrupts + self.preemption_timer + self.instruction + self.event
    }
}

macro_rules! counters {
    (sums { $( $sum:ident $sum_text:literal )* } maxima { $( $max:ident $max_text:literal )* }) => {
        /// Counters since power-on. Sums only grow; a maximum holds from power-on, or from when it was reset.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub struct Counters {
            /// VM exits by basic exit reason.
            pub exits: [u64; ExitReason::COUNT],
            /// VM exits by cause.
            pub exits_by_cause: CauseCounts,
            $( #[doc = $sum_text] pub $sum: u64, )*
            $( #[doc = $max_text] pub $max: u64, )*
        }

        impl Default for Counters {
            fn default() -> Self {
                Counters {
                    exits: [0; ExitReason::COUNT],
                    exits_by_cause: CauseCounts::default(),
                    $( $sum: 0, )*
                    $( $max: 0, )*
                }
            }
        }

        impl Counters {
            /// What was counted since `earlier`. Maxima are this one's.
            #[must_use]
            pub fn since(&self, earlier: &Counters) -> Counters {
                Counters {
                    exits: std::array::from_fn(|i| self.exits[i].wrapping_sub(earlier.exits[i])),
                    exits_by_cause: self.exits_by_cause.since(&earlier.exits_by_cause),
                    $( $sum: self.$sum.wrapping_sub(earlier.$sum), )*
                    $( $max: self.$max, )*
                }
            }

            /// Every counter but the arrays, by name.
            pub fn named(&self) -> Vec<(&'static str, u64)> {
                vec![ $( (stringify!($sum), self.$sum), )* $( (stringify!($max), self.$max), )* ]
            }
        }
    };
}

counters! {
    sums {
        nic_raised "Device interrupts begun."
        nic_interrupts "Device interrupts that a processor acknowledged."
        own_exits_of_nic_interrupts "Exits that device interrupts caused, counted as they happen."
        nic_lives_ended "Device interrupts that were acknowledged and have ended."
        nic_arrived_in_guest "Those that ended and had been acknowledged in VMX non-root operation."
        nic_arrived_in_root "Those that ended and had been acknowledged outside it."
        own_exits_arrived_in_guest "Exits caused by those of `nic_arrived_in_guest`."
        own_exits_arrived_in_root "Exits caused by those of `nic_arrived_in_root`."
        nic_superseded "Device interrupts that root software took and that the next on their vector replaced before any injection."
        foreign_exits_overlapping "Exits of other causes while a device interrupt was pending or in service on the processor."
        nic_latency_ps "Sum of the times from raised to acknowledged, device interrupts."
        host_timer_ticks "Local-APIC timer interrupts acknowledged."
        host_timer_latency_ps "Sum of the times from raised to acknowledged, local-APIC timer interrupts."
        preemption_expiries "Exits for the VMX-preemption timer."
        guest_ticks "Injected interrupts with no physical origin."
        injections "External interrupts injected by VM entries."
        other_injections "Other events injected by VM entries."
        entries "VM entries completed."
        entry_failures "VM entries that failed."
        vm_fails "VMX instructions that failed (VMfail)."
        eois_in_guest "EOIs of physical interrupts written in VMX non-root operation."
        virtual_eois "EOIs of injected interrupts."
        coalesced "Interrupts that fell together with one already pending."
        blocked "Interrupts and messages that were blocked."
        dropped "Interrupts that were dropped."
        cycles_in_guest "Cycles in VMX non-root operation."
        cycles_in_root "Cycles in VMX root operation, exits and entries included."
        cycles_halted "Cycles in the HLT state, wherever it was entered."
        instructions "Instructions retired."
        instructions_root "Instructions retired in VMX root operation."
        halts "Times a processor halted."
        exceptions "Exceptions delivered."
        packets_sent "Frames to the wire."
        packets_received "Frames from the wire."
        packets_dropped "Frames dropped."
        dma_faults "DMA accesses that the IOMMU refused."
        guest_icr_writes "Interrupt commands that left a local APIC in VMX non-root operation."
        marks "Writes of the mark port."
    }
    maxima {
        max_own_exits_in_one_nic_life "The most exits that one device interrupt caused."
        nic_latency_max_ps "The longest time from raised to acknowledged, device interrupts."
        host_timer_latency_max_ps "The same, local-APIC timer interrupts: how late a tick was taken."
    }
}

impl Counters {
    /// Forgets the maxima, so that a window's are its own.
    pub fn reset_maxima(&mut self) {
        self.max_own_exits_in_one_nic_life = 0;
        self.nic_latency_max_ps = 0;
        self.host_timer_latency_max_ps = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_holds_differences_of_sums_and_the_later_maxima() {
        let mut a = Counters::default();
        (a.exits[1], a.injections, a.max_own_exits_in_one_nic_life) = (5, 2, 7);
        let mut b = a.clone();
        (b.exits[1], b.injections, b.exits_by_cause.device) = (9, 3, 4);
        let w = b.since(&a);
        assert_eq!((w.exits[1], w.injections, w.exits_by_cause.total()), (4, 1, 4));
        assert_eq!(w.max_own_exits_in_one_nic_life, 7);
    }
}
