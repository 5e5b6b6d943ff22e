//! Linux beside QEMU's translator: the same kernel and initial RAM disk in both, one after the other, on this
//! host's clock.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use linux_kit::{Flavour, Initramfs};

use crate::debian::install;
use crate::shell::{Outcome, cargo, output, root, run, say};

/// Debian's.
const QEMU: &str = "qemu-system-x86_64";
/// So many times QEMU's time may the program take in all.
const MOST: f64 = 5.0;
/// What the guest's memory is in both.
const MEMORY: &str = "512";

/// What the command line says.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Wanted {
    /// A C program that is run in the booted kernel, and prints `@@ PART start` and `@@ PART end CHECKSUM ...`.
    program: Option<PathBuf>,
    /// Numbers of processors, one after the other.
    cpus: Vec<u8>,
    /// Of several runs the fastest counts.
    runs: u32,
}

impl Wanted {
    fn parse(args: &[String]) -> Outcome<Wanted> {
        let mut wanted = Wanted { program: None, cpus: vec![1], runs: 1 };
        let mut rest = args.iter();
        while let Some(arg) = rest.next() {
            let value = rest.next().map_or("", String::as_str);
            let number = |text: &str| text.parse().map_err(|_| format!("{arg} {value}: expected a number"));
            match arg.as_str() {
                "--program" if !value.is_empty() => wanted.program = Some(value.into()),
                "--cpus" => wanted.cpus = value.split(',').map(number).collect::<Outcome<_>>()?,
                "--runs" => wanted.runs = number(value)?.into(),
                _ => return Err(format!("{arg}: expected --program FILE.c, --cpus N,N or --runs N")),
            }
        }
        Ok(wanted)
    }
}

/// One stage and how long the host took for it.
#[derive(Clone, Debug, PartialEq)]
struct Stage {
    name: String,
    seconds: f64,
    /// What it computed.
    checksum: String,
}

/// `cargo xtask bench-linux`: prints a table of both, stage by stage.
pub fn bench(args: &[String]) -> Outcome<()> {
    let wanted = Wanted::parse(args)?;
    if output(Command::new(QEMU).arg("--version")).is_none() {
        install(&["qemu-system-x86"]);
    }
    let version = output(Command::new(QEMU).arg("--version"));
    let version = version.ok_or(format!("no {QEMU}; expected Debian's qemu-system-x86"))?;
    let version = version.lines().next().unwrap_or_default();
    run(cargo().args(["build", "--quiet", "--release", "--package", "native-runner"]))?;
    let kernel = linux_kit::kernel(Flavour::Cloud)?;
    let disk = disk(&wanted)?;
    let image = |path: &Path| path.display().to_string();
    let (kernel_path, disk_path) = (image(&kernel.image), image(&disk));
    let line = "console=ttyS0 quiet";
    let ours = |cpus: &str| {
        let mut command = Command::new(root().join("target/release/exitless"));
        command.args(["run", "--kernel", &kernel_path, "--initrd", &disk_path, "--append", line]);
        command.args(["--cpus", cpus, "--memory", &format!("{MEMORY}MiB")]);
        command
    };
    let theirs = |cpus: &str| {
        let mut command = Command::new(QEMU);
        command.args(["-accel", "tcg", "-cpu", "Nehalem", "-machine", "q35", "-m", MEMORY, "-smp", cpus]);
        command.args(["-nodefaults", "-display", "none", "-serial", "stdio", "-no-reboot"]);
        command.args(["-kernel", &kernel_path, "-initrd", &disk_path, "-append", line]);
        command
    };
    wanted.cpus.iter().map(u8::to_string).try_for_each(|cpus| {
        say(&format!("Linux {}, {cpus} processors, here and in {version}", kernel.version));
        let here = fastest(wanted.runs, || ours(&cpus))?;
        let there = fastest(wanted.runs, || theirs(&cpus))?;
        print!("{}", table(&here, &there)?);
        within(&here, &there)
    })
}

/// An initial RAM disk whose init says when it is up, runs the program, and powers off.
fn disk(wanted: &Wanted) -> Outcome<PathBuf> {
    let folder = root().join("target/linux");
    let mut disk = Initramfs::new()?.init("echo @@ boot end\n[ -x /program ] && { /program 1; s=$?; echo @@ status start; echo @@ status end $s; }\npoweroff -f\n");
    if let Some(source) = &wanted.program {
        let program = folder.join("program");
        run(Command::new("cc").args(["-O2", "-static", "-pthread"]).arg(source).arg("-o").arg(&program))?;
        disk = disk.program("program", &program)?;
    }
    let path = folder.join("bench.cpio");
    std::fs::write(&path, disk.build()).map_err(|e| format!("{}: {e}", path.display()))?;
    Ok(path)
}

/// Each stage's best time of several runs.
fn fastest(runs: u32, command: impl Fn() -> Command) -> Outcome<Vec<Stage>> {
    let mut best = time(command())?;
    for _ in 1..runs {
        for (best, now) in best.iter_mut().zip(time(command())?) {
            best.seconds = best.seconds.min(now.seconds);
        }
    }
    Ok(best)
}

/// Runs a machine to its end and times what it says on its console.
fn time(mut command: Command) -> Outcome<Vec<Stage>> {
    let shown = command.get_program().to_string_lossy().into_owned();
    let failed = |e: std::io::Error| format!("`{shown}`: {e}");
    let began = Instant::now();
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::inherit());
    let mut child = command.spawn().map_err(failed)?;
    let console = child.stdout.take().ok_or("no console")?;
    let lines = BufReader::new(console).split(b'\n').map_while(Result::ok);
    let lines =
        lines.map(|line| (began.elapsed().as_secs_f64(), String::from_utf8_lossy(&line).into_owned()));
    let mut stages = stages(lines);
    let status = child.wait().map_err(failed)?;
    stages.push(Stage {
        name: "all, to power-off".to_string(),
        seconds: began.elapsed().as_secs_f64(),
        checksum: String::new(),
    });
    if status.success() { Ok(stages) } else { Err(format!("`{shown}` failed: {status}")) }
}

/// From lines `@@ NAME start` and `@@ NAME end CHECKSUM`, each with its time. A stage without a start began at 0.
fn stages(lines: impl Iterator<Item = (f64, String)>) -> Vec<Stage> {
    let (mut open, mut done) = (Vec::<(String, f64)>::new(), Vec::new());
    for (now, line) in lines {
        let mut words = line.trim().split(' ').skip_while(|word| *word != "@@").skip(1);
        let (Some(name), Some(what)) = (words.next(), words.next()) else { continue };
        match what {
            "start" => open.push((name.to_string(), now)),
            "end" => {
                let began = open.iter().rfind(|(n, _)| n == name).map_or(0.0, |(_, then)| *then);
                let checksum = words.next().unwrap_or_default().to_string();
                done.push(Stage { name: name.to_string(), seconds: now - began, checksum });
            }
            _ => {}
        }
    }
    done
}

/// Both, side by side. Other checksums here than there are an error.
fn table(ours: &[Stage], theirs: &[Stage]) -> Outcome<String> {
    if let Some(stage) = theirs.iter().find(|stage| ours.iter().all(|own| own.name != stage.name)) {
        return Err(format!("`{}` has no end here; QEMU has one", stage.name));
    }
    let mut text = format!("{:<20} {:>10} {:>10} {:>8}\n", "stage", "here, s", "QEMU, s", "ratio");
    for stage in ours {
        let Some(other) = theirs.iter().find(|other| other.name == stage.name) else {
            return Err(format!("QEMU has no stage `{}`", stage.name));
        };
        // A stage that ends with a time has no checksum.
        let differs = stage.checksum != other.checksum && !stage.checksum.contains('=');
        if differs {
            let (a, b) = (&stage.checksum, &other.checksum);
            return Err(format!("{}: {a} here, {b} in QEMU; expected the same", stage.name));
        }
        let ratio = stage.seconds / other.seconds.max(1e-9);
        let (here, there) = (stage.seconds, other.seconds);
        text += &format!("{:<20} {here:>10.3} {there:>10.3} {ratio:>8.2}\n", stage.name);
    }
    Ok(text)
}

/// A program's parts in all: those that compute something.
fn program(stages: &[Stage]) -> f64 {
    stages.iter().filter(|stage| !stage.checksum.is_empty()).map(|stage| stage.seconds).sum()
}

/// The program in all, which may take so many times QEMU's time at most.
fn within(ours: &[Stage], theirs: &[Stage]) -> Outcome<()> {
    let (here, there) = (program(ours), program(theirs));
    if there == 0.0 {
        return Ok(());
    }
    let ratio = here / there;
    println!("{:<20} {here:>10.3} {there:>10.3} {ratio:>8.2}", "the program");
    if ratio > MOST { Err(format!("{ratio:.2} times QEMU's time; expected {MOST} at most")) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_are_read_from_the_console() {
        let lines = ["noise", "@@ boot end", "@@ sort start", "@@ sort end 12ab guest_s=1", "done"];
        let at = |(i, line): (usize, &&str)| (i as f64, line.to_string());
        let stages = stages(lines.iter().enumerate().map(at));
        let rows: Vec<_> = stages.iter().map(|s| (s.name.as_str(), s.seconds, s.checksum.as_str())).collect();
        assert_eq!(rows, [("boot", 1.0, ""), ("sort", 1.0, "12ab")]);
    }

    #[test]
    fn a_part_that_computes_something_else_is_an_error() {
        let stage = |checksum: &str| Stage { name: "x".into(), seconds: 1.0, checksum: checksum.into() };
        assert!(table(&[stage("1")], &[stage("1")]).unwrap().contains("1.00"));
        assert!(table(&[stage("1")], &[stage("2")]).unwrap_err().contains("expected the same"));
    }

    #[test]
    fn the_parts_of_the_program_are_judged_together() {
        let stage = |seconds, checksum: &str| Stage { name: "x".into(), seconds, checksum: checksum.into() };
        let theirs = [stage(9.0, ""), stage(1.0, "1"), stage(1.0, "2")];
        assert!(within(&[stage(99.0, ""), stage(8.0, "1"), stage(1.9, "2")], &theirs).is_ok());
        assert!(within(&[stage(1.0, ""), stage(8.0, "1"), stage(2.1, "2")], &theirs).is_err());
        assert!(within(&[stage(9.0, "")], &[stage(1.0, "")]).is_ok(), "no program");
    }

    #[test]
    fn an_option_that_is_none_is_told() {
        let parse = |line: &str| Wanted::parse(&line.split(' ').map(str::to_string).collect::<Vec<_>>());
        assert_eq!(
            parse("--cpus 2,4 --runs 3").unwrap(),
            Wanted { program: None, cpus: vec![2, 4], runs: 3 }
        );
        assert!(parse("--cpus two").unwrap_err().contains("expected a number"));
        assert!(parse("--speed 9").unwrap_err().contains("expected --program"));
    }
}
