//! What a scenario may not say, and what one is told then.

use super::attacks::Attacks;
use super::comparison::Comparison;
use super::single::Single;
use super::*;

const COMPARISON: &str = r#"
title = "t"
[machine]
memory = "64 MiB"
preset = "nehalem-ep"
[measure]
warmup_ms = 1
window_ms = 2
max_window_ms = 4
halves_agree_percent = 1.0
[[parameter]]
name = "moderation"
key = "m"
default = "none"
forms = ["none", "fixed:<n>"]
[[workload]]
name = "w"
title = "w"
metric = "throughput-bits"
unit = "Gb/s"
cmdline = "do=it"
network = { peer = "stream" }
aims = { plain = ["percent_of_bare_metal >= 97"] }
[[mode]]
name = "plain"
title = "plain"
reference = true
image = "guest"
expect = ["exits == 0"]
"#;

const ATTACKS: &str = r#"
title = "t"
run_ms = 10
numbers = { slack_us = 1 }
[machine]
memory = "64 MiB"
preset = "nehalem-ep"
[host]
image = "host"
cmdline = "a=b"
timer_vector = 240
timer_period = "1ms"
preemption_period = "250us"
contained = ["host_timer_worst_delay_us <= preemption_period_us + dearest_exit_us + slack_us"]
[[attack]]
name = "x"
threat = "t"
defence = "d"
guest = "x"
switch_off = "c=d"
off_shows = ["guest_icr_writes > 0"]
"#;

/// The error for `text` with `from` replaced by `to`.
fn error<S: Scenario + std::fmt::Debug>(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from}");
    parse::<S>(&text.replacen(from, to, 1)).unwrap_err()
}

#[test]
fn the_examples_of_these_tests_are_right_to_begin_with() {
    parse::<Comparison>(COMPARISON).unwrap();
    parse::<Attacks>(ATTACKS).unwrap();
}

#[test]
fn an_unknown_key_is_refused_with_its_line_and_what_was_expected() {
    let text = error::<Comparison>(COMPARISON, "window_ms = 2", "windows = 2");
    assert!(text.contains("line 8") && text.contains("windows") && text.contains("`window_ms`"), "{text}");
    let text = error::<Attacks>(ATTACKS, "threat", "threads");
    assert!(text.contains("line 17") && text.contains("`threads`") && text.contains("`threat`"), "{text}");
}

#[test]
fn a_wrong_value_is_refused_with_its_line_and_what_was_expected() {
    let rows = [
        ("\"64 MiB\"", "\"64 MB\"", "line 4", "KiB, MiB or GiB"),
        ("\"throughput-bits\"", "\"speed\"", "line 19", "`latency`"),
        ("peer = \"stream\"", "peer = \"steam\"", "line 22", "`stream`"),
        ("exits == 0", "exits = 0", "line 29", "=="),
        ("warmup_ms = 1", "warmup_ms = -1", "line 7", "u64"),
    ];
    for (from, to, line, expected) in rows {
        let text = error::<Comparison>(COMPARISON, from, to);
        assert!(text.contains(line) && text.contains(expected), "{to}: {text}");
    }
}

#[test]
fn what_serde_cannot_see_is_refused_too() {
    let rows = [
        ("\"64 MiB\"", "\"0 MiB\"", "expected at least 1 MiB"),
        ("preset = \"nehalem-ep\"", "preset = \"nehalem-ep\"\ncpus = 0", "expected 1 to 8"),
        ("window_ms = 2", "window_ms = 0", "window_ms is 0"),
        ("reference = true", "reference = false", "exactly one mode"),
        ("exits == 0", "exitz == 0", "unknown quantity `exitz`"),
        ("aims = { plain", "aims = { plane", "unknown mode `plane`"),
        ("\"Gb/s\"", "\"us\"", "expected Gb/s"),
        ("default = \"none\"", "default = \"fixed:x\"", "expected none or fixed:<n>"),
    ];
    for (from, to, expected) in rows {
        let text = error::<Comparison>(COMPARISON, from, to);
        assert!(text.contains(expected), "{to}: {text}");
    }
}

#[test]
fn a_parameters_number_keeps_to_its_range_and_step() {
    let text = COMPARISON.replace("fixed:<n>", "fixed:<2..10/2>");
    let comparison = parse::<Comparison>(&text).unwrap();
    let fits = |value: &str| comparison.parameters[0].check(value).is_ok();
    assert!(["none", "fixed:2", "fixed:10"].into_iter().all(fits));
    let wrong = [
        "fixed:0",
        "fixed:5",
        "fixed:12",
        "fixed:",
        "fixed:-2",
        "fixed:99999999999999999999",
        "fixed:<2..10/2>",
    ];
    assert!(!wrong.into_iter().any(fits));
}

#[test]
fn names_occur_once() {
    let (_, mode) = COMPARISON.split_once("[[mode]]").unwrap();
    let twice = format!("{COMPARISON}[[mode]]{}", mode.replace("true", "false"));
    assert!(parse::<Comparison>(&twice).unwrap_err().contains("mode `plain` is declared twice"));
    let (none, _) = ATTACKS.split_once("[[attack]]").unwrap();
    assert!(parse::<Attacks>(none).unwrap_err().contains("expected at least one [[attack]]"));
}

#[test]
fn what_shows_without_a_defence_needs_its_switch() {
    let text = error::<Attacks>(ATTACKS, "switch_off = \"c=d\"", "");
    assert!(text.contains("attack `x` has off_shows; expected switch_off"), "{text}");
    let text = error::<Attacks>(ATTACKS, "guest_icr_writes > 0", "guest_writes > 0");
    assert!(text.contains("attack `x`: unknown quantity `guest_writes`"), "{text}");
}

#[test]
fn no_text_makes_the_parser_panic() {
    for text in [COMPARISON, ATTACKS] {
        for end in 0..text.len() {
            _ = parse::<Comparison>(&text[..end]);
            _ = parse::<Attacks>(&text[..end]);
            _ = parse::<Single>(&text[..end]);
        }
    }
}
