//! Examples for `--help`; a test holds each to what the command line takes.

/// `exitless compare`.
pub const COMPARE: &str = "Examples:
  exitless compare
  exitless compare --workload all --json
  exitless compare --workload rr --exit-cost-scale 0.5 --trace perfetto=run.pftrace";

/// `exitless run`.
pub const RUN: &str = "Examples:
  exitless run stream --timeout 20ms --trace pcapng=run.pcapng
  exitless run compare --workload http --timeout 50ms --perf-kvm
  exitless run --elf kernel.elf --memory 256MiB --append console=com1
  exitless run --kernel vmlinuz --initrd initrd.gz --append console=ttyS0 --timeout 10s";

/// `exitless gdb`.
pub const GDB: &str = "Examples:
  exitless gdb stream
  exitless gdb compare --workload rr --listen 127.0.0.1:0 --once

In gdb: target remote 127.0.0.1:1234, then monitor help. reverse-stepi and reverse-continue go back.
Where there is a host and a guest, monitor world says which of them breakpoints and memory belong to.";

/// `exitless inspect`.
pub const INSPECT: &str = "Examples:
  exitless inspect stream --at t=1204.318us
  exitless inspect compare --at nic:17/delivered --part cpu0/registers
  exitless inspect compare --at=#12345 --json";

/// `exitless diff`.
pub const DIFF: &str = "Examples:
  exitless diff stream stream,seed=2
  exitless diff compare,workload=rr compare,workload=rr,exit-cost-scale=2 --until 50ms --json

Ends with 0 where the runs are the same, with 1 where they part.";

/// `exitless attack`.
pub const ATTACK: &str = "Examples:
  exitless attack --list
  exitless attack --all --json";

/// `exitless sweep`.
pub const SWEEP: &str = "Examples:
  exitless sweep --parameter exit-cost --values 0,0.5,1,2
  exitless sweep --parameter message-size --values 64,256,1024 --shard 1/2 --json";

/// `exitless lesson`.
pub const LESSON: &str = "Examples:
  exitless lesson check examples/lessons/01-follow-one-interrupt.md
  exitless lesson grade reports --csv";

/// `exitless completions`.
pub const COMPLETIONS: &str = "Examples:
  exitless completions bash > /etc/bash_completion.d/exitless
  exitless completions zsh > ~/.zfunc/_exitless
  exitless completions fish > ~/.config/fish/completions/exitless.fish";

/// `exitless man`.
pub const MAN: &str = "Examples:
  exitless man > exitless.1
  exitless man --out man1";

/// `exitless lesson check`.
pub const LESSON_CHECK: &str = "Examples:
  exitless lesson check examples/lessons/01-follow-one-interrupt.md -v
  exitless lesson check lesson.md --answers report.json";

/// `exitless lesson grade`.
pub const LESSON_GRADE: &str = "Examples:
  exitless lesson grade reports
  exitless lesson grade reports --csv > grades.csv";

/// `exitless lesson lint`.
pub const LESSON_LINT: &str = "Examples:
  exitless lesson lint examples/lessons/01-follow-one-interrupt.md";

/// `exitless lesson preview`.
pub const LESSON_PREVIEW: &str = "Examples:
  exitless lesson preview lesson.md --watch";

/// `exitless lesson new`.
pub const LESSON_NEW: &str = "Examples:
  exitless lesson new my-lesson";
