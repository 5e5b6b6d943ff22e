//! Terms of art: what they mean in a sentence or two, and where the manual says so.

/// One term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Definition {
    /// Its key.
    pub key: &'static str,
    /// The word.
    pub word: &'static str,
    /// What it means.
    pub text: &'static str,
    /// Where it is written.
    pub section: &'static str,
}

/// The definition of a key.
pub fn definition(key: &str) -> Option<&'static Definition> {
    DEFINITIONS.iter().find(|definition| definition.key == key)
}

/// All, in the order of an interrupt's way.
pub fn definitions() -> &'static [Definition] {
    &DEFINITIONS
}

const fn row(key: &'static str, word: &'static str, text: &'static str, section: &'static str) -> Definition {
    Definition { key, word, text, section }
}

static DEFINITIONS: [Definition; 36] = [
    row(
        "interrupt",
        "interrupt",
        "A message from a device that makes the processor stop what it does and run a handler.",
        "SDM 3A 6.1",
    ),
    row(
        "vector",
        "vector",
        "The number, 0 to 255, that says which interrupt it is; it picks the handler in the IDT.",
        "SDM 3A 6.2",
    ),
    row("handler", "handler", "The code that the processor runs when an interrupt arrives.", "SDM 3A 6.11"),
    row(
        "host",
        "host",
        "The hypervisor: the software that owns the machine and lends it to guests.",
        "SDM 3C 23.2",
    ),
    row(
        "guest",
        "guest",
        "The operating system in the virtual machine. It believes that it has a machine of its own.",
        "SDM 3C 23.2",
    ),
    row("root", "root mode", "The processor's mode for the host. VM exits lead here.", "SDM 3C 23.3"),
    row(
        "non-root",
        "non-root mode",
        "The processor's mode for the guest: some instructions and events leave it for the host.",
        "SDM 3C 23.3",
    ),
    row(
        "exit",
        "VM exit",
        "The processor leaves the guest for the host: it saves the guest's state and loads the host's. That takes a microsecond or more.",
        "SDM 3C 27",
    ),
    row("entry", "VM entry", "The processor goes back from the host into the guest.", "SDM 3C 26"),
    row(
        "injection",
        "injection",
        "The host hands an interrupt to the guest: it writes it into a field of the VMCS, and the next VM entry delivers it.",
        "SDM 3C 26.6",
    ),
    row(
        "vmcs",
        "VMCS",
        "The table in memory that holds a guest's state, the host's, and the controls that decide what exits.",
        "SDM 3C 24",
    ),
    row(
        "idt",
        "IDT",
        "The interrupt descriptor table: one gate for each vector, which leads to its handler.",
        "SDM 3A 6.10",
    ),
    row(
        "gate",
        "gate",
        "One entry of the IDT. A gate that is marked not present raises an exception instead of leading to a handler.",
        "SDM 3A 6.11",
    ),
    row(
        "not-present",
        "#NP",
        "The exception that a gate or segment marked not present raises.",
        "SDM 3A 6.15",
    ),
    row(
        "apic",
        "local APIC",
        "The processor's interrupt controller: it keeps what is pending and offers the most urgent first.",
        "SDM 3A 10",
    ),
    row(
        "x2apic",
        "x2APIC",
        "The local APIC with its registers reached as MSRs instead of memory.",
        "SDM 3A 10.12",
    ),
    row("irr", "IRR", "Interrupt request register: vectors that arrived and wait.", "SDM 3A 10.8.4"),
    row(
        "isr",
        "ISR",
        "In-service register: vectors whose handlers run and that were not signed off yet.",
        "SDM 3A 10.8.4",
    ),
    row(
        "eoi",
        "EOI",
        "End of interrupt: the handler tells the APIC that it is done, so that the next may come.",
        "SDM 3A 10.8.5",
    ),
    row("tpr", "TPR", "Task-priority register: vectors at or below its class wait.", "SDM 3A 10.8.3"),
    row(
        "if",
        "IF",
        "The interrupt flag: while it is clear the processor takes no external interrupt.",
        "SDM 3A 6.8.1",
    ),
    row("msr", "MSR", "A model-specific register, read and written by RDMSR and WRMSR.", "SDM 4"),
    row(
        "msr-bitmap",
        "MSR bitmap",
        "A page with a bit for each MSR: a set bit makes the guest's access exit, a clear one lets it through.",
        "SDM 3C 24.6.9",
    ),
    row(
        "ept",
        "EPT",
        "Extended page tables: they say where the guest's physical memory really is.",
        "SDM 3C 28.2",
    ),
    row(
        "iommu",
        "IOMMU",
        "It stands between devices and memory: it checks each DMA and translates each interrupt message.",
        "VT-d 3",
    ),
    row(
        "remapping",
        "interrupt remapping",
        "The IOMMU looks an interrupt message up in a table and decides which processor gets which vector.",
        "VT-d 5.1",
    ),
    row("irte", "IRTE", "An entry of the interrupt-remapping table.", "VT-d 9.9"),
    row(
        "msi",
        "MSI-X",
        "How a PCI device raises an interrupt: by a memory write whose address and data say who and what.",
        "PCI 6.8.2",
    ),
    row("nic", "NIC", "The network card: here an Intel 82599 at 10 Gb/s.", "82599"),
    row("dma", "DMA", "A device reads or writes memory by itself.", "82599 1.5"),
    row(
        "ring",
        "descriptor ring",
        "The list in memory by which driver and card hand buffers to each other.",
        "82599 7.1",
    ),
    row(
        "moderation",
        "interrupt moderation",
        "The card waits a little between interrupts, so that one stands for several packets.",
        "82599 7.3.2",
    ),
    row("bare-metal", "bare metal", "The same software on the same machine without a host.", ""),
    row(
        "assignment",
        "device assignment",
        "The guest drives a real device by itself; the IOMMU keeps it inside its own memory.",
        "VT-d 2.5",
    ),
    row(
        "preemption-timer",
        "preemption timer",
        "A countdown in the VMCS that exits when it reaches zero, whatever the guest does.",
        "SDM 3C 25.5.1",
    ),
    row(
        "virtual-time",
        "virtual time",
        "The machine's own clock. It counts what the modelled hardware would take, not what your computer takes.",
        "",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_is_there_once_and_says_a_sentence() {
        for (i, row) in DEFINITIONS.iter().enumerate() {
            assert!(row.text.ends_with('.'), "{}", row.key);
            assert!(DEFINITIONS.iter().skip(i + 1).all(|other| other.key != row.key), "{}", row.key);
        }
    }
}
