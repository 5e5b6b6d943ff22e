//! One client's conversation: bytes in, bytes out, and a machine between them.
//!
//! Whatever comes in, the machine stays whole: a packet that makes no sense ends the conversation.

use std::convert::Infallible;

use gdbstub::conn::Connection;
use gdbstub::stub::state_machine::GdbStubStateMachine;
use gdbstub::stub::{DisconnectReason, GdbStub, MultiThreadStopReason};

use super::target::{Debugged, interrupted, reason};

/// What is to be sent.
#[derive(Debug, Default)]
pub struct Outbox {
    bytes: Vec<u8>,
}

impl Connection for Outbox {
    type Error = Infallible;

    fn write(&mut self, byte: u8) -> Result<(), Infallible> {
        self.bytes.push(byte);
        Ok(())
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

type State = GdbStubStateMachine<'static, Debugged, Outbox>;

/// How a conversation ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The client said good-bye.
    Detached,
    /// The client wants the machine gone.
    Killed,
    /// The client sent what is no packet of the protocol.
    Nonsense(String),
}

/// A conversation.
pub struct Session<'m> {
    target: &'m mut Debugged,
    state: Option<State>,
    ended: Option<Ended>,
    unsent: Vec<u8>,
}

impl<'m> Session<'m> {
    /// A client has come.
    pub fn new(target: &'m mut Debugged) -> Session<'m> {
        let mut session = Session { state: None, ended: None, unsent: Vec::new(), target };
        let stub = GdbStub::builder(Outbox::default()).packet_buffer_size(1 << 14).build();
        match stub.map_err(|e| e.to_string()) {
            Ok(stub) => {
                let state = stub.run_state_machine(session.target).map_err(|e| e.to_string());
                session.enter(state);
            }
            Err(error) => session.ended = Some(Ended::Nonsense(error)),
        }
        session
    }

    /// How it ended, once it has.
    pub fn ended(&self) -> Option<&Ended> {
        self.ended.as_ref()
    }

    /// Whether the machine is to run.
    pub fn is_running(&self) -> bool {
        matches!(self.state, Some(GdbStubStateMachine::Running(_)))
    }

    /// What is to be sent to the client.
    pub fn take_output(&mut self) -> Vec<u8> {
        let mut bytes = std::mem::take(&mut self.unsent);
        let outbox = match &mut self.state {
            Some(GdbStubStateMachine::Idle(s)) => Some(s.borrow_conn()),
            Some(GdbStubStateMachine::Running(s)) => Some(s.borrow_conn()),
            Some(GdbStubStateMachine::CtrlCInterrupt(s)) => Some(s.borrow_conn()),
            Some(GdbStubStateMachine::Disconnected(s)) => Some(s.borrow_conn()),
            None => None,
        };
        if let Some(outbox) = outbox {
            bytes.append(&mut outbox.bytes);
        }
        bytes
    }

    /// Takes what the client has sent.
    pub fn feed(&mut self, bytes: &[u8]) {
        for byte in bytes {
            let next = match self.state.take() {
                Some(GdbStubStateMachine::Idle(s)) => s.incoming_data(self.target, *byte),
                Some(GdbStubStateMachine::Running(s)) => s.incoming_data(self.target, *byte),
                other => {
                    self.state = other;
                    return;
                }
            };
            self.enter(next.map_err(|e| e.to_string()));
        }
    }

    /// Lets the machine run for about so many instructions, if it is to.
    pub fn work(&mut self, instructions: u64) {
        if !self.is_running() {
            return;
        }
        let Some(reason) = self.run(instructions) else { return };
        if let Some(GdbStubStateMachine::Running(s)) = self.state.take() {
            let next = s.report_stop(self.target, reason);
            self.enter(next.map_err(|e| e.to_string()));
        }
    }

    fn run(&mut self, instructions: u64) -> Option<MultiThreadStopReason<u64>> {
        if let Some(refused) = self.target.refused() {
            return Some(refused);
        }
        let halt = self.target.debugger.work(instructions)?;
        Some(reason(halt, self.target.debugger.processor))
    }

    fn enter(&mut self, next: Result<State, String>) {
        match next {
            Ok(GdbStubStateMachine::CtrlCInterrupt(s)) => {
                let stop = interrupted(&self.target.debugger);
                let next = s.interrupt_handled(self.target, Some(stop));
                self.enter(next.map_err(|e| e.to_string()));
            }
            Ok(GdbStubStateMachine::Disconnected(s)) => {
                self.ended = Some(match s.get_reason() {
                    DisconnectReason::Kill => Ended::Killed,
                    _ => Ended::Detached,
                });
                self.state = Some(s.into());
                self.unsent = self.take_output();
            }
            Ok(state) => self.state = Some(state),
            Err(error) => self.ended = Some(Ended::Nonsense(error)),
        }
    }
}

impl Drop for Session<'_> {
    fn drop(&mut self) {
        self.target.let_go();
    }
}
