//! Hands the process's arguments and environment to the library.

use std::process::ExitCode;

use hookbelt::config::environment::Variables;

fn main() -> ExitCode {
    hookbelt::main(std::env::args_os(), &Variables::of_this_process())
}
