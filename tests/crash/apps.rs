//! Four apps in one folder, and a `hookbelt serve` of them.

use std::path::PathBuf;

use serde_json::Value;

use crate::support::{Belt, Outcome, Running, wait_until};

/// The apps: one with all kinds of commands, one of the same repository, one whose services run side by side, and one whose
/// processes are deaf to TERM.
pub(super) const APPS: [&str; 4] = ["shop", "blog", "wiki", "mail"];

/// What every command does. Its lock is held by all that it starts, so that it is seen when anything of another run of the
/// app is alive; `shared` by services that run side by side, which must be of the same run. It takes 10 to 80 ms. The last
/// command of a service notes that the service came to its end.
const STEP: &str = r#"
folder=${0%/*} step=$1
run="$HOOKBELT_DEPLOYMENT $HOOKBELT_ATTEMPT"
violated() { echo "$HOOKBELT_APP $run $HOOKBELT_SERVICE $step: $1" >> "$folder/violations"; }
alone() { flock -n 9 && echo "$run" > "$folder/$HOOKBELT_APP.run"; }
beside() { flock -s -w 5 9 && [ "$(cat "$folder/$HOOKBELT_APP.run")" = "$run" ]; }
exec 9>> "$folder/$HOOKBELT_APP.lock"
if [ "$HOOKBELT_APP" != wiki ]; then
    alone || violated "not alone"
elif alone; then
    flock -s 9
elif ! beside; then # perhaps its sibling was ended before it wrote whose run it is
    { alone && flock -s 9; } || beside || violated "beside $(cat "$folder/$HOOKBELT_APP.run")"
fi
echo "$run $step"
deaf=:
[ "$HOOKBELT_APP" != mail ] || deaf="trap '' TERM"
setsid sh -c "$deaf; sleep 0.0$(((HOOKBELT_DEPLOYMENT * 5 + HOOKBELT_ATTEMPT * 3 + ${#step}) % 8 + 1)); :" &
sleep 0.01
wait
[ "$2" != end ] || echo "$HOOKBELT_DEPLOYMENT $HOOKBELT_SERVICE $HOOKBELT_ATTEMPT" >> "$folder/ends.$HOOKBELT_APP"
"#;

/// Where the apps' services come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Code {
    /// Two apps share a repository.
    Git,
    /// Nothing is checked out.
    None,
}

pub(super) struct Apps {
    pub(super) belt: Belt,
}

impl Apps {
    pub(super) fn new(belt: Belt, code: Code) -> Self {
        let apps = Self { belt };
        apps.belt.write("step", STEP);
        if code == Code::Git {
            apps.belt.repository("repo");
        }
        for app in APPS {
            apps.belt.write(&format!("{app}/hookbelt.toml"), apps.manifest(app, code));
        }
        apps.run("wiki", &["settings", "set", "deploy.parallel", "true"]).expect(0);
        apps
    }

    fn manifest(&self, app: &str, code: Code) -> String {
        let command = |step: &str| format!("{step} = \"sh '{}' {step}\"\n", self.belt.work().join("step").display());
        let last = |step: &str| command(step).replace("\"\n", " end\"\n");
        let web =
            if app == "shop" { [command("build"), command("deploy"), last("check")].concat() } else { last("deploy") };
        let checkout = code == Code::Git && matches!(app, "shop" | "blog");
        format!(
            "app = \"{app}\"\nenvironment = \"staging\"\n[source]\ngit = \"../repo\"\n\
             [services.web]\ncheckout = {checkout}\n{web}[services.worker]\ncheckout = {checkout}\n{}",
            last("deploy")
        )
    }

    /// Runs the program for an app.
    pub(super) fn run(&self, app: &str, arguments: &[&str]) -> Outcome {
        self.belt.run([arguments, &["-m", &format!("{app}/hookbelt.toml")]].concat())
    }

    pub(super) fn serve(&self) -> Running {
        self.belt.start(["serve", "--listen", "127.0.0.1:0", "."])
    }

    /// Waits until so many servers have all apps.
    pub(super) fn wait_for_servers(&self, count: usize) {
        let all = format!("{}\n", APPS.len() * count);
        wait_until("all apps are served", || self.sql("SELECT COUNT(*) FROM served_apps") == all);
    }

    /// All deployments of an app, the newest first.
    pub(super) fn deployments(&self, app: &str) -> Vec<Value> {
        let listed = self.run(app, &["deployments", "list", "-n", "1000000", "--json"]).expect(0).json();
        listed.as_array().unwrap().clone()
    }

    /// Lets servers run until nothing waits, and end.
    pub(super) fn finish(&self, servers: impl IntoIterator<Item = Running>) {
        let is_over = |deployment: &Value| !matches!(deployment["state"].as_str().unwrap(), "queued" | "running");
        wait_until("every deployment is over", || APPS.iter().all(|app| self.deployments(app).iter().all(is_over)));
        for server in servers {
            server.signal("TERM");
            let (code, printed) = server.end();
            assert_eq!(code, 0, "{printed}");
        }
    }

    /// A file beside the manifests; empty if it is not there.
    pub(super) fn file(&self, name: &str) -> String {
        std::fs::read_to_string(self.belt.work().join(name)).unwrap_or_default()
    }

    pub(super) fn sql(&self, statement: &str) -> String {
        sql(&self.belt, statement)
    }

    /// The processes that work for these apps: their environment or their folder names the test's folder.
    pub(super) fn processes(&self) -> Vec<String> {
        let folder = self.belt.path().to_str().unwrap();
        let entries = std::fs::read_dir("/proc").unwrap().map(|entry| entry.unwrap().path());
        let is_ours = |process: &PathBuf| {
            let environment = std::fs::read(process.join("environ")).unwrap_or_default();
            let working_folder = std::fs::read_link(process.join("cwd")).unwrap_or_default();
            String::from_utf8_lossy(&environment).contains(folder) || working_folder.starts_with(folder)
        };
        let words = |process: PathBuf| {
            let line = std::fs::read_to_string(process.join("cmdline")).unwrap_or_default().replace('\0', " ");
            format!("{}: {line}", process.display())
        };
        entries.filter(is_ours).map(words).collect()
    }
}

/// What SQLite answers when it is asked about the store.
pub(crate) fn sql(belt: &Belt, statement: &str) -> String {
    let mut command = belt.program("sqlite3");
    let output = command.args(["-cmd", ".timeout 300"]).arg(belt.store()).arg(statement).output().unwrap();
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}
