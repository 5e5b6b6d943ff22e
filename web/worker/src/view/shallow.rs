//! In place of `deep`: this worker leaves out what the Inspect level reads.

use lab_protocol::{CodeView, InspectView};
use observe::scenario::bundle::Bundle;

use crate::side::Side;

/// Nothing is shown.
#[derive(Clone, Debug, Default)]
pub struct Shown;

/// The whole worker has it.
pub fn inspect(_: &Side, _: &[String], _: Option<&Bundle>, _: &mut Shown) -> Option<InspectView> {
    None
}

/// The whole worker has it.
pub fn code(_: &Side, _: u16) -> Option<CodeView> {
    None
}
