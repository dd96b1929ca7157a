//! `hookbelt hooks sign`.

use std::io::Write;
use std::process::{Command, Stdio};

use crate::support::Belt;

const URL: &str =
    "http://deis.rocks?app=secure-woodland&release=v4&release_summary=gabrtv+deployed+35b3726&sha=35b3726&user=gabrtv";
const SIGNATURE: &str = "d3210b14443f66134a9fc43936a24ccfec7bf671";

#[test]
fn a_url_is_signed_with_the_secret_of_a_file_or_a_variable() {
    let mut belt = Belt::new();
    belt.write("key", "my_secret_key\n");
    assert_eq!(belt.run(["hooks", "sign", URL, "--secret-file", "key"]).expect(0).stdout, format!("{SIGNATURE}\n"));
    belt.set("HOOKBELT_SECRET", "my_secret_key");
    assert_eq!(belt.run(["hook", "sign", URL]).expect(0).stdout, format!("{SIGNATURE}\n"));
    let json = belt.run(["hooks", "sign", URL, "--json"]).expect(0).json();
    assert_eq!((json["url"].as_str(), json["signature"].as_str()), (Some(URL), Some(SIGNATURE)));
}

#[test]
fn parameters_are_brought_into_order_unless_told_otherwise() {
    let mut belt = Belt::new();
    belt.set("HOOKBELT_SECRET", "my_secret_key");
    let shuffled = "http://deis.rocks?user=gabrtv&sha=35b3726&release_summary=gabrtv+deployed+35b3726&release=v4&app=secure-woodland";
    assert_eq!(belt.run(["hooks", "sign", shuffled]).expect(0).stdout, format!("{SIGNATURE}\n"));
    let as_is = belt.run(["hooks", "sign", "--as-is", shuffled]).expect(0);
    assert_eq!(as_is.stdout, "96b776fd89043ae28a51c3d7bf73a58e35c980b2\n");
}

#[test]
fn a_base_with_a_query_of_its_own_is_signed_as_the_controller_does() {
    let mut belt = Belt::new();
    belt.set("HOOKBELT_SECRET", "my_secret_key");
    let url = URL.replace("deis.rocks?", "deis.rocks/hook?token=abc?");
    insta::assert_snapshot!(belt.run(["hooks", "sign", &url]), @"
    537ec9f0ec1895e63e4d8724a3a37b39587df44a
    --- stderr
    note: the URL holds more than one `?`; only what follows the last was brought into order
    [exit 0]
    ");
}

#[test]
fn the_secret_comes_from_standard_input_byte_for_byte_but_for_one_newline() {
    let belt = Belt::new();
    let mut child: Command = belt.command(["hooks", "sign", URL, "--secret-file", "-"]);
    let mut child = child.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"my_secret_key\r\n").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), format!("{SIGNATURE}\n"));
}

#[test]
fn without_a_secret_nothing_is_signed() {
    let mut belt = Belt::new();
    belt.write("empty", "\n");
    insta::assert_snapshot!(belt.run(["hooks", "sign", URL]), @"
    --- stderr
    error: there is no secret to sign or verify with
    hint: name its file with `--secret-file FILE` (- for standard input), or set HOOKBELT_SECRET
    [exit 2]
    ");
    insta::assert_snapshot!(belt.run(["hooks", "sign", URL, "--secret-file", "empty"]), @"
    --- stderr
    error: the secret in empty is empty
    [exit 2]
    ");
    insta::assert_snapshot!(belt.run(["hooks", "sign", URL, "--secret-file", "nowhere"]), @"
    --- stderr
    error: there is no file nowhere
    [exit 2]
    ");
    belt.set("HOOKBELT_SECRET", "");
    belt.run(["hooks", "sign", URL]).expect(2);
    belt.run(["hooks", "sign"]).expect(2);
}

#[test]
fn what_is_no_url_is_not_signed() {
    let mut belt = Belt::new();
    belt.set("HOOKBELT_SECRET", "my_secret_key");
    for text in ["", "foo", "deis.rocks?sha=1", "http://deis rocks?a=1", "ftp://deis.rocks?a=1"] {
        belt.run(["hooks", "sign", text]).expect(2);
    }
}

#[test]
fn signing_reads_no_configuration() {
    let mut belt = Belt::new();
    belt.limits("nonsense = true");
    belt.write("hookbelt.toml", "nonsense");
    belt.set("HOOKBELT_SECRET", "my_secret_key");
    belt.run(["hooks", "sign", URL]).expect(0);
}
