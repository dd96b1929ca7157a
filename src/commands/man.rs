//! `hookbelt man`: a man page for each command, made from the command tree.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};

use crate::error::{EXIT_CODES, Error, Kind};
use crate::output::Output;

/// Where to.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Without a folder the page of `hookbelt` itself is printed.

Example:
  hookbelt man ~/.local/share/man/man1")]
pub struct Args {
    /// Write a page for each command into this folder
    pub folder: Option<PathBuf>,
}

/// Writes the pages.
///
/// # Errors
/// When the folder or standard output cannot be written.
pub fn run(args: &Args, tree: clap::Command, output: &Output) -> Result<(), Error> {
    let pages = pages(tree)?;
    let Some(folder) = &args.folder else {
        return Ok(output.raw(&pages[0].1)?);
    };
    let failed =
        |source: io::Error| Error::new(Kind::Failed, format!("could not write into {}: {source}", folder.display()));
    fs::create_dir_all(folder).map_err(failed)?;
    for (name, page) in &pages {
        fs::write(folder.join(name), page).map_err(failed)?;
    }
    output.note(&format!("wrote {} pages into {}", pages.len(), folder.display()));
    Ok(())
}

/// File names and pages, that of `hookbelt` itself first.
///
/// # Errors
/// Never in practice: pages are written into memory.
pub fn pages(mut tree: clap::Command) -> io::Result<Vec<(String, Vec<u8>)>> {
    tree.build();
    let mut pages = Vec::new();
    add_pages(&tree, "hookbelt", &mut pages)?;
    Ok(pages)
}

fn add_pages(command: &clap::Command, name: &str, pages: &mut Vec<(String, Vec<u8>)>) -> io::Result<()> {
    let mut page = Vec::new();
    let man = Man::new(command.clone().display_name(name).disable_help_flag(false)).title(name).section("1");
    man.render(&mut page)?;
    exit_status(&mut page)?;
    pages.push((format!("{name}.1"), page));
    for child in command.get_subcommands().filter(|child| !child.is_hide_set()) {
        add_pages(child, &format!("{name}-{}", child.get_name()), pages)?;
    }
    Ok(())
}

fn exit_status(page: &mut impl Write) -> io::Result<()> {
    let mut roff = Roff::new();
    roff.control("SH", ["EXIT STATUS"]);
    for (code, meaning) in EXIT_CODES {
        roff.control("TP", []);
        roff.text([roman(code.to_string())]);
        roff.text([roman(meaning)]);
    }
    roff.to_writer(page)
}
