//! The event vocabulary.

/// What a record is about. `a` and `b` are the record's two words; a kind says what they hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Kind {
    // -- An interrupt's life ------------------------------------------------------------------
    /// An interrupt begins. a = source-id or APIC id | kind of origin << 32 (as in `VmExit`), b = the
    /// device's vector.
    Raised = 0,
    /// The device sent its message. a = address, b = data.
    Message = 1,
    /// The IOMMU turned a message into an interrupt. a = IRTE index, b = vector.
    Remapped = 2,
    /// A bit was set in IRR. a = APIC id, b = vector.
    Pending = 3,
    /// The request fell together with one already pending. a = the surviving life, b = vector.
    Coalesced = 4,
    /// The message or request was blocked. a = fault reason, b = source-id or vector.
    Blocked = 5,
    /// The request was dropped: masked, reset, illegal vector. a = APIC id, b = vector.
    Dropped = 6,
    /// A processor acknowledged it: IRR to ISR. a = 1 in VMX non-root operation, b = vector.
    Acknowledged = 7,
    /// Delivery through an IDT gate completed. a = handler RIP, b = vector | non-root << 8.
    Delivered = 8,
    /// EOI retired it. a = 1 when written in VMX non-root operation, b = vector.
    Eoi = 9,
    /// VM entry injected it. a = VM-entry interruption information, b = error code.
    Injected = 10,
    /// A virtual EOI (an exiting write of the EOI register) ended an injected life. b = vector.
    VirtualEoi = 11,

    // -- VT-x ---------------------------------------------------------------------------------
    /// VM exit. a = reason | cause kind << 32, b = qualification.
    VmExit = 12,
    /// VM entry completed. a = VM-entry interruption information, b = guest RIP.
    VmEntry = 13,
    /// VM entry failed. a = exit reason or VM-instruction error, b = index of the check.
    VmEntryFailed = 14,
    /// A VMX instruction failed (VMfail). a = VM-instruction error, b = RIP.
    VmFail = 15,

    // -- The processor ------------------------------------------------------------------------
    /// An exception was delivered. a = vector | error code << 32, b = RIP.
    Exception = 16,
    /// HLT (or MWAIT) stopped the processor. b = RIP.
    Halt = 17,
    /// A halted processor woke. b = RIP.
    Wake = 18,
    /// A control register changed. a = register number, b = value.
    ControlWrite = 19,
    /// An MSR that matters to interrupts was written. a = index, b = value.
    MsrWrite = 20,
    /// An interrupt command left a local APIC. a = ICR, b = non-root.
    Ipi = 21,

    // -- Devices ------------------------------------------------------------------------------
    /// A DMA access completed. a = address | write << 63, b = length.
    Dma = 22,
    /// The IOMMU refused a DMA access. a = address, b = reason | source-id << 16.
    DmaFault = 23,
    /// A queued-invalidation descriptor was processed. a, b = its two quadwords.
    Invalidation = 24,
    /// A doorbell: a tail register was written. a = register offset, b = value.
    Doorbell = 25,
    /// A descriptor was written back. a = address, b = queue | tx << 8 | count << 16.
    WriteBack = 26,
    /// A frame left for the wire. a = length, b = the first 8 bytes of its payload's hash.
    PacketSent = 27,
    /// A frame arrived from the wire. a = length, b = hash as above.
    PacketReceived = 28,
    /// A frame was dropped. a = length, b = reason.
    PacketDropped = 29,
    /// Interrupt moderation held an interrupt back. a = device vector, b = until, picoseconds.
    Moderated = 30,
    /// The link changed. a = 1 up, 0 down.
    Link = 31,
    /// A configuration-space register was written. a = bus/device/function << 16 | offset, b = value.
    PciConfigWrite = 32,

    // -- Outside ------------------------------------------------------------------------------
    /// Guest software wrote the mark port. a = value.
    Mark = 33,
    /// An input from outside (journal) took effect. a = key, b = value.
    Input = 34,
    /// The machine stopped. a = reason.
    Stop = 35,
}

impl Kind {
    /// Every kind, in order of its number.
    pub const ALL: [Kind; 36] = {
        use Kind::*;
        [
            Raised,
            Message,
            Remapped,
            Pending,
            Coalesced,
            Blocked,
            Dropped,
            Acknowledged,
            Delivered,
            Eoi,
            Injected,
            VirtualEoi,
            VmExit,
            VmEntry,
            VmEntryFailed,
            VmFail,
            Exception,
            Halt,
            Wake,
            ControlWrite,
            MsrWrite,
            Ipi,
            Dma,
            DmaFault,
            Invalidation,
            Doorbell,
            WriteBack,
            PacketSent,
            PacketReceived,
            PacketDropped,
            Moderated,
            Link,
            PciConfigWrite,
            Mark,
            Input,
            Stop,
        ]
    };

    /// A short name for logs.
    pub fn name(self) -> &'static str {
        const NAMES: [&str; 36] = [
            "raised",
            "message",
            "remapped",
            "pending",
            "coalesced",
            "blocked",
            "dropped",
            "acknowledged",
            "delivered",
            "eoi",
            "injected",
            "virtual-eoi",
            "vm-exit",
            "vm-entry",
            "vm-entry-failed",
            "vm-fail",
            "exception",
            "halt",
            "wake",
            "control-write",
            "msr-write",
            "ipi",
            "dma",
            "dma-fault",
            "invalidation",
            "doorbell",
            "write-back",
            "packet-sent",
            "packet-received",
            "packet-dropped",
            "moderated",
            "link",
            "pci-config-write",
            "mark",
            "input",
            "stop",
        ];
        NAMES[self as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_numbered_in_order_and_at_most_forty() {
        assert!(Kind::ALL.len() <= 40);
        for (i, kind) in Kind::ALL.iter().enumerate() {
            assert_eq!(*kind as usize, i, "{}", kind.name());
        }
    }
}
