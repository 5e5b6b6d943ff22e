//! The browser's side of a session. The loop that calls it, with a clock, is the worker's script.

use lab_protocol::{Command, Garbled, decode, encode};
use wasm_bindgen::prelude::*;

use crate::Session;

/// A session that speaks bytes.
#[wasm_bindgen]
#[derive(Debug, Default)]
pub struct Worker {
    session: Session,
}

#[wasm_bindgen]
impl Worker {
    /// Nothing loaded.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Worker {
        Worker::default()
    }

    /// Takes an encoded command; false when it is garbled.
    pub fn command(&mut self, serial: u32, bytes: &[u8]) -> bool {
        decode::<Command>(bytes).map(|command| self.session.command(serial, command)) != Err(Garbled)
    }

    /// What the reader's clock shows, in milliseconds from any beginning; called before a slice.
    pub fn clock(&mut self, ms: f64) {
        self.session.clock((ms * 1_000.0) as u64);
    }

    /// Works for about so many instructions; false when there is nothing to do, or until the clock goes on.
    pub fn work(&mut self, instructions: f64) -> bool {
        self.session.work(instructions as u64)
    }

    /// The frame, encoded.
    pub fn frame(&mut self) -> Vec<u8> {
        encode(&self.session.frame())
    }
}
