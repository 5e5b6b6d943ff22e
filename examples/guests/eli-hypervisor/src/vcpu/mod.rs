//! The virtual processor: the loop of entries and exits.

mod cr;
mod decode;
mod descriptor;
mod event;
mod exception;
mod exits;
mod io;
mod mapping;
mod misc;
mod mode;
mod msr;
mod uart;
mod vectoring;
mod violation;

use crate::boot::Boot;
use crate::classroom::Part;
use crate::device::{Device, Effect};
use crate::ept::Ept;
use crate::guest::{self, GuestMemory};
use crate::options::{Defence, Mode, Options};
use crate::shadow::Shadow;
use crate::vapic::VirtualApic;
use crate::vmx::{self, Base, MsrBitmap, Registers, spec};
use crate::vtd::Remapping;
use crate::{apic, interrupts, timer, vectors};
use core::sync::atomic::Ordering::Relaxed;
use event::Event;
use mode::{Loaded, Preemption};
use uart::Uart;
use vectoring::Vectoring;

/// Why the guest does not go on.
#[derive(Clone, Copy, Debug)]
pub struct Stop(pub &'static str);

/// A VM exit.
#[derive(Clone, Copy, Debug)]
pub struct Exit {
    /// Basic exit reason.
    pub reason: u16,
    /// What has become of the event whose delivery the exit interrupted.
    pub vectoring: Vectoring,
}

/// The virtual processor and all that belongs to its guest.
pub struct Vcpu {
    options: Options,
    base: Base,
    registers: Registers,
    launched: bool,
    memory: GuestMemory,
    ept: Ept,
    shadow: Shadow,
    /// Copies of the page tables that lead to the guest's IDT.
    copies: mapping::Copies,
    /// The page of the guest's IDT, if the shadow can stand in for it.
    idt: Option<u64>,
    /// False once the guest has taken an interrupt of the host's: no more direct delivery.
    trusted: bool,
    device: Device,
    vapic: VirtualApic,
    uart: Uart,
    /// MSRs that exit in injection mode and in direct mode.
    msr_bitmaps: [MsrBitmap; 2],
    /// The controls that the VMCS holds.
    loaded: Option<Loaded>,
    /// The physical task priority of the last entry, and what the guest has made of it where it can.
    entry_tpr: u8,
    guest_tpr: u8,
    /// The event to inject at the next entry.
    event: Option<Event>,
    /// Run one instruction in injection mode, then look at the IDT again.
    step: bool,
    preemption: Preemption,
    /// Host ticks that the guest's timer has seen.
    ticks: u64,
}

impl Vcpu {
    /// A processor at the first instruction of the guest that `boot` found.
    pub fn new(boot: &mut Boot, remapping: Option<Remapping>) -> Result<Self, &'static str> {
        let (options, frames) = (boot.options, &mut boot.frames);
        let mut memory = GuestMemory::new(boot.guest_memory.clone());
        if !crate::device::fits(&memory) {
            return Err("the guest's memory is too large (guest_mib=): its devices begin at 3 GiB");
        }
        let own_line = boot.guest.command_line().0;
        let entry =
            guest::load(&mut memory, boot.guest.bytes(), options.guest_command_line.unwrap_or(own_line))?;
        vmx::start(frames)?;
        let base = Base::new(&options)?;
        vmx::setup(&base, &entry);
        let no_memory = "no memory for the virtual processor";
        let mut registers = Registers::default();
        registers.0[vmx::register::RDI] = entry.start_info;
        registers.0[vmx::register::RBX] = entry.start_info;
        let mut this = Self {
            options,
            base,
            registers,
            launched: false,
            memory,
            ept: Ept::new(boot.guest_memory.clone(), frames).ok_or(no_memory)?,
            shadow: Shadow::new(frames).ok_or(no_memory)?,
            copies: mapping::Copies::new(frames).ok_or(no_memory)?,
            idt: None,
            trusted: true,
            device: Device::new(boot.port, remapping),
            vapic: VirtualApic::new(kit::x2apic::id(), options.tsc_hz, options.apic_hz),
            uart: Uart::default(),
            msr_bitmaps: mode::msr_bitmaps(&options, frames).ok_or(no_memory)?,
            loaded: None,
            entry_tpr: 0,
            guest_tpr: 0,
            event: None,
            step: false,
            preemption: Preemption::new(&options),
            ticks: 0,
        };
        this.apply(Effect::Moved);
        Ok(this)
    }

    /// The interrupt remapping table, if there is one.
    pub fn remapping(&mut self) -> Option<&mut Remapping> {
        self.device.remapping()
    }

    /// The guest has stopped, and so does its device.
    pub fn silence(&mut self) {
        self.device.silence();
    }

    /// Runs the guest until it cannot go on.
    pub fn run(&mut self) -> Stop {
        loop {
            self.prepare();
            if let Err(error) = vmx::enter(&mut self.registers, self.launched) {
                kit::println!("eli-hypervisor: VM entry failed, instruction error {error}");
                return Stop("VM entry failed");
            }
            self.launched = true;
            if let Err(stop) = self.handle() {
                return stop;
            }
            self.open_window();
        }
    }

    fn handle(&mut self) -> Result<(), Stop> {
        let reason = vmx::vmread(spec::field::EXIT_REASON) as u32;
        if reason & spec::ENTRY_FAILURE != 0 {
            let qualification = vmx::vmread(spec::field::EXIT_QUALIFICATION);
            kit::println!(
                "eli-hypervisor: VM entry failed, reason {reason:#x} qualification {qualification:#x}"
            );
            return Err(Stop("the guest's state is invalid"));
        }
        self.find_tpr();
        let vectoring = self.vectoring();
        exits::dispatch(self, &Exit { reason: reason as u16, vectoring })
    }

    /// After every exit the host's interrupts have their turn, whatever the guest's RFLAGS.IF says. Assigned
    /// vectors that the guest will take itself are held back meanwhile.
    fn open_window(&mut self) {
        let floor = if self.can_go_direct() { vectors::ASSIGNED_CLASS } else { 0 };
        apic::set_tpr(self.guest_tpr.max(floor));
        if self.options.has(Defence::ExitWindow) {
            interrupts::window();
        }
        if timer::was_stolen() {
            self.trusted = false;
            interrupts::tick();
        }
        self.after_interrupts();
    }

    /// What the host's handlers have left for the guest: assigned vectors to inject, and the passing of time.
    fn after_interrupts(&mut self) {
        let assigned = interrupts::take_assigned();
        for index in (0..vectors::ASSIGNED_COUNT as u8).filter(|index| assigned >> index & 1 != 0) {
            let host = vectors::ASSIGNED_FIRST + index;
            if let Some(vector) = self.device.guest_vector(host) {
                self.vapic.request(vector, Some(host));
            }
        }
        let ticks = interrupts::HOST_TICK_HANDLER_RUNS.load(Relaxed);
        if ticks != self.ticks {
            self.ticks = ticks;
            self.vapic.advance(kit::cpu::rdtsc());
            self.preemption.ticked();
        }
    }

    /// Does what a write to the device calls for.
    fn apply(&mut self, effect: Effect) {
        match effect {
            Effect::None => {}
            Effect::Moved => {
                let (guest, host, size) = self.device.registers();
                self.ept.map_device(guest, host, size);
            }
            Effect::Rerouted => self.rebuild_shadow(),
        }
    }

    /// True if the guest can take its interrupts by itself.
    fn can_go_direct(&self) -> bool {
        let wanted = self.options.mode != Mode::Baseline && !self.options.classroom.is_broken(Part::Mode);
        wanted && self.trusted && self.idt.is_some() && self.vapic.is_enabled()
    }
}
