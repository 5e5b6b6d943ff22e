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
  exitless completions zsh > _exitless";

/// `exitless man`.
pub const MAN: &str = "Examples:
  exitless man > exitless.1
  exitless man --out man1";
