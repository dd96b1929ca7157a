//! Any text behind `curl `: never a panic, and never a fragment in the target.
#![no_main]

use hookbelt_signature::request::Request;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(request) = Request::parse(format!("curl {text}").as_bytes()) {
        assert!(!request.target.contains('#'));
        assert!(request.host.is_some());
    }
});
