//! The kernel's network side: smoltcp, its sockets in numbered slots, and when the stack runs.
//!
//! The stack runs in the application's system calls, with interrupts on: when frames have come, when enough
//! data waits to be sent, when the tick has passed, and before the processor idles.

mod device;
mod socket;

pub use socket::{Buffers, Error};

use crate::boot::Boot;
use crate::nic::{self, RECEIVED};
use crate::{clock, one_cpu::OneCpu};
use alloc::vec::Vec;
use device::Device;
use kit::{cpu, println};
use smoltcp::iface::{Config, Interface, SocketSet};
use smoltcp::wire::{EthernetAddress, IpCidr, Ipv4Address};
use socket::Slot;

/// This end's address.
const ADDRESS: Ipv4Address = Ipv4Address::new(10, 0, 0, 2);
const PREFIX: u8 = 24;
/// Data waiting to be sent runs the stack at this many bytes: four full segments.
const PUSH_BYTES: usize = 4 * 1460;

/// The stack. Set at boot; from then on the system calls'.
static STACK: OneCpu<Stack> = OneCpu::new();

/// The interface, its sockets and the port.
pub struct Stack {
    interface: Interface,
    sockets: SocketSet<'static>,
    device: Device,
    slots: Vec<Slot>,
    /// Bytes given to sockets since the stack last ran.
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
    let sockets = SocketSet::new(Vec::new());
    let slots = Vec::new();
    let stack = Stack { interface, sockets, device, slots, waiting: 0, next_port: 49152 };
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
    pub fn run(&mut self) {
        clock::clear_tick();
        self.waiting = 0;
        self.interface.poll(clock::now(), &mut self.device, &mut self.sockets);
        self.device.flush();
    }

    /// Runs the stack if there is a reason to.
    #[inline]
    fn run_if_due(&mut self) {
        if self.waiting >= PUSH_BYTES || !RECEIVED.is_empty() || clock::ticked() {
            self.run();
        }
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
