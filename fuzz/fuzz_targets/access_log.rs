//! Any text as the rest of an access log's line: never a panic, and a target without blanks at its ends.
#![no_main]

use hookbelt_signature::request::Request;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = Request::parse(text.as_bytes());
    if let Ok(request) = Request::parse(format!("127.0.0.1 - - [21/Nov/2026:15:07:29 +0000] \"POST {text}").as_bytes()) {
        assert!(text.contains(&request.target));
    }
});
