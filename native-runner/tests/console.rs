//! `exitless run` as a person meets it: what it says of bad input, and the terminal that it takes and gives back.

use std::path::PathBuf;
use std::process::{Command, Output};

fn exitless() -> Command {
    Command::new(env!("CARGO_BIN_EXE_exitless"))
}

fn run(args: &[&str]) -> (Option<i32>, String) {
    let Output { status, stderr, .. } = exitless().arg("run").args(args).output().expect("it starts");
    (status.code(), String::from_utf8_lossy(&stderr).into_owned())
}

/// A bzImage's header that is right, before 64 KiB of kernel.
fn bzimage() -> Vec<u8> {
    let mut image = vec![0; 512 * 3 + 0x1_0000];
    image[0x1f1] = 2;
    image[0x1f4..0x1f8].copy_from_slice(&0x1000u32.to_le_bytes());
    image[0x1fe..0x200].copy_from_slice(&[0x55, 0xaa]);
    image[0x201] = 0x66;
    image[0x202..0x206].copy_from_slice(b"HdrS");
    image[0x206..0x208].copy_from_slice(&0x20fu16.to_le_bytes());
    image[0x22c..0x230].copy_from_slice(&0x7fff_ffffu32.to_le_bytes());
    image[0x236] = 1;
    image[0x238..0x23c].copy_from_slice(&2047u32.to_le_bytes());
    image[0x258..0x260].copy_from_slice(&0x100_0000u64.to_le_bytes());
    image[0x260..0x264].copy_from_slice(&0x2_0000u32.to_le_bytes());
    image
}

/// An ELF64 image of one segment.
fn image(code: &[u8]) -> Vec<u8> {
    let address = 0x20_0000u64;
    let mut image = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\x3e\0\x01\0\0\0".to_vec();
    for word in [address, 64, 0] {
        image.extend(word.to_le_bytes());
    }
    image.extend([0, 0, 0, 0, 64, 0, 56, 0, 1, 0, 64, 0, 0, 0, 0, 0]);
    image.extend([1, 0, 0, 0, 7, 0, 0, 0]);
    let size = code.len() as u64;
    for word in [120, address, address, size, size, 0x1000] {
        image.extend(word.to_le_bytes());
    }
    image.extend(code);
    image
}

#[test]
fn a_reset_ends_the_run_or_begins_another() {
    /// mov edx, 3f8h; mov al, 'R'; out dx, al; mov ecx, 10_000_000; loop $; mov al, 0feh; out 64h, al; jmp $: for
    /// some milliseconds each time.
    const RESETS: [u8; 20] = [
        0xba, 0xf8, 0x03, 0, 0, 0xb0, b'R', 0xee, 0xb9, 0x80, 0x96, 0x98, 0, 0xe2, 0xfe, 0xb0, 0xfe, 0xe6,
        0x64, 0xf4,
    ];
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("resets");
    std::fs::write(&file, image(&RESETS)).expect("it is written");
    let file = file.display().to_string();
    let said = |arguments: &[&str]| {
        let output =
            exitless().args(["run", "--json", "--elf", &file]).args(arguments).output().expect("it starts");
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
        let count = json["console"].as_str().map_or(0, |text| text.matches('R').count() as u64);
        (output.status.code(), count, json["resets"].as_u64())
    };
    assert_eq!(said(&["--timeout", "100ms"]), (Some(1), 1, Some(0)));
    let (code, count, resets) = said(&["--timeout", "20ms", "--restart"]);
    assert!(code == Some(42) && count > 2 && resets == Some(count - 1), "{code:?}, {count}, {resets:?}");
    let (code, errors) = run(&["--elf", &file, "--restart", "--trace", "vcd=x.vcd"]);
    assert!(code == Some(2) && errors.contains("--restart") && errors.contains("--trace"), "{errors}");
}

#[test]
fn what_cannot_be_booted_is_named_with_what_was_expected() {
    let folder = tempfile::tempdir().expect("a folder");
    let put = |name: &str, bytes: &[u8]| {
        let path: PathBuf = folder.path().join(name);
        std::fs::write(&path, bytes).expect("it is written");
        path.display().to_string()
    };
    let whole = bzimage();
    let mut narrow = whole.clone();
    narrow[0x236] = 0;
    let kernel = put("kernel", &whole);
    let truncated = put("truncated", &whole[..whole.len() - 1]);
    let beheaded = put("beheaded", &whole[..0x240]);
    let narrow = put("narrow", &narrow);
    let text = put("text", b"no kernel at all\n");
    let disk = put("disk", &vec![0; 32 << 20]);
    let long = "a".repeat(2048);
    let rows: [(&[&str], i32, &[&str]); 9] = [
        (&["--kernel", &truncated], 1, &["truncated", "syssize"]),
        (&["--kernel", &beheaded], 1, &["beheaded", "setup header"]),
        (&["--kernel", &narrow], 1, &["narrow", "64-bit"]),
        (&["--kernel", &text], 1, &["text", "expected"]),
        (&["--kernel", &kernel, "--memory", "32MiB", "--initrd", &disk], 1, &["33554432", "more memory"]),
        (&["--kernel", &kernel, "--append", &long], 1, &["2048 bytes", "at most 2047"]),
        (&["--kernel", &kernel, "--cpus", "9"], 2, &["9 processors", "1 to 8"]),
        (&["--kernel", &kernel, "--cpu", "z80"], 2, &["z80", "nehalem, haswell, skylake-server"]),
        (&["--kernel", &kernel, "--memory", "12"], 2, &["--memory", "KiB, MiB or GiB"]),
    ];
    for (args, code, words) in rows {
        let (exit, said) = run(args);
        assert_eq!(exit, Some(code), "{args:?}: {said}");
        for word in words {
            assert!(said.contains(word), "{args:?}: no {word:?} in {said}");
        }
    }
}

/// A terminal of the kernel's own kind, and a program on it.
#[cfg(target_os = "linux")]
mod terminal {
    use std::fs::File;
    use std::io::{Read, Write};
    use std::os::fd::{AsFd, OwnedFd};
    use std::process::{Child, Stdio};
    use std::sync::mpsc::{Receiver, channel};
    use std::time::{Duration, Instant};

    use rustix::process::{Pid, Signal, kill_process};
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    use rustix::termios::{LocalModes, tcgetattr};

    /// Echoes what COM1 receives, for ever: mov dx, 3fdh; in al, dx; test al, 1; jz; mov dl, f8h; in al, dx; out
    /// dx, al; jmp.
    const ECHO: [u8; 18] = [
        0x66, 0xba, 0xfd, 0x03, 0xec, 0xa8, 0x01, 0x74, 0xfb, 0xb2, 0xf8, 0xec, 0xee, 0xb2, 0xfd, 0xeb, 0xf3,
        0xf4,
    ];

    pub struct Terminal {
        master: File,
        slave: OwnedFd,
        child: Child,
        said: Receiver<Vec<u8>>,
        text: String,
        _folder: tempfile::TempDir,
    }

    impl Terminal {
        pub fn start() -> Terminal {
            Terminal::runs(&ECHO, &[])
        }

        /// A terminal in which an image of this code is run.
        pub fn runs(code: &[u8], arguments: &[&str]) -> Terminal {
            let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
            grantpt(&master).and_then(|()| unlockpt(&master)).expect("it opens");
            let name = ptsname(&master, Vec::new()).expect("its name");
            let name = name.to_str().expect("it is text").to_string();
            let slave = File::options().read(true).write(true).open(name).expect("its other end");
            let side = || Stdio::from(slave.try_clone().expect("a copy"));
            let folder = tempfile::tempdir().expect("a folder");
            let echo = folder.path().join("echo");
            std::fs::write(&echo, super::image(code)).expect("it is written");
            let mut command = super::exitless();
            command
                .arg("run")
                .arg("--elf")
                .arg(echo)
                .args(arguments)
                .stdin(side())
                .stdout(side())
                .stderr(side());
            let child = command.spawn().expect("it starts");
            let master = File::from(master);
            let (send, said) = channel();
            let mut reader = master.try_clone().expect("a copy");
            std::thread::spawn(move || {
                let mut bytes = [0; 256];
                while let Ok(count @ 1..) = reader.read(&mut bytes) {
                    _ = send.send(bytes[..count].to_vec());
                }
            });
            Terminal { master, slave: slave.into(), child, said, text: String::new(), _folder: folder }
        }

        /// Whether the terminal edits lines, as it does when no program has taken it.
        pub fn edits(&self) -> bool {
            let modes = tcgetattr(self.slave.as_fd()).expect("its modes").local_modes;
            modes.contains(LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG)
        }

        pub fn types(&mut self, bytes: &[u8]) {
            self.master.write_all(bytes).expect("it is typed");
        }

        pub fn expect(&mut self, text: &str) {
            let until = Instant::now() + Duration::from_secs(60);
            while !self.text.contains(text) {
                let left = until.saturating_duration_since(Instant::now());
                let bytes = self.said.recv_timeout(left);
                let bytes = bytes.unwrap_or_else(|_| panic!("no {text:?}, but {:?}", self.text));
                self.text += &String::from_utf8_lossy(&bytes);
            }
        }

        pub fn signal(&self, signal: Signal) {
            kill_process(Pid::from_child(&self.child), signal).expect("it is sent");
        }

        pub fn exit_code(mut self) -> (Option<i32>, bool) {
            let status = self.child.wait().expect("it ends");
            (status.code(), self.edits())
        }
    }

    #[test]
    fn keys_reach_the_machine_and_ctrl_a_x_leaves() {
        let mut terminal = Terminal::start();
        terminal.expect("Ctrl-A x leaves");
        assert!(!terminal.edits(), "the terminal is the machine's");
        terminal.types(b"hello\x03!");
        terminal.expect("hello\x03!");
        terminal.types(b"\x01x");
        assert_eq!(terminal.exit_code(), (Some(0), true));
    }

    #[test]
    fn every_end_gives_the_terminal_back() {
        /// mov al, 0; out f4h, al: it ends by itself.
        const ENDS: [u8; 4] = [0xb0, 0, 0xe6, 0xf4];
        /// ud2, and nobody handles it.
        const FAULTS: [u8; 2] = [0x0f, 0x0b];
        let rows: [(&[u8], &[&str], i32); 3] =
            [(&ENDS, &[], 0), (&FAULTS, &[], 1), (&ECHO, &["--timeout", "20ms"], 42)];
        for (code, arguments, expected) in rows {
            let terminal = Terminal::runs(code, arguments);
            assert_eq!(terminal.exit_code(), (Some(expected), true), "{code:x?} {arguments:?}");
        }
    }

    #[test]
    fn a_signal_gives_the_terminal_back() {
        for signal in [Signal::TERM, Signal::HUP, Signal::INT] {
            let mut terminal = Terminal::start();
            terminal.expect("Ctrl-A x leaves");
            terminal.signal(signal);
            assert_eq!(terminal.exit_code(), (Some(130), true), "{signal:?}");
        }
        // A quit is not a clean end: the process dies of it.
        let mut terminal = Terminal::start();
        terminal.expect("Ctrl-A x leaves");
        terminal.signal(Signal::QUIT);
        assert_eq!(terminal.exit_code(), (None, true));
    }
}
