//! The controller of Deis and Hephy Workflow, API v2.

use crate::backends::{Access, Backend, ListedApp, Result, WantedApp};

/// An app at a controller.
#[derive(Debug)]
pub struct Workflow {}

impl Workflow {
    /// The apps that the user sees.
    ///
    /// # Errors
    /// When the controller fails.
    pub async fn apps(_access: Access) -> Result<Vec<ListedApp>> {
        todo!()
    }

    /// The app that is meant.
    ///
    /// # Errors
    /// When it is none or several, or the controller fails.
    pub async fn open(_access: Access, _wanted: &WantedApp) -> Result<Box<dyn Backend>> {
        todo!()
    }
}
