//! What each of the three forms is read as, and that nothing breaks the parsers.

use proptest::prelude::*;

use super::*;

const SIGNATURE: &str = "d3210b14443f66134a9fc43936a24ccfec7bf671";

fn read(text: &str) -> Request {
    Request::parse(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// Scheme, host, target, `Authorization` and body of a request.
fn parts(request: &Request) -> [&str; 5] {
    [
        request.scheme.as_deref().unwrap_or("none"),
        request.host.as_deref().unwrap_or("none"),
        &request.target,
        request.authorization.as_deref().unwrap_or("none"),
        request.body.as_deref().map_or("none", |body| str::from_utf8(body).unwrap()),
    ]
}

#[test]
fn a_request_from_a_socket_is_read() {
    let cases = [
        (
            "POST /?app=a HTTP/1.1\r\nHost: deis.rocks\r\nAuthorization: S\r\nContent-Length: 0\r\n\r\n",
            ["none", "deis.rocks", "/?app=a", "S", ""],
        ),
        // Names in any case, blanks around values, a header without a colon, line ends of an editor.
        (
            "POST /h?a=1 HTTP/1.1\nhOsT:  h:8080 \nnonsense\nAUTHORIZATION:\tS \n\n{\"a\": 1}\n\nmore",
            ["none", "h:8080", "/h?a=1", "S", "{\"a\": 1}\n\nmore"],
        ),
        // What is sent to a proxy.
        ("POST https://h:1/x?a=1 HTTP/1.1\r\nHost: proxy\r\n\r\n", ["https", "h:1", "/x?a=1", "none", ""]),
        // Cut off within the head; HTTP/1.0; blanks before it.
        ("POST /?a HTTP/1.1\r\nHost: h\r\nAuthorization: S", ["none", "h", "/?a", "S", ""]),
        ("\r\n\r\nGET /?a HTTP/1.0\r\n\r\nbody", ["none", "none", "/?a", "none", "body"]),
        // A target with a blank, which some servers let pass.
        ("POST /?a=b c HTTP/1.1\r\nHost: h\r\n\r\n", ["none", "h", "/?a=b c", "none", ""]),
        ("POST /?a#b HTTP/1.1\r\nHost: h\r\n\r\n", ["none", "h", "/?a#b", "none", ""]),
    ];
    for (text, expected) in cases {
        assert_eq!(parts(&read(text)), expected, "{text}");
    }
}

#[test]
fn a_body_need_not_be_text() {
    let request = Request::parse(b"POST /?a HTTP/1.1\r\nHost: h\r\n\r\n\xff\x00").unwrap();
    assert_eq!(request.body.as_deref(), Some(&b"\xff\x00"[..]));
}

#[test]
fn a_body_in_chunks_is_put_together() {
    let head = "POST /?a HTTP/1.1\r\nHost: h\r\ntransfer-encoding: gzip, Chunked\r\n\r\n";
    for (body, expected) in [
        ("3\r\nabc\r\n0\r\n\r\n", "abc"),
        ("3;x=y\nabc\n2\nde\n0\n\n", "abcde"),
        ("0\r\n\r\n", ""),
        // Not in chunks, or not whole.
        ("abc", "abc"),
        ("4\r\nabc", "4\r\nabc"),
        ("3\r\nabc\r\n", "3\r\nabc\r\n"),
        ("fffffffffffffffff\r\nabc", "fffffffffffffffff\r\nabc"),
    ] {
        assert_eq!(read(&format!("{head}{body}")).body.as_deref(), Some(expected.as_bytes()), "{body}");
    }
}

#[test]
fn a_curl_command_line_is_read() {
    let cases = [
        ("curl 'http://deis.rocks?a=1&b=2'", ["http", "deis.rocks", "?a=1&b=2", "none", "none"]),
        ("curl -X POST -H 'Authorization: S' --data '' \"https://h/x?a=1\"", ["https", "h", "/x?a=1", "S", ""]),
        // An option and its word together, and curl's long spelling.
        ("curl -XPOST -HAuthorization:S --url=http://h/?a", ["http", "h", "/?a", "S", "none"]),
        ("curl --header 'authorization:  S ' --request POST --url http://h/?a", ["http", "h", "/?a", "S", "none"]),
        // As browsers copy it: over several lines, with flags that take no word.
        (
            "curl 'http://h/?a' \\\n  -X 'POST' \\\r\n  -H 'Accept: */*' \\\n  -H 'Authorization: S' \\\n  --compressed",
            ["http", "h", "/?a", "S", "none"],
        ),
        // The words of options are no URL; several pieces of data come one after the other, those of files are not known.
        ("curl -sS -o http://out/ -d a -d b -d @file http://h/?a", ["http", "h", "/?a", "none", "a&b"]),
        ("curl -u user:secret http://h/?a", ["http", "h", "/?a", "Basic (of --user)", "none"]),
        // What follows a `#` is not sent.
        ("curl 'http://h/x#f?a=1'", ["http", "h", "/x", "none", "none"]),
        ("curl http://h", ["http", "h", "", "none", "none"]),
        // The quotes of bash, as browsers write them; a prompt, and a folder before the program.
        ("curl $'http://h/?a=it\\'s' -H $'Authorization: S'", ["http", "h", "/?a=it's", "S", "none"]),
        ("$ curl http://h/?a", ["http", "h", "/?a", "none", "none"]),
        ("/usr/bin/curl http://h/?a", ["http", "h", "/?a", "none", "none"]),
        // The host that is sent, and data that goes into the query.
        ("curl http://h:1/?a -H 'Host: deis.rocks'", ["http", "deis.rocks", "/?a", "none", "none"]),
        ("curl -G http://h/x -d app=a --data sha=", ["http", "h", "/x?app=a&sha=", "none", "none"]),
        ("curl -G 'http://h/x?z=1#y' -d 'a=2#b' -d c=3", ["http", "h", "/x?z=1&a=2", "none", "none"]),
        ("curl -G http://h/x -d '#b'", ["http", "h", "/x?", "none", "none"]),
        ("curl -sGd b=2 'http://h/x?a=1#f'", ["http", "h", "/x?a=1&b=2", "none", "none"]),
        ("curl --get http://h --data-urlencode 'a=x y~*'", ["http", "h", "?a=x%20y~%2A", "none", "none"]),
        ("curl -sXPOST http://h/?a --json '[1' --json ,2]", ["http", "h", "/?a", "none", "[1,2]"]),
        ("curl\thttp://h/?a http://other/", ["http", "h", "/?a", "none", "none"]),
        ("curl http://h/?a -H", ["http", "h", "/?a", "none", "none"]),
    ];
    for (text, expected) in cases {
        assert_eq!(parts(&read(text)), expected, "{text}");
    }
}

#[test]
fn a_line_of_an_access_log_is_read() {
    let of = |before: &str, target: &str, after: &str| {
        format!("{before} [21/Nov/2026:15:07:29 +0000] \"POST {target} HTTP/1.1\" {after}")
    };
    let agent = "200 2 \"-\" \"python-requests/2.22.0\"";
    let cases = [
        (of("127.0.0.1 - -", "/?a=1", &format!("{agent} \"S\"")), ["none", "none", "/?a=1", "S", "none"]),
        (of("127.0.0.1 - -", "/?a=1", &format!("{agent} S\n")), ["none", "none", "/?a=1", "S", "none"]),
        (of("::1 - joe", "/?a=1", &format!("{agent} \"-\"")), ["none", "none", "/?a=1", "none", "none"]),
        (of("127.0.0.1 - -", "/?a=1", &format!("{agent} -")), ["none", "none", "/?a=1", "none", "none"]),
        // The plain combined format: its last field is the user agent, and no signature.
        (of("127.0.0.1 - -", "/?a=1", agent), ["none", "none", "/?a=1", "none", "none"]),
        // Apache's vhost_combined, and a proxy's whole URL.
        (
            of("deis.rocks:80 10.0.0.1 - -", "/?a", &format!("{agent} \"S\"")),
            ["none", "deis.rocks:80", "/?a", "S", "none"],
        ),
        (of("10.0.0.1 - -", "https://h/x?a", &format!("{agent} \"S\"")), ["https", "h", "/x?a", "S", "none"]),
    ];
    for (text, expected) in cases {
        assert_eq!(parts(&read(&text)), expected, "{text}");
    }
}

#[test]
fn what_is_no_request_is_refused_with_the_reason() {
    let cases: &[(&[u8], NotARequest)] = &[
        (b"", NotARequest::Empty),
        (b" \r\n\t", NotARequest::Empty),
        (b"hello", NotARequest::Unknown),
        (b"post /?a HTTP/1.1\r\n\r\n", NotARequest::Unknown),
        (b"POST /?a HTTP/2\r\n\r\n", NotARequest::Unknown),
        (b"curl", NotARequest::Unknown),
        (b"127.0.0.1 - - [x] \"POST /\" 200", NotARequest::Unknown),
        (b"127.0.0.1 - - [x] \"POST / FTP/1.1\" 200", NotARequest::Unknown),
        (b"\xff\xfe", NotARequest::NotText("input")),
        (b"POST /\xff HTTP/1.1\r\n\r\n", NotARequest::NotText("request line")),
        (b"POST / HTTP/1.1\r\nHost: \xff\r\n\r\n", NotARequest::NotText("header")),
        (b"POST / HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n", NotARequest::TwoHeaders("Host")),
        (b"POST / HTTP/1.1\r\nAuthorization: a\r\nAuthorization: a\r\n\r\n", NotARequest::TwoHeaders("Authorization")),
        (b"curl http://h -H Authorization:a -H authorization:b", NotARequest::TwoHeaders("Authorization")),
        (b"curl http://h -H Host:a -H host:b", NotARequest::TwoHeaders("Host")),
        (b"curl 'http://h", NotARequest::OpenQuote),
        (b"curl $'http://h", NotARequest::OpenQuote),
        (b"curl -X POST", NotARequest::NoUrl),
        (b"curl ftp://h/", NotARequest::NoUrl),
        (b"curl deis.rocks", NotARequest::NoUrl),
    ];
    for (bytes, expected) in cases {
        assert_eq!(Request::parse(bytes).as_ref(), Err(expected), "{}", bytes.escape_ascii());
    }
}

#[test]
fn the_url_is_put_together_of_scheme_host_and_target() {
    let request = Request { host: Some("h".to_owned()), target: "/?a".to_owned(), ..Request::default() };
    let url = |request: &Request, scheme| request.hook(scheme, None).map(|hook| hook.url.into_owned());
    assert_eq!(url(&request, None).as_deref(), Some("http://h/?a"));
    assert_eq!(url(&request, Some("https")).as_deref(), Some("https://h/?a"));
    let of_a_proxy = Request { scheme: Some("https".to_owned()), ..request.clone() };
    assert_eq!(url(&of_a_proxy, None).as_deref(), Some("https://h/?a"));
    assert_eq!(url(&of_a_proxy, Some("http")).as_deref(), Some("http://h/?a"));
    let without_host = Request { host: None, ..request };
    assert_eq!(url(&without_host, Some("http")), None);
    assert_eq!(without_host.hook(None, Some("http://base")).map(|hook| hook.url.into_owned()).as_deref(), Some("/?a"));
}

/// A target as it may stand in a request line.
fn target() -> impl Strategy<Value = String> {
    "/[!-~&&[^#\"'\\\\]]{0,30}"
}

proptest! {
    #[test]
    fn no_bytes_break_it(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Request::parse(&bytes);
    }

    #[test]
    fn nothing_that_is_nearly_a_request_breaks_it(
        begin in prop::sample::select(vec![
            "POST /?a HTTP/1.1\r\n",
            "POST /?a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
            "curl -G ",
            "curl $'",
            "h:1 - - [t] \"POST ",
        ]),
        rest in "[-a0:/?#&=@$Gdux \"'\\\\\r\né]{0,60}",
    ) {
        let _ = Request::parse(format!("{begin}{rest}").as_bytes());
    }

    /// The target of all three is the sender's, byte for byte.
    #[test]
    fn the_target_is_kept_byte_for_byte(target in target(), host in "[a-z]{1,9}(:[0-9]{1,4})?") {
        let raw = format!("POST {target} HTTP/1.1\r\nHost: {host}\r\nAuthorization: {SIGNATURE}\r\n\r\n");
        let curl = format!("curl -X POST -H 'Authorization: {SIGNATURE}' 'http://{host}{target}'");
        let log = format!("h - - [t] \"POST {target} HTTP/1.1\" 200 2 \"-\" \"-\" \"{SIGNATURE}\"");
        for (text, known) in [(raw, Some(host.as_str())), (curl, Some(&host)), (log, None)] {
            let request = read(&text);
            prop_assert_eq!(&request.target, &target);
            prop_assert_eq!(request.host.as_deref(), known);
            prop_assert_eq!(request.authorization.as_deref(), Some(SIGNATURE));
        }
    }
}
