//! The machine in WebAssembly, run by node.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use emulator::cpu::cpuid::Model;

/// A node process that answers `benches/wasm/serve.mjs`'s commands; it ends with this value.
pub struct Node {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

/// What running gave.
pub struct Ran {
    /// The process's CPU time.
    pub time: Duration,
    /// Instructions retired.
    pub retired: u64,
    /// Whether the machine can go on.
    pub goes_on: bool,
}

impl Node {
    /// Starts node; `None`, with the reason printed, where it or the module is missing.
    ///
    /// With `EXITLESS_REQUIRE_ALL=1` that fails the test.
    pub fn start() -> Option<Node> {
        let package = Path::new(env!("CARGO_MANIFEST_DIR"));
        let module = std::env::var_os("EXITLESS_WASM")
            .map_or_else(|| package.join("../target/wasm/machine_wasm.wasm"), PathBuf::from);
        if !module.is_file() {
            return super::skip(&format!(
                "{}: not there; build it with `cargo xtask wasm`",
                module.display()
            ));
        }
        let mut command = Command::new("node");
        command.arg(package.join("benches/wasm/serve.mjs")).arg(module);
        match command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn() {
            Ok(mut child) => {
                let input = child.stdin.take()?;
                let output = BufReader::new(child.stdout.take()?);
                Some(Node { child, input, output })
            }
            Err(error) => super::skip(&format!("node: {error}; WebAssembly is run by node 20 or later")),
        }
    }

    /// Sends a command, returns its answer.
    fn ask(&mut self, command: &str) -> String {
        writeln!(self.input, "{command}").expect("node listens");
        let mut answer = String::new();
        self.output.read_line(&mut answer).expect("node answers");
        answer.trim_end().to_string()
    }

    /// The processors of the machines from here on.
    pub fn model(&mut self, model: Model) {
        let number = Model::ALL.iter().position(|row| row.0 == model).expect("all are listed");
        assert_eq!(self.ask(&format!("model {number}")), "ok");
    }

    /// A new machine with the image and a stream's peer of this seed.
    pub fn boot(&mut self, seed: u64, image: &Path, line: &str) {
        assert_eq!(self.ask(&format!("boot {seed} {} {line}", image.display())), "ok");
    }

    /// Runs until `ps` picoseconds or for `instructions`, dispatched in way number `dispatch`.
    pub fn run(&mut self, dispatch: usize, ps: u64, instructions: u64) -> Ran {
        let answer = self.ask(&format!("run {dispatch} {ps} {instructions}"));
        let numbers: Vec<u64> = answer.split(' ').filter_map(|word| word.parse().ok()).collect();
        let [nanoseconds, retired, goes_on] = numbers[..] else { panic!("node answered {answer:?}") };
        Ran { time: Duration::from_nanos(nanoseconds), retired, goes_on: goes_on != 0 }
    }

    /// The hashes of the trace and of the whole state.
    pub fn hashes(&mut self) -> (u64, u64) {
        let answer = self.ask("hash");
        let mut words = answer.split(' ').map(|word| u64::from_str_radix(word, 16).expect("a hash"));
        (words.next().expect("the trace's"), words.next().expect("the state's"))
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}
