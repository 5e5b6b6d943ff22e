//! The kernel's network side: smoltcp, its sockets in numbered slots, and when the stack runs.
//!
//! Every socket is a set of its own, so that a frame concerns one socket only: the flow table finds it.
//! What goes out is looked for where there may be something: in the slots that the application gave data
//! (`spoken`) and in those that got a frame (`heard`). The tick visits all, for their timers.
//!
//! The stack runs in the application's system calls, with interrupts on: when frames have come, when enough
//! data waits to be sent, when the tick has passed, and before the processor idles. A frame that brings the
//! application something is acknowledged with the answer, or else at the next wait.

mod device;
mod flow;
mod marks;
mod socket;

pub use socket::{Buffers, Error};

use crate::boot::Boot;
use crate::nic::{self, RECEIVED};
use crate::{clock, one_cpu::OneCpu};
use alloc::vec::Vec;
use device::Device;
use flow::{Addressee, FlowTable};
use kit::{cpu, println};
use marks::Marks;
use smoltcp::iface::{Config, Interface, PollResult, SocketSet};
use smoltcp::wire::{EthernetAddress, IpCidr, Ipv4Address};
use socket::Slot;

/// This end's address.
const ADDRESS: Ipv4Address = Ipv4Address::new(10, 0, 0, 2);
const PREFIX: u8 = 24;
/// Data waiting to be sent runs the stack at this many bytes: eight full segments.
const PUSH_BYTES: usize = 8 * 1460;

/// The stack. Set at boot; from then on the system calls'.
static STACK: OneCpu<Stack> = OneCpu::new();

/// The interface, its sockets and the port.
pub struct Stack {
    interface: Interface,
    device: Device,
    slots: Vec<Slot>,
    /// The set for frames that belong to no socket: the stack answers what it can by itself.
    nobody: SocketSet<'static>,
    flows: FlowTable,
    /// Slots that listen.
    listeners: Vec<u16>,
    /// Slots with data or a close from the application that did not go out yet.
    spoken: Marks,
    /// Slots that got a frame: the application may have something to take, the peer may await an answer.
    heard: Marks,
    /// Every slot is due for a visit.
    visit_all: bool,
    /// Bytes given to sockets since the stack last sent.
    waiting: usize,
    next_port: u16,
}

/// Starts the port and the stack on it.
pub fn start(boot: &Boot) {
    let mut frames = boot.frames;
    let nic = nic::start(&boot.port, &mut frames, &boot.config);
    let mac = EthernetAddress(nic.mac);
    let link = if nic.link_up { "up" } else { "down" };
    println!(
        "netguest: 82599 at 00:{:02x}.0, {mac}, link {link}, address {ADDRESS}/{PREFIX}",
        boot.port.device()
    );
    let mut device = Device::new(nic.tx);
    let mut config = Config::new(mac.into());
    config.random_seed = boot.config.seed;
    let mut interface = Interface::new(config, &mut device, clock::now());
    interface.update_ip_addrs(|addresses| {
        addresses.push(IpCidr::new(ADDRESS.into(), PREFIX)).expect("the interface has room for one address");
    });
    let stack = Stack {
        interface,
        device,
        slots: Vec::new(),
        nobody: SocketSet::new(Vec::new()),
        flows: FlowTable::new(),
        listeners: Vec::new(),
        spoken: Marks::default(),
        heard: Marks::default(),
        visit_all: false,
        waiting: 0,
        next_port: 49152,
    };
    // SAFETY: boot sets it once; no system call has run.
    unsafe { STACK.set(stack) };
}

/// The stack, for a system call.
pub fn stack() -> &'static mut Stack {
    // SAFETY: there is one application with one thread, so system calls do not nest; handlers do not call this.
    unsafe { STACK.get() }
}

impl Stack {
    /// Runs the stack: everything received goes in, everything that may be sent goes out.
    fn run(&mut self) {
        self.take_in();
        self.answer();
        self.send_out();
    }

    /// Sends what the application has given if there is enough of it, and lets in what has come. What came is
    /// not acknowledged here: most of it the application is about to answer.
    #[inline]
    fn run_if_due(&mut self) {
        if self.waiting >= PUSH_BYTES || !RECEIVED.is_empty() || clock::ticked() {
            self.take_in();
            self.send_out();
        }
    }

    /// Gives every received frame to its socket.
    fn take_in(&mut self) {
        if clock::ticked() {
            clock::clear_tick();
            self.visit_all = true;
        }
        let now = clock::now();
        while let Some(frame) = self.device.next_frame() {
            let addressee = Addressee::of(frame);
            let Some(slot) = self.slot_of(addressee) else {
                self.interface.poll_ingress_single(now, &mut self.device, &mut self.nobody);
                // It may have been the ARP reply that a socket waits for.
                self.visit_all = true;
                continue;
            };
            let sockets = &mut self.slots[slot as usize].sockets;
            self.interface.poll_ingress_single(now, &mut self.device, sockets);
            if let Addressee::Connection { flow, .. } = addressee {
                self.settle(slot, Some(flow));
            }
            self.heard.add(slot);
        }
    }

    /// Whose frame it is: a connection's, or a listener's if it opens one.
    fn slot_of(&self, addressee: Addressee) -> Option<u16> {
        match addressee {
            Addressee::Connection { flow, opens } => {
                let listener = || opens.then(|| self.listener(flow.local_port()))?;
                self.flows.find(flow).or_else(listener)
            }
            Addressee::Datagram(port) => self.datagram_slot(port),
            Addressee::Nobody => None,
        }
    }

    /// Sends what the application has given, and everything that is due after a tick.
    fn send_out(&mut self) {
        self.waiting = 0;
        if core::mem::take(&mut self.visit_all) {
            (0..self.slots.len() as u16).for_each(|slot| self.visit(slot));
        } else {
            let mut place = 0;
            while let Some(slot) = self.spoken.get(place) {
                self.visit(slot);
                place += 1;
            }
        }
        self.spoken.clear();
        self.device.flush();
    }

    /// Lets every slot that got a frame answer it, unless the application is to be told of the slot first.
    fn answer(&mut self) {
        let mut heard = core::mem::take(&mut self.heard);
        heard.retain(|slot| {
            let is_ready = self.slots[slot as usize].is_ready();
            if !is_ready {
                self.visit(slot);
            }
            is_ready
        });
        self.heard = heard;
    }

    /// Sends what one slot has to send.
    fn visit(&mut self, slot: u16) {
        let now = clock::now();
        let sockets = &mut self.slots[slot as usize].sockets;
        while self.interface.poll_egress(now, &mut self.device, sockets) == PollResult::SocketStateChanged {}
        // A full ring: the next run tries again.
        self.visit_all |= !self.device.has_room();
        self.settle(slot, None);
    }

    /// Sleeps until an interrupt, unless one has brought something already. Interrupts are off for the look,
    /// so that none is lost between looking and sleeping.
    fn idle(&mut self) {
        cpu::cli();
        // SAFETY: every vector has a handler.
        unsafe {
            if RECEIVED.is_empty() && !clock::ticked() {
                cpu::sti_hlt();
            } else {
                cpu::sti();
            }
        }
    }
}
