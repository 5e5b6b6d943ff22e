//! The colour tokens hold the contrast that they promise, in both themes.

use std::collections::BTreeMap;

type Tokens = BTreeMap<String, [f64; 3]>;

/// The hexadecimal colours of the first block after `selector`.
fn tokens(css: &str, selector: &str) -> Tokens {
    let block = css
        .split_once(selector)
        .and_then(|(_, rest)| rest.split_once('{'))
        .and_then(|(_, b)| b.split_once('}'));
    let line = |line: &str| {
        let (name, value) = line.trim().strip_prefix("--")?.split_once(": #")?;
        let value = u32::from_str_radix(value.trim_end_matches(';'), 16).ok()?;
        let channel = |shift: u32| f64::from((value >> shift) & 255) / 255.0;
        Some((name.to_string(), [channel(16), channel(8), channel(0)]))
    };
    block.map(|(block, _)| block.lines().filter_map(line).collect()).unwrap_or_default()
}

/// WCAG 2.2's relative luminance.
fn luminance(colour: [f64; 3]) -> f64 {
    let [r, g, b] = colour.map(|c| if c <= 0.040_45 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) });
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

fn contrast(tokens: &Tokens, one: &str, other: &str) -> f64 {
    let [a, b] =
        [one, other].map(|name| luminance(*tokens.get(name).unwrap_or_else(|| panic!("no --{name}"))));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// Light, and dark over light where it says something else.
fn themes() -> [(&'static str, Tokens); 3] {
    let css = concat!(include_str!("../style/tokens.css"), include_str!("../style/theme.css"));
    let light = tokens(css, ":root");
    let over = |selector| {
        let mut all = light.clone();
        all.extend(tokens(css, selector));
        all
    };
    [
        ("light", light.clone()),
        ("dark", over(":root[data-theme=\"dark\"]")),
        ("system dark", over(":root:not(")),
    ]
}

#[test]
fn text_has_the_contrast_that_wcag_asks_for() {
    let texts = ["ink", "muted", "wrong", "guest-text", "host-text", "irq-text", "eoi-text", "dma-text"];
    for (theme, tokens) in themes() {
        for text in texts {
            for ground in ["bg", "card"] {
                let found = contrast(&tokens, text, ground);
                assert!(found >= 4.5, "{theme}: {text} on {ground}: {found:.2}");
            }
        }
        for (text, ground) in [
            ("on-accent", "accent"),
            ("ink", "raised"),
            ("ink", "wrong-tint"),
            ("guest-text", "guest-tint"),
            ("host-text", "host-tint"),
            ("irq-text", "irq-tint"),
            ("eoi-text", "eoi-tint"),
            ("dma-text", "dma-tint"),
            ("muted", "guest-tint"),
            ("muted", "host-tint"),
            ("ink", "work"),
            ("ink", "irq-tint"),
        ] {
            let found = contrast(&tokens, text, ground);
            assert!(found >= 4.5, "{theme}: {text} on {ground}: {found:.2}");
        }
    }
}

#[test]
fn words_in_bars_can_be_read() {
    for (theme, mut tokens) in themes() {
        // As views.css has them, in either theme.
        for (name, colour) in [("white", 0xff_ffff), ("night", 0x1d_2733), ("host-bar", 0xa8_4a00)] {
            let channel = |shift: u32| f64::from((colour >> shift) & 255_u32) / 255.0;
            tokens.insert(name.into(), [channel(16), channel(8), channel(0)]);
        }
        for (text, ground) in
            [("white", "guest"), ("white", "host-bar"), ("night", "dma"), ("night", "pending")]
        {
            let found = contrast(&tokens, text, ground);
            assert!(found >= 4.5, "{theme}: {text} on {ground}: {found:.2}");
        }
    }
}

#[test]
fn outlines_and_edges_stand_out_by_three_to_one() {
    for (theme, tokens) in themes() {
        for line in ["guest-line", "host-line", "irq-line", "eoi-line", "dma-line", "edge", "focus"] {
            for ground in ["bg", "card"] {
                let found = contrast(&tokens, line, ground);
                assert!(found >= 3.0, "{theme}: {line} on {ground}: {found:.2}");
            }
        }
    }
}

#[test]
fn both_ways_into_the_dark_are_the_same() {
    let [_, (_, chosen), (_, system)] = themes();
    assert_eq!(chosen, system);
}
