//! One table of all results.

use std::time::Duration;

use crate::dispatch::WAYS;

/// One work's speed in one place in one way, sample by sample, in MIPS.
struct Row {
    work: String,
    place: &'static str,
    way: &'static str,
    samples: Vec<f64>,
}

/// What has been measured, in the order in which it was.
#[derive(Default)]
pub struct Table {
    rows: Vec<Row>,
}

impl Table {
    /// Adds a sample.
    pub fn add(
        &mut self,
        work: &str,
        place: &'static str,
        way: &'static str,
        instructions: u64,
        time: Duration,
    ) {
        let mips = instructions as f64 / time.as_secs_f64() / 1e6;
        let same = |row: &&mut Row| row.work == work && row.place == place && row.way == way;
        match self.rows.iter_mut().find(same) {
            Some(row) => row.samples.push(mips),
            None => self.rows.push(Row { work: work.to_string(), place, way, samples: vec![mips] }),
        }
    }

    /// The best of the ten samples that followed criterion's warm-up: the host's other work only slows.
    fn best(&self, work: &str, place: &str, way: &str) -> Option<f64> {
        let row = self.rows.iter().find(|r| r.work == work && r.place == place && r.way == way)?;
        row.samples.iter().rev().take(10).copied().max_by(f64::total_cmp)
    }

    /// Prints MIPS by work and way, and how WebAssembly compares.
    pub fn print(&self) {
        println!("\nguest instructions per second of host CPU, in millions");
        print!("{:14}{:8}", "", "");
        WAYS.iter().for_each(|way| print!("{way:>13}"));
        println!("{:>16}", "wasm : native");
        let mut works: Vec<&str> = self.rows.iter().map(|r| r.work.as_str()).collect();
        works.dedup();
        for work in &works {
            let cell = |place, way| self.best(work, place, way);
            let ratio = cell("wasm", WAYS[0]).zip(cell("native", WAYS[0])).map(|(w, n)| w / n);
            self.print_row(work, "native", &cell, None);
            self.print_row(work, "wasm", &cell, ratio);
        }
        for place in ["native", "wasm"] {
            // Equal work in each part: the harmonic mean.
            let mean = |place: &str, way: &str| {
                let cells: Option<Vec<f64>> = works.iter().map(|work| self.best(work, place, way)).collect();
                let cells = cells.filter(|c| !c.is_empty())?;
                Some(cells.len() as f64 / cells.iter().map(|c| 1.0 / c).sum::<f64>())
            };
            self.print_row("harmonic mean", place, &|place, way| mean(place, way), None);
        }
    }

    fn print_row(
        &self,
        work: &str,
        place: &'static str,
        cell: &dyn Fn(&'static str, &'static str) -> Option<f64>,
        ratio: Option<f64>,
    ) {
        let cells: Vec<Option<f64>> = WAYS.iter().map(|way| cell(place, way)).collect();
        if cells.iter().all(Option::is_none) {
            return;
        }
        print!("{work:14}{place:>8}");
        cells.iter().for_each(|c| print!("{:>13}", c.map_or("-".to_string(), |c| format!("{c:.0}"))));
        println!("{:>16}", ratio.map_or(String::new(), |r| format!("{r:.2}")));
    }
}
