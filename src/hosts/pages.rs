//! Lists, page by page.

use serde_json::Value;
use url::Url;

use crate::domain::git_host::{HostKind, HostRequest};
use crate::hosts::{Host, Result};
use crate::http::Reply;
use crate::http::header::LINK;

/// The most pages that are asked for; more than that is a host that goes round in circles.
const MOST_PAGES: usize = 100;

impl Host {
    /// Everything on all pages of a list.
    ///
    /// # Errors
    /// When one cannot be had.
    pub async fn list(&self, request: &HostRequest) -> Result<Vec<Value>> {
        self.list_while(request, |_| true).await
    }

    /// The same, and no page after one of which something is not wanted any more.
    ///
    /// # Errors
    /// When one cannot be had.
    pub async fn list_while(&self, request: &HostRequest, goes_on: impl Fn(&Value) -> bool) -> Result<Vec<Value>> {
        let size = match self.kind() {
            HostKind::Github | HostKind::Gitlab => "per_page=100",
            HostKind::Bitbucket => "pagelen=100",
            HostKind::Gitea | HostKind::Forgejo => "limit=50",
        };
        let first = format!("{}?{size}", request.path);
        let mut url = self.place().url(&first);
        let mut items = Vec::new();
        for page in 1..=MOST_PAGES {
            let reply = self.ask(request, url).await?;
            let mut document = self.document(&reply)?;
            let next = document["next"].as_str().map(str::to_owned);
            let values = if document.is_object() { document["values"].take() } else { document };
            let Value::Array(values) = values else {
                return Err(self.not_understood("it should be a list, and is none"));
            };
            let is_over = values.is_empty() || !values.iter().all(&goes_on);
            items.extend(values);
            let next = match next.or_else(|| next_link(&reply)) {
                Some(next) => Some(self.of_this_host(&next)?),
                None => self.next_number(&reply, items.len(), page).then(|| {
                    let number = page + 1;
                    self.place().url(&format!("{first}&page={number}"))
                }),
            };
            match next {
                Some(next) if !is_over => url = next,
                _ => return Ok(items),
            }
        }
        Err(self.not_understood("its list has no end"))
    }

    /// Whether there is a page after this one, where the host says so by numbers.
    fn next_number(&self, reply: &Reply, so_far: usize, page: usize) -> bool {
        let header = |name: &str| reply.headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
        match self.kind() {
            HostKind::Gitlab => header("x-next-page").map_or(so_far == page * 100, |next| !next.is_empty()),
            HostKind::Gitea | HostKind::Forgejo => {
                let total = header("x-total-count").and_then(|total| total.parse::<usize>().ok());
                total.map_or(so_far == page * 50, |total| so_far < total)
            }
            HostKind::Github | HostKind::Bitbucket => false,
        }
    }

    /// A URL that the host names, of a next page or after a renaming: a token goes to no other host.
    pub(super) fn of_this_host(&self, next: &str) -> Result<Url> {
        let url = self.place().url("/").join(next).ok().filter(|url| self.place().has(url));
        url.ok_or_else(|| self.not_understood("it leads to another host, where its token does not go"))
    }
}

/// The next page as the header `Link` names it: `<https://…>; rel="next", <https://…>; rel="last"`.
fn next_link(reply: &Reply) -> Option<String> {
    let text = reply.headers.get(LINK)?.to_str().ok()?;
    let next = text.split(',').find(|link| link.contains("rel=\"next\""))?;
    let (_, rest) = next.split_once('<')?;
    rest.split_once('>').map(|(url, _)| url.to_owned())
}
