//! A session: the machines that the page shows.

use lab_protocol::{Command, Frame};

/// The machines that the page shows.
#[derive(Debug, Default)]
pub struct Session {
    serial: u32,
}

impl Session {
    /// Takes a command; what it asks for is done by the next calls of [`Session::work`].
    pub fn command(&mut self, serial: u32, _command: Command) {
        self.serial = serial;
    }

    /// Works for about `instructions` instructions of all machines together; false when there is
    /// nothing to do until the next command.
    pub fn work(&mut self, _instructions: u64) -> bool {
        false
    }

    /// What the page shows now.
    pub fn frame(&mut self) -> Frame {
        Frame { serial: self.serial, ..Frame::default() }
    }
}
