//! `hookbelt man`: a man page for each command, made from the command tree.

use std::fs;
use std::io;
use std::path::PathBuf;

use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};

use crate::error::{EXIT_CODES, Error, Kind};
use crate::output::Output;

const VERSION: &str = concat!("hookbelt ", env!("CARGO_PKG_VERSION"));

/// The day of this version, as in the changelog.
const RELEASED: &str = "2026-11-21";

/// Where to.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
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
    let man = Man::new(command.clone().display_name(name)).title(name).section("1").date(RELEASED).source(VERSION);
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut page)?;
    }
    page.extend(closing_sections(command).to_roff().into_bytes());
    pages.push((format!("{name}.1"), page));
    for child in command.get_subcommands().filter(|child| !child.is_hide_set()) {
        add_pages(child, &format!("{name}-{}", child.get_name()), pages)?;
    }
    Ok(())
}

/// What the help says at its end as notes and examples, and the exit codes.
fn closing_sections(command: &clap::Command) -> Roff {
    let mut roff = Roff::new();
    let after = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let examples = after.find("Example").unwrap_or(after.len());
    let (notes, examples) = after.split_at(examples);
    let notes: Vec<&str> = notes.split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty()).collect();
    if !notes.is_empty() {
        roff.control("SH", ["NOTES"]).text([roman(notes.join("\n").replace('\n', " "))]);
    }
    let examples: Vec<&str> = examples.lines().skip(1).map(str::trim).collect();
    if !examples.is_empty() {
        roff.control("SH", ["EXAMPLES"]).control("nf", []);
        for example in examples {
            roff.text([roman(example)]);
        }
        roff.control("fi", []);
    }
    roff.control("SH", ["EXIT STATUS"]);
    for (code, meaning) in EXIT_CODES {
        roff.control("TP", []).text([roman(code.to_string())]).text([roman(meaning)]);
    }
    roff
}
