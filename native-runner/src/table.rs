//! Aligned text tables.

use std::fmt;

/// A table; the first column is aligned left, the others right.
#[derive(Clone, Debug, Default)]
pub struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these headings.
    pub fn new<S: Into<String>>(headings: impl IntoIterator<Item = S>) -> Table {
        let mut table = Table::default();
        table.row(headings);
        table
    }

    /// One more row.
    pub fn row<S: Into<String>>(&mut self, cells: impl IntoIterator<Item = S>) {
        // A cell is one line, whatever somebody has put into it.
        let line = |cell: S| cell.into().replace(|c: char| c.is_control(), " ");
        self.rows.push(cells.into_iter().map(line).collect());
    }

    /// The same in Markdown, for a report.
    pub fn markdown(&self) -> String {
        let line = |row: &Vec<String>| format!("| {} |\n", row.join(" | ").replace('\n', " "));
        let mut rows = self.rows.iter();
        let Some(heading) = rows.next() else { return String::new() };
        let aligned: String = (0..heading.len()).map(|i| if i == 0 { "|---" } else { "|--:" }).collect();
        line(heading) + &aligned + "|\n" + &rows.map(line).collect::<String>()
    }

    fn widths(&self) -> Vec<usize> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |i: usize| self.rows.iter().filter_map(|r| r.get(i)).map(|c| c.chars().count()).max();
        (0..columns).map(|i| width(i).unwrap_or(0)).collect()
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widths = self.widths();
        for row in &self.rows {
            let mut line = String::new();
            for (i, (cell, width)) in row.iter().zip(&widths).enumerate() {
                match i {
                    0 => line += &format!("  {cell:<width$}"),
                    _ => line += &format!("  {cell:>width$}"),
                }
            }
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

/// A number with thousands separated, and no more places than its size bears.
pub fn number(value: f64) -> String {
    let places = match value.abs() {
        v if v >= 100.0 || v == 0.0 => 0,
        v if v >= 10.0 => 1,
        _ => 2,
    };
    let text = format!("{value:.places$}");
    let (whole, rest) = text.split_once('.').map_or((text.as_str(), None), |(w, r)| (w, Some(r)));
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |d| ("-", d));
    let mut grouped = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    match rest {
        Some(rest) => format!("{sign}{grouped}.{rest}"),
        None => format!("{sign}{grouped}"),
    }
}

/// A percentage with one place.
pub fn percent(value: f64) -> String {
    format!("{value:.1} %")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_the_first_left_and_the_others_right() {
        let mut table = Table::new(["mode", "exits/s"]);
        table.row(["a", "1"]);
        table.row(["longer", "102,000"]);
        assert_eq!(table.to_string(), "  mode    exits/s\n  a             1\n  longer  102,000\n");
    }

    #[test]
    fn markdown_has_a_line_for_each_row_and_one_for_the_alignment() {
        let mut table = Table::new(["mode", "exits/s"]);
        table.row(["a", "1"]);
        assert_eq!(table.markdown(), "| mode | exits/s |\n|---|--:|\n| a | 1 |\n");
    }

    #[test]
    fn numbers_show_what_their_size_bears() {
        let cases =
            [(0.0, "0"), (5.214, "5.21"), (27.91, "27.9"), (102_000.4, "102,000"), (-1_234.0, "-1,234")];
        for (value, text) in cases {
            assert_eq!(number(value), text);
        }
        assert_eq!(number(1_234_567.0), "1,234,567");
        assert_eq!(percent(97.25), "97.2 %");
    }
}
