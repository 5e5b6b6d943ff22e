//! What decides that a guest is left, by the reason: a table.

use emulator::vmx::ExitReason;
use emulator::vmx::fields::{self, Field};

/// A control: what decides that a kind of exit happens.
pub struct Control {
    /// Its key in scenarios.
    pub key: &'static str,
    /// What decides.
    pub by: By,
    /// What the manual calls it.
    pub name: &'static str,
    /// The manual's section.
    pub section: &'static str,
    /// One sentence.
    pub text: &'static str,
}

/// What decides.
#[derive(Clone, Copy)]
pub enum By {
    /// Nothing: it always exits.
    Nothing,
    /// A bit of a VMCS field.
    Bit(Field, u8),
    /// A VMCS field as a whole.
    All(Field),
    /// The MSR's bit in the bitmap of reads, or of writes.
    Msr {
        /// Writes.
        write: bool,
    },
    /// The exception's bit in the exception bitmap.
    Exception,
}

const fn pin(bit: u8) -> By {
    By::Bit(fields::PIN_BASED_CONTROLS, bit)
}

const fn primary(bit: u8) -> By {
    By::Bit(fields::PRIMARY_PROCESSOR_BASED_CONTROLS, bit)
}

const fn secondary(bit: u8) -> By {
    By::Bit(fields::SECONDARY_PROCESSOR_BASED_CONTROLS, bit)
}

macro_rules! controls {
    ($( $reason:ident $key:literal $by:expr, $name:literal $section:literal $text:literal )*) => {
        const CONTROLS: &[(ExitReason, Control)] = &[ $( (ExitReason::$reason, Control {
            key: $key, by: $by, name: $name, section: $section, text: $text,
        }), )* ];
    };
}

controls! {
    EXTERNAL_INTERRUPT "external-interrupt-exiting" pin(0), "external-interrupt exiting" "SDM 3C 24.6.1, table 24-5"
        "While this bit is 1, every interrupt that arrives forces the guest out, whoever it is for."
    INTERRUPT_WINDOW "interrupt-window-exiting" primary(2), "interrupt-window exiting" "SDM 3C 24.6.2, table 24-6"
        "The host has something to inject and waits for the moment at which the guest can take it."
    NMI_WINDOW "nmi-window-exiting" primary(22), "NMI-window exiting" "SDM 3C 24.6.2, table 24-6"
        "The host waits for the moment at which the guest can take an NMI."
    PREEMPTION_TIMER "preemption-timer" pin(6), "activate VMX-preemption timer" "SDM 3C 25.5.1"
        "A countdown bounds how long the guest keeps the processor; it has run out."
    HLT "hlt-exiting" primary(7), "HLT exiting" "SDM 3C 25.1.3"
        "The guest has nothing to do and halts; the host takes the processor back."
    INVLPG "invlpg-exiting" primary(9), "INVLPG exiting" "SDM 3C 25.1.3"
        "The guest invalidates a translation, and the host wants to see that."
    RDTSC "rdtsc-exiting" primary(12), "RDTSC exiting" "SDM 3C 25.1.3"
        "The guest reads the time-stamp counter, and the host wants to see that."
    DR_ACCESS "mov-dr-exiting" primary(23), "MOV-DR exiting" "SDM 3C 25.1.3"
        "The guest touches a debug register."
    IO_INSTRUCTION "io-exiting" primary(24), "unconditional I/O exiting" "SDM 3C 25.1.3"
        "The guest talks to an I/O port; the host plays the device behind it."
    MONITOR_TRAP_FLAG "monitor-trap-flag" primary(27), "monitor trap flag" "SDM 3C 25.5.2"
        "The host lets the guest run one instruction at a time here."
    PAUSE "pause-exiting" primary(30), "PAUSE exiting" "SDM 3C 25.1.3"
        "The guest spins on a lock, and the host wants to know."
    GDTR_IDTR "descriptor-table-exiting" secondary(2), "descriptor-table exiting" "SDM 3C 25.1.3"
        "The guest loads or stores a descriptor-table register; the host keeps the table that is in use."
    LDTR_TR "descriptor-table-exiting" secondary(2), "descriptor-table exiting" "SDM 3C 25.1.3"
        "The guest loads or stores LDTR or TR."
    WBINVD "wbinvd-exiting" secondary(6), "WBINVD exiting" "SDM 3C 25.1.3"
        "The guest flushes the caches."
    RDRAND "rdrand-exiting" secondary(11), "RDRAND exiting" "SDM 3C 25.1.3"
        "The guest asks for a random number."
    MSR_READ "msr-bitmap" By::Msr { write: false }, "MSR bitmaps: read" "SDM 3C 24.6.9"
        "The bit of this MSR in the read bitmap is 1, so reading it exits."
    MSR_WRITE "msr-bitmap" By::Msr { write: true }, "MSR bitmaps: write" "SDM 3C 24.6.9"
        "The bit of this MSR in the write bitmap is 1, so writing it exits."
    EXCEPTION_NMI "exception-bitmap" By::Exception, "exception bitmap" "SDM 3C 25.2"
        "The bit of this exception is 1, so raising it exits before the guest's handler sees it."
    EPT_VIOLATION "ept" By::All(fields::EPT_POINTER), "extended page tables" "SDM 3C 28.2.3.2"
        "The guest touched an address that its extended page tables do not allow."
    EPT_MISCONFIGURATION "ept" By::All(fields::EPT_POINTER), "extended page tables" "SDM 3C 28.2.3.1"
        "An entry of the extended page tables makes no sense."
    CPUID "unconditional" By::Nothing, "no control: CPUID always exits" "SDM 3C 25.1.2"
        "This instruction exits on every processor, whatever the controls say."
    VMCALL "unconditional" By::Nothing, "no control: VMCALL always exits" "SDM 3C 25.1.2"
        "The guest calls its host on purpose."
    TRIPLE_FAULT "unconditional" By::Nothing, "no control: a triple fault always exits" "SDM 3C 25.2"
        "The guest could not even handle its own fault."
    XSETBV "unconditional" By::Nothing, "no control: XSETBV always exits" "SDM 3C 25.1.2"
        "This instruction exits on every processor, whatever the controls say."
}

/// A write of EOI is a case of its own: one bit of one bitmap.
const EOI_WRITE: Control = Control {
    key: "eoi-write",
    by: By::Msr { write: true },
    name: "MSR bitmaps: write",
    section: "SDM 3C 24.6.9; 3A 11.12.1.2",
    text: "The guest says that it is done with the interrupt. One bit of the write bitmap decides whether it may say so itself; it is 1.",
};

macro_rules! others {
    ($( $constant:ident $key:literal $by:expr, $name:literal $section:literal $text:literal )*) => {
        $( const $constant: Control =
            Control { key: $key, by: $by, name: $name, section: $section, text: $text }; )*
    };
}

// Reasons with several controls (table 27-3 tells which register was accessed, and how).
others! {
    CR3_LOAD "cr3-load-exiting" primary(15), "CR3-load exiting" "SDM 3C 25.1.3"
        "The guest changes its address space, and the host wants to see that."
    CR3_STORE "cr3-store-exiting" primary(16), "CR3-store exiting" "SDM 3C 25.1.3"
        "The guest reads CR3, and the host answers."
    CR8_LOAD "cr8-load-exiting" primary(19), "CR8-load exiting" "SDM 3C 25.1.3"
        "The guest changes its task priority: left alone, it could mask interrupts that are the host's."
    CR8_STORE "cr8-store-exiting" primary(20), "CR8-store exiting" "SDM 3C 25.1.3"
        "The guest reads its task priority."
    CR0_MASK "cr0-mask" By::All(fields::CR0_GUEST_HOST_MASK), "CR0 guest/host mask" "SDM 3C 24.6.6"
        "The guest would change a bit of CR0 that the host owns."
    CR4_MASK "cr4-mask" By::All(fields::CR4_GUEST_HOST_MASK), "CR4 guest/host mask" "SDM 3C 24.6.6"
        "The guest would change a bit of CR4 that the host owns."
    IO_BITMAPS "io-exiting" primary(25), "use I/O bitmaps" "SDM 3C 24.6.4"
        "The bit of this port in the I/O bitmaps is 1; the host plays the device behind it."
    NMI "nmi-exiting" pin(3), "NMI exiting" "SDM 3C 24.6.1, table 24-5"
        "While this bit is 1, an NMI forces the guest out."
}

/// Which control decides exits for a reason. `is_eoi`: the guest wrote the EOI register; `vmcs`: a field's value.
pub fn control(
    reason: ExitReason,
    qualification: u64,
    is_eoi: bool,
    vmcs: impl Fn(Field) -> u64,
) -> Option<&'static Control> {
    match (reason, qualification & 15, qualification >> 4 & 3) {
        (ExitReason::MSR_WRITE, ..) if is_eoi => Some(&EOI_WRITE),
        (ExitReason::CR_ACCESS, 3, 0) => Some(&CR3_LOAD),
        (ExitReason::CR_ACCESS, 3, 1) => Some(&CR3_STORE),
        (ExitReason::CR_ACCESS, 8, 0) => Some(&CR8_LOAD),
        (ExitReason::CR_ACCESS, 8, 1) => Some(&CR8_STORE),
        (ExitReason::CR_ACCESS, 4, _) => Some(&CR4_MASK),
        (ExitReason::CR_ACCESS, ..) => Some(&CR0_MASK),
        (ExitReason::IO_INSTRUCTION, ..) if vmcs(fields::PRIMARY_PROCESSOR_BASED_CONTROLS) >> 25 & 1 != 0 => {
            Some(&IO_BITMAPS)
        }
        (ExitReason::EXCEPTION_NMI, ..) if vmcs(fields::VM_EXIT_INTERRUPTION_INFO) >> 8 & 7 == 2 => {
            Some(&NMI)
        }
        _ => CONTROLS.iter().find(|(of, _)| *of == reason).map(|(_, control)| control),
    }
}
