//! Any bytes as a request from a socket: never a panic, and the target is a part of what came.
#![no_main]

use hookbelt_signature::request::Request;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(request) = Request::parse(bytes) {
        let came = String::from_utf8_lossy(bytes);
        // Of a curl command line, whose program may have a path, a shell's backslashes are taken away.
        let is_curl = came.split_whitespace().next().is_some_and(|program| program.ends_with("curl"));
        assert!(is_curl || came.contains(&request.target));
        let _ = request.hook(None, None);
    }
});
