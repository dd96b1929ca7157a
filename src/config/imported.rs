//! What other clients of deploy APIs keep of whoever has signed in with them.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::config::environment::Variables;
use crate::config::files::{self, FileError};
use crate::domain::cx_token::{self, NoCxToken};
use crate::domain::profile::{ApiToken, BackendKind, CLOUD66, InvalidToken};

/// The most bytes of such a file.
const MAX_FILE: u64 = 64 * 1024;

/// A client that somebody may have signed in with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Client {
    /// `cx` of Cloud 66
    Cx,
    /// `deis` of Deis Workflow
    Deis,
    /// `hephy` of Hephy Workflow
    Hephy,
}

/// What it keeps.
#[derive(Debug)]
pub struct Imported {
    /// The kind of its deploy API.
    pub kind: BackendKind,
    /// The address of that, as it is kept.
    pub address: String,
    /// The token.
    pub token: ApiToken,
    /// Who it is of, where that is kept.
    pub user: Option<String>,
    /// Where it was found.
    pub from: String,
    /// Whether that client is told to trust any certificate, which nothing here does.
    pub trusts_any: bool,
}

/// Why nothing can be taken over.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// There is no token of `cx` where it should be.
    #[error("{from} holds no token of cx: {source}")]
    Cx {
        /// Where it was looked for.
        from: String,
        /// What is wrong.
        source: NoCxToken,
    },
    /// The file is not what such a client keeps.
    #[error("{} is not what such a client keeps: it is no JSON object with a `controller` and a `token`", .0.display())]
    Client(PathBuf),
    /// The token is none.
    #[error("the token in {} is none: {error}", path.display())]
    Token {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        error: InvalidToken,
    },
    /// There is no home folder to look in.
    #[error("there is no home folder to look in")]
    NoHome,
}

/// `client.json` of the controllers' clients.
#[derive(Deserialize)]
struct ClientFile {
    controller: String,
    token: String,
    username: Option<String>,
    ssl_verify: Option<bool>,
}

impl Client {
    /// Its program.
    #[must_use]
    pub fn program(self) -> &'static str {
        match self {
            Self::Cx => "cx",
            Self::Deis => "deis",
            Self::Hephy => "hephy",
        }
    }

    /// What it keeps.
    ///
    /// # Errors
    /// When there is nothing, or it cannot be understood.
    pub fn read(self, variables: &Variables) -> Result<Imported, ImportError> {
        let home = dirs::home_dir().ok_or(ImportError::NoHome)?;
        match self {
            Self::Cx => cx(&home.join(".cloud66").join("cx.json"), variables),
            Self::Deis | Self::Hephy => controllers(&self.file(&home, variables)),
        }
    }

    /// `~/.deis/client.json`, or what `DEIS_PROFILE` names: a path if it looks like one, else another file there.
    fn file(self, home: &Path, variables: &Variables) -> PathBuf {
        let variable = format!("{}_PROFILE", self.program().to_uppercase());
        let named = variables.raw(&variable).and_then(|value| value.to_str()).unwrap_or("client").to_owned();
        let is_path = named.contains('/') && Path::new(&named).extension().is_some_and(|extension| extension == "json");
        if is_path {
            return PathBuf::from(named);
        }
        home.join(format!(".{}", self.program())).join(format!("{named}.json"))
    }
}

/// The file comes before the variable, as `cx` has it.
fn cx(path: &Path, variables: &Variables) -> Result<Imported, ImportError> {
    let imported = |token, from| Imported {
        kind: BackendKind::Cloud66,
        address: CLOUD66.to_owned(),
        token,
        user: None,
        from,
        trusts_any: false,
    };
    let text = match files::read_text(path, MAX_FILE) {
        Err(missing @ FileError::Missing(_)) => {
            let Some(variable) = variables.raw("CLOUD66_TOKEN").and_then(|value| value.to_str()) else {
                return Err(missing.into());
            };
            let from = "CLOUD66_TOKEN".to_owned();
            let token = cx_token::of_variable(variable);
            let token = token.map_err(|source| ImportError::Cx { from: from.clone(), source })?;
            return Ok(imported(token, from));
        }
        text => text?,
    };
    let from = path.display().to_string();
    let token = cx_token::of_file(&text).map_err(|source| ImportError::Cx { from: from.clone(), source })?;
    Ok(imported(token, from))
}

fn controllers(path: &Path) -> Result<Imported, ImportError> {
    let text = files::read_text(path, MAX_FILE)?;
    let file: ClientFile = serde_json::from_str(&text).map_err(|_| ImportError::Client(path.to_owned()))?;
    let token = file.token.parse().map_err(|error| ImportError::Token { path: path.to_owned(), error })?;
    Ok(Imported {
        kind: BackendKind::Workflow,
        address: file.controller,
        token,
        user: file.username.filter(|name| !name.is_empty()),
        from: path.display().to_string(),
        trusts_any: file.ssl_verify == Some(false),
    })
}
