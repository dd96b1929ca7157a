//! `hookbelt tokens`: who may use the API of `hookbelt serve`, and for what.

use jiff::Timestamp;
use serde::Serialize;

use crate::context::Context;
use crate::domain::token::{self, Scope, Scopes, TokenHash, TokenName};
use crate::engine;
use crate::error::{Error, Kind};
use crate::output::{Row, local_minute};
use crate::store::tokens::{Added, TokenRecord};

/// What can be done with tokens.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Make a token and print it: it is not shown again
    #[command(after_help = "\
The token sees every app that the server serves. Clients send it as `Authorization: Bearer TOKEN`.

Examples:
  hookbelt tokens create ci
  hookbelt tokens create dashboard --scope public")]
    Create(CreateArgs),
    /// List the tokens: their names, and what they may do
    List(ListArgs),
    /// Revoke a token: from now on nobody can use it
    Revoke(RevokeArgs),
}

/// A new token.
#[derive(Debug, clap::Args)]
pub struct CreateArgs {
    /// What it is called: the user of what it asks for
    pub name: TokenName,
    /// What it may do: public reads, redeploy also deploys and cancels, admin also changes settings
    #[arg(long, value_name = "SCOPE", value_enum, default_value = "redeploy", hide_possible_values = true)]
    pub scope: ScopeWord,
}

/// Which tokens.
#[derive(Debug, clap::Args)]
pub struct ListArgs {}

/// Which token.
#[derive(Debug, clap::Args)]
pub struct RevokeArgs {
    /// Its name
    pub name: String,
}

/// What a token may do.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub enum ScopeWord {
    /// Read
    Public,
    /// Deploy and cancel too
    Redeploy,
    /// Change settings too
    Admin,
}

impl From<ScopeWord> for Scope {
    fn from(word: ScopeWord) -> Self {
        match word {
            ScopeWord::Public => Self::Public,
            ScopeWord::Redeploy => Self::Redeploy,
            ScopeWord::Admin => Self::Admin,
        }
    }
}

/// A token that was made, with its text.
#[derive(Serialize)]
struct Created<'a> {
    name: &'a str,
    scopes: Scopes,
    token: &'a str,
}

/// A token that was revoked.
#[derive(Serialize)]
struct Revoked<'a> {
    name: &'a str,
}

impl Row<3> for TokenRecord {
    const HEADERS: [&'static str; 3] = ["NAME", "SCOPES", "CREATED"];
    fn cells(&self) -> [String; 3] {
        [self.name.clone(), self.scopes.to_string(), local_minute(self.created_at)]
    }
}

/// Runs one of them.
///
/// # Errors
/// When the name is taken or unknown, or the store fails.
pub async fn run(command: Command, context: &Context) -> Result<(), Error> {
    match command {
        Command::Create(args) => create(args, context).await,
        Command::List(args) => list(args, context).await,
        Command::Revoke(args) => revoke(args, context).await,
    }
}

async fn create(args: CreateArgs, context: &Context) -> Result<(), Error> {
    let (name, scopes) = (args.name.as_str(), Scopes::up_to(args.scope.into()));
    let token = token::text(&engine::new_uid()?);
    let store = context.store().await?;
    if store.add_token(TokenHash::of(&token), name, scopes, Timestamp::now()).await? == Added::NameIsTaken {
        let error = Error::new(Kind::Usage, format!("there is a token `{name}` already"));
        return Err(error.with_hint("choose another name, or revoke it first; its text cannot be shown again"));
    }
    Ok(context.output().say(&token, &Created { name, scopes, token: &token })?)
}

async fn list(_: ListArgs, context: &Context) -> Result<(), Error> {
    let tokens = context.store().await?.tokens().await?;
    Ok(context.output().list(&tokens, "there are no tokens: `hookbelt tokens create NAME` makes one")?)
}

async fn revoke(args: RevokeArgs, context: &Context) -> Result<(), Error> {
    let name = args.name.as_str();
    if !context.store().await?.revoke_token(name).await? {
        let error = Error::new(Kind::NotFound, format!("there is no token `{name}`"));
        return Err(error.with_hint("`hookbelt tokens list` shows those there are"));
    }
    Ok(context.output().say(&format!("token {name} is revoked"), &Revoked { name })?)
}
