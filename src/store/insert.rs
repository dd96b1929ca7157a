//! Writing many rows at once, by statements of a few lengths: one row a statement would be slow, and every other number of
//! rows a statement more to prepare and keep.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use jiff::Timestamp;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments, AssertSqlSafe, query_with};

use crate::store::rows::signed;
use crate::store::{Result, Store, Writing};

/// How many rows a statement may hold.
const LENGTHS: [usize; 4] = [1, 4, 16, 64];

/// A value in a row.
pub(super) enum Cell {
    Text(Option<String>),
    Number(Option<i64>),
}

impl Cell {
    fn put(self, values: &mut SqliteArguments) -> std::result::Result<(), sqlx::error::BoxDynError> {
        match self {
            Self::Text(text) => values.add(text),
            Self::Number(number) => values.add(number),
        }
    }

    /// Null, of the same type.
    fn null(&self) -> Self {
        match self {
            Self::Text(_) => Self::Text(None),
            Self::Number(_) => Self::Number(None),
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
    /// The table, its columns, and what they are given: the cells of a row, or constants.
    const INTO: &'static str;

    /// What follows the rows.
    const ON_CONFLICT: &'static str = "";

    /// Its cells; the first is never null.
    fn cells(self) -> [Cell; N];
}

/// How many things, of so many that are left, the next statement is for.
fn length(left: usize) -> usize {
    LENGTHS.into_iter().find(|length| *length >= left).unwrap_or(LENGTHS[LENGTHS.len() - 1])
}

/// As many things as a statement may hold, filled up with nothing.
pub(super) fn filled<T>(things: &mut impl ExactSizeIterator<Item = T>) -> impl Iterator<Item = Option<T>> {
    (0..length(things.len())).map(|_| things.next())
}

/// The statements that were made, by what they insert into and for how many rows.
type Statements = HashMap<(&'static str, usize), Arc<str>>;

/// The statement that writes so many rows. It is long, and made once.
fn statement<const N: usize, R: InsertRow<N>>(rows: usize) -> Arc<str> {
    static KEPT: LazyLock<Mutex<Statements>> = LazyLock::new(Mutex::default);
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    let make = || {
        let row = format!("({})", ["?"; N].join(", "));
        let (into, rows, on_conflict) = (R::INTO, vec![row.as_str(); rows].join(", "), R::ON_CONFLICT);
        format!("INSERT INTO {into} FROM (VALUES {rows}) AS filled WHERE column1 IS NOT NULL{on_conflict}").into()
    };
    kept.entry((R::INTO, rows)).or_insert_with(make).clone()
}

impl Store {
    /// Inserts rows. A statement that is longer than what is left of them is filled up with nulls, which are not written.
    pub(super) async fn insert<const N: usize, R, I>(&self, transaction: &mut Writing, rows: I) -> Result<()>
    where
        R: InsertRow<N>,
        I: IntoIterator<Item = R, IntoIter: ExactSizeIterator + Send>,
    {
        let mut rows = rows.into_iter();
        while rows.len() > 0 {
            let length = length(rows.len());
            let mut values = SqliteArguments::default();
            let mut nulls = None;
            for row in filled(&mut rows) {
                let cells = row.map(R::cells).or_else(|| nulls.take());
                nulls = cells.as_ref().map(|cells| cells.each_ref().map(Cell::null));
                let mut cells = cells.into_iter().flatten();
                cells
                    .try_for_each(|cell| cell.put(&mut values))
                    .map_err(|error| self.failed(sqlx::Error::Encode(error)))?;
            }
            // It holds nothing but names of ours and placeholders.
            let insert = query_with(AssertSqlSafe(statement::<N, R>(length)), values);
            self.run(insert, &mut **transaction).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_have_few_lengths() {
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
