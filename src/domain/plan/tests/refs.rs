//! Refs that people give, for one service or for all.

use super::*;

const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

#[test]
fn a_service_choice_splits_at_its_first_colon() {
    let cases = [("web", "web", None), ("web:v1", "web", Some("v1")), ("api:sha256:12", "api", Some("sha256:12"))];
    for (text, name, reference) in cases {
        let expected = ServiceChoice { name: name.to_owned(), reference: reference.map(str::to_owned) };
        assert_eq!(text.parse(), Ok(expected));
    }
    for text in ["", " ", ":", ":v1", " :v1", "web:"] {
        assert!(text.parse::<ServiceChoice>().is_err(), "{text:?}");
    }
}

#[test]
fn a_ref_goes_to_the_git_services_without_one_of_their_own() {
    let cases: [(Request, &[&str]); 6] = [
        (services(&["web", "edge"]).at("v1"), &["web: ref=v1", "edge: ref=v1"]),
        (services(&["web:v2", "edge"]).at("v1"), &["web: ref=v2", "edge: ref=v1"]),
        (services(&["web", "api"]).at("v1"), &["web: ref=v1", "api: image=registry.example.com/api:latest"]),
        (services(&["web:8c7f3d3"]), &["web: ref=8c7f3d3"]),
        (services(&["web"]).at(SHA), &[&format!("web: ref={SHA}")]),
        (services(&["web"]).at("v1").with(changes(&[pushed("main")])), &["web: ref=v1"]),
    ];
    for (request, expected) in cases {
        assert_eq!(outcome(&shop(), &request)[..expected.len()], *expected, "{request:?}");
    }
}

#[test]
fn a_ref_is_no_git_information_and_narrows_nothing() {
    let app = app(shop().services.into_iter().filter(|service| service.name.as_str() != "cron").collect(), Vec::new());
    assert_eq!(deployed(&app, &everything().at("v1")), ["web", "worker", "edge", "api"]);
}

#[test]
fn a_ref_that_no_service_would_take_is_refused() {
    let latest = "refused: the Git ref `latest` would change nothing: \
                  no git service without a ref of its own is selected";
    for choices in [&["api"][..], &["api:latest"], &["web:v1"], &["web:latest"], &["web:v1", "api"]] {
        assert_eq!(outcome(&shop(), &services(choices).at("latest")), [latest], "{choices:?}");
    }
    let nothing_selected = services(&["web"]).at("v1").with(changes(&[pushed("other")]));
    assert_eq!(deployed(&shop(), &nothing_selected), [""; 0]);
}

#[test]
fn a_service_without_a_checkout_knows_a_full_sha_and_only_hands_on_other_refs() {
    let taken = format!("cron: ref={SHA} sha=SHA");
    assert_eq!(outcome(&shop(), &services(&[&format!("cron:{SHA}")]))[0], taken);
    assert_eq!(outcome(&shop(), &services(&["cron"]).at(SHA))[0], taken);
    let from_push = services(&["cron"]).with(changes(&[pushed("stable")]));
    assert_eq!(outcome(&shop(), &from_push)[0], "cron: branch=stable sha=SHA");
    let zeros = "0".repeat(40);
    for reference in ["v1", "2fd9226", &zeros] {
        let own = services(&[&format!("cron:{reference}")]);
        assert_eq!(outcome(&shop(), &own)[0], format!("cron: ref={reference}"));
    }
}

#[test]
fn an_image_service_takes_a_tag_or_a_digest() {
    let digest = format!("api:{DIGEST}");
    let at_digest = format!("api: ref={DIGEST} image=registry.example.com/api@{DIGEST}");
    let cases = [
        ("api:v2", "api: ref=v2 image=registry.example.com/api:v2"),
        (&digest, &at_digest),
        ("api", "api: image=registry.example.com/api:latest"),
        ("api:feature/x", "refused: the tag for service `api` is malformed"),
        ("api:sha256:12", "refused: the tag for service `api` is malformed"),
    ];
    for (choice, expected) in cases {
        assert_eq!(outcome(&shop(), &services(&[choice]))[0], expected);
    }
}

#[test]
fn a_malformed_ref_is_refused_with_its_reason() {
    for (choice, reason) in [
        ("web:-f", "\"-f\" cannot be a Git ref: it begins with `-`"),
        ("web:a..b", "\"a..b\" cannot be a Git ref: it holds `..`"),
        (
            "api:-x",
            "\"-x\" cannot be an image's tag or digest: a tag has up to 128 letters, digits, `.`, `_` and `-`; a digest is `sha256:` and 64 hex digits",
        ),
    ] {
        let refusal = Plan::of(&shop(), &services(&[choice])).unwrap_err();
        let source = std::error::Error::source(&refusal).unwrap().to_string();
        assert_eq!(source, reason, "{choice}");
    }
}
