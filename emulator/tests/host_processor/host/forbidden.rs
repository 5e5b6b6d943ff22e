//! Instructions that CPL 3 may not execute: what they raise there.

use iced_x86::{Code, EncodingKind};

use super::case::decode;
use super::compare::Run;
use super::features::host_has;
use super::{account, encode, generate};

/// Privileged codes of 64-bit mode that host and model have, INS and OUTS and IN and OUT among them.
fn codes() -> impl Iterator<Item = Code> {
    Code::values().filter(|code| {
        let info = code.op_code();
        let privileged = info.is_privileged() || info.must_be_cpl0();
        let legacy = code.encoding() == EncodingKind::Legacy;
        privileged && legacy && info.mode64() && info.is_instruction()
    })
}

impl Run {
    /// Every such code a few times; which of them the generator knows is printed.
    pub fn forbidden(&mut self, times: u32) {
        let (mut compared, mut unknown) = (0, Vec::new());
        for code in codes().filter(|code| account::has_a_model(*code) && host_has(*code)) {
            let mut encodings =
                (0..times).map_while(|_| encode::code(code, &mut self.random)).collect::<Vec<_>>();
            encodings.retain(|bytes| decode(bytes, generate::PLACE).0.code() == code);
            if encodings.is_empty() {
                unknown.push(code);
                continue;
            }
            compared += 1;
            for bytes in encodings {
                let length = decode(&bytes, generate::PLACE).0.len();
                let case = generate::raw(bytes[..length].to_vec(), generate::PLACE, &mut self.random);
                self.ran += 1;
                if let Some((least, text)) = self.least(case) {
                    self.differences.insert(code, format!("{least}\n{text}"));
                }
            }
        }
        println!("  {compared} privileged codes at CPL 3; without an encoding: {unknown:?}");
    }
}
