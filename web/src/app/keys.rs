//! Keys: one table drives them and shows them.

use lab_protocol::Step;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlInputElement, KeyboardEvent};

use crate::links::Mode;
use crate::store::{Dialog, Intent, Lab, Store};
use crate::words::words;

/// One row.
pub struct Key {
    /// The key, as the browser names it; a single character, or one without a name of its own.
    pub key: &'static str,
    /// Another key for the same.
    pub alias: &'static str,
    /// What the reader wants by it.
    pub intent: fn() -> Intent,
    /// What it does, in words.
    pub text: fn() -> &'static str,
}

/// Every key.
pub static KEYS: [Key; 12] = [
    Key { key: " ", alias: "F8", intent: || Intent::RunOrPause, text: || words().key_run },
    Key { key: ".", alias: "", intent: || Intent::StepUnit(false), text: || words().key_forward },
    Key { key: ",", alias: "", intent: || Intent::StepUnit(true), text: || words().key_back },
    Key { key: "n", alias: "F10", intent: || Intent::Step(Step::Over, false), text: || words().key_over },
    Key {
        key: "s",
        alias: "F11",
        intent: || Intent::Step(Step::Instruction, false),
        text: || words().key_into,
    },
    Key { key: "b", alias: "F9", intent: || Intent::BreakHere, text: || words().key_break },
    Key { key: "[", alias: "", intent: || Intent::Step(Step::Exit, true), text: || words().key_exit_back },
    Key { key: "]", alias: "", intent: || Intent::Step(Step::Exit, false), text: || words().key_exit },
    Key {
        key: "i",
        alias: "",
        intent: || Intent::Step(Step::Interrupt, false),
        text: || words().key_interrupt,
    },
    Key {
        key: "I",
        alias: "",
        intent: || Intent::Step(Step::Interrupt, true),
        text: || words().key_interrupt_back,
    },
    Key { key: "o", alias: "", intent: || Intent::OtherSide, text: || words().key_side },
    Key { key: "?", alias: "F1", intent: || Intent::Help, text: || words().key_help },
];

/// A key was pressed.
pub fn press(store: &Store, event: &KeyboardEvent) {
    let lab = store.now();
    if event.default_prevented() || event.ctrl_key() || event.alt_key() || event.meta_key() {
        return;
    }
    let Some(intent) = wanted(&lab, &event.key()) else { return };
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    let single = event.key().chars().count() == 1;
    if single && !takes_letters(&lab, target.as_ref(), event.key() == " ") {
        return;
    }
    event.prevent_default();
    store.perform(intent);
}

/// What a key means now. While a dialog is open, only its own key means something.
fn wanted(lab: &Lab, key: &str) -> Option<Intent> {
    let row = KEYS.iter().find(|row| row.key == key || (row.alias == key && !key.is_empty()))?;
    let lecture = lab.link.mode == Mode::Lecture && row.key == " ";
    let intent = if lecture { Intent::Beat } else { (row.intent)() };
    let open = lab.dialog.is_some() || lab.term.is_some();
    let helps = intent == Intent::Help && (lab.dialog == Some(Dialog::Help) || !open);
    let single = row.key == key;
    let silent = matches!(lab.link.mode, Mode::View) || (single && !lab.singles);
    (!silent && (helps || (!open && intent != Intent::Help))).then_some(intent)
}

/// Whether a single letter is the lab's where the focus is: inside it, or nowhere on a page of its own;
/// not where letters are typed, and Space not where it presses something.
fn takes_letters(lab: &Lab, target: Option<&Element>, space: bool) -> bool {
    let Some(target) = target else { return false };
    let within = |selector: &str| target.closest(selector).ok().flatten().is_some();
    let at_home = within(".lab") || (lab.link.mode != Mode::Embed && target.tag_name() == "BODY");
    let input = target.dyn_ref::<HtmlInputElement>();
    let types = input.map_or_else(|| within("textarea, select, [contenteditable]"), |i| i.type_() != "range");
    let presses = space && within("button, summary, a, [role=button], [role=tab]");
    at_home && !types && !presses
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_means_one_thing() {
        let mut keys: Vec<_> =
            KEYS.iter().flat_map(|row| [row.key, row.alias]).filter(|k| !k.is_empty()).collect();
        let count = keys.len();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), count);
    }

    #[test]
    fn a_dialog_takes_every_key_but_its_own() {
        let help = Lab { dialog: Some(Dialog::Help), ..Lab::default() };
        let share = Lab { dialog: Some(Dialog::Share), ..Lab::default() };
        assert_eq!(wanted(&help, "?"), Some(Intent::Help));
        assert_eq!(wanted(&share, "?"), None);
        assert_eq!(wanted(&share, " "), None);
        assert_eq!(wanted(&Lab::default(), " "), Some(Intent::RunOrPause));
    }

    #[test]
    fn single_letters_can_be_switched_off_and_function_keys_stay() {
        let lab = Lab { singles: false, ..Lab::default() };
        assert_eq!(wanted(&lab, "n"), None);
        assert_eq!(wanted(&lab, "F10"), Some(Intent::Step(Step::Over, false)));
    }
}
