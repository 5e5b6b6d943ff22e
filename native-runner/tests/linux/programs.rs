//! A suite of C programs, compiled once: what it writes in the guest is what it writes on this host.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use emulator::cpu::cpuid::Model;
use emulator::time::Time;
use linux_kit::Initramfs;

use crate::guest::{Images, skipped};

const SOURCES: [&str; 9] =
    ["main", "integer", "floating", "vectors", "strings", "signals", "threads", "memory", "processes"];

/// How the suite is told that there are AVX2, FMA and BMI2.
const WIDE: &str = "wide";
/// The C library takes other ways, with other last places, where there is FMA: these words hide it.
const HIDDEN: &str = "glibc.cpu.hwcaps=-AVX2,-FMA,-FMA4";

fn compiled() -> Result<PathBuf, String> {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/linux/programs");
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join("suite");
    let mut command = Command::new("cc");
    command.args(["-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror", "-static", "-pthread"]);
    command.args(SOURCES.map(|name| sources.join(format!("{name}.c")))).args(["-lm", "-o"]).arg(&program);
    let output = command.output().map_err(|e| format!("no C compiler `cc`: {e}"))?;
    let errors = String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(program) } else { Err(format!("`cc` failed: {errors}")) }
}

/// The program, and what it writes here.
struct Suite {
    program: Vec<u8>,
    wide: String,
    narrow: String,
}

impl Suite {
    fn new() -> Result<Suite, String> {
        let path = compiled()?;
        let program = std::fs::read(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        if !std::arch::is_x86_feature_detected!("avx2") {
            return Err("this host's processor has no AVX2".to_string());
        }
        Ok(Suite {
            program,
            wide: on_this_host(&path, &[WIDE], "")?,
            narrow: on_this_host(&path, &[], HIDDEN)?,
        })
    }

    /// Compiled once, whichever test comes first.
    fn get() -> Option<&'static Suite> {
        static SUITE: OnceLock<Result<Suite, String>> = OnceLock::new();
        SUITE.get_or_init(Suite::new).as_ref().map_err(|reason| skipped(reason)).ok()
    }
}

fn on_this_host(program: &Path, arguments: &[&str], tunables: &str) -> Result<String, String> {
    let output = Command::new(program).args(arguments).env("GLIBC_TUNABLES", tunables).output();
    let output = output.map_err(|e| format!("{}: {e}", program.display()))?;
    assert!(output.status.success(), "the suite fails on this host: {output:?}");
    String::from_utf8(output.stdout).map_err(|e| e.to_string())
}

/// Runs the suite in the guest, and holds every byte that it writes to the host's.
fn writes_what_it_writes_here(model: Model, cpus: u8, wide: bool) {
    let Some(suite) = Suite::get() else { return };
    let (argument, expected) = if wide { (WIDE, &suite.wide) } else { ("", &suite.narrow) };
    let script = format!("echo '<suite>'; /suite {argument}; echo '</suite>'; dmesg; poweroff -f\n");
    let disk = |disk: Initramfs| disk.file("suite", 0o755, &suite.program).init(&script);
    let Some(images) = Images::new(disk) else { return };
    let mut linux = images.boot_on(model, cpus, "quiet");
    linux.power_off(Time::ms(10));
    let said = linux.said.replace("\r\n", "\n");
    let written = said.split_once("<suite>\n").and_then(|(_, rest)| rest.split_once("</suite>"));
    let (written, _) = written.unwrap_or_else(|| panic!("the suite did not end; the console said:\n{said}"));
    for (here, there) in expected.lines().zip(written.lines()) {
        assert_eq!(here, there, "this host's, then the guest's");
    }
    assert_eq!(expected, written);
}

#[test]
fn a_suite_of_programs_writes_the_same_on_a_nehalem_of_one_processor() {
    writes_what_it_writes_here(Model::Nehalem, 1, false);
}

#[test]
fn a_suite_of_programs_writes_the_same_on_a_nehalem_of_four_processors() {
    writes_what_it_writes_here(Model::Nehalem, 4, false);
}

#[test]
fn a_suite_of_programs_writes_the_same_on_a_haswell_of_four_processors() {
    writes_what_it_writes_here(Model::Haswell, 4, true);
}
