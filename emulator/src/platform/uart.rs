//! 16550 UART: plain registers and a receive FIFO; what is sent goes out at once.

use crate::state::Node;
use std::collections::VecDeque;

/// Receive FIFO depth in bytes (16550D 8.4).
const FIFO_DEPTH: usize = 16;
/// Output kept for [`Uart::take_output`]; what exceeds it is counted and dropped.
const OUTPUT_LIMIT: usize = 1 << 20;

/// LCR.DLAB: offsets 0 and 1 are the divisor latch.
const LCR_DLAB: u8 = 1 << 7;
/// MCR.OUT2: on a PC it connects the interrupt line.
const MCR_OUT2: u8 = 1 << 3;
/// MCR.LOOP: the transmitter feeds the receiver.
const MCR_LOOP: u8 = 1 << 4;
/// LSR.DR: data ready.
const LSR_DR: u8 = 1;
/// LSR.OE: overrun, cleared by reading.
const LSR_OE: u8 = 1 << 1;
/// LSR.THRE and TEMT: the transmitter is empty, always.
const LSR_EMPTY: u8 = 0x60;
/// IIR bits 7:6: FIFOs enabled.
const IIR_FIFOS: u8 = 0xc0;

/// A 16550 UART.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Uart {
    received: VecDeque<u8>,
    interrupt_enable: u8,
    fifo_control: u8,
    line_control: u8,
    modem_control: u8,
    scratch: u8,
    divisor: u16,
    overrun: bool,
    /// THRE interrupt, cleared by reading IIR when it is the source.
    transmit_pending: bool,
    output: Sent,
    output_total: u64,
}

/// What was sent and not taken yet. Looking changes nothing: all are equal, and it adds nothing to a hash.
#[derive(Clone, Debug, Default)]
struct Sent {
    bytes: Vec<u8>,
    dropped: u64,
}

impl PartialEq for Sent {
    fn eq(&self, _: &Sent) -> bool {
        true
    }
}

impl Eq for Sent {}

impl std::hash::Hash for Sent {
    fn hash<H: std::hash::Hasher>(&self, _: &mut H) {}
}

impl Uart {
    /// A UART after reset.
    #[must_use]
    pub fn new() -> Uart {
        Uart::default()
    }

    /// Reads the register at `port_offset` 0..=7.
    pub fn read(&mut self, port_offset: u8) -> u8 {
        let dlab = self.line_control & LCR_DLAB != 0;
        match port_offset {
            0 if dlab => self.divisor as u8,
            1 if dlab => (self.divisor >> 8) as u8,
            0 => self.received.pop_front().unwrap_or(0),
            1 => self.interrupt_enable,
            2 => self.read_identification(),
            3 => self.line_control,
            4 => self.modem_control,
            5 => self.read_line_status(),
            6 => self.modem_status(),
            7 => self.scratch,
            _ => 0xff,
        }
    }

    /// Writes the register at `port_offset` 0..=7.
    pub fn write(&mut self, port_offset: u8, value: u8) {
        let dlab = self.line_control & LCR_DLAB != 0;
        match port_offset {
            0 if dlab => self.divisor = self.divisor & 0xff00 | u16::from(value),
            1 if dlab => self.divisor = self.divisor & 0x00ff | u16::from(value) << 8,
            0 => self.transmit(value),
            1 => self.write_interrupt_enable(value),
            2 => self.write_fifo_control(value),
            3 => self.line_control = value,
            4 => self.modem_control = value & 0x1f,
            7 => self.scratch = value,
            _ => {}
        }
    }

    /// A byte arrives on the line; false when there is no room for it (the caller may try later).
    pub fn push_input(&mut self, byte: u8) -> bool {
        let room = self.received.len() < self.depth();
        if room {
            self.received.push_back(byte);
        }
        room
    }

    /// A byte arrives on the line, whether there is room for it or not: without FIFOs it takes the place of the one that
    /// was not read, with them it is lost; either is an overrun (16550D 8.4).
    pub fn receive(&mut self, byte: u8) {
        if self.push_input(byte) {
            return;
        }
        self.overrun = true;
        if self.depth() == 1 {
            self.received.clear();
            self.received.push_back(byte);
        }
    }

    /// How many bytes the receiver has room for.
    #[must_use]
    pub fn room(&self) -> usize {
        self.depth().saturating_sub(self.received.len())
    }

    /// Takes what was sent since the last call.
    pub fn take_output(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.output.bytes)
    }

    /// What was sent and not taken yet.
    #[must_use]
    pub fn output(&self) -> &[u8] {
        &self.output.bytes
    }

    /// Bytes sent since reset, dropped ones included.
    #[must_use]
    pub fn output_total(&self) -> u64 {
        self.output_total
    }

    /// Whether the interrupt line is asserted.
    #[must_use]
    pub fn interrupt(&self) -> bool {
        self.modem_control & MCR_OUT2 != 0 && self.source().is_some()
    }

    fn depth(&self) -> usize {
        if self.fifo_control & 1 != 0 { FIFO_DEPTH } else { 1 }
    }

    fn transmit(&mut self, byte: u8) {
        if self.modem_control & MCR_LOOP != 0 {
            self.receive(byte);
        } else {
            self.output_total = self.output_total.wrapping_add(1);
            if self.output.bytes.len() < OUTPUT_LIMIT {
                self.output.bytes.push(byte);
            } else {
                self.output.dropped = self.output.dropped.wrapping_add(1);
            }
        }
        self.transmit_pending = true;
    }

    /// Enabling the THRE interrupt while the transmitter is empty raises it (16550D 8.6).
    fn write_interrupt_enable(&mut self, value: u8) {
        self.transmit_pending |= value & 2 != 0 && self.interrupt_enable & 2 == 0;
        self.interrupt_enable = value & 0xf;
    }

    /// FCR: bit 0 enables the FIFOs, bit 1 empties the receiver's; changing bit 0 does too.
    fn write_fifo_control(&mut self, value: u8) {
        if value & 2 != 0 || (value ^ self.fifo_control) & 1 != 0 {
            self.received.clear();
        }
        self.fifo_control = value & 0xc9;
    }

    /// The interrupt of highest priority, as IIR bits 3:0 name it (16550D table IV).
    fn source(&self) -> Option<u8> {
        let enabled = |bit: u8| self.interrupt_enable & bit != 0;
        match () {
            () if enabled(4) && self.overrun => Some(0b0110),
            () if enabled(1) && !self.received.is_empty() => Some(0b0100),
            () if enabled(2) && self.transmit_pending => Some(0b0010),
            () => None,
        }
    }

    fn read_identification(&mut self) -> u8 {
        let source = self.source();
        if source == Some(0b0010) {
            self.transmit_pending = false;
        }
        source.unwrap_or(1) | if self.fifo_control & 1 != 0 { IIR_FIFOS } else { 0 }
    }

    fn read_line_status(&mut self) -> u8 {
        let overrun = if std::mem::take(&mut self.overrun) { LSR_OE } else { 0 };
        LSR_EMPTY | overrun | if self.received.is_empty() { 0 } else { LSR_DR }
    }

    /// CTS, DSR and DCD are there; in loopback the outputs come back (16550D 8.8).
    fn modem_status(&self) -> u8 {
        if self.modem_control & MCR_LOOP == 0 {
            return 0xb0;
        }
        let m = self.modem_control;
        (m & 1) << 5 | (m & 2) << 3 | (m & 4) << 4 | (m & 8) << 4
    }

    /// The registers and counts.
    #[must_use]
    pub fn inspect(&self) -> Node {
        Node::group(
            "com1",
            vec![
                Node::value("IER", self.interrupt_enable.into(), 8),
                Node::value("FCR", self.fifo_control.into(), 8),
                Node::value("LCR", self.line_control.into(), 8),
                Node::value("MCR", self.modem_control.into(), 8),
                Node::value("divisor", self.divisor.into(), 16),
                Node::value("interrupt", self.interrupt().into(), 1),
                Node::count("received", self.received.len() as u64),
                Node::count("output_total", self.output_total),
                Node::count("output_dropped", self.output.dropped),
            ],
        )
    }
}
