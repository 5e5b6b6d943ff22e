//! Choices that a lesson offers: the ways of setting the processor up that one might think of, right and wrong.
//! Without a word of these on the command line, every choice is the right one.
//!
//! - `eoi=exits|direct|always`: when the guest's write of the x2APIC EOI register passes; only in direct mode,
//!   unless said otherwise, and in mode `eli`.
//! - `slot=hardware|guest|none`: which slot of the shadow IDT holds the guest's handler: the one of the vector that
//!   the processor takes, or that of the vector that the guest asked its device for.
//! - `np=vectoring|reflect`: whose a #NP is. The IDT-vectoring information tells; `reflect` hands all to the guest.
//! - `pass=read:NUMBER|write:NUMBER`: a bit of the MSR bitmaps to clear.
//! - `broken=eoi-bit|gate|mode|irte`: a fault to be found, and `repair=` the same words: what is mended.

use kit::start_info::{CommandLine, parse_number};

/// When the guest's EOI passes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Eoi {
    /// Never: each one exits.
    Exits,
    /// In direct mode.
    Direct,
    /// In injection mode, too. Then the host does not learn that an injected interrupt has ended.
    Always,
}

/// Which slot of the shadow IDT holds the guest's handler.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// That of the vector that the processor takes.
    Hardware,
    /// That of the vector that the guest asked for.
    Guest,
    /// None: every external vector is blocked.
    None,
}

/// A part that may be broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The bit of the EOI register in the MSR bitmap of direct mode.
    EoiBit,
    /// The gate of the assigned vector.
    Gate,
    /// The way back from injection mode.
    Mode,
    /// The vector in the interrupt-remapping table.
    Irte,
}

impl Part {
    const NAMES: [(&'static str, Part); 4] =
        [("eoi-bit", Part::EoiBit), ("gate", Part::Gate), ("mode", Part::Mode), ("irte", Part::Irte)];
}

/// A bit of the MSR bitmaps.
#[derive(Clone, Copy, Debug)]
pub struct Pass {
    /// The register.
    pub register: u32,
    /// The bit of its write, not of its read.
    pub write: bool,
}

/// The choices.
#[derive(Clone, Copy, Debug)]
pub struct Classroom {
    /// `eoi=`; by the mode when absent.
    pub eoi: Option<Eoi>,
    /// `slot=`.
    slot: Slot,
    /// `np=reflect`.
    pub reflect_every_np: bool,
    /// `pass=`.
    pub pass: Option<Pass>,
    broken: Option<Part>,
}

impl Classroom {
    /// Reads the command line. `Err` names the word that is wrong.
    pub fn parse(line: CommandLine) -> Result<Self, &'static str> {
        let part = |key| match line.get(key) {
            None => Ok(None),
            Some(word) => {
                Part::NAMES.into_iter().find(|(name, _)| *name == word).map(|(_, p)| Some(p)).ok_or(word)
            }
        };
        let (broken, mended) = (part("broken")?, part("repair")?);
        Ok(Self {
            eoi: choice(
                line,
                "eoi",
                &[("exits", Eoi::Exits), ("direct", Eoi::Direct), ("always", Eoi::Always)],
            )?,
            slot: choice(
                line,
                "slot",
                &[("hardware", Slot::Hardware), ("guest", Slot::Guest), ("none", Slot::None)],
            )?
            .unwrap_or(Slot::Hardware),
            reflect_every_np: choice(line, "np", &[("vectoring", false), ("reflect", true)])?
                .unwrap_or(false),
            pass: line.get("pass").map(pass).transpose()?,
            broken: broken.filter(|part| Some(*part) != mended),
        })
    }

    /// True if the part is broken, and was not mended.
    pub fn is_broken(&self, part: Part) -> bool {
        self.broken == Some(part)
    }

    /// Which slot holds the guest's handler.
    pub fn slot(&self) -> Slot {
        if self.is_broken(Part::Gate) { Slot::None } else { self.slot }
    }
}

fn choice<T: Copy>(line: CommandLine, key: &str, names: &[(&str, T)]) -> Result<Option<T>, &'static str> {
    let Some(word) = line.get(key) else { return Ok(None) };
    names.iter().find(|(name, _)| *name == word).map(|(_, choice)| Some(*choice)).ok_or(word)
}

fn pass(word: &'static str) -> Result<Pass, &'static str> {
    let (area, number) = word.split_once(':').ok_or(word)?;
    let register = parse_number(number).and_then(|n| u32::try_from(n).ok()).ok_or(word)?;
    match area {
        "read" | "write" => Ok(Pass { register, write: area == "write" }),
        _ => Err(word),
    }
}
