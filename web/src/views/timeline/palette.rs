//! The page's colours for a canvas.

use lab_protocol::Lane;
use web_sys::{CanvasRenderingContext2d as Canvas, Element};

use crate::views::geometry::Point;

/// Colours and faces as a canvas wants them.
#[derive(Clone, Debug, Default, PartialEq)]
#[allow(missing_docs)]
pub struct Palette {
    pub ink: String,
    pub muted: String,
    pub line: String,
    pub edge: String,
    pub raised: String,
    pub card: String,
    pub band: String,
    pub guest: String,
    pub host: String,
    pub irq: String,
    pub eoi: String,
    pub dma: String,
    pub irq_line: String,
    pub eoi_line: String,
    pub dma_line: String,
    pub bold: String,
    pub plain: String,
}

impl Palette {
    /// What holds for an element now.
    pub fn of(element: &Element) -> Self {
        let style = web_sys::window().and_then(|w| w.get_computed_style(element).ok().flatten());
        let get = |name: &str| {
            let value = style.as_ref().and_then(|s| s.get_property_value(name).ok()).unwrap_or_default();
            value.trim().to_string()
        };
        let font = get("font-family");
        Self {
            ink: get("--ink"),
            muted: get("--muted"),
            line: get("--line"),
            edge: get("--edge"),
            raised: get("--raised"),
            card: get("--card"),
            band: get("--irq-tint"),
            guest: get("--guest"),
            host: get("--host"),
            irq: get("--irq"),
            eoi: get("--eoi"),
            dma: get("--dma"),
            irq_line: get("--irq-line"),
            eoi_line: get("--eoi-line"),
            dma_line: get("--dma-line"),
            bold: format!("600 13px {font}"),
            plain: format!("12px {font}"),
        }
    }

    /// A lane's colour.
    pub fn lane(&self, lane: Lane) -> &str {
        match lane {
            Lane::Processor => &self.guest,
            Lane::Interrupts | Lane::Apic => &self.irq,
            Lane::Eois => &self.eoi,
            Lane::Nic => &self.dma,
            Lane::Iommu => &self.muted,
        }
    }

    /// The outline of a lane's shapes, against which fills alone are too pale.
    pub fn outline(&self, lane: Lane) -> &str {
        match lane {
            Lane::Interrupts | Lane::Apic => &self.irq_line,
            Lane::Eois => &self.eoi_line,
            Lane::Nic => &self.dma_line,
            Lane::Processor | Lane::Iommu => self.lane(lane),
        }
    }

    /// Writes a text.
    pub fn text(&self, canvas: &Canvas, text: &str, at: Point, colour: &str, font: &str, align: &str) {
        canvas.set_font(font);
        canvas.set_text_align(align);
        canvas.set_fill_style_str(colour);
        // A finite place never fails.
        let _ = canvas.fill_text(text, at.x.into(), at.y.into());
    }
}
