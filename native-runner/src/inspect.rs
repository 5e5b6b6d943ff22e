//! `exitless inspect`: the state of a machine at a moment, as a tree.

use std::fmt::Write;

use emulator::state::Node;
use emulator::time::Time;
use observe::failure::{Failure, Outcome, failed, usage};
use observe::lives::Anchor;
use observe::suggest::unknown;
use observe::travel::{Caps, Traveller, Until};
use serde_json::{Map, Value, json};

use crate::cli::InspectArgs;
use crate::interrupt;
use crate::stdout;
use crate::subject::Subject;

/// Prints the state at a moment.
pub fn command(args: &InspectArgs) -> Outcome<()> {
    let subject = Subject::new(&args.machine)?;
    let anchor: Anchor = args.at.parse().map_err(|e| Failure::Usage(format!("--at: {e}")))?;
    if let (Anchor::Time(time), Some(limit)) = (&anchor, args.timeout)
        && *time > limit.0
    {
        return usage(format!("--at {anchor}: --timeout {} comes before it", limit.0));
    }
    let mut traveller = Traveller::of(subject.rig()?, Caps::default());
    go(&mut traveller, &anchor, args.timeout.map_or(Time::ms(1000), |d| d.0))?;
    let tree = traveller.machine().inspect();
    let part = match &args.part {
        Some(path) => find(&tree, path)?,
        None => &tree,
    };
    let here = traveller.position();
    if args.machine.common.json {
        let state = Value::Object(Map::from_iter([(part.name().to_string(), value(part))]));
        let at = json!({ "time_ps": here.time.0, "records": here.event, "instructions": here.retired });
        let hash = observe::images::hex(traveller.hash());
        let all = json!({ "schema": crate::compare::report::SCHEMA, "at": at, "hash": hash, "state": state });
        return stdout::json(&all);
    }
    let head = format!("at {} after {} records and {} instructions\n", here.time, here.event, here.retired);
    stdout::print(&(head + &text(part)))
}

/// Runs until the anchor's moment is known, at most to `limit`, and goes there.
fn go(traveller: &mut Traveller, anchor: &Anchor, limit: Time) -> Outcome<()> {
    if let Anchor::Time(time) = anchor {
        while traveller.position().time < *time {
            let next = traveller.position().time.plus(Time::ms(1)).min(*time);
            if traveller.seek_time(next).is_some() && traveller.position().time < *time {
                return unreached(traveller, anchor);
            }
            interrupt::check("inspect", traveller.position().time)?;
        }
        return Ok(());
    }
    while !traveller.seek_anchor(anchor) {
        let here = traveller.frontier().time;
        traveller.seek_time(here);
        let stopped = traveller.run(Until::Time(here.plus(Time::ms(1)))).is_some();
        interrupt::check("inspect", here)?;
        if stopped && !traveller.seek_anchor(anchor) || here >= limit {
            return unreached(traveller, anchor);
        }
    }
    Ok(())
}

fn unreached(traveller: &Traveller, anchor: &Anchor) -> Outcome<()> {
    let ended = traveller.ended().map_or(String::new(), |(_, stop)| format!(": {stop}"));
    failed(format!("{anchor} did not come before {}{ended}", traveller.frontier().time))
}

/// What of `path` comes after `name`, which may have a `/` of its own; none where it does not begin so.
fn after<'a>(path: &'a str, name: &str) -> Option<&'a str> {
    let (head, rest) = path.split_at_checked(name.len())?;
    let ends = rest.is_empty() || rest.starts_with('/');
    (ends && head.eq_ignore_ascii_case(name)).then(|| rest.trim_start_matches('/'))
}

/// The node at a path of names, or of their beginnings where these are clear.
fn find<'a>(tree: &'a Node, path: &str) -> Outcome<&'a Node> {
    let (mut node, mut rest) = (tree, path.trim_matches('/'));
    while !rest.is_empty() {
        let Node::Group { children, .. } = node else {
            return usage(format!("--part {path}: {} has no parts", node.name()));
        };
        let whole = children.iter().find_map(|c| Some((c, after(rest, c.name())?)));
        if let Some((child, after)) = whole {
            (node, rest) = (child, after);
            continue;
        }
        let part = rest.split('/').next().unwrap_or(rest);
        rest = rest[part.len()..].trim_start_matches('/');
        let lower = part.to_lowercase();
        let exact = children.iter().find(|c| c.name().to_lowercase() == lower);
        let begins = || children.iter().find(|c| c.name().to_lowercase().starts_with(&lower));
        let names: Vec<_> = children.iter().map(Node::name).collect();
        node = exact.or_else(begins).ok_or_else(|| {
            Failure::Usage(unknown(&format!("--part: {} has no part", node.name()), part, &names))
        })?;
    }
    Ok(node)
}

/// A tree as JSON: fields as hexadecimal texts, counts as numbers.
fn value(node: &Node) -> Value {
    match node {
        Node::Value { value, width: 0, .. } => json!(value),
        Node::Value { value, width, .. } => {
            json!(format!("{value:#0digits$x}", digits = usize::from(*width).div_ceil(4) + 2))
        }
        Node::Text { text, .. } => json!(text),
        Node::Group { children, .. } => {
            let mut map = Map::new();
            for child in children {
                let same = children.iter().filter(|c| c.name() == child.name());
                let before = same.take_while(|c| !std::ptr::eq(*c, child)).count();
                let name =
                    if before == 0 { child.name().to_string() } else { format!("{} {before}", child.name()) };
                map.insert(name, value(child));
            }
            Value::Object(map)
        }
    }
}

/// The tree as indented lines.
pub fn text(node: &Node) -> String {
    let mut out = String::new();
    lines(node, 0, &mut out);
    out
}

fn lines(node: &Node, depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth);
    match node {
        Node::Value { name, value, width: 0 } => _ = writeln!(out, "{indent}{name} = {value}"),
        Node::Value { name, value, width } => {
            let digits = usize::from(*width).div_ceil(4) + 2;
            _ = writeln!(out, "{indent}{name} = {value:#0digits$x}");
        }
        Node::Text { name, text } => _ = writeln!(out, "{indent}{name} = {text}"),
        Node::Group { name, children } => {
            _ = writeln!(out, "{indent}{name}");
            children.iter().for_each(|child| lines(child, depth + 1, out));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> Node {
        let pages = vec![Node::value("CR0", 0x8000_0011, 32), Node::count("faults", 3)];
        Node::group(
            "machine",
            vec![Node::group("cpu0", pages), Node::text("mode", "x2APIC"), Node::text("mode", "off")],
        )
    }

    #[test]
    fn a_tree_is_indented_lines_or_json() {
        assert_eq!(
            text(&tree()),
            "machine\n  cpu0\n    CR0 = 0x80000011\n    faults = 3\n  mode = x2APIC\n  mode = off\n"
        );
        let json = json!({ "cpu0": { "CR0": "0x80000011", "faults": 3 }, "mode": "x2APIC", "mode 1": "off" });
        assert_eq!(value(&tree()), json);
    }

    #[test]
    fn a_part_is_found_by_its_beginning_and_a_mistyped_one_is_corrected() {
        assert_eq!(find(&tree(), "cpu/cr0").unwrap().name(), "CR0");
        let error = |path| find(&tree(), path).unwrap_err().to_string();
        assert!(error("cup0").contains("did you mean `cpu0`?"), "{}", error("cup0"));
        assert!(error("mode/x").contains("has no parts"));
    }
}
