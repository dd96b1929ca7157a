//! Any URL, base and header: a signature that is made of one of the texts that count verifies, any other is refused, and
//! looking for the reason neither panics nor makes anything valid.
#![no_main]

use hookbelt_signature::diagnose::{Diagnosis, Refused};
use hookbelt_signature::{Hook, Secret, Signature, verify};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: (&str, Option<&str>, &str)| {
    let (url, base_url, presented) = input;
    let secrets = [Secret::of_all_bytes(b"key".to_vec())];
    let hook = Hook { url: url.into(), base_url };
    for (_, text) in hook.texts() {
        let signature = Signature::sign(&secrets[0], &text);
        assert!(verify(&hook, &secrets, &signature).is_some());
    }
    if let Ok(signature) = presented.parse::<Signature>()
        && verify(&hook, &secrets, &signature).is_none()
    {
        let refused = Refused { hook: &hook, presented, body: None };
        if let Diagnosis::Explained { causes, .. } = refused.diagnose(&secrets) {
            assert!(!causes.is_empty());
        }
    }
});
