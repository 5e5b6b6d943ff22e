//! A made-up session inside the page, to look at the page without a worker. Feature `demo` only: it
//! is never part of a site, and nothing in it was measured.

mod frame;
mod parts;

use lab_protocol::{Alignment, Command, File, Frame, Input, RunState, Selection, Step, Views};

use parts::session;

/// Picoseconds between the demo's interrupts.
const PERIOD: u64 = 20_900_000;
/// Where the demo ends, picoseconds.
const END: u64 = 20_000_000_000;

/// The made-up session.
#[derive(Default)]
pub struct Demo {
    serial: u32,
    time: u64,
    running: Option<u64>,
    told: bool,
    selection: Selection,
    alignment: Alignment,
    views: Views,
    knobs: Vec<(String, String)>,
    journal: Vec<Input>,
    file: Option<File>,
}

impl Demo {
    /// Takes a command.
    pub fn command(&mut self, serial: u32, command: &Command) {
        self.serial = serial;
        match command {
            Command::Load(_) => {
                *self = Demo { serial, views: self.views.clone(), ..Demo::default() };
                self.go(57);
            }
            Command::Run { speed } => self.running = Some(if *speed == 0 { 1_000_000_000 } else { *speed }),
            Command::Pause => self.running = None,
            Command::Step { step, back, .. } => self.step(*step, *back),
            Command::RunUntil { .. } => self.go(self.life() + 1),
            Command::Seek { anchor, .. } => self.seek(anchor),
            Command::Select(selection) => {
                self.selection = *selection;
                selection.life.into_iter().for_each(|life| self.go(life));
            }
            Command::Align(alignment) => self.alignment = *alignment,
            Command::Set { key, value } => self.set(key, value),
            Command::Watch(views) => self.views = (**views).clone(),
            Command::Export { .. } => {
                self.file =
                    Some(File { serial: self.serial, name: "demo.txt".into(), bytes: b"demo\n".to_vec() });
            }
            Command::Break { .. } | Command::WhatIfNot { .. } | Command::Hash => {}
        }
    }

    fn life(&self) -> u32 {
        u32::try_from(self.time / PERIOD).unwrap_or(u32::MAX)
    }

    fn go(&mut self, life: u32) {
        self.time = u64::from(life) * PERIOD;
        self.selection.life = Some(life);
        self.selection.event = None;
    }

    fn step(&mut self, step: Step, back: bool) {
        let by = match step {
            Step::Instruction | Step::Over => 400,
            Step::Event => 700_000,
            Step::Exit | Step::Interrupt => PERIOD,
        };
        self.time = if back { self.time.saturating_sub(by) } else { (self.time + by).min(END) };
        self.selection.life = Some(self.life());
    }

    fn seek(&mut self, anchor: &str) {
        let time = anchor.strip_prefix("t=").and_then(|text| text.strip_suffix("us")?.parse::<f64>().ok());
        time.into_iter().for_each(|time| self.time = (time * 1e6) as u64);
        self.selection.life = Some(self.life());
    }

    fn set(&mut self, key: &str, value: &str) {
        self.knobs.retain(|(known, _)| known != key);
        self.knobs.push((key.into(), value.into()));
        self.journal.push(Input { time: self.time, key: key.into(), value: value.into() });
        self.told = false;
    }

    /// The frame after a sixtieth of a second.
    pub fn frame(&mut self) -> Frame {
        if let Some(speed) = self.running {
            self.time = (self.time + speed / 60).min(END);
            self.selection.life = Some(self.life());
        }
        let state = if self.running.is_some() { RunState::Running } else { RunState::Paused };
        let session = (!std::mem::replace(&mut self.told, true)).then(|| session(&self.knobs));
        Frame {
            serial: self.serial,
            state,
            selection: self.selection,
            alignment: self.alignment,
            sides: (0..2).map(|side| frame::side(side, self.time, END, &self.views)).collect(),
            bill: Some(frame::bill()),
            journal: session.is_some().then(|| self.journal.clone()),
            session,
            file: self.file.take(),
            ..Frame::default()
        }
    }
}
