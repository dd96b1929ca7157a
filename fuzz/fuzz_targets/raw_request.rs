//! Any bytes as a request from a socket: never a panic, and the target is a part of what came.
#![no_main]

use hookbelt_signature::request::Request;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(request) = Request::parse(bytes) {
        let came = String::from_utf8_lossy(bytes);
        // Of a curl command line a shell's backslashes are taken away.
        assert!(came.trim_start().starts_with("curl") || came.contains(&request.target));
        let _ = request.hook(None, None);
    }
});
