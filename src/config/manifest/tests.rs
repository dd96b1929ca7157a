//! What a manifest means, how its file is read, and that nothing in it panics. What is refused: `faults`.

mod faults;

use std::fs;
use std::time::Duration;

use indexmap::IndexMap;
use proptest::prelude::*;
use proptest::sample::Index;
use tempfile::TempDir;

use super::*;
use crate::domain::app::{AppIdentity, DeployHook, DeploymentProfile, Environment, RedeploymentHook, SecretSource};
use crate::domain::delivery::HookEvent;
use crate::domain::delivery::receiver::{HookFormat, Receiver};
use crate::domain::queue::Mode;
use crate::domain::service::{Checkout, Commands, GitSource, Service, Source};

/// Everything that a manifest can say.
const FULL: &str = r#"
app = "My Shop"
environment = "staging"

[source]
git = "https://github.com/acme/shop.git"
branch = "main"

[services.web]
build = "make web"
deploy = "docker compose up -d web"
check = "curl -fsS http://localhost:8080/health"
timeout = "2h 30m"
env = { RAILS_ENV = "production", _2 = "" }
pass_env = ["DOCKER_HOST", "KUBECONFIG"]

[services.Worker_2]
git = "git@github.com:acme/worker.git"
branch = "refs/heads/release/2"
submodules = true
deploy = "make deploy"

[services."api.v1"]
image = "registry.example.com:5000/api:latest"
deploy = "docker compose pull api"

[services.cron]
branch = "stable"
checkout = false
submodules = false
deploy = "systemctl restart cron"

[deployment_profiles.assets]
services = ["web"]

[deployment_profiles."all but web"]
services = ["cron", "api.v1", "Worker_2"]

[[deploy_hooks]]
url = "https://chat.example.com/deploys"
secret = { file = "keys/deploy-hook.key" }

[[deploy_hooks]]
url = "http://deis.rocks"
secret = { env = "DEPLOY_HOOK_KEY" }

[[deploy_hooks]]
url = "http://localhost:8080/hook"
"#;

/// A folder of its own, as Git would name it.
fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().canonicalize().unwrap();
    (folder, path)
}

fn read_in(folder: &Path, content: impl AsRef<[u8]>) -> Result<Manifest, ManifestError> {
    let path = folder.join(FILE_NAME);
    fs::write(&path, content).unwrap();
    Manifest::read(&path)
}

fn app(text: &str) -> App {
    read_in(&folder().1, text).unwrap().app
}

fn git(repository: &str, branch: Option<&str>, checkout: Checkout) -> Source {
    Source::Git(GitSource { repository: Some(repository.to_owned()), branch: branch.map(str::to_owned), checkout })
}

/// What becomes of this remote.
fn repository(folder: &Path, git: &str) -> String {
    let text = format!("app = 'shop'\n[services.web]\ndeploy = 'true'\ngit = {git:?}");
    match &read_in(folder, text).unwrap().app.services[0].source {
        Source::Git(source) => source.repository.clone().unwrap(),
        Source::Image(image) => panic!("{image}"),
    }
}

fn commands(deploy: &str) -> Commands {
    Commands {
        build: None,
        deploy: deploy.to_owned(),
        check: None,
        timeout: Duration::from_mins(30),
        env: IndexMap::new(),
        pass_env: Vec::new(),
    }
}

fn service(name: &str, source: Source, commands: Commands) -> Service {
    Service { name: name.parse().unwrap(), source, commands }
}

#[test]
fn a_manifest_that_says_everything_is_understood() {
    let (_kept, folder) = folder();
    let manifest = read_in(&folder, FULL).unwrap();
    let shop = "https://github.com/acme/shop.git";
    let web = Commands {
        build: Some("make web".to_owned()),
        check: Some("curl -fsS http://localhost:8080/health".to_owned()),
        timeout: Duration::from_mins(150),
        env: [("RAILS_ENV", "production"), ("_2", "")].map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        pass_env: vec!["DOCKER_HOST".to_owned(), "KUBECONFIG".to_owned()],
        ..commands("docker compose up -d web")
    };
    let profile = |name: &str, services: &[&str]| DeploymentProfile {
        name: name.to_owned(),
        services: services.iter().map(|name| name.parse().unwrap()).collect(),
    };
    let hook = |url: &str, secret| DeployHook {
        receiver: Receiver::new(HookFormat::Workflow, url).unwrap(),
        secret,
        events: vec![HookEvent::Succeeded],
    };
    let expected = App {
        identity: AppIdentity { name: "My Shop".parse().unwrap(), environment: "staging".parse().unwrap() },
        services: vec![
            service("web", git(shop, Some("main"), Checkout::Fresh), web),
            service(
                "Worker_2",
                git("git@github.com:acme/worker.git", Some("release/2"), Checkout::WithSubmodules),
                commands("make deploy"),
            ),
            service(
                "api.v1",
                Source::Image("registry.example.com:5000/api:latest".parse().unwrap()),
                commands("docker compose pull api"),
            ),
            service("cron", git(shop, Some("stable"), Checkout::None), commands("systemctl restart cron")),
        ],
        deployment_profiles: vec![profile("assets", &["web"]), profile("all but web", &["cron", "api.v1", "Worker_2"])],
        redeployment_hook: RedeploymentHook::default(),
        deploy_hooks: vec![
            hook("https://chat.example.com/deploys", Some(SecretSource::File(folder.join("keys/deploy-hook.key")))),
            hook("http://deis.rocks", Some(SecretSource::Variable("DEPLOY_HOOK_KEY".to_owned()))),
            hook("http://localhost:8080/hook", None),
        ],
        git_hosts: Vec::new(),
    };
    assert_eq!(manifest.app, expected);
    assert_eq!(manifest.path, folder.join(FILE_NAME));
    assert_eq!(manifest.folder(), folder);
}

#[test]
fn the_least_that_a_manifest_must_say_leaves_the_rest_to_defaults() {
    let app = app("app = 'shop'\nservices.web = { image = 'web', deploy = 'true' }");
    let web = service("web", Source::Image("web".parse().unwrap()), commands("true"));
    let expected = App {
        identity: AppIdentity { name: "shop".parse().unwrap(), environment: Environment::default() },
        services: vec![web],
        deployment_profiles: Vec::new(),
        redeployment_hook: RedeploymentHook::default(),
        deploy_hooks: Vec::new(),
        git_hosts: Vec::new(),
    };
    assert_eq!(app, expected);
}

#[test]
fn services_and_variables_keep_the_order_of_the_manifest() {
    let text = "app = 'shop'\nsource.git = 'https://h/a/b'\n\
                [services.zoo]\ndeploy = 'true'\nenv = { Z = '1', A = '2', M = '3' }\n\
                [deployment_profiles.some]\nservices = ['zoo']\n\
                [services.10]\ndeploy = 'true'\n\
                [services.ant]\ndeploy = 'true'\n\
                [services.Ant]\ndeploy = 'true'\n";
    let app = app(text);
    let names: Vec<&str> = app.services.iter().map(|service| service.name.as_str()).collect();
    assert_eq!(names, ["zoo", "10", "ant", "Ant"]);
    let variables: Vec<&String> = app.services[0].commands.env.keys().collect();
    assert_eq!(variables, ["Z", "A", "M"]);
}

#[test]
fn a_service_takes_from_the_default_source_what_belongs_together() {
    let (shop, own) = ("https://h/acme/shop", "https://h/acme/own");
    let cases = [
        ("", git(shop, Some("main"), Checkout::Fresh)),
        ("branch = 'dev'", git(shop, Some("dev"), Checkout::Fresh)),
        ("git = 'https://h/acme/own'", git(own, None, Checkout::Fresh)),
        ("git = 'https://h/acme/own'\nbranch = 'dev'", git(own, Some("dev"), Checkout::Fresh)),
        // The same repository written again is a repository of its own, too.
        ("git = 'https://h/acme/shop'", git(shop, None, Checkout::Fresh)),
        ("image = 'web'", Source::Image("web".parse().unwrap())),
        ("checkout = false", git(shop, Some("main"), Checkout::None)),
        ("checkout = true", git(shop, Some("main"), Checkout::Fresh)),
        ("submodules = true", git(shop, Some("main"), Checkout::WithSubmodules)),
        ("submodules = false", git(shop, Some("main"), Checkout::Fresh)),
        ("checkout = true\nsubmodules = true", git(shop, Some("main"), Checkout::WithSubmodules)),
        ("checkout = false\nsubmodules = false", git(shop, Some("main"), Checkout::None)),
    ];
    for (lines, expected) in cases {
        let default = format!("source = {{ git = '{shop}', branch = 'main' }}");
        let app = app(&format!("app = 'shop'\n{default}\n[services.web]\ndeploy = 'true'\n{lines}"));
        assert_eq!(app.services[0].source, expected, "{lines}");
    }
}

#[test]
fn a_branch_may_be_written_as_a_full_ref() {
    let cases = [("main", "main"), ("refs/heads/main", "main"), ("refs/heads/a/b", "a/b"), ("heads/x", "heads/x")];
    for (written, branch) in cases {
        let text =
            format!("app = 'shop'\n[services.web]\ndeploy = 'true'\ngit = 'https://h/a/b'\nbranch = '{written}'");
        assert_eq!(app(&text).services[0].source, git("https://h/a/b", Some(branch), Checkout::Fresh));
    }
}

#[test]
fn remotes_on_a_host_stay_as_they_are_written() {
    let (_kept, folder) = folder();
    let remotes = [
        "https://github.com/acme/shop.git",
        "https://user:token@git.example.com:8443/a/b?x#y",
        "ssh://git@git.example.com:2222/a/b.git",
        "file:///srv/git/shop.git",
        "git@github.com:acme/shop.git",
        "github.com:acme/shop",
        "host:shop",
        "git@[::1]:acme/shop.git",
        "[::1]:acme/shop.git",
        "/srv/git/shop.git",
        "/srv/a::b",
    ];
    for remote in remotes {
        assert_eq!(repository(&folder, remote), remote);
    }
}

#[test]
fn a_relative_git_path_is_made_absolute_from_the_manifest() {
    let (_kept, root) = folder();
    let folder = root.join("app");
    fs::create_dir_all(folder.join("nested/repository")).unwrap();
    fs::create_dir(root.join("sibling")).unwrap();
    std::os::unix::fs::symlink(root.join("sibling"), folder.join("link")).unwrap();
    let cases = [
        (".", folder.clone()),
        ("nested/repository", folder.join("nested/repository")),
        ("./nested/../nested", folder.join("nested")),
        ("../sibling", root.join("sibling")),
        ("link", root.join("sibling")),
        // What is not there is told of when it is fetched, as it stands.
        ("missing", folder.join("missing")),
        ("../missing", folder.join("../missing")),
        ("a/b:c", folder.join("a/b:c")),
        // One letter in front of a colon is no host.
        ("c:x", folder.join("c:x")),
    ];
    for (written, expected) in cases {
        assert_eq!(repository(&folder, written), expected.to_str().unwrap(), "{written}");
    }
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_change_nothing() {
    let (_kept, folder) = folder();
    let plain = read_in(&folder, FULL).unwrap();
    assert_eq!(read_in(&folder, format!("\u{feff}{FULL}")).unwrap(), plain);
    assert_eq!(read_in(&folder, FULL.replace('\n', "\r\n")).unwrap(), plain);
}

#[test]
fn a_manifest_of_up_to_a_mebibyte_is_read() {
    let (_kept, folder) = folder();
    let of_size = |size: usize| format!("{FULL}#{}", "x".repeat(size - FULL.len() - 1));
    assert!(read_in(&folder, of_size(1024 * 1024)).is_ok());
    let error = read_in(&folder, of_size(1024 * 1024 + 1)).unwrap_err();
    assert_eq!(error.to_string(), format!("{}/hookbelt.toml is larger than 1048576 bytes", folder.display()));
}

#[test]
fn a_file_that_is_no_text_is_refused_with_the_line() {
    let (_kept, folder) = folder();
    let cases: [(&[u8], usize); 4] =
        [(b"\xff", 1), (b"app = 'shop'\n\n# \xc3\n", 3), (b"a\r\nb\xe2\x82", 2), (b"\xef\xbb\xbf\n\xff", 2)];
    for (content, line) in cases {
        let error = read_in(&folder, content).unwrap_err();
        let expected = format!("{}/hookbelt.toml is not UTF-8 text: see line {line}", folder.display());
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn what_is_no_file_is_refused() {
    let (_kept, folder) = folder();
    let missing = folder.join("nothing.toml");
    let error = Manifest::read(&missing).unwrap_err();
    assert_eq!(error.to_string(), format!("there is no file {}", missing.display()));
    let error = Manifest::read(&folder).unwrap_err();
    assert_eq!(error.to_string(), format!("{} is a folder", folder.display()));
}

#[test]
fn the_path_of_a_manifest_is_absolute() {
    let (_kept, folder) = folder();
    read_in(&folder, FULL).unwrap();
    let up = "../".repeat(std::env::current_dir().unwrap().components().count());
    let relative = Path::new(&up).join(folder.strip_prefix("/").unwrap()).join(FILE_NAME);
    let manifest = Manifest::read(&relative).unwrap();
    assert!(manifest.path.is_absolute());
    assert_eq!(manifest.path.canonicalize().unwrap(), folder.join(FILE_NAME));
}

proptest! {
    #[test]
    fn no_bytes_panic(content in any::<Vec<u8>>()) {
        let _ = read_in(&folder().1, content);
    }

    #[test]
    fn no_toml_panics(content in "((app|services|source|git|env|[a-z\"'é]{0,3})[.=\\[\\]{}, \n\"']{0,3}){0,20}") {
        let _ = read_in(&folder().1, content);
    }

    #[test]
    fn a_broken_manifest_is_read_or_refused_at_a_place_in_it(at: Index, with in "[a-z\"'\\[\\]{}.=,\n\u{0}é-]{0,3}") {
        let (_kept, folder) = folder();
        let (before, after) = FULL.split_at(at.index(FULL.len()));
        let broken = format!("{before}{with}{}", &after[1..]);
        if let Err(error) = read_in(&folder, &broken) {
            let text = error.to_string();
            let place = text.strip_prefix(&format!("{}/hookbelt.toml:", folder.display()));
            let numbers: Vec<usize> = place.unwrap().splitn(3, ':').map_while(|number| number.parse().ok()).collect();
            let [line, column] = numbers[..] else { panic!("no place in {text}") };
            let found = broken.split('\n').nth(line - 1).unwrap();
            prop_assert!((1..=found.chars().count() + 1).contains(&column), "{}", text);
        }
    }
}

#[test]
fn a_redeployment_hook_has_one_secret_or_a_list_and_a_queue() {
    let (folder, path) = folder();
    let read = |keys: &str| {
        let text = format!("app = \"shop\"\n[services.web]\nimage = \"a\"\ndeploy = \"true\"\n{keys}");
        read_in(&path, text).map(|manifest| manifest.app.redeployment_hook)
    };
    let (file, variable) = (SecretSource::File(path.join("key")), SecretSource::Variable("KEY".to_owned()));
    let cases = [
        ("", vec![], Mode::Latest),
        ("[redeployment_hook]\nqueue = \"all\"", vec![], Mode::All),
        ("[redeployment_hook]\nsecret = { env = \"KEY\" }\nqueue = \"latest\"", vec![variable.clone()], Mode::Latest),
        ("[redeployment_hook]\nsecret = [{ file = \"key\" }, { env = \"KEY\" }]", vec![file, variable], Mode::Latest),
    ];
    for (keys, secrets, mode) in cases {
        assert_eq!(read(keys).unwrap(), RedeploymentHook { secrets, mode }, "{keys}");
    }
    for keys in ["queue = \"newest\"", "secret = \"key\"", "secret = {}", "secret = [{ file = \"\" }]", "sekret = 1"] {
        read(&format!("[redeployment_hook]\n{keys}")).unwrap_err();
    }
    drop(folder);
}
