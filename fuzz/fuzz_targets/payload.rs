//! Any bytes as a request to a redeployment hook: never a panic, and no secret that nobody knows verifies it.
#![no_main]

use hookbelt::domain::hook_signature::verify;
use hookbelt::domain::payload::Captured;
use hookbelt::domain::redeploy_hook::understand;
use hookbelt_signature::Secret;
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(captured) = Captured::parse(bytes) else {
        return;
    };
    let _ = understand(&captured.received());
    let secrets = ["whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=", "f3a1c9d27b"];
    let secrets = secrets.map(|text| Secret::of_all_bytes(text.into()));
    let verified = verify(&captured.received(), &secrets, Timestamp::UNIX_EPOCH);
    assert!(verified.is_err() || bytes.windows(10).any(|part| part == b"f3a1c9d27b"));
});
