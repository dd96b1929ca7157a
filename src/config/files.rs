//! Reading files that people wrote: bounded, as text, with errors that say what to do.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};

use hookbelt_signature::{EmptySecret, Secret};

/// The most bytes of a secret file.
const MAX_SECRET: u64 = 64 * 1024;

/// Why a file could not be read.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It is not there.
    #[error("there is no file {0}")]
    Missing(PathBuf),
    /// It is a folder.
    #[error("{0} is a folder")]
    IsFolder(PathBuf),
    /// It is a device, a pipe or a socket.
    #[error("{0} is no regular file")]
    NotRegular(PathBuf),
    /// It is larger than it can sensibly be.
    #[error("{path} is larger than {limit} bytes")]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The most bytes it may have.
        limit: u64,
    },
    /// It is not text.
    #[error("{path} is not UTF-8 text: see line {line}")]
    NotUtf8 {
        /// The file.
        path: PathBuf,
        /// The line of its first bad byte.
        line: usize,
    },
    /// Anything else.
    #[error("could not read {path}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A secret file without a secret.
    #[error("the secret in {path} is empty")]
    EmptySecret {
        /// The file.
        path: PathBuf,
    },
}

/// The bytes of a regular file, if they are at most `limit`. Anything else could keep its reader waiting for ever.
fn read_regular(path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
    let kind = fs::metadata(path).map_err(|source| failed(path, source))?.file_type();
    if kind.is_dir() {
        return Err(FileError::IsFolder(path.to_owned()));
    }
    if !kind.is_file() {
        return Err(FileError::NotRegular(path.to_owned()));
    }
    bounded(path, File::open(path).map_err(|source| failed(path, source))?, limit)
}

fn bounded(path: &Path, reader: impl Read, limit: u64) -> Result<Vec<u8>, FileError> {
    let mut bytes = Vec::new();
    reader.take(limit + 1).read_to_end(&mut bytes).map_err(|source| failed(path, source))?;
    if bytes.len() as u64 > limit { Err(FileError::TooLarge { path: path.to_owned(), limit }) } else { Ok(bytes) }
}

/// How errors call a file that a person has named.
fn shown(path: &Path) -> &Path {
    if path == Path::new("-") { Path::new("standard input") } else { path }
}

fn failed(path: &Path, source: io::Error) -> FileError {
    match source.kind() {
        io::ErrorKind::NotFound => FileError::Missing(path.to_owned()),
        io::ErrorKind::IsADirectory => FileError::IsFolder(path.to_owned()),
        _ => FileError::Unreadable { path: path.to_owned(), source },
    }
}

/// The text of a file of at most `limit` bytes, without a byte-order mark.
///
/// # Errors
/// When it cannot be read, is larger, or is not UTF-8.
pub fn read_text(path: &Path, limit: u64) -> Result<String, FileError> {
    let text = String::from_utf8(read_regular(path, limit)?).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = good.split(|byte| *byte == b'\n').count();
        FileError::NotUtf8 { path: path.to_owned(), line }
    })?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// The secret in a regular file; one trailing newline is not part of it.
///
/// # Errors
/// When it cannot be read or is empty.
pub fn read_secret(path: &Path) -> Result<Secret, FileError> {
    secret(path, read_regular(path, MAX_SECRET)?)
}

/// Which bytes of a file are the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretBytes {
    /// All but one newline at the end; there must be some.
    WithoutNewline,
    /// All; there may be none.
    All,
}

/// The secret in any file, a pipe too, or on standard input when it is `-`: for who names it on the command line.
///
/// # Errors
/// When it cannot be read or is empty.
pub fn read_named_secret(path: &Path, which: SecretBytes) -> Result<Secret, FileError> {
    let bytes = read_named(path, MAX_SECRET)?;
    match which {
        SecretBytes::WithoutNewline => secret(path, bytes),
        SecretBytes::All => Ok(Secret::of_all_bytes(bytes)),
    }
}

/// The bytes of any file, a pipe too, or of standard input when it is `-`.
///
/// # Errors
/// When it cannot be read, or is larger than `limit`.
pub fn read_named(path: &Path, limit: u64) -> Result<Vec<u8>, FileError> {
    if path == Path::new("-") {
        return bounded(shown(path), io::stdin().lock(), limit);
    }
    bounded(path, File::open(path).map_err(|source| failed(path, source))?, limit)
}

/// Any file, a pipe too, or standard input when it is `-`, to be read piece by piece.
///
/// # Errors
/// When it is not there, is a folder, or cannot be opened.
pub fn open_named(path: &Path) -> Result<File, FileError> {
    let opened = if path == Path::new("-") {
        io::stdin().as_fd().try_clone_to_owned().map(File::from)
    } else {
        File::open(path)
    };
    let path = shown(path);
    let file = opened.map_err(|source| failed(path, source))?;
    let is_folder = file.metadata().is_ok_and(|metadata| metadata.is_dir());
    if is_folder { Err(FileError::IsFolder(path.to_owned())) } else { Ok(file) }
}

fn secret(path: &Path, bytes: Vec<u8>) -> Result<Secret, FileError> {
    Secret::from_file_content(bytes).map_err(|EmptySecret| FileError::EmptySecret { path: shown(path).to_owned() })
}
