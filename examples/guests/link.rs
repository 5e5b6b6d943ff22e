//! Links images at their physical addresses: the crate's linker script, and no position independence.

fn main() {
    let directory = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    for argument in [format!("-T{directory}/link.ld"), "--no-pie".into(), "--build-id=none".into()] {
        println!("cargo::rustc-link-arg-bins={argument}");
    }
    println!("cargo::rerun-if-changed=link.ld");
}
