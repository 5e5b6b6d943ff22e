//! The made-up machines now.

use lab_protocol::{
    Bill, CodeLine, CodeView, Counts, Exit, InspectView, LifeStep, LifeView, LogRow, LogView, Phase, Place,
    Row, Scene, SideFrame, StepKind, Views, Why,
};

use super::PERIOD;

/// Steps of a life: kind, nanoseconds after its beginning, sentence.
type Steps = &'static [(StepKind, u64, &'static str)];

const DETOUR: Steps = &[
    (StepKind::Packet, 0, "Nine frames came in."),
    (StepKind::Raised, 500, "The card raises its interrupt."),
    (StepKind::Remapped, 800, "The IOMMU says whose it is."),
    (StepKind::Pending, 1_000, "The APIC holds vector 0x61 pending."),
    (StepKind::ArrivalExit, 1_100, "The processor leaves the guest for the host."),
    (StepKind::HostHandler, 3_200, "The host reads the vector."),
    (StepKind::Injected, 6_600, "The host hands it down."),
    (StepKind::Delivered, 6_900, "The guest’s handler begins."),
    (StepKind::Handler, 7_000, "The handler empties the ring."),
    (StepKind::EoiExit, 15_100, "The sign-off leaves the guest for the host."),
    (StepKind::Eoi, 16_000, "The host signs it off."),
    (StepKind::Resumed, 17_300, "The guest goes on."),
];
const STRAIGHT: Steps = &[
    (StepKind::Packet, 0, "Nine frames came in."),
    (StepKind::Raised, 500, "The card raises its interrupt."),
    (StepKind::Remapped, 800, "The IOMMU says whose it is."),
    (StepKind::Pending, 1_000, "The APIC holds vector 0x61 pending."),
    (StepKind::Delivered, 1_100, "The guest’s handler begins."),
    (StepKind::Handler, 1_200, "The handler empties the ring."),
    (StepKind::Eoi, 9_200, "The guest signs it off by itself."),
    (StepKind::Resumed, 9_300, "The guest goes on."),
];

/// The bill.
pub fn bill() -> Bill {
    Bill { lost: vec![8_100_000, 0], per_second: vec![48_000.0, 48_000.0] }
}

/// One machine.
pub fn side(side: usize, time: u64, end: u64, views: &Views) -> SideFrame {
    let steps = if side == 0 { DETOUR } else { STRAIGHT };
    let life = u32::try_from(time / PERIOD).unwrap_or(0);
    let into = time % PERIOD / 1_000;
    let done = steps.iter().filter(|(_, at, _)| *at <= into).count();
    let event = u64::from(life) * steps.len() as u64 + done as u64;
    let now = done.checked_sub(1).and_then(|i| steps.get(i));
    SideFrame {
        time,
        event,
        end: (end, end / PERIOD * steps.len() as u64),
        retired: time / 400,
        rip: 0xffff_8000_0010_2a40 + into,
        symbol: "ixgbe_msix_clean_rings+0x12".into(),
        counts: counts(side, life),
        scene: scene(now),
        life: Some(life_view(side, life, steps)),
        log: views.log.map(|_| log(life, steps)),
        inspect: views.inspect.as_ref().map(|_| inspect()),
        code: views.code.map(|_| code()),
        why: (side == 0 && now.is_some_and(|(kind, _, _)| *kind == StepKind::ArrivalExit)).then(why),
        console: "guest: up\n".into(),
        ..SideFrame::default()
    }
}

fn counts(side: usize, life: u32) -> Counts {
    let exits = if side == 0 { u64::from(life) * 2 + 40 } else { 44 };
    Counts {
        result: Some(if side == 0 { 3.1 } else { 5.1 }),
        percent_of_reference: Some(if side == 0 { 60.0 } else { 98.0 }),
        exits_per_second: if side == 0 { 102_000.0 } else { 820.0 },
        interrupts_per_second: 48_000.0,
        exits,
        interrupts: u64::from(life),
        ..Counts::default()
    }
}

fn scene(now: Option<&(StepKind, u64, &'static str)>) -> Scene {
    let kind = now.map_or(StepKind::Packet, |(kind, _, _)| *kind);
    let place = match kind {
        StepKind::ArrivalExit | StepKind::HostHandler | StepKind::EoiExit => Place::Host,
        StepKind::Handler | StepKind::Delivered => Place::Handler,
        _ => Place::Guest,
    };
    Scene {
        place,
        irr: if kind == StepKind::Pending { vec![0x61] } else { Vec::new() },
        caption: now.map(|(_, _, text)| (*text).to_string()).unwrap_or_default(),
        handler: "ixgbe_msix_clean_rings".into(),
        has_host: true,
        link: true,
        ..Scene::default()
    }
}

fn life_view(side: usize, number: u32, steps: Steps) -> LifeView {
    let begin = u64::from(number) * PERIOD;
    let at = |nanoseconds: u64| begin + nanoseconds * 1_000;
    let stretches: &[(Phase, u64, u64)] = if side == 0 {
        &[
            (Phase::Device, 0, 800),
            (Phase::Pending, 800, 1_100),
            (Phase::Arrival, 1_100, 7_000),
            (Phase::Handler, 7_000, 15_100),
            (Phase::SignOff, 15_100, 17_300),
            (Phase::Work, 17_300, 20_900),
        ]
    } else {
        &[
            (Phase::Device, 0, 800),
            (Phase::Pending, 800, 1_100),
            (Phase::Handler, 1_100, 9_300),
            (Phase::Work, 9_300, 20_900),
        ]
    };
    let exit = |kind: StepKind, reason: &str, cost: u64| {
        let place = steps.iter().position(|(known, _, _)| *known == kind)?;
        Some(Exit {
            event: u64::from(number) * steps.len() as u64 + place as u64,
            reason: reason.into(),
            cost,
        })
    };
    LifeView {
        number,
        vector: 0x61,
        guest_vector: 0x61,
        steps: steps
            .iter()
            .enumerate()
            .map(|(i, (kind, ns, text))| LifeStep {
                kind: *kind,
                event: u64::from(number) * steps.len() as u64 + i as u64,
                time: at(*ns),
                text: (*text).into(),
            })
            .collect(),
        phases: stretches.iter().map(|(phase, from, to)| (*phase, at(*from), at(*to))).collect(),
        exits: [
            exit(StepKind::ArrivalExit, "external interrupt", 5_900_000),
            exit(StepKind::EoiExit, "WRMSR", 2_200_000),
        ]
        .into_iter()
        .flatten()
        .collect(),
        latency: if side == 0 { 6_400_000 } else { 600_000 },
        packets: (u64::from(number) * 9, u64::from(number) * 9 + 8),
    }
}

fn log(number: u32, steps: Steps) -> LogView {
    let first = u64::from(number) * steps.len() as u64;
    let row = |(i, (kind, ns, text)): (usize, &(StepKind, u64, &str))| LogRow {
        event: first + i as u64,
        time: u64::from(number) * PERIOD + ns * 1_000,
        kind: *kind as u8,
        name: format!("{kind:?}"),
        text: (*text).into(),
        life: Some(number),
    };
    LogView { first, total: 12_000, rows: steps.iter().enumerate().map(row).collect() }
}

fn inspect() -> InspectView {
    let row = |path: &str, value: &str, depth, group, changed| Row {
        path: path.into(),
        name: path.rsplit('/').next().unwrap_or(path).into(),
        value: value.into(),
        depth,
        group,
        changed,
    };
    InspectView {
        rows: vec![
            row("apic 0", "", 0, true, false),
            row("apic 0/irr", "0x61", 1, false, true),
            row("apic 0/isr", "none", 1, false, false),
            row("vmcs", "", 0, true, false),
            row("nic", "", 0, true, false),
        ],
    }
}

fn code() -> CodeView {
    let line = |i: u64, text: &str| CodeLine {
        address: 0xffff_8000_0010_2a40 + i * 4,
        label: if i == 0 { "ixgbe_msix_clean_rings".into() } else { String::new() },
        bytes: vec![0x48, 0x89, 0xe5, 0x90],
        text: text.into(),
        breakpoint: i == 3,
    };
    let texts = ["push rbp", "mov rbp, rsp", "mov rax, [rdi+18h]", "test rax, rax", "je short +20h"];
    CodeView {
        rip: 0xffff_8000_0010_2a48,
        root: false,
        lines: (0..).zip(texts).map(|(i, t)| line(i, t)).collect(),
    }
}

fn why() -> Why {
    Why {
        event: 5,
        text: "Hardware interrupts leave the guest, whoever they are for.".into(),
        control: "Pin-based controls, bit 0: external-interrupt exiting".into(),
        value: "1".into(),
        section: "SDM 3C 25.2".into(),
        can_flip: true,
    }
}
