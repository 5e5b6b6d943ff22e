//! Direct mode and injection mode, and the way from one to the other.
//!
//! | control | direct | injection |
//! |---|---|---|
//! | IDT in use | the shadow | the guest's own |
//! | external-interrupt exiting | 0 | 1 |
//! | preemption timer | 1, armed anew at each entry | 0 |
//! | descriptor-table exiting | 1 | 1 |
//! | #NP, #GP, #DF exit | yes | no |
//! | #DB exits | yes | yes |
//! | MOV to CR3 of another value than the verified one exits | yes | no |
//! | write of the x2APIC EOI register (mode `eli`) | passes | exits |
//! | physical task priority | 0 | the assigned class: the NIC's interrupts wait in IRR |
//!
//! In mode `baseline`, and as long as the guest has no IDT that the shadow can stand in for, injection mode is all
//! there is; then the task priority is 0 and the NIC's interrupts exit and are injected.

use super::Vcpu;
use super::event::Event;
use crate::apic;
use crate::classroom::{Eoi, Pass};
use crate::options::{Defence, Mode, Options};
use crate::vapic::is_apic;
use crate::vectors::ASSIGNED_CLASS;
use crate::vmx::spec::{BLOCKING_BY_STI_OR_MOV_SS, field::*, pin, primary, secondary};
use crate::vmx::{MsrBitmap, preemption_rate, vmread, vmwrite};
use kit::cpu::RFLAGS_IF;
use kit::frames::Frames;
use kit::{trap, x2apic};

/// How the guest gets its interrupts from the next entry on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// Through the shadow IDT.
    Direct,
    /// By injection.
    Injection,
}

/// The controls that vary, as the VMCS holds them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// The mode.
    pub delivery: Delivery,
    /// Exit as soon as the guest can take an interrupt.
    pub window: bool,
    /// Exit after one instruction.
    pub step: bool,
}

/// An IDT of 256 gates.
pub const IDT_LIMIT: u64 = 0xFFF;

/// The MSR bitmaps of injection and of direct mode.
pub fn msr_bitmaps(options: &Options, frames: &mut Frames) -> Option<[MsrBitmap; 2]> {
    let (mut injection, mut direct) = (MsrBitmap::new(frames)?, MsrBitmap::new(frames)?);
    if options.eoi() != Eoi::Exits {
        direct.allow_write(x2apic::EOI);
    }
    if options.eoi() == Eoi::Always {
        injection.allow_write(x2apic::EOI);
    }
    for bitmap in [&mut injection, &mut direct] {
        match options.classroom.pass {
            Some(Pass { register, write: true }) => bitmap.allow_write(register),
            Some(Pass { register, write: false }) => bitmap.allow_read(register),
            None => {}
        }
    }
    if !options.has(Defence::MsrBitmap) {
        for register in (0..0x1000).filter(|register| is_apic(*register)) {
            injection.allow(register);
            direct.allow(register);
        }
    }
    Some([injection, direct])
}

impl Vcpu {
    /// Chooses the mode of the next entry, and gives the processor everything for it. Interrupts are off from here
    /// to the entry, so nothing changes in between but IRR.
    pub(super) fn prepare(&mut self) {
        if self.options.mode != Mode::Baseline && !self.can_go_direct() {
            self.adopt_direct();
        }
        let delivery = self.choose_verified();
        let window = delivery == Delivery::Injection && self.choose_injection();
        self.load(Loaded { delivery, window, step: self.step });
        self.load_tpr(delivery);
        if delivery == Delivery::Direct && self.options.has(Defence::PreemptionTimer) {
            vmwrite(PREEMPTION_TIMER_VALUE, self.preemption.period());
        }
        if let Some(event) = self.event.take() {
            event.inject();
        }
    }

    /// In injection mode the guest may have changed its IDT and its page tables: what the direct view holds in
    /// their place is brought up to date first, and then there may be no direct mode.
    fn choose_verified(&mut self) -> Delivery {
        let delivery = self.choose();
        if delivery == Delivery::Injection || self.was_direct() || !self.options.has(Defence::IdtMapping) {
            return delivery;
        }
        self.find_idt();
        self.choose()
    }

    /// #DB exits in both modes. A data breakpoint on the stack that #DB is delivered on raises #DB again at the end of
    /// each delivery, before the handler's first instruction. As a trap it comes before the preemption timer's exit,
    /// NMIs and interrupts (SDM 3A table 6-2, 3C 25.5.1): nothing but its own exit ends that.
    ///
    /// #AC need not exit. Raised in its own delivery it would be as bad, but the processor aligns the stack of every
    /// delivery in IA-32e mode (SDM 3A 6.14.2), which this guest cannot leave (`cr`). What a handler in ring 3 that
    /// misaligns its first access can do is to loop between instructions, and there the preemption timer sees it.
    fn debug_exceptions(&self) -> u32 {
        if self.options.has(Defence::DebugExiting) { 1 << trap::DEBUG } else { 0 }
    }

    /// Nothing is injected while a direct vector is in service: in mode `eli` a direct EOI retires the highest.
    fn choose(&self) -> Delivery {
        let inject = || self.vapic.deliverable().is_some() && apic::assigned_in_service().is_none();
        if !self.can_go_direct() || self.step || self.vapic.is_serving() || inject() {
            Delivery::Injection
        } else {
            Delivery::Direct
        }
    }

    /// Takes a virtual interrupt if the guest can; true if it must be asked for the moment when it can.
    fn choose_injection(&mut self) -> bool {
        let Some(vector) = self.vapic.deliverable().filter(|_| !self.step) else { return false };
        if self.options.mode != Mode::Baseline && apic::assigned_in_service().is_some() {
            return false;
        }
        if self.event.is_some() || !is_interruptible() {
            return true;
        }
        self.vapic.accept(vector);
        self.event = Some(Event::interrupt(vector, self.vapic.source(vector)));
        false
    }

    /// Interrupts that the guest has taken directly and not retired become the virtual APIC's.
    fn adopt_direct(&mut self) {
        while let Some(host) = apic::assigned_in_service() {
            apic::eoi();
            if let Some(vector) = self.device.guest_vector(host) {
                self.vapic.adopt(vector);
            }
        }
    }

    fn load(&mut self, wanted: Loaded) {
        if self.loaded == Some(wanted) {
            return;
        }
        self.loaded = Some(wanted);
        let has = |defence| self.options.has(defence);
        let direct = wanted.delivery == Delivery::Direct;
        let timer = if has(Defence::PreemptionTimer) { pin::PREEMPTION_TIMER } else { 0 };
        let pin = if direct { timer } else { pin::EXTERNAL_INTERRUPT_EXITING };
        let window = if wanted.window { primary::INTERRUPT_WINDOW_EXITING } else { 0 };
        let step = if wanted.step { primary::MONITOR_TRAP_FLAG } else { 0 };
        // The instruction that exited for its use of a descriptor table is the one being stepped.
        let tables =
            self.options.mode != Mode::Baseline && !wanted.step && (!direct || has(Defence::IdtProtection));
        let tables = if tables { secondary::DESCRIPTOR_TABLE_EXITING } else { 0 };
        let exceptions = 1 << trap::NOT_PRESENT | 1 << trap::GENERAL_PROTECTION | 1 << trap::DOUBLE_FAULT;
        let exceptions = if direct { exceptions } else { 0 } | self.debug_exceptions();
        let cr3 = if direct && has(Defence::IdtMapping) { primary::CR3_LOAD_EXITING } else { 0 };
        let fields = [
            (PIN_CONTROLS, (self.base.pin | pin) as u64),
            (PRIMARY_CONTROLS, (self.base.primary | window | step | cr3) as u64),
            (SECONDARY_CONTROLS, (self.base.secondary | tables) as u64),
            (EXCEPTION_BITMAP, exceptions as u64),
            (MSR_BITMAP, self.msr_bitmaps[direct as usize].address()),
            (EPT_POINTER, if direct { self.ept.direct() } else { self.ept.own() }),
        ];
        fields.iter().for_each(|(field, value)| vmwrite(*field, *value));
        if direct && has(Defence::IdtProtection) {
            vmwrite(GUEST_IDTR_LIMIT, IDT_LIMIT);
        }
    }

    /// With CR8 and the APIC's MSRs exiting, the physical task priority is the host's to choose.
    fn load_tpr(&mut self, delivery: Delivery) {
        let hold_back = match delivery {
            Delivery::Direct => self.masks_assigned(),
            Delivery::Injection => self.can_go_direct(),
        };
        let floor = if hold_back { ASSIGNED_CLASS } else { 0 };
        self.entry_tpr = self.guest_tpr.max(floor);
        apic::set_tpr(self.entry_tpr);
    }

    /// True if the guest's own task priority holds back a vector that it takes directly.
    fn masks_assigned(&self) -> bool {
        let class = self.vapic.tpr() >> 4;
        class != 0 && self.device.guest_vectors().any(|vector| vector >> 4 <= class)
    }

    /// If the guest could change the physical task priority and did, it keeps what it chose.
    pub(super) fn find_tpr(&mut self) {
        let found = apic::tpr();
        if found != self.entry_tpr {
            self.guest_tpr = found;
        }
    }

    /// The mode of the last entry.
    pub(super) fn was_direct(&self) -> bool {
        self.loaded.is_some_and(|loaded| loaded.delivery == Delivery::Direct)
    }
}

/// RFLAGS.IF is set, and neither STI nor MOV SS has just been executed. SDM 3C 26.3.1.5, 6.8.1.
fn is_interruptible() -> bool {
    let blocked = vmread(GUEST_INTERRUPTIBILITY) & BLOCKING_BY_STI_OR_MOV_SS != 0;
    vmread(GUEST_RFLAGS) & RFLAGS_IF != 0 && !blocked
}

/// A vector in service at so many host ticks in a row may never be retired, and the preemption timer takes a closer
/// look: with a period above the tick's it would never expire. A busy guest is in its handler at every other tick.
const SUSPICIOUS_TICKS: u32 = 16;

/// The preemption timer's period, and the guest that does not retire what it has taken.
pub struct Preemption {
    period: u64,
    /// The assigned vector in service at the last host tick, and at the last expiry.
    at_tick: Option<u8>,
    at_expiry: Option<u8>,
    /// At how many ticks in a row that vector was in service.
    ticks: u32,
}

impl Preemption {
    /// The period in units of the preemption timer.
    pub fn new(options: &Options) -> Self {
        let cycles = options.preempt_us as u128 * options.tsc_hz as u128 / 1_000_000;
        let period = ((cycles >> preemption_rate()) as u64).clamp(1, u32::MAX as u64);
        Self { period, at_tick: None, at_expiry: None, ticks: 0 }
    }

    fn period(&self) -> u64 {
        if self.ticks >= SUSPICIOUS_TICKS { (self.period / 8).max(1) } else { self.period }
    }

    /// The host's tick has come.
    pub fn ticked(&mut self) {
        let now = apic::assigned_in_service();
        self.ticks = if now.is_some() && now == self.at_tick { self.ticks.saturating_add(1) } else { 0 };
        self.at_tick = now;
    }

    /// The timer has expired. True if the same vector is in service as at the last expiry.
    pub fn expired(&mut self) -> bool {
        let now = apic::assigned_in_service();
        let overstayed = now.is_some() && now == self.at_expiry;
        self.at_expiry = if overstayed { None } else { now };
        overstayed
    }
}

const _: () = assert!(crate::vectors::TIMER > ASSIGNED_CLASS);
