//! Apps, releases and logs.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::Value;
use sqlx::{Connection, SqliteConnection};

use crate::support::{Belt, PLAIN};
use crate::workflow_v2::{READER, Site, in_production, request, with_store};

#[test]
fn every_answer_says_which_version_it_is_like_in_the_controllers_spelling() {
    let site = Site::with_command("true");
    for (method, path, status) in [
        ("GET", "/v2/", 200),
        ("GET", "/v2", 200),
        ("GET", "/v2/apps", 200),
        ("GET", "/v2/apps/nope", 404),
        ("GET", "/v2/apps/%FF/", 404),
        ("GET", "/v2/apps/a%2Fb/", 404),
        ("GET", "/v2/nope/more", 404),
        ("POST", "/v2/apps/", 405),
        ("OPTIONS", "/v2/apps/", 405),
        ("GET", "/v2/apps/shop-staging/releases/rollback/", 405),
        ("HEAD", "/v2/apps/", 200),
    ] {
        let answer = site.ask(method, path, READER, "").expect(status);
        assert_eq!(answer.header("DEIS_API_VERSION"), Some("2.3"), "{path}");
        assert_eq!(answer.header("DEIS_PLATFORM_VERSION"), Some("2.3.0"), "{path}");
    }
    assert_eq!(site.ask("GET", "/healthz", "", "").header("DEIS_API_VERSION"), None);
}

#[test]
fn an_app_goes_by_its_name_and_environment_and_has_the_services_that_were_deployed() {
    let belt = Belt::new();
    belt.write("apps/plain.toml", in_production("blog", "web", "true"));
    belt.write("apps/spelled.toml", in_production("My Shop", "web", "true"));
    belt.write("apps/staging.toml", format!("{PLAIN}deploy = \"true\"\n"));
    let site = Site::of(belt, &["apps"]);
    let ids = |answer: &Value| -> Vec<String> {
        answer["results"].as_array().unwrap().iter().map(|app| app["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(&site.get("/v2/apps/").json()), ["blog", "my-shop", "shop-staging"]);
    let first = site.get("/v2/apps/?limit=2").json();
    assert_eq!((ids(&first), &first["previous"]), (vec!["blog".to_owned(), "my-shop".to_owned()], &Value::Null));
    let next = first["next"].as_str().unwrap().strip_prefix(&format!("http://{}", site.address)).unwrap();
    let second = site.get(next).json();
    assert_eq!(
        (ids(&second), &second["count"], &second["next"]),
        (vec!["shop-staging".to_owned()], &3.into(), &Value::Null)
    );
    assert!(second["previous"].as_str().unwrap().ends_with("/v2/apps/?limit=2"));
    assert_eq!(ids(&site.get("/v2/apps/?offset=18446744073709551615").json()), [""; 0]);

    let before = site.get("/v2/apps/blog").expect(200).json();
    assert_eq!(before["structure"], serde_json::json!({}));
    assert_eq!(before["created"], before["updated"]);
    site.belt.run(["redeploy", "-y", "-s", "blog"]).expect(0);
    let after = site.get("/v2/apps/blog/").expect(200).json();
    assert_eq!(after["structure"], serde_json::json!({ "web": 1 }));
    assert_eq!((&after["uuid"], &after["created"]), (&before["uuid"], &before["created"]));
    assert_eq!(site.get("/v2/apps/shop").expect(404).body, "\"No App matches the given query.\"");
}

#[test]
fn two_apps_of_one_id_are_not_served_together() {
    let belt = Belt::new();
    belt.write("apps/one.toml", in_production("shop-staging", "web", "true"));
    belt.write("apps/two.toml", format!("{PLAIN}deploy = \"true\"\n"));
    insta::assert_snapshot!(belt.run(["serve", "apps"]), @"
    --- stderr
    error: shop-staging (production) and shop (staging) would both be `shop-staging` under /v2
    hint: rename one of them, or serve them apart
    [exit 2]
    ");
    let two = belt.work().join("apps/two.toml");
    let away = belt.work().join("two.toml");
    fs::rename(&two, &away).unwrap();
    let mut site = Site::of(belt, &["apps"]);
    fs::rename(&away, &two).unwrap();
    site.server.signal("HUP");
    let said = site.server.until("the apps stay as they were");
    assert!(said.contains("would both be `shop-staging` under /v2"), "{said}");
    assert_eq!(site.get("/v2/apps/").json()["count"], 1);
}

#[test]
fn releases_are_listed_newest_first_with_what_failed_and_why() {
    let site = Site::with_command("test $HOOKBELT_REF != bad");
    let list = "/v2/apps/shop-staging/releases";
    assert_eq!(site.get(list).expect(200).json()["results"], serde_json::json!([]));
    site.deploy("one", 0);
    site.deploy("bad", 1);
    let releases = site.get(list).expect(200).json();
    let [newest, first] = [0, 1].map(|at| &releases["results"][at]);
    assert_eq!((&newest["version"], &newest["failed"], &newest["owner"]), (&2.into(), &true.into(), &"ann".into()));
    assert_eq!(newest["exception"], "web: deploy exited with 1");
    assert_eq!((&first["failed"], &first["exception"]), (&false.into(), &Value::Null));
    assert_eq!((&first["app"], &first["summary"]), (&"shop-staging".into(), &"ann deployed web".into()));
    let page = site.get(&format!("{list}/?limit=1&offset=1")).json();
    assert_eq!((&page["results"][0], &page["count"]), (first, &2.into()));
    for path in ["v1", "v1/"] {
        assert_eq!(&site.get(&format!("{list}/{path}")).expect(200).json(), first);
    }
    for version in ["v0", "v3", "v99999999999999999999"] {
        let answer = site.get(&format!("{list}/{version}/")).expect(404);
        assert_eq!(answer.body, "\"No Release matches the given query.\"", "{version}");
    }
    assert!(site.get(&format!("{list}/1")).expect(404).body.starts_with("<h1>"));
}

#[test]
fn the_end_of_the_log_is_given_in_utc_as_many_lines_as_asked_for() {
    let mut belt = Belt::with_command("seq 3000");
    belt.set("TZ", "America/New_York");
    let site = Site::of(belt, &[]);
    let logs = |query: &str| site.get(&format!("/v2/apps/shop-staging/logs{query}"));
    let none = logs("").expect(204);
    assert_eq!((none.body.as_str(), none.header("Content-Type")), ("", None));
    site.belt.run(["redeploy"]).expect(0);
    let lines = |query: &str| logs(query).expect(200).body.lines().map(str::to_owned).collect::<Vec<_>>();
    for query in ["", "?log_lines=", "?log_lines=abc", "?log_lines=-1", "?log_lines=0", "/?log_lines=100"] {
        assert_eq!(lines(query).len(), 100, "{query}");
    }
    let last = lines("?log_lines=4");
    let (time, rest) = last[0].split_once(' ').unwrap();
    assert_eq!(rest, "shop[web.v1]: 2999");
    let written: jiff::Timestamp = time.parse().unwrap();
    assert!(time.len() == 25 && time.ends_with("+00:00"), "{time}");
    assert!(written.duration_until(jiff::Timestamp::now()).as_secs() < 300, "{time}");
    // More than are taken at a time, and more than there are.
    assert_eq!(lines("?log_lines=2502")[0].split_once(' ').unwrap().1, "shop[web.v1]: 501");
    let all = lines("?log_lines=99999999999");
    let numbers: Vec<&str> =
        all.iter().filter_map(|line| line.split_once("[web.v1]: ")).map(|(_, text)| text).collect();
    assert_eq!(numbers, (1..=3000).map(|number| number.to_string()).collect::<Vec<_>>());
    assert!(all[0].contains("hookbelt[api]: Deployment 1 started by ann"), "{}", all[0]);
}

#[test]
fn who_does_not_read_a_long_log_does_not_keep_the_server_from_stopping() {
    // Far more than the system holds between the two.
    let belt = Belt::with_command("yes $(printf %02999d 0) | head -n 9000");
    belt.limits("request_body = \"1s\"");
    let site = Site::of(belt, &[]);
    site.belt.run(["redeploy"]).expect(0);
    let mut stream = TcpStream::connect(&site.address).unwrap();
    stream.write_all(request("GET", "/v2/apps/shop-staging/logs?log_lines=9999", READER, "").as_bytes()).unwrap();
    stream.read_exact(&mut [0; 100]).unwrap();
    site.server.signal("TERM");
    assert_eq!(site.server.end().0, 0);
}

#[test]
fn when_the_store_fails_the_answer_says_that_and_not_where_it_is() {
    let site = Site::with_command("true");
    with_store(&site.belt, async |store| {
        let url = format!("sqlite://{}", store.path().display());
        let mut connection = SqliteConnection::connect(&url).await.unwrap();
        sqlx::query("DROP TABLE tokens").execute(&mut connection).await.unwrap();
    });
    let answer = site.get("/v2/apps/").expect(503);
    assert_eq!(answer.detail(), "the store cannot be read or written now");
    assert_eq!(answer.header("DEIS_API_VERSION"), Some("2.3"));
}
