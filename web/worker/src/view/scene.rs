//! The picture: where the processor is, and what travels.

use emulator::trace::Kind;
use lab_protocol::{Place, Scene, StepKind, Token, TokenKind};
use observe::symbols::World;

use crate::side::{Life, Side};
use crate::words::{self, step_text};

/// Device interrupts that are looked at: those that may still be open.
const OPEN: u32 = 4;
/// A thing is shown for so long after its last step, picoseconds.
const LINGER: u64 = 1_500_000;
/// Records that are looked at for frames on the wire.
const WIRE: u64 = 24;

/// The picture at an event.
pub fn scene(side: &mut Side, event: Option<u64>, selected: Option<&Life>) -> Scene {
    let glance = side.glance();
    let now = side.now().0;
    let at = event.unwrap_or(0);
    let begun = event.map_or(0, |event| side.index().lives_before(event + 1));
    let lives: Vec<Life> =
        (begun.saturating_sub(OPEN) + 1..=begun).filter_map(|number| side.life(number)).collect();
    let in_handler = lives.iter().any(|life| in_handler(life, at));
    let place = match () {
        () if glance.halted => Place::Halted,
        () if glance.vmx && !glance.non_root => Place::Host,
        () if side.words.has_host && !glance.vmx => Place::Host,
        () if in_handler => Place::Handler,
        () => Place::Guest,
    };
    let mut tokens: Vec<Token> = lives.iter().filter_map(|life| token(life, at, now)).collect();
    tokens.extend(frames(side, at, now));
    tokens.extend(foreign_exit(side, at, place));
    Scene {
        place,
        irr: glance.irr,
        isr: glance.isr,
        tokens,
        handler: handler(side, &lives, at),
        caption: caption(side, at, event, selected),
        has_host: side.words.has_host,
        link: side.link(),
    }
}

/// Delivered to the guest, and not signed off.
fn in_handler(life: &Life, at: u64) -> bool {
    let step = life.step_at(at).map(|i| life.steps[i].0);
    matches!(step, Some(StepKind::Delivered | StepKind::Handler))
}

/// The name of the code that took the latest device interrupt in the guest.
fn handler(side: &Side, lives: &[Life], at: u64) -> String {
    let taken = lives.iter().rev().flat_map(|life| life.steps.iter().rev());
    let rip = taken.filter(|step| step.0 == StepKind::Delivered && step.1 <= at).map(|step| step.3).next();
    let world = if side.words.has_host { World::Guest } else { World::Root };
    rip.and_then(|rip| side.words.symbols.of_world(world).name(rip)).unwrap_or_default()
}

/// A device interrupt at its last step, on its way to the next.
fn token(life: &Life, at: u64, now: u64) -> Option<Token> {
    let i = life.step_at(at)?;
    let (kind, _, time, ..) = life.steps[i];
    let next = life.steps.get(i + 1);
    let over = matches!(kind, StepKind::Eoi | StepKind::Resumed | StepKind::Ended);
    if over && now.saturating_sub(time) > LINGER {
        return None;
    }
    let permille = next.map_or(0, |next| {
        let (gone, all) = (now.saturating_sub(time), next.2.saturating_sub(time).max(1));
        (u128::from(gone) * 1000 / u128::from(all)).min(1000) as u16
    });
    let sign_off = matches!(kind, StepKind::EoiExit | StepKind::Eoi);
    Some(Token {
        kind: if sign_off { TokenKind::Eoi } else { TokenKind::Interrupt },
        life: life.number,
        vector: (kind >= StepKind::Pending && life.vector != 0).then_some(life.vector),
        at: kind,
        next: next.map(|step| step.0),
        permille,
    })
}

/// Frames that have just come or gone.
fn frames(side: &mut Side, at: u64, now: u64) -> Option<Token> {
    let events = (at.saturating_sub(WIRE)..=at).rev();
    let mut records = events.filter_map(|event| side.record(event));
    let frame = records.find(|r| matches!(r.kind, Kind::PacketReceived | Kind::PacketSent))?;
    let gone = now.saturating_sub(frame.time.0);
    let permille = (u128::from(gone) * 1000 / u128::from(LINGER)) as u64;
    let next = (frame.kind == Kind::PacketReceived).then_some(StepKind::Raised);
    (gone < LINGER).then_some(Token {
        kind: TokenKind::Packet,
        life: 0,
        vector: None,
        at: StepKind::Packet,
        next,
        permille: permille.min(1000) as u16,
    })
}

/// The host at work for something that no device raised.
fn foreign_exit(side: &mut Side, at: u64, place: Place) -> Option<Token> {
    if place != Place::Host {
        return None;
    }
    let events = (at.saturating_sub(64)..=at).rev();
    let mut records = events.filter_map(|event| side.record(event));
    let exit = records.find(|r| r.kind == Kind::VmExit)?;
    (side.number(exit.life).is_none()).then_some(Token {
        kind: TokenKind::Exit,
        at: StepKind::HostHandler,
        ..Token::default()
    })
}

/// What happens: the selected interrupt's step, if the event is one of it, else the event.
fn caption(side: &mut Side, at: u64, event: Option<u64>, selected: Option<&Life>) -> String {
    let host = side.words.has_host;
    let step = selected.and_then(|life| life.steps.iter().find(|step| step.1 == at));
    if let Some((kind, _, _, a, b)) = step {
        return step_text(*kind, *a, *b, host);
    }
    let record = event.and_then(|event| side.record(event));
    record.map_or(String::new(), |record| words::sentence(&record))
}
