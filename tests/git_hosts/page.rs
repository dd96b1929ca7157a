//! Every command of docs/redeployment-hooks.md is run, as it is written there.

use std::fs;
use std::os::unix::fs::symlink;

use serde_json::json;

use crate::generated::root;
use crate::git_hosts::{hook, with};
use crate::support::mock_api::{ANY, MockApi, on};
use crate::support::{Belt, HOOKBELT, Outcome, Running};

/// The lines of the page's blocks of commands, without comments.
fn commands() -> Vec<String> {
    let page = fs::read_to_string(root("docs/redeployment-hooks.md")).unwrap();
    let blocks = page.split("```sh\n").skip(1).map(|rest| rest.split("```").next().unwrap().to_owned());
    let lines = blocks.flat_map(|block| block.lines().map(str::to_owned).collect::<Vec<_>>());
    let lines = lines.map(|line| line.split("  #").next().unwrap().trim().to_owned());
    lines.filter(|line| !line.is_empty()).collect()
}

/// A reader of the page.
struct Reader {
    belt: Belt,
    api: MockApi,
    folder: String,
    server: Option<Running>,
}

impl Reader {
    fn new() -> Self {
        let api = MockApi::start(vec![]);
        let mut belt = Belt::new();
        let hosts = ["github.com", "gitlab.com", "bitbucket.org"].map(|host| {
            let token = belt.work().join("token").display().to_string();
            format!("[git_hosts.{host:?}]\nurl = {:?}\ntoken = {{ file = {token:?} }}\n", api.url)
        });
        belt.config(&hosts.concat());
        belt.write("token", "hunter2\n");
        belt.write(
            "shop/hookbelt.toml",
            "app = \"shop\"\nenvironment = \"staging\"\n\
             [source]\ngit = \"https://github.com/acme/shop.git\"\nbranch = \"main\"\n\
             [services.web]\ncheckout = false\ndeploy = \"true\"\n",
        );
        let push = json!({
            "ref": "refs/heads/main", "after": "2fd9226e0c8d4b1a9f3e5c7d8b6a4f2e1d0c9b8a", "commits": [],
            "repository": { "full_name": "acme/shop", "clone_url": "https://github.com/acme/shop.git" },
        });
        let tag = json!({
            "object_kind": "tag_push", "ref": "refs/tags/v1", "before": "0".repeat(40),
            "after": "2fd9226e0c8d4b1a9f3e5c7d8b6a4f2e1d0c9b8a", "checkout_sha": "2fd9226e0c8d4b1a9f3e5c7d8b6a4f2e1d0c9b8a",
            "project": { "path_with_namespace": "acme/shop", "git_http_url": "https://github.com/acme/shop.git" },
        });
        belt.write("shop/push.json", push.to_string());
        belt.write("shop/tag.json", tag.to_string());
        belt.write("shop/captured.txt", "POST /stacks/redeploy/aaaa/bbbb?services=web HTTP/1.1\r\nHost: h\r\n\r\n");
        let bin = belt.path().join("bin");
        fs::create_dir(&bin).unwrap();
        symlink(HOOKBELT, bin.join("hookbelt")).unwrap();
        belt.set("PATH", &format!("{}:{}", bin.display(), env!("PATH")));
        belt.set("NO_PROXY", "*");
        Self { belt, api, folder: String::new(), server: None }
    }

    /// Does what a line says.
    fn follow(&mut self, line: &str) {
        if let Some(folder) = line.strip_prefix("cd ") {
            folder.clone_into(&mut self.folder);
        } else if let Some(variable) = line.strip_prefix("export ") {
            let (name, _) = variable.split_once('=').unwrap();
            self.belt.set(name, "hunter2");
        } else if let Some(serve) = line.strip_prefix("hookbelt serve ") {
            // On a free port, and one after the other: both serve the same app.
            drop(self.server.take());
            let arguments: Vec<&str> = serve.trim_end_matches('&').split_whitespace().collect();
            self.server = Some(self.belt.serve(&arguments));
            if serve.contains("--public-url") {
                self.meets_hosts();
            }
        } else {
            // What is ignored is said with 3.
            let code = if line.contains("tag.json") { 3 } else { 0 };
            let line = line.replace("https://git.example.com", &self.api.url);
            let outcome = self.run(&line);
            assert_eq!(outcome.code, code, "{line}\n{outcome}");
            if line.contains("--generate-secret") {
                self.adds_what_it_is_told(&outcome);
            }
        }
    }

    fn run(&self, line: &str) -> Outcome {
        let mut command = self.belt.command([""; 0]);
        let mut shell = std::process::Command::new("sh");
        let environment = command.get_envs().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())));
        shell.env_clear().envs(environment.collect::<Vec<_>>());
        shell.args(["-euc", line]).current_dir(self.belt.work().join(&self.folder));
        command = shell;
        Outcome::of(command, self.belt.path())
    }

    /// The note of `hooks add --generate-secret` ends with two lines for the manifest.
    fn adds_what_it_is_told(&self, outcome: &Outcome) {
        let lines: Vec<&str> = outcome.stderr.lines().collect();
        let told = &lines[lines.len() - 2..];
        assert_eq!(told[0], "[redeployment_hook]", "{outcome}");
        let real = told[1].replace("[TMP]", &self.belt.path().canonicalize().unwrap().display().to_string());
        let manifest = self.belt.read("shop/hookbelt.toml");
        self.belt.write("shop/hookbelt.toml", format!("{manifest}{}\n{real}\n", told[0]));
    }

    /// From here on the hosts have parts to play.
    fn meets_hosts(&self) {
        let url = self.belt.run(["hooks", "url", "-m", "shop/hookbelt.toml"]).expect(0).stdout.trim().to_owned();
        self.belt.write("shop/hook.url", &url);
        let hooks = "/api/v3/repos/acme/shop/hooks";
        let list = || on("GET", &format!("{hooks}?per_page=100"));
        let config = json!({ "url": url, "content_type": "json", "insecure_ssl": "0", "secret": ANY });
        let made = with(hook("github", 12, &url), json!({ "config": config.clone() }));
        let create = json!({ "name": "web", "active": true, "events": ["push"], "config": config });
        let at = |minutes: i64| (jiff::Timestamp::now() - jiff::SignedDuration::from_mins(minutes)).to_string();
        let delivery = |id: u64, minutes, code: u16| {
            let (guid, at) = (format!("guid-{id}"), at(minutes));
            json!({ "id": id, "guid": guid, "delivered_at": at, "status": "x", "status_code": code, "event": "push" })
        };
        let deliveries = json!([delivery(3, 1, 200), delivery(2, 30, 502)]);
        self.api.expect(vec![
            list().json(200, &json!([])),
            list().json(200, &json!([])),
            on("POST", hooks).with(create).json(201, &made),
            list().json(200, &json!([made])).for_ever(),
            on("GET", "/api/v3/repos/acme/shop").json(200, &json!({ "full_name": "acme/shop" })),
            on("GET", &format!("{hooks}/12/deliveries?per_page=100")).json(200, &deliveries).for_ever(),
            on("POST", &format!("{hooks}/12/pings")).text(204, "", ""),
            on("PATCH", &format!("{hooks}/12")).with(json!({ "add_events": ["deployment"] })).json(200, &made),
            on("DELETE", &format!("{hooks}/12")).text(204, "", ""),
            on("POST", &format!("{hooks}/12/deliveries/2/attempts")).text(202, "", "{}"),
            on("GET", "/api/v4/projects/acme%2Fweb%2Fshop/hooks?per_page=100").json(200, &json!([])),
            on("GET", "/2.0/repositories/acme/shop/hooks?pagelen=100").json(200, &json!({ "values": [] })),
            on("GET", "/api/v1/repos/acme/shop/hooks?limit=50").json(200, &json!([])),
        ]);
    }
}

#[test]
fn every_command_of_the_page_about_redeployment_hooks_does_what_it_says() {
    let mut reader = Reader::new();
    reader.belt.set("GITEA_TOKEN", "hunter2");
    let commands = commands();
    assert!(commands.len() > 20, "{commands:#?}");
    for line in &commands {
        reader.follow(line);
    }
}
