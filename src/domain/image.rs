//! Names of container images.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Why a text cannot name an image, or a tag or digest.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidImage {
    /// The name itself.
    #[error("{0:?} cannot be an image: write it like `registry.example.com/api:latest`")]
    Name(String),
    /// The tag or digest.
    #[error(
        "{0:?} cannot be an image's tag or digest: a tag has up to 128 letters, digits, `.`, `_` and `-`; a digest is `sha256:` and 64 hex digits"
    )]
    Reference(String),
}

/// An image's name with an optional tag and digest, as `[HOST[:PORT]/]PATH[:TAG][@DIGEST]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Image {
    name: String,
    tag: Option<String>,
    digest: Option<String>,
}

impl Image {
    /// Its name, without tag and digest.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its tag, else its digest.
    #[must_use]
    pub fn reference(&self) -> Option<&str> {
        self.tag.as_deref().or(self.digest.as_deref())
    }

    /// The same image at another tag, or at a digest when `reference` is `sha256:…`.
    ///
    /// # Errors
    /// When it is neither.
    pub fn at(&self, reference: &str) -> Result<Self, InvalidImage> {
        let (tag, digest) = match reference {
            digest if is_digest(digest) => (None, Some(digest.to_owned())),
            tag if is_tag(tag) => (Some(tag.to_owned()), None),
            _ => return Err(InvalidImage::Reference(reference.to_owned())),
        };
        Ok(Self { name: self.name.clone(), tag, digest })
    }
}

fn is_tag(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    (1..=128).contains(&text.len()) && text.chars().all(allowed) && !text.starts_with(['.', '-'])
}

fn is_digest(text: &str) -> bool {
    let hex = text.strip_prefix("sha256:");
    hex.is_some_and(|hex| hex.len() == 64 && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f')))
}

fn is_name(text: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | ':');
    text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.chars().all(allowed)
        && !text.contains("//")
        && !text.ends_with('/')
}

impl FromStr for Image {
    type Err = InvalidImage;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = || InvalidImage::Name(text.chars().take(200).collect());
        let (named, digest) = match text.split_once('@') {
            Some((named, digest)) => (named, Some(digest.to_owned())),
            None => (text, None),
        };
        let path_begins = named.rfind('/').map_or(0, |slash| slash + 1);
        let (name, tag) = match named[path_begins..].split_once(':') {
            Some((path, tag)) => (&named[..path_begins + path.len()], Some(tag.to_owned())),
            None => (named, None),
        };
        let sound = is_name(name) && tag.as_deref().is_none_or(is_tag) && digest.as_deref().is_none_or(is_digest);
        if sound { Ok(Self { name: name.to_owned(), tag, digest }) } else { Err(refused()) }
    }
}

impl TryFrom<String> for Image {
    type Error = InvalidImage;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Image> for String {
    fn from(image: Image) -> Self {
        image.to_string()
    }
}

impl fmt::Display for Image {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.name)?;
        if let Some(tag) = &self.tag {
            write!(formatter, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(formatter, "@{digest}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::Image;

    const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    #[test]
    fn a_reference_replaces_the_tag_and_a_digest_stands_alone() {
        let cases = [
            ("api", "v2", "api:v2"),
            ("api:latest", "v2", "api:v2"),
            ("registry.example.com:5000/team/api", "v2", "registry.example.com:5000/team/api:v2"),
            ("registry.example.com:5000/team/api:1.0", "v2", "registry.example.com:5000/team/api:v2"),
            ("api:latest", DIGEST, "api@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"),
        ];
        for (image, reference, expected) in cases {
            let image: Image = image.parse().unwrap();
            assert_eq!(image.at(reference).unwrap().to_string(), expected);
        }
    }

    #[test]
    fn what_is_no_image_or_no_tag_is_refused() {
        for text in ["", " ", "-rm", "api:", "api:a b", "a//b", "api@sha256:12", "api;rm", "a/", "api:-x"] {
            assert!(text.parse::<Image>().is_err(), "{text:?}");
        }
        let image: Image = "api".parse().unwrap();
        for reference in ["", "-x", "a:b", "sha256:zz", "a b", "a\nb"] {
            assert!(image.at(reference).is_err(), "{reference:?}");
        }
    }
}
