//! Tables for terminals, tab-separated lines for pipes.

use comfy_table::presets::NOTHING;
use comfy_table::{ContentArrangement, Table};

use crate::domain::printable::{Colours, printable};

/// Below this width a table's cells become unreadable, and each row is written as a block.
const NARROW: u16 = 60;

/// A line of a table.
pub trait Row<const N: usize> {
    /// The columns' headers.
    const HEADERS: [&'static str; N];
    /// The columns' values; the compiler counts them.
    fn cells(&self) -> [String; N];
}

pub(super) fn for_terminal<const N: usize>(
    headers: [&str; N],
    rows: impl Iterator<Item = [String; N]>,
    width: u16,
) -> String {
    let rows = rows.map(|cells| cells.map(|cell| printable(&cell, Colours::Remove).into_owned()));
    if width < NARROW { blocks(headers, rows) } else { columns(headers, rows, width) }
}

fn columns<const N: usize>(headers: [&str; N], rows: impl Iterator<Item = [String; N]>, width: u16) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Dynamic).set_width(width);
    table.set_header(headers);
    table.add_rows(rows);
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    let mut text = table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n");
    text.push('\n');
    text
}

/// One block a row: header and value on a line, an empty line between blocks.
fn blocks<const N: usize>(headers: [&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let longest = headers.iter().map(|header| header.len()).max().unwrap_or(0);
    let line = |(header, cell): (&str, String)| format!("{header:longest$}  {cell}\n");
    let block =
        |cells: [String; N]| headers.into_iter().zip(cells).filter(|(_, cell)| !cell.is_empty()).map(line).collect();
    rows.map(block).collect::<Vec<String>>().join("\n")
}

pub(super) fn for_pipe<const N: usize>(rows: impl Iterator<Item = [String; N]>) -> String {
    let clean = |cell: String| printable(&cell, Colours::Remove).replace('\t', " ");
    rows.map(|cells| cells.map(clean).join("\t") + "\n").collect()
}
