//! Writing much at once: one row a statement, and one statement a command, would be slow.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use jiff::Timestamp;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments, AssertSqlSafe, query_with};

use crate::store::rows::signed;
use crate::store::{Result, Store, Writing};

/// The most rows that a statement writes.
const MOST: usize = 64;

/// How many things a list in a statement may hold: every other number would be a statement more to prepare and keep.
const LENGTHS: [usize; 4] = [1, 4, 16, MOST];

/// A value in a row.
pub(super) enum Cell {
    Text(Option<String>),
    Number(Option<i64>),
    Bytes(Vec<u8>),
}

impl Cell {
    fn put(self, values: &mut SqliteArguments) -> std::result::Result<(), sqlx::error::BoxDynError> {
        match self {
            Self::Text(text) => values.add(text),
            Self::Number(number) => values.add(number),
            Self::Bytes(bytes) => values.add(bytes),
        }
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(Some(text))
    }
}

impl From<Option<String>> for Cell {
    fn from(text: Option<String>) -> Self {
        Self::Text(text)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(Some(text.to_owned()))
    }
}

impl From<&[u8]> for Cell {
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes(bytes.to_vec())
    }
}

impl From<u64> for Cell {
    fn from(number: u64) -> Self {
        Self::Number(Some(signed(number)))
    }
}

impl From<Option<u64>> for Cell {
    fn from(number: Option<u64>) -> Self {
        Self::Number(number.map(signed))
    }
}

impl From<Timestamp> for Cell {
    fn from(time: Timestamp) -> Self {
        Self::Number(Some(time.as_millisecond()))
    }
}

impl From<Option<Timestamp>> for Cell {
    fn from(time: Option<Timestamp>) -> Self {
        Self::Number(time.map(Timestamp::as_millisecond))
    }
}

/// A row to be written.
pub(super) trait InsertRow<const N: usize>: Send {
    /// The table and its columns.
    const INTO: &'static str;

    /// What follows the rows.
    const ON_CONFLICT: &'static str = "";

    /// Its cells.
    fn cells(self) -> [Cell; N];
}

/// How many things, of so many that are left, the next list holds.
fn length(left: usize) -> usize {
    LENGTHS.into_iter().find(|length| *length >= left).unwrap_or(LENGTHS[LENGTHS.len() - 1])
}

/// As many things as a list may hold, filled up with nothing.
pub(super) fn filled<T>(things: &mut impl ExactSizeIterator<Item = T>) -> impl Iterator<Item = Option<T>> {
    (0..length(things.len())).map(|_| things.next())
}

/// The statements that were made, by what they insert into and for how many rows.
type Statements = HashMap<(&'static str, usize), Arc<str>>;

/// The statement that writes so many rows. It is long, and made once; one for rows of any number would have to look at each row
/// again, which takes twice as long.
fn statement<const N: usize, R: InsertRow<N>>(rows: usize) -> Arc<str> {
    static KEPT: LazyLock<Mutex<Statements>> = LazyLock::new(Mutex::default);
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    let make = || {
        let row = format!("({})", ["?"; N].join(", "));
        let (into, rows, on_conflict) = (R::INTO, vec![row.as_str(); rows].join(", "), R::ON_CONFLICT);
        format!("INSERT INTO {into} VALUES {rows}{on_conflict}").into()
    };
    kept.entry((R::INTO, rows)).or_insert_with(make).clone()
}

/// What is written together, in this order, by one command, or a few if it is much. However many statements a command has, the
/// thread that waits and the one that writes wake each other once.
#[derive(Default)]
pub(super) struct Writes(Vec<Command>);

/// The most bytes of a command: SQLite refuses a million.
const LONGEST_COMMAND: usize = 256 * 1024;

/// Statements, whose placeholders are `?`: those of each take the values that come next. Numbers would count from the first
/// statement's.
#[derive(Default)]
struct Command {
    sql: String,
    values: Vec<Cell>,
}

impl Writes {
    /// A statement.
    pub(super) fn statement<const N: usize>(&mut self, sql: &str, values: [Cell; N]) {
        self.command(sql).values.extend(values);
    }

    /// Rows of a table.
    pub(super) fn rows<const N: usize, R, I>(&mut self, rows: I)
    where
        R: InsertRow<N>,
        I: IntoIterator<Item = R, IntoIter: ExactSizeIterator>,
    {
        let mut rows = rows.into_iter();
        while rows.len() > 0 {
            let length = rows.len().min(MOST);
            let command = self.command(&statement::<N, R>(length));
            command.values.extend(rows.by_ref().take(length).flat_map(R::cells));
        }
    }

    /// The command that a statement was added to, whose values are to follow.
    fn command(&mut self, sql: &str) -> &mut Command {
        let has_room = self.0.last().is_some_and(|last| last.sql.len() + sql.len() < LONGEST_COMMAND);
        if !has_room {
            self.0.push(Command::default());
        }
        let at = self.0.len() - 1;
        let command = &mut self.0[at];
        command.sql.push_str(sql);
        command.sql.push(';');
        command
    }
}

impl Store {
    /// Writes what was gathered.
    pub(super) async fn write_together(&self, transaction: &mut Writing, writes: Writes) -> Result<()> {
        for command in writes.0 {
            let mut values = SqliteArguments::default();
            let put = command.values.into_iter().try_for_each(|value| value.put(&mut values));
            put.map_err(|error| self.failed(sqlx::Error::Encode(error)))?;
            // It holds nothing but statements of ours.
            self.run(query_with(AssertSqlSafe(command.sql), values), &mut **transaction).await?;
        }
        Ok(())
    }

    /// Inserts rows.
    pub(super) async fn insert<const N: usize, R, I>(&self, transaction: &mut Writing, rows: I) -> Result<()>
    where
        R: InsertRow<N>,
        I: IntoIterator<Item = R, IntoIter: ExactSizeIterator + Send>,
    {
        let mut writes = Writes::default();
        writes.rows(rows);
        self.write_together(transaction, writes).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl InsertRow<2> for u64 {
        const INTO: &'static str = "numbers (one, two)";

        fn cells(self) -> [Cell; 2] {
            [self.into(), self.into()]
        }
    }

    #[test]
    fn what_is_too_long_for_a_command_is_written_by_several() {
        let mut writes = Writes::default();
        writes.rows((0..200_000).collect::<Vec<u64>>());
        assert!(writes.0.len() > 1);
        for Command { sql, values } in &writes.0 {
            assert!(sql.len() <= LONGEST_COMMAND);
            assert_eq!(sql.matches('?').count(), values.len());
        }
        assert_eq!(writes.0.iter().map(|command| command.values.len()).sum::<usize>(), 400_000);
    }

    #[test]
    fn lists_have_few_lengths() {
        let lengths = |count: usize| {
            let mut things = vec![(); count].into_iter();
            let mut lengths = Vec::new();
            while things.len() > 0 {
                lengths.push(filled(&mut things).count());
            }
            lengths
        };
        let cases: [(usize, &[usize]); 6] =
            [(0, &[]), (1, &[1]), (2, &[4]), (17, &[64]), (64, &[64]), (130, &[64, 64, 4])];
        for (count, expected) in cases {
            assert_eq!(lengths(count), expected, "{count}");
        }
    }
}
