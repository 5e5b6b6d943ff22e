//! Xeon of the Sandy Bridge-EN generation, 2.1 GHz, with Linux and KVM as measured by others: exits cost a quarter of
//! Nehalem-EP's fitted ones. What is not here is as there.

use super::row;
use crate::time::preset::Constant;
use crate::time::preset::Kind::Assumed;

const KERNEL: &str =
    "2,565 for an exit that KVM handles in the kernel: Dall, ISCA 2016, by a secondary source";
const EOI: &str = "1,556 for a trapped EOI: Dall, ISCA 2016, by a secondary source";
const HYPERCALL: &str = "1,300 to 1,437 for a hypercall: Dall, ISCA 2016, by a secondary source";
const USER: &str = "6,732 for an exit that is handled in user space: Dall, ISCA 2016, by a secondary source";
const ROUND_TRIP: &str =
    "half of a round trip of 784 cycles recalled from Agesen et al., ATC 2012, digits not re-checked";

/// The table.
pub const TABLE: super::Table =
    super::Table { name: "sandy-bridge-en", rows: CONSTANTS, base: Some(&super::nehalem_ep::TABLE) };

const CONSTANTS: &[Constant] = &[
    row("tsc_hz", 2_100_000_000, "Hz", Assumed, "a usual clock of the generation"),
    row("apic_timer_hz", 100_000_000, "Hz", Assumed, "the generation's 100 MHz base clock"),
    row("vm_entry", 392, "cycles", Assumed, ROUND_TRIP),
    row("exit.external_interrupt", 2_565, "cycles", Assumed, KERNEL),
    row("exit.interrupt_window", 1_300, "cycles", Assumed, HYPERCALL),
    row("exit.msr_write", 1_556, "cycles", Assumed, EOI),
    row("exit.exception_nmi", 2_565, "cycles", Assumed, KERNEL),
    row("exit.preemption_timer", 1_300, "cycles", Assumed, HYPERCALL),
    row("exit.io_instruction", 6_732, "cycles", Assumed, USER),
    row("exit.cpuid", 1_300, "cycles", Assumed, HYPERCALL),
    row("exit.ept_violation", 2_565, "cycles", Assumed, KERNEL),
    row("exit.other", 2_565, "cycles", Assumed, KERNEL),
];
