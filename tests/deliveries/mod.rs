//! Deliveries of deploy hooks: what becomes of a hook that is not taken, and who can see that.

mod attempts;
mod bad_days;
mod elsewhere;
mod events;
mod private_targets;
mod receivers;
mod store;

use serde_json::Value;

use crate::support::inbox::Inbox;
use crate::support::{Belt, PLAIN, Running};

/// An app that tells these receivers of its releases; the lines are those of each hook beside its URL.
fn belt(deploy: &str, receivers: &[&str], lines: &str) -> Belt {
    let belt = Belt::new();
    write(&belt, deploy, receivers, lines);
    belt
}

fn write(belt: &Belt, deploy: &str, receivers: &[&str], lines: &str) {
    let hooks = receivers.iter().map(|url| format!("[[deploy_hooks]]\nurl = \"{url}\"\n{lines}\n"));
    let hooks: Vec<String> = hooks.collect();
    belt.write("hookbelt.toml", format!("{PLAIN}deploy = '''{deploy}'''\n{}", hooks.concat()));
}

/// The deliveries, the first one first.
fn deliveries(belt: &Belt) -> Vec<Value> {
    deliveries_of(belt, 30)
}

/// The newest so many.
fn deliveries_of(belt: &Belt, most: u32) -> Vec<Value> {
    let listed = belt.run(["hooks", "deliveries", "--json", "-n", &most.to_string()]).expect(0).json();
    let mut all = listed.as_array().unwrap().clone();
    all.reverse();
    all
}

/// A delivery with its attempts.
fn shown(belt: &Belt, id: u64) -> Value {
    belt.run(["hooks", "deliveries", "show", &id.to_string(), "--json"]).expect(0).json()
}

/// The log's lines about deploy hooks.
fn told(belt: &Belt) -> Vec<String> {
    let log = belt.run(["logs", "-n", "1000"]).expect(0).stdout;
    let lines = log.lines().filter_map(|line| line.split_once("hookbelt[api]: ")).map(|(_, text)| text.to_owned());
    lines.filter(|line| line.contains("eploy hook")).collect()
}

/// A server whose log is read until a deploy hook was sent.
fn until_sent(server: &mut Running, inbox: &Inbox) {
    server.until(&format!("Deploy hook sent to {}", inbox.url()));
}

/// What a request posts to.
fn target(request: &str) -> &str {
    request.split(' ').nth(1).unwrap()
}
