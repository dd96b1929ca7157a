//! Commands that talk to the real `hookbelt serve` of somebody else: from another home, over its API.

mod bad_days;
mod deploying;
mod reading;

use crate::support::api::Served;
use crate::support::{Belt, PLAIN, Running};

/// A server, and a person who has nothing but a profile of it.
pub(crate) struct Remote {
    /// Where the server runs.
    there: Belt,
    served: Served,
    /// Where the commands are run.
    here: Belt,
}

impl Remote {
    /// A server of this manifest.
    fn of(manifest: &str) -> Self {
        Self::start(Belt::with_manifest(manifest), &[])
    }

    /// A server of an app whose only service runs this command.
    fn with_command(deploy: &str) -> Self {
        Self::start(Belt::with_command(deploy), &[])
    }

    fn start(there: Belt, arguments: &[&str]) -> Self {
        let served = Served::start(&there, arguments);
        let here = Belt::new();
        let remote = Self { there, served, here };
        remote.sign_in(&remote.served.admin.token, "");
        remote
    }

    /// Has every later command use this token, with these limits beside the short ones.
    fn sign_in(&self, token: &str, limits: &str) {
        let url = format!("http://{}", self.served.admin.address);
        self.here.config(&format!(
            "default_profile = \"there\"\n[profiles.there]\nbackend = \"server\"\nurl = \"{url}\"\ntoken = \"{token}\"\n\
             [limits]\npoll = \"10ms\"\npoll_most = \"50ms\"\n{limits}\n"
        ));
    }

    /// What a command says, without the server's port.
    fn run(&self, arguments: &[&str]) -> String {
        let (host, said) = (&self.served.admin.address, self.here.run(arguments).to_string());
        said.replace(host, "[HOST]")
    }

    fn start_command(&self, arguments: &[&str]) -> Running {
        self.here.start(arguments)
    }
}

/// Two services, of which the second waits at the gate that it is named after.
const TWO: &str = "app = \"shop\"\nenvironment = \"staging\"\n[source]\ngit = \"https://git.example.com/acme/shop.git\"\n\
    branch = \"main\"\n[services.web]\ncheckout = false\ndeploy = \"echo hello\"\n\
    [services.api]\nimage = \"registry.example.com/api:v1\"\ndeploy = \"true\"\n\
    [deployment_profiles.front]\nservices = [\"web\"]\n";

fn plain(deploy: &str) -> String {
    format!("{PLAIN}deploy = '''{deploy}'''\n")
}
