//! State trees, as rows of the groups that are open.

use std::collections::BTreeMap;

use emulator::state::Node;
use lab_protocol::{InspectView, Row};
use observe::scenario::bundle::Bundle;
use observe::scenario::lab::ViewKind;

use super::{idt, ring, value, walk};
use crate::side::Side;

/// Rows that one frame holds at most.
const MOST: usize = 2_000;
/// Before a named view's path, so that it is told from the tree's own.
const NAMED: &str = "view";

/// What a table holds, by the tree and a path in it.
type Reader = fn(&Side, &Node, &str) -> Option<Vec<Node>>;

/// What an inspector showed last, and at the stop before: for what changed.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    /// Where.
    pub at: observe::travel::Position,
    /// Values there, by path.
    pub now: BTreeMap<String, String>,
    /// Values at the stop before.
    pub before: BTreeMap<String, String>,
}

/// The rows of the open groups; values that differ from those at the stop before are marked.
pub fn view(side: &Side, open: &[String], bundle: Option<&Bundle>, shown: &mut Shown) -> Option<InspectView> {
    let tree = side.travel().machine().inspect();
    let mut rows = Vec::new();
    for view in bundle.into_iter().flat_map(|b| &b.lab.views) {
        if !view.applies(&side.words.setup.mode) {
            continue;
        }
        let path = format!("{NAMED}/{}", view.name);
        let read: Reader = match view.kind {
            ViewKind::Tree => {
                if let Some(node) = tree.find(&view.path) {
                    put(node, &view.name, path, 0, open, &mut rows);
                }
                continue;
            }
            ViewKind::Idt => idt::gates,
            ViewKind::Walk => walk::entries,
            ViewKind::Ring => ring::descriptors,
        };
        // A closed table is not read.
        let inside = open.contains(&path).then(|| read(side, &tree, &view.path)).flatten();
        put(&Node::group(&view.name, inside.unwrap_or_default()), &view.name, path, 0, open, &mut rows);
    }
    if let Node::Group { children, .. } = &tree {
        for child in children {
            put(child, child.name(), child.name().to_string(), 0, open, &mut rows);
        }
    }
    mark(side, &mut rows, shown);
    Some(InspectView { rows })
}

fn put(node: &Node, name: &str, path: String, depth: u8, open: &[String], rows: &mut Vec<Row>) {
    if rows.len() >= MOST {
        return;
    }
    let group = matches!(node, Node::Group { .. });
    let is_open = open.contains(&path);
    rows.push(Row {
        path: path.clone(),
        name: name.to_string(),
        value: value(node),
        depth,
        group,
        changed: false,
    });
    if let (Node::Group { children, .. }, true) = (node, is_open) {
        for child in children {
            put(child, child.name(), format!("{path}/{}", child.name()), depth.saturating_add(1), open, rows);
        }
    }
}

/// Marks what changed since the last stop at another place.
fn mark(side: &Side, rows: &mut [Row], shown: &mut Shown) {
    let here = side.position();
    if shown.at != here {
        shown.before = std::mem::take(&mut shown.now);
        shown.at = here;
    }
    for row in rows.iter_mut().filter(|row| !row.group) {
        row.changed = shown.before.get(&row.path).is_some_and(|before| *before != row.value);
    }
    let values = rows.iter().filter(|row| !row.group).map(|row| (row.path.clone(), row.value.clone()));
    shown.now = values.collect::<BTreeMap<_, _>>();
}
