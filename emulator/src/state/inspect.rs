//! The tree of named values that panels, dumps and tests read.

/// One named value, or a group of them. Names are the manuals'.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// A register, field or count; shown in hexadecimal when `width` (in bits) is not 0.
    Value {
        /// What the manual calls it.
        name: String,
        /// Its value.
        value: u64,
        /// Its width in bits; 0 for a plain count.
        width: u8,
    },
    /// A value that is best said in words.
    Text {
        /// What the manual calls it.
        name: String,
        /// What it holds.
        text: String,
    },
    /// A group.
    Group {
        /// What the group is called.
        name: String,
        /// What it holds, in the manual's order.
        children: Vec<Node>,
    },
}

impl Node {
    /// A register or field of `width` bits.
    pub fn value(name: impl Into<String>, value: u64, width: u8) -> Node {
        Node::Value { name: name.into(), value, width }
    }

    /// A plain count.
    pub fn count(name: impl Into<String>, value: u64) -> Node {
        Node::Value { name: name.into(), value, width: 0 }
    }

    /// Words.
    pub fn text(name: impl Into<String>, text: impl Into<String>) -> Node {
        Node::Text { name: name.into(), text: text.into() }
    }

    /// A group.
    pub fn group(name: impl Into<String>, children: Vec<Node>) -> Node {
        Node::Group { name: name.into(), children }
    }

    /// What this node is called.
    pub fn name(&self) -> &str {
        match self {
            Node::Value { name, .. } | Node::Text { name, .. } | Node::Group { name, .. } => name,
        }
    }

    /// The same under another name.
    #[must_use]
    pub fn named(mut self, to: impl Into<String>) -> Node {
        let (Node::Value { name, .. } | Node::Text { name, .. } | Node::Group { name, .. }) = &mut self;
        *name = to.into();
        self
    }

    /// The node at `path`, names joined by `/`.
    pub fn find(&self, path: &str) -> Option<&Node> {
        let Node::Group { children, .. } = self else { return None };
        let (head, rest) = path.split_once('/').unwrap_or((path, ""));
        let child = children.iter().find(|c| c.name() == head)?;
        if rest.is_empty() { Some(child) } else { child.find(rest) }
    }
}
