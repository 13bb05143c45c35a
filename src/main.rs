//! The `qp` binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    quipu::cli::main(std::env::args_os().collect())
}
