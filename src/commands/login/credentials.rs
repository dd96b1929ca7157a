//! What somebody signs in with: a token, or a user's password at a controller of Workflow.

use std::path::{Path, PathBuf};

use secrecy::SecretString;

use crate::config::files::read_named;
use crate::context::Context;
use crate::domain::profile::{ApiToken, BackendKind};
use crate::error::{Error, Kind};

/// The most bytes of a file with a token or a password.
const MAX_FILE: u64 = 64 * 1024;

/// What you sign in with.
#[derive(Debug, clap::Args)]
pub struct CredentialFlags {
    /// The file that holds the token, or - for standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["user", "from"])]
    pub token_file: Option<PathBuf>,
    /// Your name, to sign in with a password (Workflow)
    #[arg(long, value_name = "NAME", conflicts_with = "from")]
    pub user: Option<String>,
    /// The file that holds the password, or - for standard input
    #[arg(long, value_name = "FILE", requires = "user")]
    pub password_file: Option<PathBuf>,
}

/// It, read.
pub(super) enum Credentials {
    /// A token.
    Token(ApiToken),
    /// A name and a password, to be made a token.
    Password {
        /// The name.
        user: String,
        /// The password.
        password: SecretString,
    },
}

impl CredentialFlags {
    /// Reads it, or asks for it.
    ///
    /// # Errors
    /// When there is nothing, or it cannot be.
    pub(super) fn read(&self, kind: BackendKind, context: &Context) -> Result<Credentials, Error> {
        let Some(user) = &self.user else {
            let text = secret(self.token_file.as_deref(), "--token-file", "Token", context)?;
            let token =
                text.parse().map_err(|error| Error::new(Kind::Usage, format!("this cannot be a token: {error}")));
            return token.map(Credentials::Token);
        };
        if kind != BackendKind::Workflow {
            let error =
                Error::new(Kind::Usage, format!("{} takes a token, and no name with a password", kind.called()));
            return Err(
                error.with_hint("leave out --user; `hookbelt tokens create` makes a token for a `hookbelt serve`")
            );
        }
        let password = secret(self.password_file.as_deref(), "--password-file", "Password", context)?;
        Ok(Credentials::Password { user: user.clone(), password: password.into() })
    }
}

/// The secret in a file without the newline at its end, else what a person types.
fn secret(file: Option<&Path>, flag: &str, what: &str, context: &Context) -> Result<String, Error> {
    let text = match file {
        Some(file) => {
            let bytes = read_named(file, MAX_FILE)?;
            let text = String::from_utf8(bytes)
                .map_err(|_| Error::new(Kind::Usage, format!("the file of {flag} is not text")))?;
            text.strip_suffix('\n').map(|text| text.strip_suffix('\r').unwrap_or(text).to_owned()).unwrap_or(text)
        }
        None if context.output().can_ask() => context.output().ask_secret(what)?,
        None => {
            let error = Error::new(Kind::Usage, format!("there is nobody to ask for the {}", what.to_lowercase()));
            return Err(error.with_hint(format!("give it with `{flag} FILE`, or `{flag} -` for standard input")));
        }
    };
    if text.is_empty() {
        return Err(Error::new(Kind::Usage, format!("the {} is empty", what.to_lowercase())));
    }
    Ok(text)
}
