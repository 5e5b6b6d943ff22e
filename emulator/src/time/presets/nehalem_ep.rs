//! Xeon X5570 (Nehalem-EP), 2.93 GHz, with a host of the size of Linux and KVM.

use super::row;
use crate::time::preset::Constant;
use crate::time::preset::Kind::{Assumed, Calibrated, Published};

const FITTED: &str = "exit and entry with the software path of a full-size host, fitted once so that the stream \
                      workload's baseline reaches 60 % of bare metal; that one figure fixes what its exits cost \
                      together, how they share it is assumed";
const BESIDE: &str = "in proportion to the fitted exits; none of these happens in what they were fitted to";
const ROUND_TRIP: &str = "exit and entry round trip of 1,009 cycles recalled from Agesen et al., ATC 2012, digits not \
                          re-checked; the split is a guess";
const MANUAL: &str = "in the range of instruction tables for the core, not measured here";
const GUESS: &str = "plausible, not measured";
const LOOPBACK: &str = "no datasheet figure; a few microseconds in all from doorbell to interrupt";

/// The table.
pub const TABLE: super::Table = super::Table { name: "nehalem-ep", rows: CONSTANTS, base: None };

/// Every constant. `exit.*` are whole costs: from the instruction boundary in the guest to the next
/// one, hardware included, what the emulated host executes itself excluded.
const CONSTANTS: &[Constant] = &[
    // -- Clocks -------------------------------------------------------------------------------
    row("tsc_hz", 2_930_000_000, "Hz", Published, "Intel Xeon X5570, 2.93 GHz"),
    row(
        "apic_timer_hz",
        133_333_333,
        "Hz",
        Assumed,
        "the part's 133 MHz base clock, taken as the timer's input",
    ),
    // -- Instructions -------------------------------------------------------------------------
    row("instruction", 1, "cycles", Assumed, "one a cycle; the core retires up to four"),
    row("multiply", 1, "cycles", Assumed, "pipelined: one a cycle"),
    row("divide", 28, "cycles", Assumed, MANUAL),
    row("string_sixteenths_per_byte", 2, "1/16 cycle", Assumed, "REP MOVS and STOS, eight bytes a cycle"),
    row("string_iteration", 2, "cycles", Assumed, "REP SCAS, CMPS and LODS"),
    row("system", 25, "cycles", Assumed, "moves to control registers, RDMSR, WRMSR, SYSCALL and their like"),
    row("interrupt_delivery", 200, "cycles", Assumed, GUESS),
    // -- Devices ------------------------------------------------------------------------------
    row("mmio_read", 900, "cycles", Assumed, "about 300 ns over PCI Express"),
    row("mmio_write", 100, "cycles", Assumed, "posted"),
    row("port_io", 1_000, "cycles", Assumed, GUESS),
    row("msi_latency_ps", 150_000, "ps", Assumed, "from a message leaving the device to the local APIC"),
    row("dma_read_ps", 400_000, "ps", Assumed, "first byte of a read of memory by a device"),
    row("dma_write_ps", 150_000, "ps", Assumed, "posted write to memory by a device"),
    row("nic_doorbell_to_fetch_ps", 300_000, "ps", Assumed, LOOPBACK),
    row("nic_descriptor_fetch_ps", 700_000, "ps", Assumed, LOOPBACK),
    row("nic_receive_to_memory_ps", 900_000, "ps", Assumed, LOOPBACK),
    row("nic_cause_to_message_ps", 200_000, "ps", Assumed, LOOPBACK),
    // -- VT-x ---------------------------------------------------------------------------------
    row("vm_entry", 409, "cycles", Assumed, ROUND_TRIP),
    row("exit.external_interrupt", 11_000, "cycles", Calibrated, FITTED),
    row("exit.interrupt_window", 5_000, "cycles", Calibrated, FITTED),
    row("exit.msr_write", 6_000, "cycles", Calibrated, FITTED),
    row("exit.exception_nmi", 6_000, "cycles", Assumed, BESIDE),
    row("exit.preemption_timer", 4_000, "cycles", Assumed, BESIDE),
    row("exit.io_instruction", 5_000, "cycles", Assumed, BESIDE),
    row("exit.cpuid", 2_000, "cycles", Assumed, BESIDE),
    row("exit.ept_violation", 5_000, "cycles", Assumed, BESIDE),
    row("exit.other", 4_000, "cycles", Assumed, BESIDE),
    row(
        "exit_indirect",
        1_500,
        "cycles",
        Assumed,
        "cold caches after an exit, charged to the guest; 0 to 2,500 is plausible",
    ),
];
