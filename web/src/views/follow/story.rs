//! The beats in which one interrupt is told: a few steps each, the same number for every machine.

use lab_protocol::{LifeView, Place, Scene, SideFrame, StepKind, Token, TokenKind};

use crate::views::bars::zero;

/// Steps that are told together, in the order of a life, and the one whose sentence is said first.
const STAGES: [(&[StepKind], StepKind); 6] = [
    (&[StepKind::Packet, StepKind::Raised], StepKind::Raised),
    (&[StepKind::Message, StepKind::Remapped, StepKind::Pending], StepKind::Remapped),
    (&[StepKind::ArrivalExit, StepKind::HostHandler], StepKind::ArrivalExit),
    (&[StepKind::Injected, StepKind::Delivered, StepKind::Handler], StepKind::Injected),
    (&[StepKind::EoiExit, StepKind::Eoi], StepKind::EoiExit),
    (&[StepKind::Resumed, StepKind::Ended], StepKind::Resumed),
];

/// One beat of one machine's story.
#[derive(Clone, Debug, PartialEq)]
pub struct Beat {
    /// The step from which the token comes, and the one to which it goes.
    pub steps: (StepKind, StepKind),
    /// What is said.
    pub text: String,
    /// When it is over, picoseconds after the device has spoken.
    pub since: u64,
    /// Where the processor is meanwhile.
    pub place: Place,
}

/// A life in beats.
pub fn beats(life: &LifeView) -> Vec<Beat> {
    let of = |kinds: &[StepKind]| life.steps.iter().filter(|s| kinds.contains(&s.kind)).collect::<Vec<_>>();
    let stages: Vec<_> =
        STAGES.iter().map(|(kinds, said)| (of(kinds), *said)).filter(|(s, _)| !s.is_empty()).collect();
    let mut beats: Vec<Beat> = Vec::new();
    for (i, (steps, said)) in stages.iter().enumerate() {
        let (Some(first), Some(last)) = (steps.first(), steps.last()) else { continue };
        let over = stages.get(i + 1).and_then(|(next, _)| next.first()).unwrap_or(last);
        let from = beats.last().map_or(first.kind, |beat| beat.steps.1);
        beats.push(Beat {
            steps: (from, arrives(last.kind)),
            text: steps.iter().find(|s| s.kind == *said).unwrap_or(first).text.clone(),
            since: over.time.saturating_sub(zero(life)),
            place: place(&steps.iter().map(|s| s.kind).collect::<Vec<_>>()),
        });
    }
    beats
}

/// Where a beat's last step leads: who leaves for the host arrives there.
fn arrives(kind: StepKind) -> StepKind {
    match kind {
        StepKind::ArrivalExit => StepKind::HostHandler,
        StepKind::EoiExit => StepKind::Eoi,
        other => other,
    }
}

/// Where the processor is during these steps.
fn place(kinds: &[StepKind]) -> Place {
    let has = |kind| kinds.contains(&kind);
    if has(StepKind::ArrivalExit) || has(StepKind::HostHandler) || has(StepKind::EoiExit) {
        Place::Host
    } else if has(StepKind::Delivered) || has(StepKind::Handler) || has(StepKind::Eoi) {
        Place::Handler
    } else {
        Place::Guest
    }
}

/// The picture at so many thousandths of a beat; after the last one the guest is back at work.
pub fn scene(
    side: &SideFrame,
    life: &LifeView,
    beats: &[Beat],
    beat: usize,
    permille: u16,
    done: &str,
) -> Scene {
    let plain = Scene { tokens: Vec::new(), irr: Vec::new(), isr: Vec::new(), ..side.scene.clone() };
    let Some(now) = beats.get(beat) else {
        return Scene { place: Place::Guest, caption: done.into(), ..plain };
    };
    let (at, next) = now.steps;
    let signed = at >= StepKind::Handler;
    let token = Token {
        kind: if signed { TokenKind::Eoi } else { TokenKind::Interrupt },
        life: life.number,
        vector: (next >= StepKind::Remapped).then_some(life.vector),
        at,
        next: Some(next),
        permille,
    };
    let pending = next == StepKind::Pending && permille > 900;
    let served = matches!(now.place, Place::Handler | Place::Host) && next < StepKind::Resumed;
    Scene {
        place: now.place,
        irr: pending.then_some(life.vector).into_iter().collect(),
        isr: served.then_some(life.vector).into_iter().collect(),
        tokens: vec![token],
        caption: now.text.clone(),
        ..plain
    }
}

/// How far the token is at a share of a beat: it moves first and rests while one reads.
pub fn eased(share: f64) -> u16 {
    let moved = (share / 0.7).clamp(0.0, 1.0);
    let eased = moved * moved * (3.0 - 2.0 * moved);
    (eased * 1000.0) as u16
}

#[cfg(test)]
mod tests {
    use super::*;
    use StepKind::*;
    use lab_protocol::{LifeStep, Phase};

    fn life(kinds: &[StepKind]) -> LifeView {
        let step = |(i, kind): (usize, &StepKind)| LifeStep {
            kind: *kind,
            event: i as u64,
            time: 1_000 * i as u64,
            text: format!("{kind:?}"),
        };
        LifeView {
            number: 3,
            vector: 0x61,
            steps: kinds.iter().enumerate().map(step).collect(),
            phases: vec![(Phase::Device, 0, 2_000)],
            ..LifeView::default()
        }
    }

    fn told(kinds: &[StepKind]) -> Vec<String> {
        beats(&life(kinds)).into_iter().map(|b| b.text).collect()
    }

    #[test]
    fn the_detour_has_two_beats_more() {
        let through = told(&[
            Packet,
            Raised,
            Message,
            Remapped,
            Pending,
            ArrivalExit,
            Injected,
            Delivered,
            Handler,
            EoiExit,
            Eoi,
            Resumed,
        ]);
        assert_eq!(through, ["Raised", "Remapped", "ArrivalExit", "Injected", "EoiExit", "Resumed"]);
        let straight = told(&[Packet, Raised, Message, Remapped, Pending, Delivered, Handler, Eoi]);
        assert_eq!(straight, ["Raised", "Remapped", "Delivered", "Eoi"]);
    }

    #[test]
    fn the_token_goes_on_where_it_stood() {
        let beats =
            beats(&life(&[Packet, Raised, Message, Pending, ArrivalExit, Injected, Delivered, EoiExit, Eoi]));
        for pair in beats.windows(2) {
            assert_eq!(pair[0].steps.1, pair[1].steps.0);
        }
    }

    #[test]
    fn the_host_is_busy_only_on_the_detour() {
        let places: Vec<_> = beats(&life(&[Raised, Pending, ArrivalExit, Delivered, EoiExit, Eoi, Resumed]))
            .iter()
            .map(|b| b.place)
            .collect();
        assert_eq!(
            places,
            [Place::Guest, Place::Guest, Place::Host, Place::Handler, Place::Host, Place::Guest]
        );
        let straight = beats(&life(&[Raised, Pending, Delivered, Eoi]));
        assert!(straight.iter().all(|b| b.place != Place::Host));
    }

    #[test]
    fn after_its_last_beat_a_machine_is_done() {
        let (side, life) = (SideFrame::default(), life(&[Raised, Pending]));
        let list = beats(&life);
        let scene = |beat| scene(&side, &life, &list, beat, 500, "done");
        assert_eq!((scene(1).tokens.len(), scene(2).tokens.len(), scene(2).caption.as_str()), (1, 0, "done"));
    }

    #[test]
    fn a_token_rests_before_the_beat_is_over() {
        assert_eq!((eased(0.0), eased(0.7), eased(1.0)), (0, 1000, 1000));
        assert!(eased(0.2) < eased(0.3));
    }
}
