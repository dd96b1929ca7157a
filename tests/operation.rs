//! Running a real `hookbelt serve`: its log, its metrics, its manifests while they change.

use std::io::{Read, Write};
use std::net::Shutdown;

use serde_json::{Value, json};

use crate::support::http::{begin, post, request};
use crate::support::{Belt, PLAIN};

fn url(belt: &Belt, app: &[&str]) -> String {
    belt.run([&["hooks", "url"], app].concat()).expect(0).stdout.trim().to_owned()
}

/// The manifest of an app with one service.
fn app(name: &str, deploy: &str) -> String {
    format!("app = \"{name}\"\n[services.web]\nimage = \"a\"\ndeploy = '''{deploy}'''\n")
}

#[test]
fn the_log_is_lines_of_json_if_that_is_asked_for_and_holds_no_secret() {
    let belt = Belt::with_command("true");
    let mut server = belt.serve(&["--json"]);
    let url = url(&belt, &[]);
    post(&url, &[], "").expect(200);
    post(&format!("{url}?services=cron"), &[], "").expect(422);
    server.until("\"event\":\"ended\"");
    server.signal("TERM");
    let (code, log) = server.end();
    assert_eq!(code, 0);
    let events: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    let of = |kind: &str| events.iter().find(|event| event["event"] == kind).unwrap_or_else(|| panic!("{kind}: {log}"));
    assert!(events.iter().all(|event| event["time"].is_string()));
    let hook = of("hook");
    assert_eq!(
        (&hook["app"]["name"], &hook["outcome"], &hook["deployment"]),
        (&"shop".into(), &"accepted".into(), &1.into())
    );
    let ended = of("ended");
    assert_eq!((&ended["state"], ended["ran"].is_number()), (&"succeeded".into(), true));
    let (_, secret) = url.split_once("/stacks/redeploy/").unwrap();
    assert!(secret.split('/').all(|half| !log.contains(half)), "{log}");
}

#[test]
fn a_hook_that_is_refused_early_is_told_with_who_sent_it_and_counted() {
    let belt = Belt::with_command("true");
    belt.limits("request_body = \"300ms\"");
    let mut server = belt.serve(&["--json", "--trusted-proxy", "127.0.0.1"]);
    let hook = url(&belt, &[]);
    let (site, secrets) = hook.split_once("/stacks/redeploy/").unwrap();
    let mut told = |text: &str| -> Value {
        let mut event: Value = serde_json::from_str(&server.until(text)).unwrap();
        event.as_object_mut().unwrap().remove("time");
        event
    };
    let from = [("X-Forwarded-For", "203.0.113.9")];
    request("GET", &hook, &from, b"").expect(405);
    let shop = json!({"name": "shop", "environment": "staging"});
    let message = "redeployment hook from 203.0.113.9 refused: it is no POST";
    let refused = json!({
        "event": "hook", "app": shop, "from": "203.0.113.9", "outcome": "refused", "status": 405, "deployment": null,
        "message": message,
    });
    assert_eq!(told(message), refused);
    let begin = |length: &str| begin("POST", &hook, &[("Content-Length", length)], b"");
    let too_large = begin("26214401");
    assert_eq!(told("its body is larger than 25 MiB")["status"], 413);
    let too_slow = begin("10");
    assert_eq!(told("its body took too long")["status"], 408);
    begin("10").shutdown(Shutdown::Both).unwrap();
    assert_eq!(told("its body broke off")["status"], 400);
    post(&hook, &[], "neither JSON nor a form").expect(400);
    assert_eq!(told("this payload is not understood")["from"], "127.0.0.1");
    post(&hook.replace("/stacks/redeploy/", "/stacks/redeploy/0"), &from, "").expect(404);
    let unknown = json!({
        "event": "hook", "app": null, "from": "203.0.113.9", "outcome": "unknown", "status": 404, "deployment": null,
        "message": "redeployment hook from 203.0.113.9 refused: there is no such redeployment hook",
    });
    assert_eq!(told("there is no such"), unknown);
    drop((too_large, too_slow));

    let text = request("GET", &format!("{site}/metrics"), &[], b"").expect(200).body;
    for (outcome, status, count) in
        [("refused", 405, 1), ("refused", 413, 1), ("refused", 408, 1), ("refused", 400, 2), ("unknown", 404, 1)]
    {
        let line = format!("hookbelt_hooks_total{{outcome=\"{outcome}\",status=\"{status}\"}} {count}\n");
        assert!(text.contains(&line), "{line} is not in\n{text}");
    }
    server.signal("TERM");
    let log = server.end().1;
    assert!(secrets.split('/').all(|half| !log.contains(half)), "{log}");
}

#[test]
fn requests_to_unknown_hooks_are_all_counted_and_few_of_them_told() {
    let belt = Belt::with_command("true");
    let (server, address) = belt.serve_at(&[]);
    let hook = url(&belt, &[]);
    let (first_half, _) = hook.rsplit_once('/').unwrap();
    for number in 0..5 {
        post(&format!("http://{address}/stacks/redeploy/{number}/x"), &[], "").expect(404);
        // Cut off while it was copied.
        post(first_half, &[], "").expect(404);
        post(&format!("{first_half}/%FF"), &[], "").expect(404);
        // Those who look for other programs are none of ours.
        request("GET", &format!("http://{address}/wp-login.php"), &[], b"").expect(404);
        request("GET", &format!("http://{address}/stacks/"), &[], b"").expect(404);
    }
    let text = request("GET", &format!("http://{address}/metrics"), &[], b"").expect(200).body;
    assert!(text.contains("hookbelt_hooks_total{outcome=\"unknown\",status=\"404\"} 15\n"), "{text}");
    server.signal("TERM");
    let log = server.end().1;
    let told: Vec<&str> = log.lines().filter(|line| line.contains("redeployment hook")).collect();
    assert_eq!(told.len(), 10, "{log}");
    assert!(told[0].ends_with("redeployment hook from 127.0.0.1 refused: there is no such redeployment hook"), "{log}");
    assert!(told[9].ends_with("hook; further ones are counted alone, for a minute"), "{log}");
    assert!(log.contains("stopped"), "{log}");
}

#[test]
fn a_hook_whose_sender_does_not_wait_for_the_answer_is_deployed_and_told() {
    let belt = Belt::with_command("true");
    let mut server = belt.serve(&[]);
    let hook = url(&belt, &[]);
    for deployment in 1..=5 {
        let mut stream = begin("POST", &hook, &[("Expect", "100-continue"), ("Content-Length", "2")], b"");
        // It has been begun.
        let mut answer = [0; 25];
        stream.read_exact(&mut answer).unwrap();
        assert_eq!(&answer, b"HTTP/1.1 100 Continue\r\n\r\n");
        stream.write_all(b"{}").unwrap();
        drop(stream);
        server.until(&format!("redeployment hook by hook: deployment {deployment} is queued"));
    }
}

#[test]
fn what_happened_is_counted_for_who_is_here_or_has_a_token() {
    let belt = Belt::with_command("true");
    let (mut server, address) = belt.serve_at(&[]);
    let hook = url(&belt, &[]);
    post(&hook, &[], "").expect(200);
    server.until("deployment 1 succeeded");
    post(&format!("{hook}?services=cron"), &[], "").expect(422);
    let metrics = format!("http://{address}/metrics");
    let text = request("GET", &metrics, &[], b"").expect(200).body;
    for line in [
        "hookbelt_hooks_total{outcome=\"accepted\",status=\"200\"} 1",
        "hookbelt_hooks_total{outcome=\"refused\",status=\"422\"} 1",
        "hookbelt_deployment_duration_seconds_count{state=\"succeeded\"} 1",
        "hookbelt_store_write_seconds_count 1",
        "# EOF",
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
    // A proxy on this machine does not make the world local.
    request("GET", &metrics, &[("X-Forwarded-For", "203.0.113.9")], b"").expect(401);
    request("GET", &metrics, &[("X-Forwarded-For", "203.0.113.9"), ("Authorization", "Bearer x")], b"").expect(401);
}

#[test]
fn the_depth_of_the_queue_is_counted() {
    let belt = Belt::with_command("read go < gate");
    let gate = belt.gate("gate");
    let (mut server, address) = belt.serve_at(&[]);
    belt.run(["redeploy", "--no-wait"]).expect(0);
    server.until("deployment 1 begins");
    belt.run(["redeploy", "--no-wait"]).expect(0);
    let text = request("GET", &format!("http://{address}/metrics"), &[], b"").expect(200).body;
    for state in ["queued", "running"] {
        let line = format!("hookbelt_deployments{{app=\"shop\",environment=\"staging\",state=\"{state}\"}} 1");
        assert!(text.contains(&line), "{line} is not in\n{text}");
    }
    drop(gate);
}

#[test]
fn a_server_says_whether_it_lives_and_whether_it_is_ready() {
    let belt = Belt::with_command("read go < gate");
    let gate = belt.gate("gate");
    let (mut server, address) = belt.serve_at(&[]);
    let get = |path: &str| request("GET", &format!("http://{address}{path}"), &[], b"");
    assert_eq!(get("/healthz").expect(200).body, "ok\n");
    assert_eq!(get("/readyz").expect(200).body, "ready\n");
    get("/nothing").expect(404);
    belt.run(["redeploy", "--no-wait"]).expect(0);
    server.until("deployment 1 begins");
    // While what runs may end it says that it takes nothing more.
    let hook = url(&belt, &[]);
    server.signal("TERM");
    server.until("stopping");
    assert_eq!(get("/healthz").expect(200).body, "ok\n");
    assert_eq!(get("/readyz").expect(503).body, "stopping\n");
    let refused = post(&hook, &[], "").expect(503);
    assert!(refused.head.to_lowercase().contains("retry-after: "), "{}", refused.head);
    gate.open();
    assert_eq!(server.end().0, 0);
}

#[test]
fn on_hangup_apps_come_and_go_and_a_broken_manifest_leaves_its_app_as_it_was() {
    let belt = Belt::new();
    belt.write("apps/shop.toml", app("shop", "echo first"));
    belt.write("apps/blog.toml", app("blog", "true"));
    let mut server = belt.serve(&["apps"]);
    let (shop, blog) = (url(&belt, &["-m", "apps/shop.toml"]), url(&belt, &["-m", "apps/blog.toml"]));
    post(&blog, &[], "").expect(200);
    server.until("deployment 1 succeeded");

    belt.write("apps/news.toml", app("news", "true"));
    belt.write("apps/shop.toml", app("shop", "true").replace("deploy", "deploi"));
    std::fs::remove_file(belt.work().join("apps/blog.toml")).unwrap();
    server.signal("HUP");
    let why = server.until("shop (production): its manifest is used as it was");
    assert!(why.ends_with("shop.toml:4:1: unknown key `deploi` (did you mean `deploy`?)"), "{why}");
    server.until("manifests were read again");
    post(&blog, &[], "").expect(404);
    post(&shop, &[], "").expect(200);
    server.until("deployment 2 succeeded");
    let news = url(&belt, &["-m", "apps/news.toml"]);
    post(&news, &[], "").expect(200);
    server.until("deployment 3 succeeded");

    // A second manifest of an app that there is changes nothing at all.
    belt.write("apps/shop.toml", app("shop", "echo second"));
    belt.write("apps/twice.toml", app("news", "true"));
    server.signal("HUP");
    server.until("the apps stay as they were");
    std::fs::remove_file(belt.work().join("apps/twice.toml")).unwrap();
    server.signal("HUP");
    server.until("manifests were read again");
    post(&shop, &[], "").expect(200);
    server.until("deployment 4 succeeded");
    let log = belt.run(["logs", "-m", "apps/shop.toml"]).expect(0).stdout;
    assert!(log.contains("shop[web.v1]: first") && log.contains("shop[web.v2]: second"), "{log}");
}

#[test]
fn a_trusted_proxy_must_be_an_address_or_a_network() {
    let belt = Belt::new();
    belt.write("hookbelt.toml", format!("{PLAIN}deploy = \"true\"\n"));
    let outcome = belt.run(["serve", "--trusted-proxy", "example.com"]).expect(2);
    assert!(outcome.stderr.contains("such as 10.0.0.0/8"), "{outcome}");
}
