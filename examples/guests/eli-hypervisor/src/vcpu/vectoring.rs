//! Exits in the middle of an event's delivery: the IDT-vectoring information says which event it was.

use super::Vcpu;
use super::event::Event;
use crate::{apic, interrupts, timer, vectors};

/// What has become of the event whose delivery the exit interrupted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vectoring {
    /// There was none.
    None,
    /// A physical interrupt, which the host has handled: the vectoring information is dropped.
    Served,
    /// Another event: it is to be injected again, unless the exit's handler decides otherwise.
    Requeued,
}

impl Vcpu {
    /// Looks after the event whose delivery the exit interrupted.
    ///
    /// In direct mode an external interrupt is a physical one, in service on the physical APIC. If it is the
    /// host's, the shadow has done its work. If it is the guest's, the guest's own gate or stack is at fault: the
    /// interrupt becomes a virtual one, and injection through the guest's own IDT shows the guest its mistake.
    pub(super) fn vectoring(&mut self) -> Vectoring {
        let Some(event) = Event::of_vectoring() else { return Vectoring::None };
        let vector = event.vector();
        if event.is_interrupt() && self.was_direct() {
            if self.options.classroom.reflect_every_np {
                return Vectoring::None;
            }
            interrupts::serve(vector);
            return Vectoring::Served;
        }
        let source = if event.is_interrupt() { self.vapic.source(vector) } else { None };
        self.event = Some(event.from_source(source));
        Vectoring::Requeued
    }

    /// Exits for a double or triple fault have no vectoring information. If a host vector is in service, its
    /// delivery is what failed: serves it. False if there is none.
    pub(super) fn serve_in_service(&mut self) -> bool {
        let hosts = [vectors::CONSOLE, timer::vector(), vectors::HOUSEKEEPING];
        let mut found = false;
        for vector in hosts.into_iter().filter(|vector| apic::in_service(*vector)) {
            interrupts::serve(vector);
            found = true;
        }
        found
    }
}
