//! What `packaging/release` makes: it is installed, used and removed, on a copy of this machine's own system that nobody
//! else sees. `./test --full` does it with what people get; else the packages hold the program under test.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::generated::root;
use crate::support::{Belt, HOOKBELT, Outcome, PLAIN};

/// The folder with the packages.
fn packages(belt: &Belt) -> PathBuf {
    if let Some(made) = env::var_os("PACKAGES") {
        return root(made.to_str().unwrap());
    }
    let folder = belt.path().join("packages");
    let mut release = Command::new(root("packaging/release"));
    release.args(["--fast", "--binary", HOOKBELT, "--output"]).arg(&folder);
    Outcome::of(release, belt.path()).expect(0);
    folder
}

/// The one file of a folder that has this ending.
fn ending(folder: &Path, ending: &str) -> PathBuf {
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let found: Vec<PathBuf> = files.filter(|path| path.to_str().unwrap().ends_with(ending)).collect();
    let [file] = &found[..] else {
        panic!("{ending}: {found:?}");
    };
    file.clone()
}

fn bash(script: &str, arguments: &[&Path], belt: &Belt) -> Outcome {
    let mut command = Command::new("bash");
    command.args(["-euc", script]).args(arguments).current_dir(belt.work());
    Outcome::of(command, belt.path())
}

/// The completions and man pages below these folders are found by who looks for them.
const LOOK: &str = r#"
    "$program" --version
    "$program" redeploy -m hookbelt.toml --database sqlite:$PWD/store.db
    mandoc -T lint -W error "$pages/hookbelt.1"*
    mandoc "$pages/hookbelt-redeploy.1"* | grep -q 'hookbelt-redeploy'
    bash -euc 'source "$0"; complete -p hookbelt' "$bash_completions"
    zsh -fc 'fpath=("$0" $fpath); autoload -U compinit; compinit -D -u; print -r -- $_comps[hookbelt]' "$zsh_completions"
    env HOME="$PWD" fish -c 'source $argv; complete -C "hookbelt rede"' "$fish_completions"
"#;

fn looked(outcome: &Outcome) {
    for line in [
        concat!("hookbelt ", env!("CARGO_PKG_VERSION")),
        "deployed shop (staging) v1: web\n",
        " -F _hookbelt hookbelt\n",
        "\n_hookbelt\n",
        "\nredeploy",
    ] {
        assert!(outcome.stdout.contains(line), "{line:?}: {outcome}");
    }
}

#[test]
fn packages_are_installed_used_and_removed() {
    let belt = Belt::with_manifest(&format!("{PLAIN}deploy = \"echo hello\"\n"));
    let folder = packages(&belt);
    bash("cd \"$0\" && sha256sum --check --strict SHA256SUMS", &[&folder], &belt).expect(0);
    tarball(&ending(&folder, ".tar.gz"), &belt);
    let deb = ending(&folder, ".deb");
    unpacked(&deb, &belt);
    if rustix::process::geteuid().is_root() {
        installed(&deb, &belt);
    }
    // Who is not root cannot install a package, not even on a copy; its files were looked at.
}

fn tarball(file: &Path, belt: &Belt) {
    let script = r#"
        mkdir tarball; tar -C tarball -xzf "$0"; here=$(echo $PWD/tarball/hookbelt-*-x86_64-unknown-linux-gnu)
        program=$here/hookbelt pages=$here/man bash_completions=$here/completions/hookbelt.bash
        zsh_completions=$here/completions fish_completions=$here/completions/hookbelt.fish
    "#;
    looked(&bash(&format!("{script}{LOOK}rm -r store.db*"), &[file], belt).expect(0));
    let list = "tar -tvzf \"$0\" | awk '{ print $1, $2, $6 }'";
    let list = bash(list, &[file], belt).expect(0).stdout;
    for (kind, name) in
        [("-rwxr-xr-x", "hookbelt"), ("-rw-r--r--", "LICENSE"), ("-rw-r--r--", "packaging/hookbelt.service")]
    {
        let line = list.lines().find(|line| line.ends_with(&format!("linux-gnu/{name}"))).unwrap_or_default();
        assert!(line.starts_with(&format!("{kind} 0/0 ")), "{name}: {list}");
    }
    let mut names: Vec<&str> =
        list.lines().map(|line| line.split(' ').next_back().unwrap().trim_end_matches('/')).collect();
    names.pop();
    assert!(names.len() > 40 && names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
}

/// The unit, the user and the folder of manifests are where systemd looks for them.
fn unpacked(deb: &Path, belt: &Belt) {
    let tree = belt.path().join("tree");
    bash("dpkg-deb -x \"$0\" \"$1\"", &[deb, &tree], belt).expect(0);
    for (installed, source) in [
        ("lib/systemd/system/hookbelt.service", "hookbelt.service"),
        ("lib/sysusers.d/hookbelt.conf", "hookbelt.sysusers"),
        ("lib/tmpfiles.d/hookbelt.conf", "hookbelt.tmpfiles"),
    ] {
        let installed = fs::read(tree.join("usr").join(installed)).unwrap();
        assert!(installed == fs::read(root("packaging").join(source)).unwrap(), "{source}");
    }
    let depends = bash("dpkg-deb -f \"$0\" Depends Version Architecture", &[deb], belt).expect(0).stdout;
    let version = env!("CARGO_PKG_VERSION");
    assert!(depends.starts_with("Depends: libc6 (>= 2.3") && depends.contains("libc6 (>= 2.36)"), "{depends}");
    assert!(depends.contains(&format!("\nVersion: {version}\nArchitecture: amd64\n")), "{depends}");
}

/// On an overlay of `/`, which goes with the mount's name space. No triggers: those of man-db look at every page of the system.
fn installed(deb: &Path, belt: &Belt) {
    let within = format!(
        r"cd /project
        dpkg --no-triggers -i /hookbelt.deb
        program=hookbelt pages=/usr/share/man/man1 bash_completions=/usr/share/bash-completion/completions/hookbelt
        zsh_completions=/usr/share/zsh/vendor-completions
        fish_completions=/usr/share/fish/vendor_completions.d/hookbelt.fish
        {LOOK}
        getent passwd hookbelt
        stat -c '%a %U %G %n' /etc/hookbelt
        dpkg --verify hookbelt
        dpkg --no-triggers -i /hookbelt.deb
        dpkg --no-triggers --remove hookbelt
        ! test -e /usr/bin/hookbelt
        ! test -e /usr/share/man/man1/hookbelt.1.gz
        test -d /etc/hookbelt
        dpkg --no-triggers --purge hookbelt"
    );
    let script = r#"
        mount -t tmpfs none "$1"
        cd "$1"
        mkdir upper work root
        mount -t overlay none -o lowerdir=/,upperdir=upper,workdir=work root
        mount --bind /dev root/dev
        mount -t proc none root/proc
        cp "$0" root/hookbelt.deb
        cp -r "$3" root/project
        exec chroot root env -i HOME=/root USER=ann TZ=UTC PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin bash -euc "$2"
    "#;
    let mount = belt.path().join("machine");
    fs::create_dir(&mount).unwrap();
    let mut command = Command::new("unshare");
    command.args(["--mount", "bash", "-euc", script]).args([deb, &mount]).arg(within).arg(belt.work());
    let outcome = Outcome::of(command, belt.path()).expect(0);
    looked(&outcome);
    assert!(outcome.stdout.contains(":hookbelt deployments:/var/lib/hookbelt:/usr/sbin/nologin\n"), "{outcome}");
    assert!(outcome.stdout.contains("\n750 root hookbelt /etc/hookbelt\n"), "{outcome}");
}

#[test]
fn the_script_says_what_it_does_not_understand() {
    let belt = Belt::new();
    let release = |arguments: &[&str]| {
        let mut command = Command::new(root("packaging/release"));
        command.args(arguments);
        Outcome::of(command, belt.path())
    };
    assert!(release(&["--help"]).expect(0).stdout.starts_with("usage: packaging/release"));
    assert!(release(&["--nonsense"]).expect(2).stderr.ends_with("error: unknown argument: --nonsense\n"));
    assert!(release(&["--binary"]).expect(2).stderr.ends_with("error: --binary needs a value\n"));
}
