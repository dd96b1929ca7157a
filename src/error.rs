//! How every error ends the program, and what to try next. Layers below say what happened; this file alone
//! says which exit code that is and what hint goes with it.

mod backend;
mod git_host;

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::process::ExitCode;

use crate::backends::watch::WatchError;
use crate::config::environment::VariableError;
use crate::config::files::FileError;
use crate::config::imported::ImportError;
use crate::config::manifest::error::{ManifestError, TomlError};
use crate::config::user_file::UserFileError;
use crate::config::user_file::edit::EditError;
use crate::domain::app::NotOneApp;
use crate::domain::payload::NotCaptured;
use crate::domain::plan::Refusal;
use crate::domain::redeploy_hook::Misunderstood;
use crate::domain::setting::SettingError;
use crate::engine::EngineError;
use crate::http::HttpError;
use crate::output::{Report, is_of_the_results};
use crate::store::StoreError;

/// A kind of end, and so an exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// No: the deployment failed, the check found problems.
    Failed,
    /// Wrong usage or configuration.
    Usage,
    /// Nothing was selected to be done.
    NothingToDo,
    /// Nobody is signed in, or who is may not.
    SignIn,
    /// Something named does not exist, or is ambiguous.
    NotFound,
    /// The remote or the network failed.
    Remote,
    /// Waiting ran out of time.
    TimedOut,
    /// Canceled or declined.
    Canceled,
    /// Interrupted by a signal.
    Interrupted,
    /// Nobody reads standard output any more: a quiet end.
    ClosedPipe,
}

/// Every exit code with its meaning; the same for every command.
pub const EXIT_CODES: [(u8, &str); 10] = [
    (0, "done"),
    (1, "no: the deployment failed, the signature was refused, the check found problems"),
    (2, "wrong usage or configuration"),
    (3, "nothing to do: the redeploy or rollback selects nothing"),
    (4, "sign-in needed or refused"),
    (5, "not found, or ambiguous"),
    (6, "the remote or the network failed"),
    (7, "waiting timed out"),
    (8, "canceled, declined or superseded"),
    (130, "interrupted"),
];

impl Kind {
    fn code(self) -> u8 {
        match self {
            Self::ClosedPipe => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::NothingToDo => 3,
            Self::SignIn => 4,
            Self::NotFound => 5,
            Self::Remote => 6,
            Self::TimedOut => 7,
            Self::Canceled => 8,
            Self::Interrupted => 130,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::ClosedPipe => "closed_pipe",
            Self::Failed => "failed",
            Self::Usage => "usage",
            Self::NothingToDo => "nothing_to_do",
            Self::SignIn => "sign_in",
            Self::NotFound => "not_found",
            Self::Remote => "remote",
            Self::TimedOut => "timed_out",
            Self::Canceled => "canceled",
            Self::Interrupted => "interrupted",
        }
    }
}

/// What ends a command before it is done.
#[derive(Debug)]
pub struct Error {
    kind: Kind,
    source: Box<dyn StdError + Send + Sync>,
    hint: Option<String>,
}

impl Error {
    /// An error of this kind.
    pub fn new(kind: Kind, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { kind, source: source.into(), hint: None }
    }

    /// The same with what to do next.
    #[must_use]
    pub fn with_hint(self, hint: impl Into<String>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    fn with_maybe_hint(self, hint: Option<String>) -> Self {
        Self { hint, ..self }
    }

    /// How the process ends.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        self.kind.code().into()
    }

    /// What is shown of it; nothing when nobody reads any more.
    #[must_use]
    pub fn report(&self) -> Option<Report> {
        if self.kind == Kind::ClosedPipe {
            return None;
        }
        let message = self.source.to_string();
        let mut causes: Vec<String> = Vec::new();
        let mut next = self.source.source();
        while let Some(cause) = next {
            let text = cause.to_string();
            // Some libraries repeat their cause in their own text.
            if !causes.last().unwrap_or(&message).contains(&text) {
                causes.push(text);
            }
            next = cause.source();
        }
        Some(Report { kind: self.kind.word(), message, causes, hint: self.hint.clone() })
    }
}

impl Error {
    /// The error and its causes, for a log.
    #[must_use]
    pub fn in_one_line(&self) -> String {
        let Some(Report { message, causes, hint, .. }) = self.report() else {
            return self.to_string();
        };
        let hint = hint.map(|hint| format!(" ({hint})")).unwrap_or_default();
        [vec![message], causes].concat().join(": ") + &hint
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.source.fmt(formatter)
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        let kind = match error.kind() {
            io::ErrorKind::BrokenPipe => Kind::ClosedPipe,
            // Not 1, which says no to what was asked.
            _ if is_of_the_results(&error) => Kind::Usage,
            _ => Kind::Failed,
        };
        Self::new(kind, error)
    }
}

impl From<VariableError> for Error {
    fn from(error: VariableError) -> Self {
        Self::new(Kind::Usage, error).with_hint("`hookbelt help environment` lists the variables")
    }
}

impl From<FileError> for Error {
    fn from(error: FileError) -> Self {
        Self::new(Kind::Usage, error)
    }
}

impl From<TomlError> for Error {
    fn from(error: TomlError) -> Self {
        let hint = error.hint.clone();
        Self::new(Kind::Usage, error).with_maybe_hint(hint)
    }
}

impl From<ManifestError> for Error {
    fn from(error: ManifestError) -> Self {
        match error {
            ManifestError::Toml(error) => error.into(),
            ManifestError::File(FileError::IsFolder(path)) => {
                let hint = format!("name the manifest itself: `-m {}`", path.join("hookbelt.toml").display());
                Self::new(Kind::Usage, FileError::IsFolder(path)).with_hint(hint)
            }
            ManifestError::File(error) => Self::new(Kind::Usage, error),
            error @ ManifestError::NoFolder { .. } => Self::new(Kind::Usage, error),
        }
    }
}

impl From<UserFileError> for Error {
    fn from(error: UserFileError) -> Self {
        match error {
            UserFileError::Toml(mut error) => {
                error.hint.get_or_insert_with(|| MEND.to_owned());
                error.into()
            }
            UserFileError::File(error) => error.into(),
        }
    }
}

/// What helps if the user's config file is broken.
const MEND: &str = "mend that line, or move the file away and sign in again with `hookbelt login`";

impl From<EditError> for Error {
    fn from(error: EditError) -> Self {
        match error {
            EditError::Read(error) => error.into(),
            error @ EditError::Write { .. } => Self::new(Kind::Usage, error),
        }
    }
}

impl From<ImportError> for Error {
    fn from(error: ImportError) -> Self {
        let missing = matches!(error, ImportError::File(FileError::Missing(_)));
        let hint = missing
            .then(|| "that is where it would be kept: sign in with that client first, or with a token".to_owned());
        Self::new(if missing { Kind::NotFound } else { Kind::Usage }, error).with_maybe_hint(hint)
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        let (kind, hint) = match &error {
            StoreError::Address(_) => (Kind::Usage, None),
            StoreError::Open { .. } => {
                (Kind::Usage, Some("name a file that you can write, of hookbelt or new, with `--database sqlite:PATH`"))
            }
            StoreError::Newer { .. } => {
                (Kind::Usage, Some("use the newer hookbelt, or name another store with `--database sqlite:PATH`"))
            }
            StoreError::Query { .. } | StoreError::Lock { .. } => (Kind::Failed, None),
            StoreError::Paused => {
                (Kind::Failed, Some("add --force, or set deploy.paused to false with `hookbelt settings set`"))
            }
            StoreError::LeaseLost => (Kind::Failed, Some("see `hookbelt deployments list`")),
        };
        Self::new(kind, error).with_maybe_hint(hint.map(str::to_owned))
    }
}

impl From<NotOneApp> for Error {
    fn from(error: NotOneApp) -> Self {
        let hint = match &error {
            NotOneApp::Unknown { nearest: Some(app), .. } => {
                format!("did you mean `{}`? `hookbelt apps list` shows all", app.name)
            }
            NotOneApp::Unknown { nearest: None, .. } => {
                "`hookbelt apps list` shows the apps known here; a new one is made by its manifest: `-m FILE`"
                    .to_owned()
            }
            NotOneApp::Ambiguous { candidates, .. } => {
                let names: Vec<String> = candidates.iter().map(ToString::to_string).collect();
                format!("it could be: {}; say which with its whole name and -e", names.join(", "))
            }
        };
        Self::new(Kind::NotFound, error).with_hint(hint)
    }
}

impl From<Refusal> for Error {
    fn from(error: Refusal) -> Self {
        let kind = match &error {
            Refusal::UnknownService { .. } | Refusal::UnknownDeploymentProfile { .. } => Kind::NotFound,
            _ => Kind::Usage,
        };
        let hint = error.hint();
        Self::new(kind, error).with_maybe_hint(hint)
    }
}

impl From<NotCaptured> for Error {
    fn from(error: NotCaptured) -> Self {
        let bare = "if it is a bare body, say from whom: `--payload-from github`";
        let hint = (error == NotCaptured::NoRequestLine).then(|| bare.to_owned());
        Self::new(Kind::Usage, error).with_maybe_hint(hint)
    }
}

impl From<Misunderstood> for Error {
    fn from(error: Misunderstood) -> Self {
        Self::new(Kind::Usage, error)
    }
}

impl From<SettingError> for Error {
    fn from(error: SettingError) -> Self {
        let (kind, hint) = match &error {
            SettingError::Unknown { nearest: Some(near), .. } => (Kind::NotFound, format!("did you mean `{near}`?")),
            SettingError::Unknown { nearest: None, .. } => {
                (Kind::NotFound, "`hookbelt settings list` shows all".to_owned())
            }
            SettingError::Readonly { .. } => (Kind::Usage, "it is what the manifest says; change it there".to_owned()),
            SettingError::NotBoolean { .. } => (Kind::Usage, "use `true` or `false`".to_owned()),
        };
        Self::new(kind, error).with_hint(hint)
    }
}

impl From<EngineError> for Error {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Store(error) => error.into(),
            other => Self::new(Kind::Failed, other),
        }
    }
}

impl From<HttpError> for Error {
    fn from(error: HttpError) -> Self {
        let kind = match &error {
            HttpError::Authorities => Kind::Usage,
            HttpError::NoClient { .. } | HttpError::NotAsItCame => Kind::Failed,
            _ => Kind::Remote,
        };
        let hint = match &error {
            HttpError::Tls { .. } => Some(UNTRUSTED.to_owned()),
            _ => None,
        };
        Self::new(kind, error).with_maybe_hint(hint)
    }
}

/// What helps if an authority is not the system's.
const UNTRUSTED: &str = "if its certificate is of an authority of your own, name that with `hookbelt login --ca-file FILE`, `ca_file` in \
                         the profile, or SSL_CERT_FILE; if it speaks no TLS, write http://";

impl From<WatchError> for Error {
    fn from(error: WatchError) -> Self {
        match error {
            WatchError::Backend(error) => error.into(),
            WatchError::Signals(_) => Self::new(Kind::Failed, error),
        }
    }
}
