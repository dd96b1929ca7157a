//! Writing many rows at once, by statements of a few lengths: one row a statement would be slow, and every other number of
//! rows a statement more to prepare and keep.

use jiff::Timestamp;
use sqlx::QueryBuilder;
use sqlx::query_builder::Separated;
use sqlx::sqlite::Sqlite;

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
    fn put(self, values: &mut Separated<'_, Sqlite, &'static str>) {
        match self {
            Self::Text(text) => values.push_bind(text),
            Self::Number(number) => values.push_bind(number),
        };
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

/// As many things as a statement may hold, filled up with nothing.
pub(super) fn filled<T>(things: &mut impl ExactSizeIterator<Item = T>) -> impl Iterator<Item = Option<T>> {
    let length = LENGTHS.into_iter().find(|length| *length >= things.len()).unwrap_or(LENGTHS[LENGTHS.len() - 1]);
    (0..length).map(|_| things.next())
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
            let mut insert = QueryBuilder::<Sqlite>::new("INSERT INTO ");
            insert.push(R::INTO).push(" FROM (");
            let mut nulls = None;
            insert.push_values(filled(&mut rows), |mut values, row| {
                let cells = row.map(R::cells).or_else(|| nulls.take());
                nulls = cells.as_ref().map(|cells| cells.each_ref().map(Cell::null));
                cells.into_iter().flatten().for_each(|cell| cell.put(&mut values));
            });
            insert.push(") AS filled WHERE column1 IS NOT NULL").push(R::ON_CONFLICT);
            self.run(insert.build(), &mut **transaction).await?;
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
