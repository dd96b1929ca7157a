# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_hookbelt_global_optspecs
    string join \n s/stack= e/environment= m/manifest= profile= database= json q/quiet v/verbose color= y/yes h/help V/version
end

function __fish_hookbelt_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_hookbelt_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_hookbelt_using_subcommand
    set -l cmd (__fish_hookbelt_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c hookbelt -n "__fish_hookbelt_needs_command" -s s -l stack -d 'The app: its name or the beginning (-a, --app too)' -r
complete -c hookbelt -n "__fish_hookbelt_needs_command" -s e -l environment -d 'The app\'s environment' -r
complete -c hookbelt -n "__fish_hookbelt_needs_command" -s m -l manifest -d 'The manifest; else hookbelt.toml here or above' -r -F
complete -c hookbelt -n "__fish_hookbelt_needs_command" -l profile -d 'The deploy API: the name of a profile' -r
complete -c hookbelt -n "__fish_hookbelt_needs_command" -l database -d 'The store, as sqlite:PATH' -r
complete -c hookbelt -n "__fish_hookbelt_needs_command" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that can, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c hookbelt -n "__fish_hookbelt_needs_command" -l json -d 'Print one JSON document, or lines of JSON'
complete -c hookbelt -n "__fish_hookbelt_needs_command" -s q -l quiet -d 'Print results and errors only'
complete -c hookbelt -n "__fish_hookbelt_needs_command" -s v -l verbose -d 'Say more of what is decided on the way, and each request; twice: their headers too'
complete -c hookbelt -n "__fish_hookbelt_needs_command" -s y -l yes -d 'Answer every question with yes'
complete -c hookbelt -n "__fish_hookbelt_needs_command" -s h -l help -d 'Print help'
complete -c hookbelt -n "__fish_hookbelt_needs_command" -s V -l version -d 'Print version'
complete -c hookbelt -n "__fish_hookbelt_needs_command" -f -a "redeploy" -d 'Deploy an app\'s services and wait until they are deployed'
complete -c hookbelt -n "__fish_hookbelt_needs_command" -f -a "settings" -d 'Read and change an app\'s settings'
complete -c hookbelt -n "__fish_hookbelt_needs_command" -f -a "logs" -d 'Show an app\'s log'
complete -c hookbelt -n "__fish_hookbelt_needs_command" -f -a "apps" -d 'Show apps'
complete -c hookbelt -n "__fish_hookbelt_needs_command" -f -a "stacks" -d 'Show apps'
complete -c hookbelt -n "__fish_hookbelt_needs_command" -f -a "deployments" -d 'Show, watch and cancel deployments: each run of a redeploy'
complete -c hookbelt -n "__fish_hookbelt_needs_command" -f -a "releases" -d 'Show releases, what deployments made of an app, and go back to one'
complete -c hookbelt -n "__fish_hookbelt_needs_command" -f -a "serve" -d 'Run apps\' deployments, in their turn, until stopped'
complete -c hookbelt -n "__fish_hookbelt_needs_command" -f -a "tokens" -d 'Make, list and revoke tokens for the API of `hookbelt serve`'
complete -c hookbelt -n "__fish_hookbelt_needs_command" -f -a "hooks" -d 'The redeployment hook at a Git host; deploy hooks: send, sign and verify them'
complete -c hookbelt -n "__fish_hookbelt_needs_command" -f -a "init" -d 'Write a manifest for the repository you are in, or check one'
complete -c hookbelt -n "__fish_hookbelt_needs_command" -f -a "login" -d 'Sign in to a deploy API'
complete -c hookbelt -n "__fish_hookbelt_needs_command" -f -a "logout" -d 'Forget a profile\'s token'
complete -c hookbelt -n "__fish_hookbelt_needs_command" -f -a "profiles" -d 'List, show, choose and remove profiles: deploy APIs with their tokens'
complete -c hookbelt -n "__fish_hookbelt_needs_command" -f -a "completions" -d 'Print the completions for a shell'
complete -c hookbelt -n "__fish_hookbelt_needs_command" -f -a "man" -d 'Write the man pages'
complete -c hookbelt -n "__fish_hookbelt_needs_command" -f -a "help" -d 'Explain a command, the exit codes or the environment variables'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand redeploy" -l service -d 'Deploy this service only (repeatable); REF is a Git ref, or an image\'s tag or digest' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand redeploy" -l git-ref -d 'Deploy git services that got no REF of their own at this branch, tag or commit' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand redeploy" -l deployment-profile -d 'Deploy the services of this deployment profile' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand redeploy" -l payload -d 'With --dry-run: show what a redeployment hook would make of this request, as captured from a socket; a file, or - for standard input. Its signature is not verified. With a hook\'s URL: what is posted to it' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand redeploy" -l payload-from -d 'The payload is a bare body from this host: github, gitlab, bitbucket, gitea, forgejo or gogs; EVENT is push unless given' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand redeploy" -l hook-url-file -d 'Post to the redeployment hook whose URL this file holds, or - for standard input; needs no account and no manifest. Without this HOOKBELT_HOOK_URL is used' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand redeploy" -l secret-file -d 'The file that holds the secret, or - for standard input; one trailing newline is not part of it. Without this HOOKBELT_SECRET is used' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand redeploy" -l deploy-strategy -d 'Run services one after the other (serial) or side by side (parallel); else as the setting deploy.parallel says. Cloud 66 also has rolling and fast' -r -f -a "serial\t'One after the other, stopping at the first failure'
parallel\t'Side by side'
rolling\t'Server by server (Cloud 66, Rails and Rack)'
fast\t'Without waiting for health (Cloud 66, Kubernetes)'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand redeploy" -l rollout-strategy -d 'How the new version takes over (Cloud 66): none, blue_green_immediate, blue_green_delayed or canary' -r -f -a "none\t'At once'
blue_green_immediate\t'At once, beside the old one'
blue_green_delayed\t'When somebody says so, beside the old one'
canary\t'For a share of the traffic first'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand redeploy" -l canary-percentage -d 'The share of the traffic that a canary gets, in percent' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand redeploy" -l timeout -d 'Stop waiting after this long, as 30m' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand redeploy" -s s -l stack -d 'The app: its name or the beginning (-a, --app too)' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand redeploy" -s e -l environment -d 'The app\'s environment' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand redeploy" -s m -l manifest -d 'The manifest; else hookbelt.toml here or above' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand redeploy" -l profile -d 'The deploy API: the name of a profile' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand redeploy" -l database -d 'The store, as sqlite:PATH' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand redeploy" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that can, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand redeploy" -l dry-run -d 'Show what would be deployed and why the rest is skipped; change nothing'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand redeploy" -l secret-raw -d 'Take every byte of the file as the secret, a trailing newline too; it may be empty'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand redeploy" -l force -d 'Deploy though deployments are paused (setting deploy.paused)'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand redeploy" -l no-wait -d 'Queue the deployment and end; a `hookbelt serve` must have the app'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand redeploy" -l cancel-on-interrupt -d 'Cancel the deployment when this command is interrupted, wherever it runs'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand redeploy" -l listen -d 'Wait for the end, which is what it does anyway'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand redeploy" -l json -d 'Print one JSON document, or lines of JSON'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand redeploy" -s q -l quiet -d 'Print results and errors only'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand redeploy" -s v -l verbose -d 'Say more of what is decided on the way, and each request; twice: their headers too'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand redeploy" -s y -l yes -d 'Answer every question with yes'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand redeploy" -s h -l help -d 'Print help'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand settings; and not __fish_seen_subcommand_from list get set" -s s -l stack -d 'The app: its name or the beginning (-a, --app too)' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand settings; and not __fish_seen_subcommand_from list get set" -s e -l environment -d 'The app\'s environment' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand settings; and not __fish_seen_subcommand_from list get set" -s m -l manifest -d 'The manifest; else hookbelt.toml here or above' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand settings; and not __fish_seen_subcommand_from list get set" -l profile -d 'The deploy API: the name of a profile' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand settings; and not __fish_seen_subcommand_from list get set" -l database -d 'The store, as sqlite:PATH' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand settings; and not __fish_seen_subcommand_from list get set" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that can, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand settings; and not __fish_seen_subcommand_from list get set" -l json -d 'Print one JSON document, or lines of JSON'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand settings; and not __fish_seen_subcommand_from list get set" -s q -l quiet -d 'Print results and errors only'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand settings; and not __fish_seen_subcommand_from list get set" -s v -l verbose -d 'Say more of what is decided on the way, and each request; twice: their headers too'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand settings; and not __fish_seen_subcommand_from list get set" -s y -l yes -d 'Answer every question with yes'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand settings; and not __fish_seen_subcommand_from list get set" -s h -l help -d 'Print help'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand settings; and not __fish_seen_subcommand_from list get set" -f -a "list" -d 'List the settings of an app'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand settings; and not __fish_seen_subcommand_from list get set" -f -a "get" -d 'Print the value of a setting'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand settings; and not __fish_seen_subcommand_from list get set" -f -a "set" -d 'Change a setting'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand settings; and __fish_seen_subcommand_from list" -s s -l stack -d 'The app: its name or the beginning (-a, --app too)' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand settings; and __fish_seen_subcommand_from list" -s e -l environment -d 'The app\'s environment' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand settings; and __fish_seen_subcommand_from list" -s m -l manifest -d 'The manifest; else hookbelt.toml here or above' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand settings; and __fish_seen_subcommand_from list" -l profile -d 'The deploy API: the name of a profile' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand settings; and __fish_seen_subcommand_from list" -l database -d 'The store, as sqlite:PATH' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand settings; and __fish_seen_subcommand_from list" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that can, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand settings; and __fish_seen_subcommand_from list" -l json -d 'Print one JSON document, or lines of JSON'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand settings; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print results and errors only'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand settings; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more of what is decided on the way, and each request; twice: their headers too'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand settings; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer every question with yes'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand settings; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand settings; and __fish_seen_subcommand_from get" -s s -l stack -d 'The app: its name or the beginning (-a, --app too)' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand settings; and __fish_seen_subcommand_from get" -s e -l environment -d 'The app\'s environment' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand settings; and __fish_seen_subcommand_from get" -s m -l manifest -d 'The manifest; else hookbelt.toml here or above' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand settings; and __fish_seen_subcommand_from get" -l profile -d 'The deploy API: the name of a profile' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand settings; and __fish_seen_subcommand_from get" -l database -d 'The store, as sqlite:PATH' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand settings; and __fish_seen_subcommand_from get" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that can, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand settings; and __fish_seen_subcommand_from get" -l json -d 'Print one JSON document, or lines of JSON'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand settings; and __fish_seen_subcommand_from get" -s q -l quiet -d 'Print results and errors only'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand settings; and __fish_seen_subcommand_from get" -s v -l verbose -d 'Say more of what is decided on the way, and each request; twice: their headers too'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand settings; and __fish_seen_subcommand_from get" -s y -l yes -d 'Answer every question with yes'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand settings; and __fish_seen_subcommand_from get" -s h -l help -d 'Print help'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand settings; and __fish_seen_subcommand_from set" -s s -l stack -d 'The app: its name or the beginning (-a, --app too)' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand settings; and __fish_seen_subcommand_from set" -s e -l environment -d 'The app\'s environment' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand settings; and __fish_seen_subcommand_from set" -s m -l manifest -d 'The manifest; else hookbelt.toml here or above' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand settings; and __fish_seen_subcommand_from set" -l profile -d 'The deploy API: the name of a profile' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand settings; and __fish_seen_subcommand_from set" -l database -d 'The store, as sqlite:PATH' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand settings; and __fish_seen_subcommand_from set" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that can, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand settings; and __fish_seen_subcommand_from set" -l json -d 'Print one JSON document, or lines of JSON'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand settings; and __fish_seen_subcommand_from set" -s q -l quiet -d 'Print results and errors only'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand settings; and __fish_seen_subcommand_from set" -s v -l verbose -d 'Say more of what is decided on the way, and each request; twice: their headers too'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand settings; and __fish_seen_subcommand_from set" -s y -l yes -d 'Answer every question with yes'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand settings; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand logs" -s n -l lines -d 'How many of the last lines to show' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand logs" -l since -d 'Lines written since then: 2h, 2026-11-21 or 2026-11-21T15:07:29Z' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand logs" -l service -d 'Lines about this service' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand logs" -l deployment -d 'Lines of this deployment' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand logs" -s s -l stack -d 'The app: its name or the beginning (-a, --app too)' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand logs" -s e -l environment -d 'The app\'s environment' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand logs" -s m -l manifest -d 'The manifest; else hookbelt.toml here or above' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand logs" -l profile -d 'The deploy API: the name of a profile' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand logs" -l database -d 'The store, as sqlite:PATH' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand logs" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that can, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand logs" -s f -l follow -d 'Go on showing lines as they are written; with --deployment until it ends'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand logs" -l json -d 'Print one JSON document, or lines of JSON'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand logs" -s q -l quiet -d 'Print results and errors only'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand logs" -s v -l verbose -d 'Say more of what is decided on the way, and each request; twice: their headers too'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand logs" -s y -l yes -d 'Answer every question with yes'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand logs" -s h -l help -d 'Print help'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and not __fish_seen_subcommand_from list show redeploy" -s s -l stack -d 'The app: its name or the beginning (-a, --app too)' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and not __fish_seen_subcommand_from list show redeploy" -s e -l environment -d 'The app\'s environment' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and not __fish_seen_subcommand_from list show redeploy" -s m -l manifest -d 'The manifest; else hookbelt.toml here or above' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and not __fish_seen_subcommand_from list show redeploy" -l profile -d 'The deploy API: the name of a profile' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and not __fish_seen_subcommand_from list show redeploy" -l database -d 'The store, as sqlite:PATH' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and not __fish_seen_subcommand_from list show redeploy" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that can, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and not __fish_seen_subcommand_from list show redeploy" -l json -d 'Print one JSON document, or lines of JSON'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and not __fish_seen_subcommand_from list show redeploy" -s q -l quiet -d 'Print results and errors only'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and not __fish_seen_subcommand_from list show redeploy" -s v -l verbose -d 'Say more of what is decided on the way, and each request; twice: their headers too'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and not __fish_seen_subcommand_from list show redeploy" -s y -l yes -d 'Answer every question with yes'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and not __fish_seen_subcommand_from list show redeploy" -s h -l help -d 'Print help'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and not __fish_seen_subcommand_from list show redeploy" -f -a "list" -d 'List the apps of the local store and of the default profile'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and not __fish_seen_subcommand_from list show redeploy" -f -a "show" -d 'Show an app: its release, its services, what runs and what waits'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and not __fish_seen_subcommand_from list show redeploy" -f -a "redeploy" -d 'The same as `hookbelt redeploy`'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and __fish_seen_subcommand_from list" -s s -l stack -d 'The app: its name or the beginning (-a, --app too)' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and __fish_seen_subcommand_from list" -s e -l environment -d 'The app\'s environment' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and __fish_seen_subcommand_from list" -s m -l manifest -d 'The manifest; else hookbelt.toml here or above' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and __fish_seen_subcommand_from list" -l profile -d 'The deploy API: the name of a profile' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and __fish_seen_subcommand_from list" -l database -d 'The store, as sqlite:PATH' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and __fish_seen_subcommand_from list" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that can, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and __fish_seen_subcommand_from list" -l json -d 'Print one JSON document, or lines of JSON'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print results and errors only'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more of what is decided on the way, and each request; twice: their headers too'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer every question with yes'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and __fish_seen_subcommand_from show" -s s -l stack -d 'The app: its name or the beginning (-a, --app too)' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and __fish_seen_subcommand_from show" -s e -l environment -d 'The app\'s environment' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and __fish_seen_subcommand_from show" -s m -l manifest -d 'The manifest; else hookbelt.toml here or above' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and __fish_seen_subcommand_from show" -l profile -d 'The deploy API: the name of a profile' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and __fish_seen_subcommand_from show" -l database -d 'The store, as sqlite:PATH' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and __fish_seen_subcommand_from show" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that can, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and __fish_seen_subcommand_from show" -l json -d 'Print one JSON document, or lines of JSON'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print results and errors only'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more of what is decided on the way, and each request; twice: their headers too'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and __fish_seen_subcommand_from show" -s y -l yes -d 'Answer every question with yes'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and __fish_seen_subcommand_from redeploy" -l service -d 'Deploy this service only (repeatable); REF is a Git ref, or an image\'s tag or digest' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and __fish_seen_subcommand_from redeploy" -l git-ref -d 'Deploy git services that got no REF of their own at this branch, tag or commit' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and __fish_seen_subcommand_from redeploy" -l deployment-profile -d 'Deploy the services of this deployment profile' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and __fish_seen_subcommand_from redeploy" -l payload -d 'With --dry-run: show what a redeployment hook would make of this request, as captured from a socket; a file, or - for standard input. Its signature is not verified. With a hook\'s URL: what is posted to it' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and __fish_seen_subcommand_from redeploy" -l payload-from -d 'The payload is a bare body from this host: github, gitlab, bitbucket, gitea, forgejo or gogs; EVENT is push unless given' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and __fish_seen_subcommand_from redeploy" -l hook-url-file -d 'Post to the redeployment hook whose URL this file holds, or - for standard input; needs no account and no manifest. Without this HOOKBELT_HOOK_URL is used' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and __fish_seen_subcommand_from redeploy" -l secret-file -d 'The file that holds the secret, or - for standard input; one trailing newline is not part of it. Without this HOOKBELT_SECRET is used' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and __fish_seen_subcommand_from redeploy" -l deploy-strategy -d 'Run services one after the other (serial) or side by side (parallel); else as the setting deploy.parallel says. Cloud 66 also has rolling and fast' -r -f -a "serial\t'One after the other, stopping at the first failure'
parallel\t'Side by side'
rolling\t'Server by server (Cloud 66, Rails and Rack)'
fast\t'Without waiting for health (Cloud 66, Kubernetes)'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and __fish_seen_subcommand_from redeploy" -l rollout-strategy -d 'How the new version takes over (Cloud 66): none, blue_green_immediate, blue_green_delayed or canary' -r -f -a "none\t'At once'
blue_green_immediate\t'At once, beside the old one'
blue_green_delayed\t'When somebody says so, beside the old one'
canary\t'For a share of the traffic first'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and __fish_seen_subcommand_from redeploy" -l canary-percentage -d 'The share of the traffic that a canary gets, in percent' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and __fish_seen_subcommand_from redeploy" -l timeout -d 'Stop waiting after this long, as 30m' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and __fish_seen_subcommand_from redeploy" -s s -l stack -d 'The app: its name or the beginning (-a, --app too)' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and __fish_seen_subcommand_from redeploy" -s e -l environment -d 'The app\'s environment' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and __fish_seen_subcommand_from redeploy" -s m -l manifest -d 'The manifest; else hookbelt.toml here or above' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and __fish_seen_subcommand_from redeploy" -l profile -d 'The deploy API: the name of a profile' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and __fish_seen_subcommand_from redeploy" -l database -d 'The store, as sqlite:PATH' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and __fish_seen_subcommand_from redeploy" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that can, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and __fish_seen_subcommand_from redeploy" -l dry-run -d 'Show what would be deployed and why the rest is skipped; change nothing'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and __fish_seen_subcommand_from redeploy" -l secret-raw -d 'Take every byte of the file as the secret, a trailing newline too; it may be empty'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and __fish_seen_subcommand_from redeploy" -l force -d 'Deploy though deployments are paused (setting deploy.paused)'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and __fish_seen_subcommand_from redeploy" -l no-wait -d 'Queue the deployment and end; a `hookbelt serve` must have the app'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and __fish_seen_subcommand_from redeploy" -l cancel-on-interrupt -d 'Cancel the deployment when this command is interrupted, wherever it runs'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and __fish_seen_subcommand_from redeploy" -l listen -d 'Wait for the end, which is what it does anyway'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and __fish_seen_subcommand_from redeploy" -l json -d 'Print one JSON document, or lines of JSON'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and __fish_seen_subcommand_from redeploy" -s q -l quiet -d 'Print results and errors only'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and __fish_seen_subcommand_from redeploy" -s v -l verbose -d 'Say more of what is decided on the way, and each request; twice: their headers too'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and __fish_seen_subcommand_from redeploy" -s y -l yes -d 'Answer every question with yes'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand apps; and __fish_seen_subcommand_from redeploy" -s h -l help -d 'Print help'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and not __fish_seen_subcommand_from list show redeploy" -s s -l stack -d 'The app: its name or the beginning (-a, --app too)' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and not __fish_seen_subcommand_from list show redeploy" -s e -l environment -d 'The app\'s environment' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and not __fish_seen_subcommand_from list show redeploy" -s m -l manifest -d 'The manifest; else hookbelt.toml here or above' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and not __fish_seen_subcommand_from list show redeploy" -l profile -d 'The deploy API: the name of a profile' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and not __fish_seen_subcommand_from list show redeploy" -l database -d 'The store, as sqlite:PATH' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and not __fish_seen_subcommand_from list show redeploy" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that can, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and not __fish_seen_subcommand_from list show redeploy" -l json -d 'Print one JSON document, or lines of JSON'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and not __fish_seen_subcommand_from list show redeploy" -s q -l quiet -d 'Print results and errors only'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and not __fish_seen_subcommand_from list show redeploy" -s v -l verbose -d 'Say more of what is decided on the way, and each request; twice: their headers too'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and not __fish_seen_subcommand_from list show redeploy" -s y -l yes -d 'Answer every question with yes'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and not __fish_seen_subcommand_from list show redeploy" -s h -l help -d 'Print help'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and not __fish_seen_subcommand_from list show redeploy" -f -a "list" -d 'List the apps of the local store and of the default profile'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and not __fish_seen_subcommand_from list show redeploy" -f -a "show" -d 'Show an app: its release, its services, what runs and what waits'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and not __fish_seen_subcommand_from list show redeploy" -f -a "redeploy" -d 'The same as `hookbelt redeploy`'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and __fish_seen_subcommand_from list" -s s -l stack -d 'The app: its name or the beginning (-a, --app too)' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and __fish_seen_subcommand_from list" -s e -l environment -d 'The app\'s environment' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and __fish_seen_subcommand_from list" -s m -l manifest -d 'The manifest; else hookbelt.toml here or above' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and __fish_seen_subcommand_from list" -l profile -d 'The deploy API: the name of a profile' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and __fish_seen_subcommand_from list" -l database -d 'The store, as sqlite:PATH' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and __fish_seen_subcommand_from list" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that can, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and __fish_seen_subcommand_from list" -l json -d 'Print one JSON document, or lines of JSON'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print results and errors only'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more of what is decided on the way, and each request; twice: their headers too'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer every question with yes'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and __fish_seen_subcommand_from show" -s s -l stack -d 'The app: its name or the beginning (-a, --app too)' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and __fish_seen_subcommand_from show" -s e -l environment -d 'The app\'s environment' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and __fish_seen_subcommand_from show" -s m -l manifest -d 'The manifest; else hookbelt.toml here or above' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and __fish_seen_subcommand_from show" -l profile -d 'The deploy API: the name of a profile' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and __fish_seen_subcommand_from show" -l database -d 'The store, as sqlite:PATH' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and __fish_seen_subcommand_from show" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that can, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and __fish_seen_subcommand_from show" -l json -d 'Print one JSON document, or lines of JSON'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print results and errors only'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more of what is decided on the way, and each request; twice: their headers too'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and __fish_seen_subcommand_from show" -s y -l yes -d 'Answer every question with yes'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and __fish_seen_subcommand_from redeploy" -l service -d 'Deploy this service only (repeatable); REF is a Git ref, or an image\'s tag or digest' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and __fish_seen_subcommand_from redeploy" -l git-ref -d 'Deploy git services that got no REF of their own at this branch, tag or commit' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and __fish_seen_subcommand_from redeploy" -l deployment-profile -d 'Deploy the services of this deployment profile' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and __fish_seen_subcommand_from redeploy" -l payload -d 'With --dry-run: show what a redeployment hook would make of this request, as captured from a socket; a file, or - for standard input. Its signature is not verified. With a hook\'s URL: what is posted to it' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and __fish_seen_subcommand_from redeploy" -l payload-from -d 'The payload is a bare body from this host: github, gitlab, bitbucket, gitea, forgejo or gogs; EVENT is push unless given' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and __fish_seen_subcommand_from redeploy" -l hook-url-file -d 'Post to the redeployment hook whose URL this file holds, or - for standard input; needs no account and no manifest. Without this HOOKBELT_HOOK_URL is used' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and __fish_seen_subcommand_from redeploy" -l secret-file -d 'The file that holds the secret, or - for standard input; one trailing newline is not part of it. Without this HOOKBELT_SECRET is used' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and __fish_seen_subcommand_from redeploy" -l deploy-strategy -d 'Run services one after the other (serial) or side by side (parallel); else as the setting deploy.parallel says. Cloud 66 also has rolling and fast' -r -f -a "serial\t'One after the other, stopping at the first failure'
parallel\t'Side by side'
rolling\t'Server by server (Cloud 66, Rails and Rack)'
fast\t'Without waiting for health (Cloud 66, Kubernetes)'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and __fish_seen_subcommand_from redeploy" -l rollout-strategy -d 'How the new version takes over (Cloud 66): none, blue_green_immediate, blue_green_delayed or canary' -r -f -a "none\t'At once'
blue_green_immediate\t'At once, beside the old one'
blue_green_delayed\t'When somebody says so, beside the old one'
canary\t'For a share of the traffic first'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and __fish_seen_subcommand_from redeploy" -l canary-percentage -d 'The share of the traffic that a canary gets, in percent' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and __fish_seen_subcommand_from redeploy" -l timeout -d 'Stop waiting after this long, as 30m' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and __fish_seen_subcommand_from redeploy" -s s -l stack -d 'The app: its name or the beginning (-a, --app too)' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and __fish_seen_subcommand_from redeploy" -s e -l environment -d 'The app\'s environment' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and __fish_seen_subcommand_from redeploy" -s m -l manifest -d 'The manifest; else hookbelt.toml here or above' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and __fish_seen_subcommand_from redeploy" -l profile -d 'The deploy API: the name of a profile' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and __fish_seen_subcommand_from redeploy" -l database -d 'The store, as sqlite:PATH' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and __fish_seen_subcommand_from redeploy" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that can, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and __fish_seen_subcommand_from redeploy" -l dry-run -d 'Show what would be deployed and why the rest is skipped; change nothing'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and __fish_seen_subcommand_from redeploy" -l secret-raw -d 'Take every byte of the file as the secret, a trailing newline too; it may be empty'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and __fish_seen_subcommand_from redeploy" -l force -d 'Deploy though deployments are paused (setting deploy.paused)'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and __fish_seen_subcommand_from redeploy" -l no-wait -d 'Queue the deployment and end; a `hookbelt serve` must have the app'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and __fish_seen_subcommand_from redeploy" -l cancel-on-interrupt -d 'Cancel the deployment when this command is interrupted, wherever it runs'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and __fish_seen_subcommand_from redeploy" -l listen -d 'Wait for the end, which is what it does anyway'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and __fish_seen_subcommand_from redeploy" -l json -d 'Print one JSON document, or lines of JSON'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and __fish_seen_subcommand_from redeploy" -s q -l quiet -d 'Print results and errors only'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and __fish_seen_subcommand_from redeploy" -s v -l verbose -d 'Say more of what is decided on the way, and each request; twice: their headers too'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and __fish_seen_subcommand_from redeploy" -s y -l yes -d 'Answer every question with yes'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand stacks; and __fish_seen_subcommand_from redeploy" -s h -l help -d 'Print help'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and not __fish_seen_subcommand_from list show watch cancel" -s s -l stack -d 'The app: its name or the beginning (-a, --app too)' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and not __fish_seen_subcommand_from list show watch cancel" -s e -l environment -d 'The app\'s environment' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and not __fish_seen_subcommand_from list show watch cancel" -s m -l manifest -d 'The manifest; else hookbelt.toml here or above' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and not __fish_seen_subcommand_from list show watch cancel" -l profile -d 'The deploy API: the name of a profile' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and not __fish_seen_subcommand_from list show watch cancel" -l database -d 'The store, as sqlite:PATH' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and not __fish_seen_subcommand_from list show watch cancel" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that can, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and not __fish_seen_subcommand_from list show watch cancel" -l json -d 'Print one JSON document, or lines of JSON'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and not __fish_seen_subcommand_from list show watch cancel" -s q -l quiet -d 'Print results and errors only'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and not __fish_seen_subcommand_from list show watch cancel" -s v -l verbose -d 'Say more of what is decided on the way, and each request; twice: their headers too'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and not __fish_seen_subcommand_from list show watch cancel" -s y -l yes -d 'Answer every question with yes'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and not __fish_seen_subcommand_from list show watch cancel" -s h -l help -d 'Print help'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and not __fish_seen_subcommand_from list show watch cancel" -f -a "list" -d 'List the newest deployments of an app'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and not __fish_seen_subcommand_from list show watch cancel" -f -a "show" -d 'Show a deployment and what it did to each service'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and not __fish_seen_subcommand_from list show watch cancel" -f -a "watch" -d 'Show a deployment\'s log from its beginning, and wait until it ends'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and not __fish_seen_subcommand_from list show watch cancel" -f -a "cancel" -d 'Cancel a deployment that runs or waits'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and __fish_seen_subcommand_from list" -s n -l limit -d 'The most deployments to list' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and __fish_seen_subcommand_from list" -s s -l stack -d 'The app: its name or the beginning (-a, --app too)' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and __fish_seen_subcommand_from list" -s e -l environment -d 'The app\'s environment' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and __fish_seen_subcommand_from list" -s m -l manifest -d 'The manifest; else hookbelt.toml here or above' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and __fish_seen_subcommand_from list" -l profile -d 'The deploy API: the name of a profile' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and __fish_seen_subcommand_from list" -l database -d 'The store, as sqlite:PATH' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and __fish_seen_subcommand_from list" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that can, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and __fish_seen_subcommand_from list" -l json -d 'Print one JSON document, or lines of JSON'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print results and errors only'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more of what is decided on the way, and each request; twice: their headers too'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer every question with yes'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and __fish_seen_subcommand_from show" -s s -l stack -d 'The app: its name or the beginning (-a, --app too)' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and __fish_seen_subcommand_from show" -s e -l environment -d 'The app\'s environment' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and __fish_seen_subcommand_from show" -s m -l manifest -d 'The manifest; else hookbelt.toml here or above' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and __fish_seen_subcommand_from show" -l profile -d 'The deploy API: the name of a profile' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and __fish_seen_subcommand_from show" -l database -d 'The store, as sqlite:PATH' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and __fish_seen_subcommand_from show" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that can, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and __fish_seen_subcommand_from show" -l json -d 'Print one JSON document, or lines of JSON'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print results and errors only'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more of what is decided on the way, and each request; twice: their headers too'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and __fish_seen_subcommand_from show" -s y -l yes -d 'Answer every question with yes'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and __fish_seen_subcommand_from watch" -l timeout -d 'Stop waiting after this long, as 30m' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and __fish_seen_subcommand_from watch" -s s -l stack -d 'The app: its name or the beginning (-a, --app too)' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and __fish_seen_subcommand_from watch" -s e -l environment -d 'The app\'s environment' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and __fish_seen_subcommand_from watch" -s m -l manifest -d 'The manifest; else hookbelt.toml here or above' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and __fish_seen_subcommand_from watch" -l profile -d 'The deploy API: the name of a profile' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and __fish_seen_subcommand_from watch" -l database -d 'The store, as sqlite:PATH' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and __fish_seen_subcommand_from watch" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that can, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and __fish_seen_subcommand_from watch" -l json -d 'Print one JSON document, or lines of JSON'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and __fish_seen_subcommand_from watch" -s q -l quiet -d 'Print results and errors only'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and __fish_seen_subcommand_from watch" -s v -l verbose -d 'Say more of what is decided on the way, and each request; twice: their headers too'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and __fish_seen_subcommand_from watch" -s y -l yes -d 'Answer every question with yes'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and __fish_seen_subcommand_from watch" -s h -l help -d 'Print help'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and __fish_seen_subcommand_from cancel" -s s -l stack -d 'The app: its name or the beginning (-a, --app too)' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and __fish_seen_subcommand_from cancel" -s e -l environment -d 'The app\'s environment' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and __fish_seen_subcommand_from cancel" -s m -l manifest -d 'The manifest; else hookbelt.toml here or above' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and __fish_seen_subcommand_from cancel" -l profile -d 'The deploy API: the name of a profile' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and __fish_seen_subcommand_from cancel" -l database -d 'The store, as sqlite:PATH' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and __fish_seen_subcommand_from cancel" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that can, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and __fish_seen_subcommand_from cancel" -l json -d 'Print one JSON document, or lines of JSON'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and __fish_seen_subcommand_from cancel" -s q -l quiet -d 'Print results and errors only'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and __fish_seen_subcommand_from cancel" -s v -l verbose -d 'Say more of what is decided on the way, and each request; twice: their headers too'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and __fish_seen_subcommand_from cancel" -s y -l yes -d 'Answer every question with yes'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand deployments; and __fish_seen_subcommand_from cancel" -s h -l help -d 'Print help'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand releases; and not __fish_seen_subcommand_from list show rollback" -s s -l stack -d 'The app: its name or the beginning (-a, --app too)' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand releases; and not __fish_seen_subcommand_from list show rollback" -s e -l environment -d 'The app\'s environment' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand releases; and not __fish_seen_subcommand_from list show rollback" -s m -l manifest -d 'The manifest; else hookbelt.toml here or above' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand releases; and not __fish_seen_subcommand_from list show rollback" -l profile -d 'The deploy API: the name of a profile' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand releases; and not __fish_seen_subcommand_from list show rollback" -l database -d 'The store, as sqlite:PATH' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand releases; and not __fish_seen_subcommand_from list show rollback" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that can, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand releases; and not __fish_seen_subcommand_from list show rollback" -l json -d 'Print one JSON document, or lines of JSON'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand releases; and not __fish_seen_subcommand_from list show rollback" -s q -l quiet -d 'Print results and errors only'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand releases; and not __fish_seen_subcommand_from list show rollback" -s v -l verbose -d 'Say more of what is decided on the way, and each request; twice: their headers too'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand releases; and not __fish_seen_subcommand_from list show rollback" -s y -l yes -d 'Answer every question with yes'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand releases; and not __fish_seen_subcommand_from list show rollback" -s h -l help -d 'Print help'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand releases; and not __fish_seen_subcommand_from list show rollback" -f -a "list" -d 'List the newest releases of an app'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand releases; and not __fish_seen_subcommand_from list show rollback" -f -a "show" -d 'Show a release and what it left each service as'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand releases; and not __fish_seen_subcommand_from list show rollback" -f -a "rollback" -d 'Go back to a release: run the services that are not as they were'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand releases; and __fish_seen_subcommand_from list" -s n -l limit -d 'The most releases to list' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand releases; and __fish_seen_subcommand_from list" -s s -l stack -d 'The app: its name or the beginning (-a, --app too)' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand releases; and __fish_seen_subcommand_from list" -s e -l environment -d 'The app\'s environment' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand releases; and __fish_seen_subcommand_from list" -s m -l manifest -d 'The manifest; else hookbelt.toml here or above' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand releases; and __fish_seen_subcommand_from list" -l profile -d 'The deploy API: the name of a profile' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand releases; and __fish_seen_subcommand_from list" -l database -d 'The store, as sqlite:PATH' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand releases; and __fish_seen_subcommand_from list" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that can, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand releases; and __fish_seen_subcommand_from list" -l all -d 'The failed and running ones too'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand releases; and __fish_seen_subcommand_from list" -l json -d 'Print one JSON document, or lines of JSON'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand releases; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print results and errors only'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand releases; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more of what is decided on the way, and each request; twice: their headers too'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand releases; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer every question with yes'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand releases; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand releases; and __fish_seen_subcommand_from show" -s s -l stack -d 'The app: its name or the beginning (-a, --app too)' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand releases; and __fish_seen_subcommand_from show" -s e -l environment -d 'The app\'s environment' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand releases; and __fish_seen_subcommand_from show" -s m -l manifest -d 'The manifest; else hookbelt.toml here or above' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand releases; and __fish_seen_subcommand_from show" -l profile -d 'The deploy API: the name of a profile' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand releases; and __fish_seen_subcommand_from show" -l database -d 'The store, as sqlite:PATH' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand releases; and __fish_seen_subcommand_from show" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that can, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand releases; and __fish_seen_subcommand_from show" -l json -d 'Print one JSON document, or lines of JSON'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand releases; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print results and errors only'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand releases; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more of what is decided on the way, and each request; twice: their headers too'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand releases; and __fish_seen_subcommand_from show" -s y -l yes -d 'Answer every question with yes'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand releases; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand releases; and __fish_seen_subcommand_from rollback" -l deploy-strategy -d 'Run services one after the other (serial) or side by side (parallel); else as the setting deploy.parallel says. Cloud 66 also has rolling and fast' -r -f -a "serial\t'One after the other, stopping at the first failure'
parallel\t'Side by side'
rolling\t'Server by server (Cloud 66, Rails and Rack)'
fast\t'Without waiting for health (Cloud 66, Kubernetes)'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand releases; and __fish_seen_subcommand_from rollback" -l timeout -d 'Stop waiting after this long, as 30m' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand releases; and __fish_seen_subcommand_from rollback" -s s -l stack -d 'The app: its name or the beginning (-a, --app too)' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand releases; and __fish_seen_subcommand_from rollback" -s e -l environment -d 'The app\'s environment' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand releases; and __fish_seen_subcommand_from rollback" -s m -l manifest -d 'The manifest; else hookbelt.toml here or above' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand releases; and __fish_seen_subcommand_from rollback" -l profile -d 'The deploy API: the name of a profile' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand releases; and __fish_seen_subcommand_from rollback" -l database -d 'The store, as sqlite:PATH' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand releases; and __fish_seen_subcommand_from rollback" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that can, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand releases; and __fish_seen_subcommand_from rollback" -l dry-run -d 'Show what would be deployed and why the rest is skipped; change nothing'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand releases; and __fish_seen_subcommand_from rollback" -l no-wait -d 'Queue the deployment and end; a `hookbelt serve` must have the app'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand releases; and __fish_seen_subcommand_from rollback" -l cancel-on-interrupt -d 'Cancel the deployment when this command is interrupted, wherever it runs'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand releases; and __fish_seen_subcommand_from rollback" -l listen -d 'Wait for the end, which is what it does anyway'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand releases; and __fish_seen_subcommand_from rollback" -l json -d 'Print one JSON document, or lines of JSON'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand releases; and __fish_seen_subcommand_from rollback" -s q -l quiet -d 'Print results and errors only'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand releases; and __fish_seen_subcommand_from rollback" -s v -l verbose -d 'Say more of what is decided on the way, and each request; twice: their headers too'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand releases; and __fish_seen_subcommand_from rollback" -s y -l yes -d 'Answer every question with yes'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand releases; and __fish_seen_subcommand_from rollback" -s h -l help -d 'Print help'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand serve" -l listen -d 'Where to answer HTTP; port 0 takes a free one' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand serve" -l public-url -d 'The URL by which it is reached from elsewhere, as through a proxy: redeployment hooks begin with it' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand serve" -l trusted-proxy -d 'The address of a proxy, or the network of several, which says in X-Forwarded-For who the client is' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand serve" -l grace -d 'How long what runs may go on after TERM; then it is interrupted, and runs again at the next start' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand serve" -s s -l stack -d 'The app: its name or the beginning (-a, --app too)' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand serve" -s e -l environment -d 'The app\'s environment' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand serve" -s m -l manifest -d 'The manifest; else hookbelt.toml here or above' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand serve" -l profile -d 'The deploy API: the name of a profile' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand serve" -l database -d 'The store, as sqlite:PATH' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand serve" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that can, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand serve" -l deny-private-targets -d 'Send no deploy hook to this machine, to private networks, or to a cloud\'s metadata service; and none through a proxy'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand serve" -l json -d 'Print one JSON document, or lines of JSON'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand serve" -s q -l quiet -d 'Print results and errors only'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand serve" -s v -l verbose -d 'Say more of what is decided on the way, and each request; twice: their headers too'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand serve" -s y -l yes -d 'Answer every question with yes'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand serve" -s h -l help -d 'Print help'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand tokens; and not __fish_seen_subcommand_from create list revoke" -s s -l stack -d 'The app: its name or the beginning (-a, --app too)' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand tokens; and not __fish_seen_subcommand_from create list revoke" -s e -l environment -d 'The app\'s environment' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand tokens; and not __fish_seen_subcommand_from create list revoke" -s m -l manifest -d 'The manifest; else hookbelt.toml here or above' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand tokens; and not __fish_seen_subcommand_from create list revoke" -l profile -d 'The deploy API: the name of a profile' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand tokens; and not __fish_seen_subcommand_from create list revoke" -l database -d 'The store, as sqlite:PATH' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand tokens; and not __fish_seen_subcommand_from create list revoke" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that can, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand tokens; and not __fish_seen_subcommand_from create list revoke" -l json -d 'Print one JSON document, or lines of JSON'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand tokens; and not __fish_seen_subcommand_from create list revoke" -s q -l quiet -d 'Print results and errors only'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand tokens; and not __fish_seen_subcommand_from create list revoke" -s v -l verbose -d 'Say more of what is decided on the way, and each request; twice: their headers too'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand tokens; and not __fish_seen_subcommand_from create list revoke" -s y -l yes -d 'Answer every question with yes'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand tokens; and not __fish_seen_subcommand_from create list revoke" -s h -l help -d 'Print help'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand tokens; and not __fish_seen_subcommand_from create list revoke" -f -a "create" -d 'Make a token and print it: it is not shown again'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand tokens; and not __fish_seen_subcommand_from create list revoke" -f -a "list" -d 'List the tokens: their names, and what they may do'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand tokens; and not __fish_seen_subcommand_from create list revoke" -f -a "revoke" -d 'Revoke a token: from now on nobody can use it'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand tokens; and __fish_seen_subcommand_from create" -l scope -d 'What it may do: public reads, redeploy also deploys and cancels, admin also changes settings' -r -f -a "public\t'Read'
redeploy\t'Deploy and cancel too'
admin\t'Change settings too'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand tokens; and __fish_seen_subcommand_from create" -s s -l stack -d 'The app: its name or the beginning (-a, --app too)' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand tokens; and __fish_seen_subcommand_from create" -s e -l environment -d 'The app\'s environment' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand tokens; and __fish_seen_subcommand_from create" -s m -l manifest -d 'The manifest; else hookbelt.toml here or above' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand tokens; and __fish_seen_subcommand_from create" -l profile -d 'The deploy API: the name of a profile' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand tokens; and __fish_seen_subcommand_from create" -l database -d 'The store, as sqlite:PATH' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand tokens; and __fish_seen_subcommand_from create" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that can, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand tokens; and __fish_seen_subcommand_from create" -l json -d 'Print one JSON document, or lines of JSON'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand tokens; and __fish_seen_subcommand_from create" -s q -l quiet -d 'Print results and errors only'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand tokens; and __fish_seen_subcommand_from create" -s v -l verbose -d 'Say more of what is decided on the way, and each request; twice: their headers too'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand tokens; and __fish_seen_subcommand_from create" -s y -l yes -d 'Answer every question with yes'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand tokens; and __fish_seen_subcommand_from create" -s h -l help -d 'Print help'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand tokens; and __fish_seen_subcommand_from list" -s s -l stack -d 'The app: its name or the beginning (-a, --app too)' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand tokens; and __fish_seen_subcommand_from list" -s e -l environment -d 'The app\'s environment' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand tokens; and __fish_seen_subcommand_from list" -s m -l manifest -d 'The manifest; else hookbelt.toml here or above' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand tokens; and __fish_seen_subcommand_from list" -l profile -d 'The deploy API: the name of a profile' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand tokens; and __fish_seen_subcommand_from list" -l database -d 'The store, as sqlite:PATH' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand tokens; and __fish_seen_subcommand_from list" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that can, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand tokens; and __fish_seen_subcommand_from list" -l json -d 'Print one JSON document, or lines of JSON'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand tokens; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print results and errors only'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand tokens; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more of what is decided on the way, and each request; twice: their headers too'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand tokens; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer every question with yes'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand tokens; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand tokens; and __fish_seen_subcommand_from revoke" -s s -l stack -d 'The app: its name or the beginning (-a, --app too)' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand tokens; and __fish_seen_subcommand_from revoke" -s e -l environment -d 'The app\'s environment' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand tokens; and __fish_seen_subcommand_from revoke" -s m -l manifest -d 'The manifest; else hookbelt.toml here or above' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand tokens; and __fish_seen_subcommand_from revoke" -l profile -d 'The deploy API: the name of a profile' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand tokens; and __fish_seen_subcommand_from revoke" -l database -d 'The store, as sqlite:PATH' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand tokens; and __fish_seen_subcommand_from revoke" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that can, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand tokens; and __fish_seen_subcommand_from revoke" -l json -d 'Print one JSON document, or lines of JSON'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand tokens; and __fish_seen_subcommand_from revoke" -s q -l quiet -d 'Print results and errors only'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand tokens; and __fish_seen_subcommand_from revoke" -s v -l verbose -d 'Say more of what is decided on the way, and each request; twice: their headers too'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand tokens; and __fish_seen_subcommand_from revoke" -s y -l yes -d 'Answer every question with yes'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand tokens; and __fish_seen_subcommand_from revoke" -s h -l help -d 'Print help'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and not __fish_seen_subcommand_from add list remove check ping catch-up url send listen deliveries redeliver sign verify" -s s -l stack -d 'The app: its name or the beginning (-a, --app too)' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and not __fish_seen_subcommand_from add list remove check ping catch-up url send listen deliveries redeliver sign verify" -s e -l environment -d 'The app\'s environment' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and not __fish_seen_subcommand_from add list remove check ping catch-up url send listen deliveries redeliver sign verify" -s m -l manifest -d 'The manifest; else hookbelt.toml here or above' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and not __fish_seen_subcommand_from add list remove check ping catch-up url send listen deliveries redeliver sign verify" -l profile -d 'The deploy API: the name of a profile' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and not __fish_seen_subcommand_from add list remove check ping catch-up url send listen deliveries redeliver sign verify" -l database -d 'The store, as sqlite:PATH' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and not __fish_seen_subcommand_from add list remove check ping catch-up url send listen deliveries redeliver sign verify" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that can, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and not __fish_seen_subcommand_from add list remove check ping catch-up url send listen deliveries redeliver sign verify" -l json -d 'Print one JSON document, or lines of JSON'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and not __fish_seen_subcommand_from add list remove check ping catch-up url send listen deliveries redeliver sign verify" -s q -l quiet -d 'Print results and errors only'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and not __fish_seen_subcommand_from add list remove check ping catch-up url send listen deliveries redeliver sign verify" -s v -l verbose -d 'Say more of what is decided on the way, and each request; twice: their headers too'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and not __fish_seen_subcommand_from add list remove check ping catch-up url send listen deliveries redeliver sign verify" -s y -l yes -d 'Answer every question with yes'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and not __fish_seen_subcommand_from add list remove check ping catch-up url send listen deliveries redeliver sign verify" -s h -l help -d 'Print help'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and not __fish_seen_subcommand_from add list remove check ping catch-up url send listen deliveries redeliver sign verify" -f -a "add" -d 'Have the pushes to a repository sent to the app\'s redeployment hook, or mend the webhook that does'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and not __fish_seen_subcommand_from add list remove check ping catch-up url send listen deliveries redeliver sign verify" -f -a "list" -d 'List the webhooks of a repository'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and not __fish_seen_subcommand_from add list remove check ping catch-up url send listen deliveries redeliver sign verify" -f -a "remove" -d 'Remove the app\'s webhook from a repository'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and not __fish_seen_subcommand_from add list remove check ping catch-up url send listen deliveries redeliver sign verify" -f -a "check" -d 'Find out why a push did not deploy'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and not __fish_seen_subcommand_from add list remove check ping catch-up url send listen deliveries redeliver sign verify" -f -a "ping" -d 'Have the Git host post to the app'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and not __fish_seen_subcommand_from add list remove check ping catch-up url send listen deliveries redeliver sign verify" -f -a "catch-up" -d 'Have the Git host send again what failed while the server was down'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and not __fish_seen_subcommand_from add list remove check ping catch-up url send listen deliveries redeliver sign verify" -f -a "url" -d 'Print the URL of the app\'s redeployment hook, at which `hookbelt serve` is told to deploy'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and not __fish_seen_subcommand_from add list remove check ping catch-up url send listen deliveries redeliver sign verify" -f -a "send" -d 'Send a deploy hook, as if an app had a new release'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and not __fish_seen_subcommand_from add list remove check ping catch-up url send listen deliveries redeliver sign verify" -f -a "listen" -d 'Receive deploy hooks: verify, show and forward them'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and not __fish_seen_subcommand_from add list remove check ping catch-up url send listen deliveries redeliver sign verify" -f -a "deliveries" -d 'List deliveries of deploy hooks, or show one with its attempts'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and not __fish_seen_subcommand_from add list remove check ping catch-up url send listen deliveries redeliver sign verify" -f -a "redeliver" -d 'Send deploy hooks again that did not arrive'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and not __fish_seen_subcommand_from add list remove check ping catch-up url send listen deliveries redeliver sign verify" -f -a "sign" -d 'Print the signature of a deploy hook\'s URL'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and not __fish_seen_subcommand_from add list remove check ping catch-up url send listen deliveries redeliver sign verify" -f -a "verify" -d 'Say whether a deploy hook\'s signature fits, and if not, why'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from add" -l repo -d 'The repository: OWNER/NAME or its URL; else the app\'s, or that of the Git remote' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from add" -l host-url -d 'Where the host is, if it is not the service of that name: GitHub Enterprise Server, your own GitLab, Gitea or Forgejo' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from add" -l url-file -d 'The file that holds the URL of the redeployment hook, or - for standard input; else the app\'s is meant' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from add" -l events -d 'The events that are sent, by the host\'s names; else pushes, with continuous.deploy at GitHub deployments too' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from add" -l secret-file -d 'The file that holds the secret to sign with, or - for standard input; one trailing newline is not part of it. Else the manifest\'s is given to a webhook that has none' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from add" -l secret-out -d 'The file that a new secret is kept in; else redeployment-hook.secret beside the manifest' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from add" -s s -l stack -d 'The app: its name or the beginning (-a, --app too)' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from add" -s e -l environment -d 'The app\'s environment' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from add" -s m -l manifest -d 'The manifest; else hookbelt.toml here or above' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from add" -l profile -d 'The deploy API: the name of a profile' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from add" -l database -d 'The store, as sqlite:PATH' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from add" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that can, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from add" -l generate-secret -d 'Make a new secret, for the host and for a file'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from add" -l dry-run -d 'Show what would be sent, and change nothing'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from add" -l json -d 'Print one JSON document, or lines of JSON'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from add" -s q -l quiet -d 'Print results and errors only'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from add" -s v -l verbose -d 'Say more of what is decided on the way, and each request; twice: their headers too'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from add" -s y -l yes -d 'Answer every question with yes'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from add" -s h -l help -d 'Print help'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from list" -l repo -d 'The repository: OWNER/NAME or its URL; else the app\'s, or that of the Git remote' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from list" -l host-url -d 'Where the host is, if it is not the service of that name: GitHub Enterprise Server, your own GitLab, Gitea or Forgejo' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from list" -l url-file -d 'The file that holds the URL of the redeployment hook, or - for standard input; else the app\'s is meant' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from list" -s s -l stack -d 'The app: its name or the beginning (-a, --app too)' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from list" -s e -l environment -d 'The app\'s environment' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from list" -s m -l manifest -d 'The manifest; else hookbelt.toml here or above' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from list" -l profile -d 'The deploy API: the name of a profile' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from list" -l database -d 'The store, as sqlite:PATH' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from list" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that can, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from list" -l json -d 'Print one JSON document, or lines of JSON'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print results and errors only'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more of what is decided on the way, and each request; twice: their headers too'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer every question with yes'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from remove" -l repo -d 'The repository: OWNER/NAME or its URL; else the app\'s, or that of the Git remote' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from remove" -l host-url -d 'Where the host is, if it is not the service of that name: GitHub Enterprise Server, your own GitLab, Gitea or Forgejo' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from remove" -l url-file -d 'The file that holds the URL of the redeployment hook, or - for standard input; else the app\'s is meant' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from remove" -l id -d 'The webhook\'s id, as `hookbelt hooks list` shows it; else the app\'s is meant' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from remove" -s s -l stack -d 'The app: its name or the beginning (-a, --app too)' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from remove" -s e -l environment -d 'The app\'s environment' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from remove" -s m -l manifest -d 'The manifest; else hookbelt.toml here or above' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from remove" -l profile -d 'The deploy API: the name of a profile' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from remove" -l database -d 'The store, as sqlite:PATH' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from remove" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that can, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from remove" -l json -d 'Print one JSON document, or lines of JSON'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from remove" -s q -l quiet -d 'Print results and errors only'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from remove" -s v -l verbose -d 'Say more of what is decided on the way, and each request; twice: their headers too'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from remove" -s y -l yes -d 'Answer every question with yes'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from check" -l repo -d 'The repository: OWNER/NAME or its URL; else the app\'s, or that of the Git remote' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from check" -l host-url -d 'Where the host is, if it is not the service of that name: GitHub Enterprise Server, your own GitLab, Gitea or Forgejo' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from check" -l url-file -d 'The file that holds the URL of the redeployment hook, or - for standard input; else the app\'s is meant' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from check" -s s -l stack -d 'The app: its name or the beginning (-a, --app too)' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from check" -s e -l environment -d 'The app\'s environment' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from check" -s m -l manifest -d 'The manifest; else hookbelt.toml here or above' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from check" -l profile -d 'The deploy API: the name of a profile' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from check" -l database -d 'The store, as sqlite:PATH' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from check" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that can, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from check" -l fix -d 'Mend what can be mended without anybody being asked'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from check" -l json -d 'Print one JSON document, or lines of JSON'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from check" -s q -l quiet -d 'Print results and errors only'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from check" -s v -l verbose -d 'Say more of what is decided on the way, and each request; twice: their headers too'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from check" -s y -l yes -d 'Answer every question with yes'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from ping" -l repo -d 'The repository: OWNER/NAME or its URL; else the app\'s, or that of the Git remote' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from ping" -l host-url -d 'Where the host is, if it is not the service of that name: GitHub Enterprise Server, your own GitLab, Gitea or Forgejo' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from ping" -l url-file -d 'The file that holds the URL of the redeployment hook, or - for standard input; else the app\'s is meant' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from ping" -l id -d 'The webhook\'s id, as `hookbelt hooks list` shows it; else the app\'s is meant' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from ping" -s s -l stack -d 'The app: its name or the beginning (-a, --app too)' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from ping" -s e -l environment -d 'The app\'s environment' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from ping" -s m -l manifest -d 'The manifest; else hookbelt.toml here or above' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from ping" -l profile -d 'The deploy API: the name of a profile' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from ping" -l database -d 'The store, as sqlite:PATH' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from ping" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that can, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from ping" -l test-push -d 'Where there is no ping have a push sent, which deploys'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from ping" -l json -d 'Print one JSON document, or lines of JSON'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from ping" -s q -l quiet -d 'Print results and errors only'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from ping" -s v -l verbose -d 'Say more of what is decided on the way, and each request; twice: their headers too'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from ping" -s y -l yes -d 'Answer every question with yes'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from ping" -s h -l help -d 'Print help'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from catch-up" -l repo -d 'The repository: OWNER/NAME or its URL; else the app\'s, or that of the Git remote' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from catch-up" -l host-url -d 'Where the host is, if it is not the service of that name: GitHub Enterprise Server, your own GitLab, Gitea or Forgejo' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from catch-up" -l url-file -d 'The file that holds the URL of the redeployment hook, or - for standard input; else the app\'s is meant' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from catch-up" -l id -d 'The webhook\'s id, as `hookbelt hooks list` shows it; else the app\'s is meant' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from catch-up" -l since -d 'How long ago the first of them was tried, at most 3 days' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from catch-up" -s s -l stack -d 'The app: its name or the beginning (-a, --app too)' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from catch-up" -s e -l environment -d 'The app\'s environment' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from catch-up" -s m -l manifest -d 'The manifest; else hookbelt.toml here or above' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from catch-up" -l profile -d 'The deploy API: the name of a profile' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from catch-up" -l database -d 'The store, as sqlite:PATH' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from catch-up" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that can, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from catch-up" -l dry-run -d 'Show what would be sent again'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from catch-up" -l json -d 'Print one JSON document, or lines of JSON'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from catch-up" -s q -l quiet -d 'Print results and errors only'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from catch-up" -s v -l verbose -d 'Say more of what is decided on the way, and each request; twice: their headers too'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from catch-up" -s y -l yes -d 'Answer every question with yes'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from catch-up" -s h -l help -d 'Print help'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from url" -l overlap -d 'How long the one before stays valid beside the new one' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from url" -s s -l stack -d 'The app: its name or the beginning (-a, --app too)' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from url" -s e -l environment -d 'The app\'s environment' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from url" -s m -l manifest -d 'The manifest; else hookbelt.toml here or above' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from url" -l profile -d 'The deploy API: the name of a profile' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from url" -l database -d 'The store, as sqlite:PATH' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from url" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that can, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from url" -l rotate -d 'Make a new one; the one before ends, at once or after the overlap'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from url" -l json -d 'Print one JSON document, or lines of JSON'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from url" -s q -l quiet -d 'Print results and errors only'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from url" -s v -l verbose -d 'Say more of what is decided on the way, and each request; twice: their headers too'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from url" -s y -l yes -d 'Answer every question with yes'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from url" -s h -l help -d 'Print help'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from send" -l release -d 'The release\'s number; v1 if left out' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from send" -l summary -d 'The release\'s summary; if left out, who deployed which sha' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from send" -l sha -d 'The full sha that was deployed; empty if left out, as for images' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from send" -l user -d 'Who deployed; $USER if left out' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from send" -l secret-file -d 'The file that holds the secret, or - for standard input; one trailing newline is not part of it. Without this HOOKBELT_SECRET is used' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from send" -s s -l stack -d 'The app: its name or the beginning (-a, --app too)' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from send" -s e -l environment -d 'The app\'s environment' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from send" -s m -l manifest -d 'The manifest; else hookbelt.toml here or above' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from send" -l profile -d 'The deploy API: the name of a profile' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from send" -l database -d 'The store, as sqlite:PATH' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from send" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that can, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from send" -l secret-raw -d 'Take every byte of the file as the secret, a trailing newline too; it may be empty'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from send" -l unsigned -d 'Send it without a signature'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from send" -l dry-run -d 'Print the request, and send nothing'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from send" -l json -d 'Print one JSON document, or lines of JSON'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from send" -s q -l quiet -d 'Print results and errors only'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from send" -s v -l verbose -d 'Say more of what is decided on the way, and each request; twice: their headers too'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from send" -s y -l yes -d 'Answer every question with yes'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from send" -s h -l help -d 'Print help'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from listen" -l port -d 'The port of 127.0.0.1 to listen on; 0 takes a free one' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from listen" -l base-url -d 'The URL that the sender has configured, byte for byte' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from listen" -l scheme -d 'The sender\'s scheme, http or https, where a proxy has changed it' -r -f -a "http\t''
https\t''"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from listen" -l forward -d 'Send hooks that verify on to this scheme, host and port, as they came' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from listen" -l secret-file -d 'The file that holds the secret, or - for standard input; one trailing newline is not part of it. Without this HOOKBELT_SECRET is used' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from listen" -s s -l stack -d 'The app: its name or the beginning (-a, --app too)' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from listen" -s e -l environment -d 'The app\'s environment' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from listen" -s m -l manifest -d 'The manifest; else hookbelt.toml here or above' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from listen" -l profile -d 'The deploy API: the name of a profile' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from listen" -l database -d 'The store, as sqlite:PATH' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from listen" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that can, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from listen" -l secret-raw -d 'Take every byte of the file as the secret, a trailing newline too; it may be empty'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from listen" -l json -d 'Print one JSON document, or lines of JSON'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from listen" -s q -l quiet -d 'Print results and errors only'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from listen" -s v -l verbose -d 'Say more of what is decided on the way, and each request; twice: their headers too'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from listen" -s y -l yes -d 'Answer every question with yes'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from listen" -s h -l help -d 'Print help'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from deliveries" -l release -d 'Those that tell of this release' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from deliveries" -s n -l limit -d 'The most deliveries to list' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from deliveries" -s s -l stack -d 'The app: its name or the beginning (-a, --app too)' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from deliveries" -s e -l environment -d 'The app\'s environment' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from deliveries" -s m -l manifest -d 'The manifest; else hookbelt.toml here or above' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from deliveries" -l profile -d 'The deploy API: the name of a profile' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from deliveries" -l database -d 'The store, as sqlite:PATH' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from deliveries" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that can, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from deliveries" -l failed -d 'Those whose last attempt failed'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from deliveries" -l json -d 'Print one JSON document, or lines of JSON'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from deliveries" -s q -l quiet -d 'Print results and errors only'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from deliveries" -s v -l verbose -d 'Say more of what is decided on the way, and each request; twice: their headers too'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from deliveries" -s y -l yes -d 'Answer every question with yes'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from deliveries" -s h -l help -d 'Print help'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from deliveries" -f -a "show" -d 'Show a delivery and its attempts'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from redeliver" -l since -d 'Those alone that came to be since then: 2h, 2026-11-21 or 2026-11-21T15:07:29Z' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from redeliver" -s s -l stack -d 'The app: its name or the beginning (-a, --app too)' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from redeliver" -s e -l environment -d 'The app\'s environment' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from redeliver" -s m -l manifest -d 'The manifest; else hookbelt.toml here or above' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from redeliver" -l profile -d 'The deploy API: the name of a profile' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from redeliver" -l database -d 'The store, as sqlite:PATH' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from redeliver" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that can, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from redeliver" -l failed -d 'All whose last attempt failed, of those that --since says'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from redeliver" -l json -d 'Print one JSON document, or lines of JSON'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from redeliver" -s q -l quiet -d 'Print results and errors only'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from redeliver" -s v -l verbose -d 'Say more of what is decided on the way, and each request; twice: their headers too'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from redeliver" -s y -l yes -d 'Answer every question with yes'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from redeliver" -s h -l help -d 'Print help'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from sign" -l release -d 'The release\'s number; v1 if left out' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from sign" -l summary -d 'The release\'s summary; if left out, who deployed which sha' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from sign" -l sha -d 'The full sha that was deployed; empty if left out, as for images' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from sign" -l user -d 'Who deployed; $USER if left out' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from sign" -l secret-file -d 'The file that holds the secret, or - for standard input; one trailing newline is not part of it. Without this HOOKBELT_SECRET is used' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from sign" -s s -l stack -d 'The app: its name or the beginning (-a, --app too)' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from sign" -s e -l environment -d 'The app\'s environment' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from sign" -s m -l manifest -d 'The manifest; else hookbelt.toml here or above' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from sign" -l profile -d 'The deploy API: the name of a profile' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from sign" -l database -d 'The store, as sqlite:PATH' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from sign" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that can, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from sign" -l as-is -d 'Sign the URL as it is, without bringing its parameters into order'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from sign" -l header -d 'Print the header: Authorization, and the signature'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from sign" -l curl -d 'Print a curl command line, quoted for a POSIX shell, that posts the hook'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from sign" -l secret-raw -d 'Take every byte of the file as the secret, a trailing newline too; it may be empty'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from sign" -l json -d 'Print one JSON document, or lines of JSON'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from sign" -s q -l quiet -d 'Print results and errors only'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from sign" -s v -l verbose -d 'Say more of what is decided on the way, and each request; twice: their headers too'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from sign" -s y -l yes -d 'Answer every question with yes'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from sign" -s h -l help -d 'Print help'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from verify" -l signature -d 'What the Authorization header holds: 40 hex digits' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from verify" -l request -d 'A request as it was captured, a curl command line, or a line of an access log with the Authorization header\'s value at its end; a file, or - for standard input' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from verify" -l batch -d 'Many: lines of a URL, a tab and its signature, or of JSON with url and signature; a file, or - for standard input' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from verify" -l threads -d 'How many threads verify a batch; otherwise as many as there are cores' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from verify" -l base-url -d 'The URL that the sender has configured, byte for byte' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from verify" -l scheme -d 'The sender\'s scheme, http or https, where a proxy has changed it' -r -f -a "http\t''
https\t''"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from verify" -l secret-file -d 'The file that holds the secret, or - for standard input; one trailing newline is not part of it. Without this HOOKBELT_SECRET is used' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from verify" -s s -l stack -d 'The app: its name or the beginning (-a, --app too)' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from verify" -s e -l environment -d 'The app\'s environment' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from verify" -s m -l manifest -d 'The manifest; else hookbelt.toml here or above' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from verify" -l profile -d 'The deploy API: the name of a profile' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from verify" -l database -d 'The store, as sqlite:PATH' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from verify" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that can, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from verify" -l secret-raw -d 'Take every byte of the file as the secret, a trailing newline too; it may be empty'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from verify" -l json -d 'Print one JSON document, or lines of JSON'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from verify" -s q -l quiet -d 'Print results and errors only'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from verify" -s v -l verbose -d 'Say more of what is decided on the way, and each request; twice: their headers too'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from verify" -s y -l yes -d 'Answer every question with yes'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand hooks; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand init" -s s -l stack -d 'The app: its name or the beginning (-a, --app too)' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand init" -s e -l environment -d 'The app\'s environment' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand init" -s m -l manifest -d 'The manifest; else hookbelt.toml here or above' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand init" -l profile -d 'The deploy API: the name of a profile' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand init" -l database -d 'The store, as sqlite:PATH' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand init" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that can, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand init" -l check -d 'Check the manifest that is there instead of writing one'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand init" -l json -d 'Print one JSON document, or lines of JSON'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand init" -s q -l quiet -d 'Print results and errors only'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand init" -s v -l verbose -d 'Say more of what is decided on the way, and each request; twice: their headers too'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand init" -s y -l yes -d 'Answer every question with yes'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand init" -s h -l help -d 'Print help'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand login" -l backend -d 'Its kind: server (a `hookbelt serve`), cloud66 or workflow; else it is found out' -r -f -a "server\t'A `hookbelt serve`'
cloud66\t'Cloud 66'
workflow\t'The controller of Deis or Hephy Workflow'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand login" -l from -d 'Take over what cx, deis or hephy keeps of you' -r -f -a "cx\t'`cx` of Cloud 66'
deis\t'`deis` of Deis Workflow'
hephy\t'`hephy` of Hephy Workflow'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand login" -l token-file -d 'The file that holds the token, or - for standard input' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand login" -l user -d 'Your name, to sign in with a password (Workflow)' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand login" -l password-file -d 'The file that holds the password, or - for standard input' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand login" -l account -d 'The account that is meant, by its number, where a token sees several (Cloud 66)' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand login" -l ca-file -d 'A file with certificates (PEM) of authorities to trust beside the system\'s' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand login" -s s -l stack -d 'The app: its name or the beginning (-a, --app too)' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand login" -s e -l environment -d 'The app\'s environment' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand login" -s m -l manifest -d 'The manifest; else hookbelt.toml here or above' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand login" -l profile -d 'The deploy API: the name of a profile' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand login" -l database -d 'The store, as sqlite:PATH' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand login" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that can, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand login" -l json -d 'Print one JSON document, or lines of JSON'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand login" -s q -l quiet -d 'Print results and errors only'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand login" -s v -l verbose -d 'Say more of what is decided on the way, and each request; twice: their headers too'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand login" -s y -l yes -d 'Answer every question with yes'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand login" -s h -l help -d 'Print help'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand logout" -s s -l stack -d 'The app: its name or the beginning (-a, --app too)' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand logout" -s e -l environment -d 'The app\'s environment' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand logout" -s m -l manifest -d 'The manifest; else hookbelt.toml here or above' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand logout" -l profile -d 'The deploy API: the name of a profile' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand logout" -l database -d 'The store, as sqlite:PATH' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand logout" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that can, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand logout" -l json -d 'Print one JSON document, or lines of JSON'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand logout" -s q -l quiet -d 'Print results and errors only'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand logout" -s v -l verbose -d 'Say more of what is decided on the way, and each request; twice: their headers too'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand logout" -s y -l yes -d 'Answer every question with yes'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand logout" -s h -l help -d 'Print help'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand profiles; and not __fish_seen_subcommand_from list show use remove" -s s -l stack -d 'The app: its name or the beginning (-a, --app too)' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand profiles; and not __fish_seen_subcommand_from list show use remove" -s e -l environment -d 'The app\'s environment' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand profiles; and not __fish_seen_subcommand_from list show use remove" -s m -l manifest -d 'The manifest; else hookbelt.toml here or above' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand profiles; and not __fish_seen_subcommand_from list show use remove" -l profile -d 'The deploy API: the name of a profile' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand profiles; and not __fish_seen_subcommand_from list show use remove" -l database -d 'The store, as sqlite:PATH' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand profiles; and not __fish_seen_subcommand_from list show use remove" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that can, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand profiles; and not __fish_seen_subcommand_from list show use remove" -l json -d 'Print one JSON document, or lines of JSON'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand profiles; and not __fish_seen_subcommand_from list show use remove" -s q -l quiet -d 'Print results and errors only'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand profiles; and not __fish_seen_subcommand_from list show use remove" -s v -l verbose -d 'Say more of what is decided on the way, and each request; twice: their headers too'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand profiles; and not __fish_seen_subcommand_from list show use remove" -s y -l yes -d 'Answer every question with yes'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand profiles; and not __fish_seen_subcommand_from list show use remove" -s h -l help -d 'Print help'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand profiles; and not __fish_seen_subcommand_from list show use remove" -f -a "list" -d 'List the profiles'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand profiles; and not __fish_seen_subcommand_from list show use remove" -f -a "show" -d 'Show what holds for a command run here, and where each value comes from'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand profiles; and not __fish_seen_subcommand_from list show use remove" -f -a "use" -d 'Make a profile the one of commands that name none'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand profiles; and not __fish_seen_subcommand_from list show use remove" -f -a "remove" -d 'Remove a profile with its token'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand profiles; and __fish_seen_subcommand_from list" -s s -l stack -d 'The app: its name or the beginning (-a, --app too)' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand profiles; and __fish_seen_subcommand_from list" -s e -l environment -d 'The app\'s environment' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand profiles; and __fish_seen_subcommand_from list" -s m -l manifest -d 'The manifest; else hookbelt.toml here or above' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand profiles; and __fish_seen_subcommand_from list" -l profile -d 'The deploy API: the name of a profile' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand profiles; and __fish_seen_subcommand_from list" -l database -d 'The store, as sqlite:PATH' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand profiles; and __fish_seen_subcommand_from list" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that can, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand profiles; and __fish_seen_subcommand_from list" -l json -d 'Print one JSON document, or lines of JSON'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand profiles; and __fish_seen_subcommand_from list" -s q -l quiet -d 'Print results and errors only'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand profiles; and __fish_seen_subcommand_from list" -s v -l verbose -d 'Say more of what is decided on the way, and each request; twice: their headers too'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand profiles; and __fish_seen_subcommand_from list" -s y -l yes -d 'Answer every question with yes'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand profiles; and __fish_seen_subcommand_from list" -s h -l help -d 'Print help'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand profiles; and __fish_seen_subcommand_from show" -s s -l stack -d 'The app: its name or the beginning (-a, --app too)' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand profiles; and __fish_seen_subcommand_from show" -s e -l environment -d 'The app\'s environment' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand profiles; and __fish_seen_subcommand_from show" -s m -l manifest -d 'The manifest; else hookbelt.toml here or above' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand profiles; and __fish_seen_subcommand_from show" -l profile -d 'The deploy API: the name of a profile' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand profiles; and __fish_seen_subcommand_from show" -l database -d 'The store, as sqlite:PATH' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand profiles; and __fish_seen_subcommand_from show" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that can, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand profiles; and __fish_seen_subcommand_from show" -l json -d 'Print one JSON document, or lines of JSON'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand profiles; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print results and errors only'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand profiles; and __fish_seen_subcommand_from show" -s v -l verbose -d 'Say more of what is decided on the way, and each request; twice: their headers too'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand profiles; and __fish_seen_subcommand_from show" -s y -l yes -d 'Answer every question with yes'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand profiles; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand profiles; and __fish_seen_subcommand_from use" -s s -l stack -d 'The app: its name or the beginning (-a, --app too)' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand profiles; and __fish_seen_subcommand_from use" -s e -l environment -d 'The app\'s environment' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand profiles; and __fish_seen_subcommand_from use" -s m -l manifest -d 'The manifest; else hookbelt.toml here or above' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand profiles; and __fish_seen_subcommand_from use" -l profile -d 'The deploy API: the name of a profile' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand profiles; and __fish_seen_subcommand_from use" -l database -d 'The store, as sqlite:PATH' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand profiles; and __fish_seen_subcommand_from use" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that can, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand profiles; and __fish_seen_subcommand_from use" -l json -d 'Print one JSON document, or lines of JSON'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand profiles; and __fish_seen_subcommand_from use" -s q -l quiet -d 'Print results and errors only'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand profiles; and __fish_seen_subcommand_from use" -s v -l verbose -d 'Say more of what is decided on the way, and each request; twice: their headers too'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand profiles; and __fish_seen_subcommand_from use" -s y -l yes -d 'Answer every question with yes'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand profiles; and __fish_seen_subcommand_from use" -s h -l help -d 'Print help'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand profiles; and __fish_seen_subcommand_from remove" -s s -l stack -d 'The app: its name or the beginning (-a, --app too)' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand profiles; and __fish_seen_subcommand_from remove" -s e -l environment -d 'The app\'s environment' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand profiles; and __fish_seen_subcommand_from remove" -s m -l manifest -d 'The manifest; else hookbelt.toml here or above' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand profiles; and __fish_seen_subcommand_from remove" -l profile -d 'The deploy API: the name of a profile' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand profiles; and __fish_seen_subcommand_from remove" -l database -d 'The store, as sqlite:PATH' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand profiles; and __fish_seen_subcommand_from remove" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that can, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand profiles; and __fish_seen_subcommand_from remove" -l json -d 'Print one JSON document, or lines of JSON'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand profiles; and __fish_seen_subcommand_from remove" -s q -l quiet -d 'Print results and errors only'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand profiles; and __fish_seen_subcommand_from remove" -s v -l verbose -d 'Say more of what is decided on the way, and each request; twice: their headers too'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand profiles; and __fish_seen_subcommand_from remove" -s y -l yes -d 'Answer every question with yes'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand profiles; and __fish_seen_subcommand_from remove" -s h -l help -d 'Print help'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand completions" -s s -l stack -d 'The app: its name or the beginning (-a, --app too)' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand completions" -s e -l environment -d 'The app\'s environment' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand completions" -s m -l manifest -d 'The manifest; else hookbelt.toml here or above' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand completions" -l profile -d 'The deploy API: the name of a profile' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand completions" -l database -d 'The store, as sqlite:PATH' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand completions" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that can, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand completions" -l json -d 'Print one JSON document, or lines of JSON'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand completions" -s q -l quiet -d 'Print results and errors only'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand completions" -s v -l verbose -d 'Say more of what is decided on the way, and each request; twice: their headers too'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand completions" -s y -l yes -d 'Answer every question with yes'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand completions" -s h -l help -d 'Print help'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand man" -s s -l stack -d 'The app: its name or the beginning (-a, --app too)' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand man" -s e -l environment -d 'The app\'s environment' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand man" -s m -l manifest -d 'The manifest; else hookbelt.toml here or above' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand man" -l profile -d 'The deploy API: the name of a profile' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand man" -l database -d 'The store, as sqlite:PATH' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand man" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that can, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand man" -l json -d 'Print one JSON document, or lines of JSON'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand man" -s q -l quiet -d 'Print results and errors only'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand man" -s v -l verbose -d 'Say more of what is decided on the way, and each request; twice: their headers too'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand man" -s y -l yes -d 'Answer every question with yes'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand man" -s h -l help -d 'Print help'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand help" -s s -l stack -d 'The app: its name or the beginning (-a, --app too)' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand help" -s e -l environment -d 'The app\'s environment' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand help" -s m -l manifest -d 'The manifest; else hookbelt.toml here or above' -r -F
complete -c hookbelt -n "__fish_hookbelt_using_subcommand help" -l profile -d 'The deploy API: the name of a profile' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand help" -l database -d 'The store, as sqlite:PATH' -r
complete -c hookbelt -n "__fish_hookbelt_using_subcommand help" -l color -d 'Use colour: auto, always or never' -r -f -a "auto\t'On a terminal that can, unless `NO_COLOR` is set'
always\t'Always'
never\t'Never'"
complete -c hookbelt -n "__fish_hookbelt_using_subcommand help" -l json -d 'Print one JSON document, or lines of JSON'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand help" -s q -l quiet -d 'Print results and errors only'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand help" -s v -l verbose -d 'Say more of what is decided on the way, and each request; twice: their headers too'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand help" -s y -l yes -d 'Answer every question with yes'
complete -c hookbelt -n "__fish_hookbelt_using_subcommand help" -s h -l help -d 'Print help'
