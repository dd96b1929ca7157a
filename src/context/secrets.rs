//! The secrets of a command that signs or verifies: from files, from standard input, or from the environment.

use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

use hookbelt_signature::{EmptySecret, Secret};

use crate::config::environment::Variables;
use crate::config::files::{SecretBytes, read_named_secret};
use crate::error::{Error, Kind};

/// The variable that holds a secret.
const VARIABLE: &str = "HOOKBELT_SECRET";

/// Where the secret is.
#[derive(Debug, clap::Args)]
pub struct SecretFlags {
    /// The file that holds the secret, or - for standard input; one trailing newline is not part of it. Without
    /// this HOOKBELT_SECRET is used
    #[arg(long, value_name = "FILE")]
    pub secret_file: Vec<PathBuf>,
    /// Take every byte of the file as the secret, a trailing newline too; it may be empty
    #[arg(long, requires = "secret_file")]
    pub secret_raw: bool,
}

impl SecretFlags {
    /// Whether there is one, wherever.
    #[must_use]
    pub fn are_given(&self, variables: &Variables) -> bool {
        !self.secret_file.is_empty() || variables.raw(VARIABLE).is_some()
    }

    /// All secrets, in the order in which they were given.
    ///
    /// # Errors
    /// When there is none, or one cannot be read.
    pub fn read(&self, variables: &Variables) -> Result<Vec<Secret>, Error> {
        let bytes = if self.secret_raw { SecretBytes::All } else { SecretBytes::WithoutNewline };
        if !self.secret_file.is_empty() {
            let read = self.secret_file.iter().map(|path| read_named_secret(path, bytes));
            return Ok(read.collect::<Result<_, _>>()?);
        }
        let Some(value) = variables.raw(VARIABLE) else {
            let error = Error::new(Kind::Usage, "there is no secret to sign or verify with");
            return Err(error
                .with_hint("name its file with `--secret-file FILE` (- for standard input), or set HOOKBELT_SECRET"));
        };
        let secret = Secret::new(value.as_bytes().to_vec());
        Ok(vec![secret.map_err(|EmptySecret| Error::new(Kind::Usage, EmptySecret))?])
    }

    /// The one secret to sign with.
    ///
    /// # Errors
    /// When there is none or several, or it cannot be read.
    pub fn read_one(&self, variables: &Variables) -> Result<Secret, Error> {
        if self.secret_file.len() > 1 {
            return Err(Error::new(Kind::Usage, "a signature is made with one secret: name one --secret-file"));
        }
        let secret = self.read(variables)?.pop();
        secret.ok_or_else(|| Error::new(Kind::Usage, "there is no secret"))
    }
}
