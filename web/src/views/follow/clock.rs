//! The player's clock.

use std::cell::RefCell;
use std::rc::Rc;

use yew::prelude::*;

use crate::raf;

/// Where the player is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Now {
    /// Milliseconds of the story.
    elapsed: f64,
    /// The last animation frame's time.
    last: Option<f64>,
}

/// The player: where it is, and what can be done with it.
#[derive(Clone)]
pub struct Player {
    now: Rc<RefCell<Now>>,
    playing: UseStateHandle<bool>,
    redraw: UseForceUpdateHandle,
    count: usize,
    beat: f64,
}

/// A player of so many beats, each so many milliseconds long; it starts by itself.
#[hook]
pub fn use_player(count: usize, beat: f64) -> Player {
    let now = use_mut_ref(Now::default);
    let playing = use_state_eq(|| true);
    let redraw = use_force_update();
    let player = Player { now, playing, redraw, count, beat };
    let ticking = player.clone();
    use_effect_with((*player.playing, count), move |(playing, _)| {
        ticking.now.borrow_mut().last = None;
        let ticker = playing.then(|| raf::each(move |at| ticking.tick(at)));
        move || drop(ticker)
    });
    player
}

impl Player {
    fn total(&self) -> f64 {
        self.beat * self.count as f64
    }

    fn tick(&self, at: f64) -> bool {
        let mut now = self.now.borrow_mut();
        // A page that was hidden goes on where it was.
        let step = now.last.map_or(0.0, |last| (at - last).clamp(0.0, 100.0));
        *now = Now { elapsed: (now.elapsed + step).min(self.total()), last: Some(at) };
        let more = now.elapsed < self.total();
        drop(now);
        if !more {
            self.playing.set(false);
        }
        self.redraw.force_update();
        more
    }

    /// The beat that is told, from 0; the number of beats when it is over.
    pub fn beat(&self) -> usize {
        (self.now.borrow().elapsed / self.beat) as usize
    }

    /// How much of the beat is over, from 0 to 1.
    pub fn share(&self) -> f64 {
        (self.now.borrow().elapsed / self.beat).fract()
    }

    /// Whether it plays.
    pub fn playing(&self) -> bool {
        *self.playing
    }

    /// Pauses, goes on, or begins again when it is over.
    pub fn toggle(&self) -> Callback<()> {
        let player = self.clone();
        Callback::from(move |()| {
            if player.beat() >= player.count {
                *player.now.borrow_mut() = Now::default();
                player.playing.set(true);
            } else {
                player.playing.set(!*player.playing);
            }
        })
    }

    /// So many beats on or back, and pauses with that beat told.
    pub fn by(&self, beats: isize) -> Callback<()> {
        let player = self.clone();
        Callback::from(move |()| {
            let to = player.beat().saturating_add_signed(beats).min(player.count);
            player.stand(to);
        })
    }

    /// To a beat.
    pub fn go(&self, beat: usize) -> Callback<()> {
        let player = self.clone();
        Callback::from(move |()| player.stand(beat.min(player.count)))
    }

    /// Stands at the end of a beat's motion.
    fn stand(&self, beat: usize) {
        let into = if beat >= self.count { 0.0 } else { 0.9 };
        self.now.borrow_mut().elapsed = self.beat * (beat as f64 + into);
        self.playing.set(false);
        self.redraw.force_update();
    }
}
