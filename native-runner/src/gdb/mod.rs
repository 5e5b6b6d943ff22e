//! `exitless gdb`: gdb's remote protocol over a machine that can go back.

pub mod images;
pub mod monitor;
pub mod registers;
pub mod session;
pub mod target;

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use observe::debugger::{Debugger, Scope};
use observe::failure::{Failure, Outcome};
use observe::symbols::World;
use observe::travel::{Caps, Traveller};

use crate::cli::GdbArgs;
use crate::subject::Subject;
use session::{Ended, Session};
use target::Debugged;

/// Instructions between two looks at the connection.
const SLICE: u64 = 200_000;
/// How long a client that does not listen is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// Waits for gdb, and serves one client after the other until one kills the machine.
pub fn command(args: &GdbArgs) -> Outcome<()> {
    let subject = Subject::new(&args.machine)?;
    let scope = if subject.has_guest() { Scope::Only(World::Guest) } else { Scope::Any };
    let debugger = Debugger::new(Traveller::of(subject.rig()?, Caps::default()), scope);
    let mut target = Debugged::new(debugger, subject.symbols()?);
    target.images = images::Images::new(&subject.files()?);
    let listener = listen(&args.listen)?;
    let address = listener.local_addr().map_or(args.listen.clone(), |a| a.to_string());
    say(&format!("{}: waiting for gdb; `target remote {address}`, then `monitor help`", subject.title));
    loop {
        let stream = match listener.accept() {
            Ok((stream, _)) => stream,
            Err(e) if matches!(e.kind(), ErrorKind::ConnectionAborted | ErrorKind::Interrupted) => continue,
            Err(e) => return Err(Failure::Failed(format!("{address}: {e}"))),
        };
        let ended = serve(&listener, stream, &mut target);
        match &ended {
            Ok(ended) => say(&said(ended)),
            Err(error) => say(&format!("the client is gone ({error}); the machine stays where it is")),
        }
        if args.once || ended == Ok(Ended::Killed) {
            return Ok(());
        }
    }
}

fn listen(address: &str) -> Outcome<TcpListener> {
    TcpListener::bind(address).map_err(|e| {
        Failure::Usage(format!("--listen {address}: {e}; expected ADDRESS:PORT, as 127.0.0.1:1234"))
    })
}

fn said(ended: &Ended) -> String {
    match ended {
        Ended::Detached => "the client detached; the machine stays where it is".to_string(),
        Ended::Killed => "the client killed the machine".to_string(),
        Ended::Nonsense(error) => format!("the client was sent away: {error}; the machine stays where it is"),
    }
}

/// Talks to one client until it goes.
fn serve(listener: &TcpListener, mut stream: TcpStream, target: &mut Debugged) -> Result<Ended, String> {
    let text = |e: std::io::Error| e.to_string();
    stream.set_nodelay(true).map_err(text)?;
    stream.set_write_timeout(Some(PATIENCE)).map_err(text)?;
    stream.set_read_timeout(Some(Duration::from_millis(50))).map_err(text)?;
    let mut session = Session::new(target);
    let mut buffer = [0; 4096];
    loop {
        stream.set_nonblocking(session.is_running()).map_err(text)?;
        match stream.read(&mut buffer) {
            Ok(0) => return Err("it closed the connection".to_string()),
            Ok(n) => session.feed(&buffer[..n]),
            Err(e)
                if matches!(
                    e.kind(),
                    ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
                ) => {}
            Err(e) => return Err(e.to_string()),
        }
        session.work(SLICE);
        stream.set_nonblocking(false).map_err(text)?;
        stream.write_all(&session.take_output()).map_err(text)?;
        if let Some(ended) = session.ended() {
            return Ok(ended.clone());
        }
        refuse_others(listener, &stream);
    }
}

/// Tells a person; whoever closed stderr does not want to know.
fn say(text: &str) {
    _ = writeln!(std::io::stderr(), "{text}");
}

/// One debugger at a time: another client is sent away at once, unless this one has just gone.
fn refuse_others(listener: &TcpListener, current: &TcpStream) {
    let gone = current.set_nonblocking(true).is_ok() && matches!(current.peek(&mut [0]), Ok(0));
    _ = current.set_nonblocking(false);
    if !gone && listener.set_nonblocking(true).is_ok() {
        while let Ok((other, _)) = listener.accept() {
            say("a second client was sent away");
            drop(other);
        }
        _ = listener.set_nonblocking(false);
    }
}
