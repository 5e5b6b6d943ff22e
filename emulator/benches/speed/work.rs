//! What is run: integer work of several kinds, and the network guest's stream.

use std::path::PathBuf;

use crate::common;
use emulator::machine::Config;
use emulator::peer::Workload;

/// A guest image and what it is to do.
pub struct Work {
    /// The benchmark group.
    pub name: String,
    /// Where the image is.
    pub path: PathBuf,
    /// The image.
    pub image: Vec<u8>,
    /// Its command line.
    pub line: String,
}

/// The machine that all of it runs on: the peer sends where a guest listens.
pub fn config() -> Config {
    common::config(Workload::Stream, 1)
}

/// The bench guest's parts whose instructions do one thing each; a block copy is one, however long.
const RUST: [&str; 6] = ["sieve", "crc32", "sort", "matmul", "chase", "icall"];
const C: [&str; 7] = ["sieve", "crc32", "qsort", "matmul_i", "memcpy", "chase", "icall"];

/// All work whose image has been built.
pub fn all() -> Vec<Work> {
    let mut all = Vec::new();
    let mut add = |name: String, guest: &str, line: String| {
        let path = common::image_path(guest);
        all.extend(common::image(guest).map(|image| Work { name, path, image, line }));
    };
    if common::image_path("bench-c").is_file() {
        C.iter().for_each(|part| add(format!("c {part}"), "bench-c", part.to_string()));
    } else {
        println!("no ../shared/peers/bench.c, or no C compiler: the Rust guest's parts are measured");
        RUST.iter().for_each(|part| add(format!("rust {part}"), "bench", format!("part={part} rounds=1000")));
    }
    add("stream".to_string(), "netguest", common::guest_line(&config(), ""));
    all
}
