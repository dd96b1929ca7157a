//! API v3: Cloud 66, and `hookbelt serve`, which speaks the same and more.

use crate::backends::{Access, Backend, ListedApp, Result, WantedApp};

/// An app at an API v3.
#[derive(Debug)]
pub struct ApiV3 {}

impl ApiV3 {
    /// The apps that the token sees.
    ///
    /// # Errors
    /// When the API fails.
    pub async fn apps(_access: Access) -> Result<Vec<ListedApp>> {
        todo!()
    }

    /// The app that is meant.
    ///
    /// # Errors
    /// When it is none or several, or the API fails.
    pub async fn open(_access: Access, _wanted: &WantedApp) -> Result<Box<dyn Backend>> {
        todo!()
    }
}
