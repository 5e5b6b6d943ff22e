//! What a byte from the keyboard means.

/// Ctrl-A.
const ESCAPE: u8 = 1;

/// One thing typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// For the machine.
    Byte(u8),
    /// Ctrl-A x.
    Leave,
    /// Ctrl-A h.
    Help,
}

/// Whether Ctrl-A was typed just now.
#[derive(Clone, Copy, Debug, Default)]
pub struct Keys {
    escaped: bool,
}

impl Keys {
    /// What the next byte means; nothing yet after Ctrl-A, and after Ctrl-A with a key that has no meaning.
    pub fn next(&mut self, byte: u8) -> Option<Key> {
        if !std::mem::take(&mut self.escaped) {
            self.escaped = byte == ESCAPE;
            return (!self.escaped).then_some(Key::Byte(byte));
        }
        match byte {
            b'x' | b'X' => Some(Key::Leave),
            b'h' | b'?' => Some(Key::Help),
            b'a' | ESCAPE => Some(Key::Byte(ESCAPE)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_keys_are_the_machines_but_those_after_ctrl_a() {
        let mut keys = Keys::default();
        let typed: Vec<_> =
            b"a\x03\x01q\x01a\x01\x01x\x01h\x01x".iter().filter_map(|b| keys.next(*b)).collect();
        let byte = Key::Byte;
        assert_eq!(typed, [byte(b'a'), byte(3), byte(1), byte(1), byte(b'x'), Key::Help, Key::Leave]);
    }
}
