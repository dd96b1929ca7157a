//! The mistakes that make a signature not fit.

/// Writes each cause once: what it is, its stable name, what it says to people, and what to change.
macro_rules! causes {
    ($($(#[doc = $doc:literal])+ $name:ident: $id:literal, $what:literal, $remedy:literal;)+) => {
        /// A mistake that makes a signature not fit. Each has a stable name, [`id`](Self::id).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Cause {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Cause {
            /// Every cause.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// Its stable name, as in `--json`.
            #[must_use]
            pub fn id(self) -> &'static str {
                match self { $(Self::$name => $id),+ }
            }

            /// What is wrong, in words.
            #[must_use]
            pub fn what(self) -> &'static str {
                match self { $(Self::$name => $what),+ }
            }

            /// What to change.
            #[must_use]
            pub fn remedy(self) -> &'static str {
                match self { $(Self::$name => $remedy),+ }
            }
        }
    };
}

causes! {
    /// There is no `Authorization` header.
    NoSignature: "no_signature",
        "the request has no Authorization header",
        "give the sender a secret; if it has one, take user info out of its URL, and a netrc entry for this \
         host away";
    /// `Authorization` holds a user and a password.
    BasicCredentials: "basic_credentials",
        "the Authorization header holds a user and a password, so the signature was lost on the way",
        "take `user:password@` out of the URL that the sender has configured, or the netrc entry for this \
         host away";
    /// The request has no query at all.
    NoQuery: "no_query",
        "the request has no query, so no parameter arrived",
        "take the `#` and what follows it out of the URL that the sender has configured";
    /// What was presented is no signature of any kind.
    Malformed: "malformed",
        "what was presented is no signature",
        "compare what the sender wrote with what came; a signature is 40 hex digits";
    /// A word such as `sha1=` before the digits.
    Prefix: "prefix",
        "there is a word before the digits",
        "send the 40 hex digits alone, without `sha1=` or a scheme word";
    /// Base64 in place of hex digits.
    Base64: "base64",
        "the signature is written in base64",
        "write the bytes as hex digits, 40 of them";
    /// SHA-256 in place of SHA-1.
    Sha256: "sha256",
        "it was made with SHA-256",
        "use HMAC-SHA1";
    /// The parameters are signed in another order.
    ParameterOrder: "parameter_order",
        "the parameters were signed in another order than they came in",
        "sign them in alphabetical order: app, release, release_summary, sha, user";
    /// Spaces are signed as `%20` and came as `+`.
    SpaceAsPercent20: "space_as_percent_20",
        "spaces were signed as `%20`, and came as `+`",
        "verify the raw query, without decoding and encoding it again; a sender writes a space as `+`";
    /// Spaces are signed as `+` and came as `%20`.
    SpaceAsPlus: "space_as_plus",
        "spaces were signed as `+`, and came as `%20`",
        "verify the raw query as it came in: something on the way, or the receiver's framework, has \
         rewritten it";
    /// `~` is signed as `%7E`.
    TildeEscaped: "tilde_escaped",
        "`~` was signed as `%7E`, as controllers on Python 3.6 and older do",
        "verify with the sender's URL (--base-url), which allows for that";
    /// `%7E` is signed as `~`.
    TildePlain: "tilde_plain",
        "`%7E` came where `~` was signed",
        "verify the raw query: an encoder on the way escapes `~`, which the sender does not";
    /// `*` is signed as `%2A`.
    AsteriskEscaped: "asterisk_escaped",
        "`*` came where `%2A` was signed",
        "verify the raw query: an encoder on the way (the WHATWG form encoding) keeps `*`, which the sender \
         escapes";
    /// `%2A` is signed as `*`.
    AsteriskPlain: "asterisk_plain",
        "`%2A` came where `*` was signed",
        "sign with `*` escaped as `%2A`: the sender uses the WHATWG form encoding, the controller does not";
    /// The digits of escapes are signed in the other case.
    EscapeCase: "escape_case",
        "the hex digits of escapes were signed in the other letter case",
        "escape with upper-case digits, as `%2F`";
    /// No `/` after the host in what was signed.
    NoSlashAfterHost: "no_slash_after_host",
        "what was signed has no `/` after the host; HTTP adds it",
        "give the sender's URL as it is configured: --base-url, without the `/`";
    /// A `/` after the host in what was signed.
    SlashAfterHost: "slash_after_host",
        "what was signed has a `/` after the host",
        "give the sender's URL as it is configured: --base-url, with the `/`";
    /// Another scheme was signed.
    Scheme: "scheme",
        "another scheme was signed than came: a proxy ends TLS",
        "name the sender's scheme (--scheme), or its URL as it is configured (--base-url)";
    /// The scheme or the host is signed in another letter case.
    HostCase: "host_case",
        "the scheme or the host was signed in another letter case",
        "give the sender's URL as it is configured: --base-url";
    /// Another port was signed, or none.
    Port: "port",
        "another port was signed than came: a proxy changes it",
        "give the sender's URL as it is configured: --base-url";
    /// A second `?` was signed where `&` came, or the other way round.
    SecondQuestionMark: "second_question_mark",
        "the sender's URL has a query of its own, so that a second `?` was signed",
        "take the query out of the URL that the sender has configured; what came must not be parsed and put \
         together anew";
    /// The secret was used with a newline at its end.
    SecretTrailingNewline: "secret_trailing_newline",
        "the secret was used with a newline at its end",
        "write the secret on one side without it (`printf %s` in place of `echo`), or give it as it is: \
         --secret-raw";
    /// The secret was used with, or without, white space around it.
    SecretWhiteSpace: "secret_white_space",
        "the secrets of the two sides differ in white space around them",
        "compare both sides byte by byte, as with `od -c`";
    /// The body was signed in place of the URL.
    BodySigned: "body_signed",
        "the body was signed, as Git hosts do, in place of the URL",
        "sign the whole URL; the body of a deploy hook is empty and not signed";
    /// Nothing was signed: the empty text.
    EmptyText: "empty_text",
        "the empty text was signed, as if it were the body",
        "sign the whole URL";
    /// The signature is of another release's URL.
    OtherRelease: "other_release",
        "the signature is of another release's URL",
        "compare the two requests: the signature of one was sent with the URL of the other";
    /// The path may have arrived otherwise than the sender has it configured, which is not known. It is never more than
    /// possible.
    PathRewritten: "path_rewritten",
        "perhaps the path is written otherwise in the sender's URL, which is what was signed: it has escapes, \
         or characters that HTTP libraries escape",
        "give the sender's URL as it is configured: --base-url";
}
