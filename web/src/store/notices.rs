//! What is said in place, and the ways out that go with it.

use crate::links::{Complaint, Link};
use crate::words::{fill, words};

/// Something to say in place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saying {
    /// What.
    pub text: String,
    /// Whether something went wrong.
    pub wrong: bool,
    /// What may be done about it.
    pub ways: Vec<Way>,
}

/// A way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// A new worker takes up the same link.
    Restart,
    /// The same is loaded again.
    Reload,
    /// The link as it is, in spite of its other build.
    OpenHere(Box<Link>),
    /// The build that made it.
    OpenThere(String),
}

impl Saying {
    /// Something that went wrong.
    pub fn wrong(text: String, ways: Vec<Way>) -> Saying {
        Saying { text, wrong: true, ways }
    }

    /// Something to know.
    pub fn note(text: String) -> Saying {
        Saying { text, wrong: false, ways: Vec::new() }
    }
}

/// The sentence for what a link's reader left out; one for all of them.
pub fn complaint(complaints: &[Complaint]) -> Option<Saying> {
    let first = complaints.first()?;
    let text = match first {
        Complaint::NoLink => words().no_link.to_string(),
        Complaint::Version(version) => fill(words().left_out_version, &[("v", version)]),
        _ => fill(
            words().left_out,
            &[("parts", &complaints.iter().filter_map(part).collect::<Vec<_>>().join(", "))],
        ),
    };
    Some(Saying { text, wrong: true, ways: Vec::new() })
}

/// How a complaint names its parameter.
fn part(complaint: &Complaint) -> Option<String> {
    match complaint {
        Complaint::Unknown(key) => Some(format!("“{key}”")),
        Complaint::Nonsense(key, value) => Some(format!("“{key}={value}”")),
        Complaint::Version(_) | Complaint::NoLink => None,
    }
}
