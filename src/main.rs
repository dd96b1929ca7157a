//! Hands the process's arguments and environment to the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    hookbelt::main(std::env::args_os(), hookbelt::config::environment::Variables::of_this_process())
}
