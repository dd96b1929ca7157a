//! How the program is linked.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    // The addresses that the start has to correct: 4 kB instead of 250. Debian 12's glibc is the first that reads them so.
    println!("cargo:rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
}
