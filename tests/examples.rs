//! The examples and the two lines of set-up in the README are true.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::support::Belt;

fn example(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name).join("hookbelt.toml").display().to_string()
}

#[test]
fn the_shop_deploys_from_this_repository() {
    let belt = Belt::new();
    let shop = example("shop");
    let outcome = belt.run(["redeploy", "-m", &shop, "-y"]).expect(0);
    assert!(outcome.stdout.contains("<h1>Welcome to the shop, release v1</h1>"), "{outcome}");
    let page = belt.home().join(".cache/hookbelt-shop/web/current/index.html");
    assert!(fs::read_to_string(page).unwrap().contains("release v1"));
    belt.run(["redeploy", "-m", &shop, "-y", "--service", "api:v2"]).expect(0);
    let image = fs::read_to_string(belt.home().join(".cache/hookbelt-shop/api.txt")).unwrap();
    assert_eq!(image, "api runs registry.example.com/shop/api:v2\n");
    belt.run(["redeploy", "-m", &shop, "-y", "--deployment-profile", "frontend"]).expect(0);
}

#[test]
fn every_example_is_accepted_where_its_programs_are_installed() {
    let mut belt = Belt::new();
    let bin = belt.path().join("bin");
    fs::create_dir(&bin).unwrap();
    for program in ["docker", "kubectl", "systemctl", "curl"] {
        fs::write(bin.join(program), "#!/bin/sh\n").unwrap();
        fs::set_permissions(bin.join(program), PermissionsExt::from_mode(0o755)).unwrap();
    }
    belt.set("PATH", &format!("{}:{}", bin.display(), env!("PATH")));
    for name in ["shop", "compose", "kubernetes", "systemd"] {
        belt.run(["init", "--check", "-m", &example(name)]).expect(0);
    }
}
