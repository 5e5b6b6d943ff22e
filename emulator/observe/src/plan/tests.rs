//! What a choice makes of a scenario.

use super::*;

const SCENARIO: &str = r#"
title = "t"
[machine]
memory = "64 MiB"
preset = "nehalem-ep"
seed = 9
[measure]
warmup_ms = 1
window_ms = 2
max_window_ms = 4
halves_agree_percent = 1.0
[[parameter]]
name = "message-size"
key = "msg"
default = "256"
range = [64, 512]
[[workload]]
name = "first"
title = "first"
metric = "operations"
unit = "requests/s"
cmdline = "do=it seed={seed}"
network = {}
[[workload]]
name = "second"
title = "second"
metric = "latency"
unit = "us"
cmdline = ""
network = {}
[[mode]]
name = "plain"
title = "plain"
reference = true
image = "./guest"
[[mode]]
name = "under"
title = "under"
image = "./host"
cmdline = "a=b"
module = "./guest"
"#;

/// A plan without images: none is read from a file here.
fn plan(modes: &[&str], workload: Option<&str>) -> Outcome<Plan> {
    let scenario: Comparison = crate::scenario::parse(SCENARIO).unwrap();
    let asked: Vec<_> = modes.iter().map(|m| m.to_string()).collect();
    Ok(Plan {
        modes: chosen_modes(&scenario, &asked)?,
        workloads: chosen_workloads(&scenario, workload)?,
        preset: preset("nehalem-ep", &[], None)?,
        preset_as_fitted: true,
        measure: scenario.measure,
        seed: scenario.machine.seed,
        images: Images::default(),
        turnaround: None,
        packet_rate: None,
        parameters: scenario.parameters.iter().map(|p| (p.name.clone(), p.default.clone())).collect(),
        scenario,
    })
}

#[test]
fn the_first_workload_and_every_mode_are_the_default() {
    let tasks = plan(&[], None).unwrap().tasks();
    assert_eq!(tasks, [Task { workload: 0, mode: 0 }, Task { workload: 0, mode: 1 }]);
    assert_eq!(plan(&[], Some("all")).unwrap().tasks().len(), 4);
}

#[test]
fn what_is_chosen_of_the_network_is_what_is_built_and_said() {
    let scenario: Comparison = crate::scenario::parse(SCENARIO).unwrap();
    let choice = Choice { packet_rate: Some(50_000), turnaround: Some(Time::us(3)), ..Choice::default() };
    let plan = Plan::new(scenario, &choice, |_| Ok(Vec::new())).unwrap();
    let network = plan.build(plan.tasks()[0]).network;
    assert_eq!((network.packet_rate, network.turnaround), (Some(50_000), Some(Duration(Time::us(3)))));
    assert_eq!(plan.changed(), ["turnaround=3.000000 us", "packet-rate=50000"]);
    assert!(!plan.preset_as_fitted, "it is a prediction");
}

#[test]
fn the_reference_is_always_measured() {
    let tasks = plan(&["under"], Some("second")).unwrap().tasks();
    assert_eq!(tasks, [Task { workload: 1, mode: 0 }, Task { workload: 1, mode: 1 }]);
}

#[test]
fn an_unknown_name_is_refused_with_those_there_are() {
    let text = plan(&["over"], None).unwrap_err().to_string();
    assert_eq!(text, "the scenario has no mode `over`; expected one of plain, under");
    let text = plan(&[], Some("third")).unwrap_err().to_string();
    assert_eq!(text, "the scenario has no workload `third`; expected one of first, second");
    let text = plan(&[], None).unwrap().set_parameter(MODERATION, "none").unwrap_err().to_string();
    assert_eq!(text, "the scenario has no parameter `moderation`; expected one of message-size");
}

#[test]
fn a_parameter_reaches_the_work_and_the_peer() {
    let mut plan = plan(&[], None).unwrap();
    let task = plan.tasks()[0];
    assert_eq!(plan.work_cmdline(plan.workload(task)), "do=it seed=9 msg=256");
    plan.set_parameter(MESSAGE_SIZE, "512").unwrap();
    assert_eq!(plan.work_cmdline(plan.workload(task)), "do=it seed=9 msg=512");
    assert_eq!(plan.build(task).message, 512);
    let text = plan.set_parameter(MESSAGE_SIZE, "16").unwrap_err().to_string();
    assert_eq!(text, "parameter `message-size` is \"16\"; expected 64 to 512");
}

#[test]
fn the_work_goes_to_the_module_if_there_is_one() {
    let scenario = crate::scenario::parse(SCENARIO).unwrap();
    let file = |name: &str| Ok(name.trim_start_matches("./").as_bytes().to_vec());
    let plan = Plan::new(scenario, &Choice::default(), file).unwrap();
    let [plain, under] = plan.tasks()[..] else { panic!("two modes") };
    let (plain, under) = (plan.boot(plain).unwrap(), plan.boot(under).unwrap());
    assert_eq!(plain.image, (&b"guest"[..], "do=it seed=9 msg=256".to_string()));
    assert_eq!(under.image, (&b"host"[..], "a=b".to_string()));
    assert_eq!(under.modules, [(&b"guest"[..], "do=it seed=9 msg=256".to_string())]);
}
