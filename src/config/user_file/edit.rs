//! Changing profiles in the user's config file. What a person wrote around them stays as it is.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use toml_edit::{DocumentMut, Item, Table, TableLike, Value};

use crate::config::files::{self, FileError};
use crate::config::user_file::{MAX_FILE, UserFile, UserFileError, read};
use crate::domain::profile::{Profile, ProfileName};

/// Why the config file cannot be changed.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// It cannot be read or understood.
    #[error(transparent)]
    Read(#[from] UserFileError),
    /// It cannot be written.
    #[error("could not write {path}")]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// The file while it is changed: nobody else changes it meanwhile.
#[derive(Debug)]
pub struct Editing {
    /// The file itself, behind any link to it.
    path: PathBuf,
    document: DocumentMut,
    /// What it says so far.
    pub file: UserFile,
    /// Holds the lock until it is closed.
    _folder: File,
}

impl Editing {
    /// Begins to change the file, which need not be there yet.
    ///
    /// # Errors
    /// When it is there and cannot be read or understood, or its folder cannot be made.
    pub fn of(path: &Path) -> Result<Self, EditError> {
        // A link may lead into a folder that is kept elsewhere; it stays a link.
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let failed = |source| EditError::Write { path: path.clone(), source };
        let folder = path.parent().unwrap_or(Path::new("/"));
        DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(failed)?;
        let lock = File::open(folder).map_err(failed)?;
        flock(&lock, FlockOperation::LockExclusive).map_err(|error| failed(error.into()))?;
        let file = read(&path)?;
        let text = match files::read_text(&path, MAX_FILE) {
            Err(FileError::Missing(_)) => String::new(),
            text => text.map_err(UserFileError::from)?,
        };
        // It has just been read, by the same rules.
        let document = text.parse::<DocumentMut>().map_err(|error| failed(io::Error::other(error)))?;
        Ok(Self { path, document, file, _folder: lock })
    }

    /// Adds a profile, or changes what it says.
    pub fn set(&mut self, name: &ProfileName, profile: &Profile) {
        let profiles = self.document.entry("profiles").or_insert_with(|| {
            let mut table = Table::new();
            // Its own header would say nothing.
            table.set_implicit(true);
            Item::Table(table)
        });
        let Some(profiles) = profiles.as_table_like_mut() else {
            return;
        };
        if profiles.get(name.as_str()).is_none() {
            profiles.insert(name.as_str(), Item::Table(Table::new()));
        }
        let Some(table) = profiles.get_mut(name.as_str()).and_then(Item::as_table_like_mut) else {
            return;
        };
        let number = |account: u64| i64::try_from(account).unwrap_or(i64::MAX);
        for (key, value) in [
            ("backend", Some(profile.kind.word().into())),
            ("url", Some(profile.address.to_string().into())),
            ("token", profile.token.as_ref().map(|token| token.expose().into())),
            ("user", profile.user.as_ref().map(Value::from)),
            ("account", profile.account.map(|account| number(account).into())),
            ("ca_file", profile.ca_file.as_ref().map(|file| file.display().to_string().into())),
        ] {
            match value {
                Some(value) => put(table, key, value),
                None => drop(table.remove(key)),
            }
        }
        self.file.profiles.insert(name.clone(), profile.clone());
    }

    /// Removes a profile; if it was the default one, there is none any more.
    pub fn remove(&mut self, name: &ProfileName) {
        if let Some(profiles) = self.document.get_mut("profiles").and_then(Item::as_table_like_mut) {
            profiles.remove(name.as_str());
        }
        self.file.profiles.shift_remove(name);
        if self.file.default_profile.as_ref() == Some(name) {
            self.document.remove("default_profile");
            self.file.default_profile = None;
        }
    }

    /// Makes a profile the one of commands that name none.
    pub fn set_default(&mut self, name: &ProfileName) {
        put(self.document.as_table_mut(), "default_profile", name.as_str().into());
        self.file.default_profile = Some(name.clone());
    }

    /// Puts the new text in the place of the old one, at once: nobody else than its owner can ever read it.
    ///
    /// # Errors
    /// When it cannot be written; then the old text is still there.
    pub fn save(self) -> Result<PathBuf, EditError> {
        let failed = |source| EditError::Write { path: self.path.clone(), source };
        let new = self.path.with_extension(format!("toml.{}", std::process::id()));
        let written = write_private(&new, &self.document.to_string()).and_then(|()| fs::rename(&new, &self.path));
        if written.is_err() {
            // It may hold a token.
            let _ = fs::remove_file(&new);
        }
        written.map_err(failed)?;
        Ok(self.path)
    }
}

/// Sets a value; comments around the one before stay.
fn put(table: &mut dyn TableLike, key: &str, mut value: Value) {
    match table.get_mut(key).and_then(Item::as_value_mut) {
        Some(old) => {
            *value.decor_mut() = old.decor().clone();
            *old = value;
        }
        None => drop(table.insert(key, Item::Value(value))),
    }
}

fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
