//! Machines of the comparison's scenario, by the order of its modes.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::path::{Path, PathBuf};

use observe::failure::{Failure, Outcome};
use observe::plan::{Choice, Plan, Task};
use observe::rig::Rig;
use observe::scenario::comparison::Comparison;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn guest(name: &str) -> Outcome<Vec<u8>> {
    let folder =
        std::env::var_os("EXITLESS_GUESTS").map_or_else(|| root().join("target/guests"), PathBuf::from);
    let path = folder.join(name);
    std::fs::read(&path).map_err(|e| Failure::Usage(format!("{}: {e}", path.display())))
}

/// The comparison as it stands; `None`, with the reason printed, where its guests have not been built.
///
/// With `EXITLESS_REQUIRE_ALL=1` a missing guest fails the test.
pub fn plan() -> Option<Plan> {
    let text = std::fs::read_to_string(root().join("examples/scenarios/compare.toml")).expect("the scenario");
    let scenario: Comparison = observe::scenario::parse(&text).expect("the scenario is right");
    match Plan::new(scenario, &Choice::default(), guest) {
        Ok(plan) => Some(plan),
        Err(reason) => {
            let required = std::env::var_os("EXITLESS_REQUIRE_ALL").is_some_and(|v| v == "1");
            assert!(!required, "SKIPPED is not allowed here: {reason}");
            eprintln!("SKIPPED: {reason}; build the guests with `cargo xtask guests`");
            None
        }
    }
}

/// The default pair: the first and the last mode that run the work as a module under a host.
pub fn pair(plan: &Plan) -> [Task; 2] {
    let mut tasks: Vec<_> = plan.tasks().into_iter().filter(|t| plan.mode(*t).module.is_some()).collect();
    [tasks.remove(0), tasks.pop().expect("two modes under a host")]
}

/// The machine of `task`.
pub fn rig(plan: &Plan, task: Task) -> Rig {
    let boot = plan.boot(task).expect("its images are here");
    Rig::new(&plan.build(task), &boot).expect("it boots")
}

/// Draws the same numbers each time.
pub struct Draw(pub u64);

impl Draw {
    /// A number below `limit`.
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((u128::from(self.0) * u128::from(limit)) >> 64) as u64
    }
}
