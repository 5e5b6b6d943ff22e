//! Protocol Buffers' wire format: just what a trace needs.

/// Appends fields to a message.
#[derive(Clone, Debug, Default)]
pub struct Message(pub Vec<u8>);

const VARINT: u32 = 0;
const FIXED64: u32 = 1;
const BYTES: u32 = 2;

impl Message {
    /// An integer field.
    pub fn varint(&mut self, field: u32, value: u64) -> &mut Message {
        self.raw((field << 3 | VARINT).into());
        self.raw(value);
        self
    }

    /// A fixed64 field.
    pub fn fixed64(&mut self, field: u32, value: u64) -> &mut Message {
        self.raw((field << 3 | FIXED64).into());
        self.0.extend_from_slice(&value.to_le_bytes());
        self
    }

    /// A field of bytes, a string or a message.
    pub fn bytes(&mut self, field: u32, value: &[u8]) -> &mut Message {
        self.raw((field << 3 | BYTES).into());
        self.raw(value.len() as u64);
        self.0.extend_from_slice(value);
        self
    }

    /// A field that is a message.
    pub fn message(&mut self, field: u32, fill: impl FnOnce(&mut Message)) -> &mut Message {
        let mut inner = Message::default();
        fill(&mut inner);
        self.bytes(field, &inner.0)
    }

    fn raw(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_as_the_encoding_guide_shows_them() {
        let mut m = Message::default();
        m.varint(1, 150);
        assert_eq!(m.0, [0x08, 0x96, 0x01]);
        let mut m = Message::default();
        m.bytes(2, b"testing");
        assert_eq!(m.0, [0x12, 0x07, b't', b'e', b's', b't', b'i', b'n', b'g']);
        let mut m = Message::default();
        m.message(3, |inner| _ = inner.varint(1, 150));
        assert_eq!(m.0, [0x1a, 0x03, 0x08, 0x96, 0x01]);
    }
}
