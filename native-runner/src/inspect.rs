//! `exitless inspect`: the state of a machine at a moment, as a tree.

use std::fmt::Write;

use emulator::state::Node;

/// The tree as indented lines.
pub fn text(node: &Node) -> String {
    let mut out = String::new();
    lines(node, 0, &mut out);
    out
}

fn lines(node: &Node, depth: usize, out: &mut String) {
    let indent = "  ".repeat(depth);
    _ = match node {
        Node::Value { name, value, width: 0 } => writeln!(out, "{indent}{name} = {value}"),
        Node::Value { name, value, width } => {
            let digits = usize::from(*width).div_ceil(4);
            writeln!(out, "{indent}{name} = {value:#0width$x}", width = digits + 2)
        }
        Node::Text { name, text } => writeln!(out, "{indent}{name} = {text}"),
        Node::Group { name, children } => {
            _ = writeln!(out, "{indent}{name}");
            children.iter().for_each(|child| lines(child, depth + 1, out));
            Ok(())
        }
    };
}
