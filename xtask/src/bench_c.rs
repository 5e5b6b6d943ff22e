//! Builds the integer parts of the project's reference benchmark for the bare machine, and asks the host
//! processor what they compute. The benchmark lies beside the clone (`../shared/peers`), not in it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::shell::{Outcome, nothing_may_be_left_out, output, root, run, say};

/// The parts without floating point and without an operating system, as `guest.c` has them.
const PARTS: [&str; 7] = ["sieve", "crc32", "qsort", "matmul_i", "memcpy", "chase", "icall"];

/// Code that runs from reset: no C library, no vector registers, no guard that needs a thread.
const FREESTANDING: [&str; 12] = [
    "-O2",
    "-ffreestanding",
    "-mgeneral-regs-only",
    "-mno-red-zone",
    "-fno-stack-protector",
    "-fno-tree-loop-distribute-patterns",
    "-fcf-protection=none",
    "-fno-pie",
    "-no-pie",
    "-static",
    "-nostdlib",
    "-Wl,-Ttext-segment=0x200000,--build-id=none",
];

/// Puts `bench-c` and `bench-c.expected` into `guests`, unless the source or a C compiler is missing.
pub fn build(guests: &Path) -> Outcome<()> {
    let source = root().join("../shared/peers/bench.c");
    let (image, expected) = (guests.join("bench-c"), guests.join("bench-c.expected"));
    _ = fs::remove_file(&expected);
    let missing = match (source.is_file(), output(Command::new("cc").arg("--version"))) {
        (false, _) => format!("no {}", source.display()),
        (_, None) => "no C compiler `cc`".to_string(),
        _ => {
            compile(&source, &image)?;
            let text = on_this_host(&source, guests)?;
            return fs::write(&expected, text).map_err(|e| format!("{}: {e}", expected.display()));
        }
    };
    if nothing_may_be_left_out() {
        return Err(format!("bench-c cannot be built: {missing}"));
    }
    say(&format!("bench-c is left out: {missing}"));
    Ok(())
}

fn compile(source: &Path, image: &Path) -> Outcome<()> {
    let mut command = Command::new("cc");
    command.args(FREESTANDING).arg(format!("-DBENCH=\"{}\"", source.display()));
    run(command.arg(root().join("emulator/benches/c/guest.c")).arg("-o").arg(image))
}

/// Each part's checksum as the host processor and its C library compute it, a line for each.
fn on_this_host(source: &Path, guests: &Path) -> Outcome<String> {
    let program: PathBuf = guests.join("bench-c.host");
    run(Command::new("cc").arg("-O2").arg(source).arg("-o").arg(&program))?;
    let lines: Option<Vec<String>> = PARTS.iter().map(|part| checksum(&program, part)).collect();
    _ = fs::remove_file(&program);
    lines.map(|lines| lines.concat()).ok_or(format!("{} printed no checksum", source.display()))
}

fn checksum(program: &Path, part: &str) -> Option<String> {
    let text = output(Command::new(program).args(["1", part]))?;
    parse(&text, part)
}

/// From `@@ PART end CHECKSUM ...`.
fn parse(text: &str, part: &str) -> Option<String> {
    let end = format!("@@ {part} end ");
    let rest = text.lines().find_map(|line| line.strip_prefix(&end))?;
    let sum = rest.split(' ').next().filter(|sum| sum.len() == 8)?;
    Some(format!("{part} {sum}\n"))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn a_parts_checksum_is_read_from_its_last_line() {
        let text = "@@ ALL start\n@@ sieve start\n@@ sieve end 00014064 guest_s=0.1\n@@ ALL end";
        assert_eq!(parse(text, "sieve").as_deref(), Some("sieve 00014064\n"));
        assert_eq!(parse(text, "crc32"), None);
    }
}
