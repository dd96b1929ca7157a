//! The body that a redeployment hook came with, in a file that the commands of its deployment can read.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The file; it is there as long as this is.
#[derive(Debug)]
pub(super) struct PayloadFile(PathBuf);

impl PayloadFile {
    /// Writes a deployment's payload into a file for its owner alone.
    pub(super) fn write(files: &Path, deployment: u64, body: &[u8]) -> io::Result<Self> {
        let folder = files.join("payloads");
        DirBuilder::new().recursive(true).mode(0o700).create(&folder)?;
        let file = Self(folder.join(deployment.to_string()));
        // One that a killed engine left is replaced.
        let _ = fs::remove_file(&file.0);
        OpenOptions::new().write(true).create_new(true).mode(0o600).open(&file.0)?.write_all(body)?;
        Ok(file)
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for PayloadFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}
