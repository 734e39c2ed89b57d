//! The file and its drop-ins: which count, in which order, and which are refused.

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::Path,
};

use crate::settings::*;

#[test]
fn a_file_that_is_missing_a_directory_or_writable_by_others_is_refused_with_the_fix() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("sspr.toml");
    assert!(load(&path).unwrap_err().to_string().contains("there is no such file"));
    fs::write(&path, "").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
    assert!(load(&path).unwrap_err().to_string().contains("run: chmod 0644"));
    // The directory, as `chown sspr /etc/sspr` or a generous mode leaves it.
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    load(&path).unwrap();
    let home = path.parent().unwrap();
    // A group of administrators may write in it, as 0.1.0 had it; everybody may not.
    fs::set_permissions(home, fs::Permissions::from_mode(0o2775)).unwrap();
    load(&path).unwrap();
    fs::set_permissions(home, fs::Permissions::from_mode(0o757)).unwrap();
    assert!(load(&path).unwrap_err().to_string().contains(&format!("run: chmod o-w {}", home.display())));
    fs::set_permissions(home, fs::Permissions::from_mode(0o755)).unwrap();
    if std::os::unix::fs::chown(home, Some(996), None).is_ok() {
        let why = load(&path).unwrap_err().to_string();
        assert!(why.contains(&format!("belongs to uid 996; run: chown root:root {}", home.display())), "{why}");
    }
    std::os::unix::fs::chown(home, Some(fs::metadata(&path).unwrap().uid()), None).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(load(&path).unwrap(), Settings::default());
    fs::write(&path, [b'#', 0xff, 0xfe]).unwrap();
    assert!(load(&path).unwrap_err().to_string().contains("can't be read as text"));
    fs::write(&path, "#".repeat((1 << 20) + 1)).unwrap();
    assert!(load(&path).unwrap_err().to_string().contains("larger than 1 MiB"));
    assert!(load(dir.path()).unwrap_err().to_string().contains("not a regular file"));
}

/// A directory with `sspr.toml` and drop-ins.
fn written(main: &str, drop_ins: &[(&str, &str)]) -> (tempfile::TempDir, std::path::PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("sspr.toml");
    let put = |path: &Path, text: &str| {
        fs::write(path, text).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap();
    };
    put(&path, main);
    fs::create_dir(drop_ins_of(&path)).unwrap();
    fs::set_permissions(drop_ins_of(&path), fs::Permissions::from_mode(0o755)).unwrap();
    for (name, text) in drop_ins {
        put(&drop_ins_of(&path).join(name), text);
    }
    (dir, path)
}

fn drop_ins_of(path: &Path) -> std::path::PathBuf {
    drop_ins(path)
}

#[test]
fn drop_ins_are_laid_over_the_file_in_the_order_of_their_names_key_by_key_and_lists_as_a_whole() {
    let (_dir, path) = written(
        "[scope]\nenable = [\"staff\", \"admins\"]\nmin_uid = 500\n[code]\ndigits = 7\n",
        &[
            ("50-enable.toml", "[scope]\nenable = [\"students\"]\n"),
            ("40-setup.toml", "[scope]\nenable = \"all\"\n[code]\ntries = 3\n"),
            (".hidden.toml", "not read"),
            ("60-old.toml.dpkg-old", "not read"),
        ],
    );
    let settings = load(&path).unwrap();
    assert_eq!(settings.scope.enable, Enable::Groups(vec!["students".into()]));
    assert_eq!((settings.scope.min_uid, settings.code.digits, settings.code.tries), (500, 7, 3));
}

#[test]
fn it_can_be_told_where_each_value_comes_from() {
    let (_dir, path) = written(
        "[scope]\nenable = \"none\"\nmin_uid = 500\n",
        &[("50-enable.toml", "# by hand\n[scope]\nenable = \"all\"\n")],
    );
    let loaded = load_with_origins(&path).unwrap();
    let drop_in = drop_ins_of(&path).join("50-enable.toml");
    assert_eq!(loaded.files, [path.clone(), drop_in.clone()]);
    assert_eq!(loaded.origin("scope", "enable"), Some(&Origin { path: drop_in, line: 3 }));
    assert_eq!(loaded.origin("scope", "min_uid"), Some(&Origin { path, line: 3 }));
    assert_eq!(loaded.origin("scope", "exclude"), None);
    let effective = loaded.effective();
    let get = |section: &str, key: &str| effective.iter().find(|e| e.section == section && e.key == key).unwrap();
    assert_eq!(get("scope", "enable").value, Some("all".into()));
    assert_eq!(
        (get("code", "lifetime").value.clone(), get("code", "lifetime").origin.clone()),
        (Some("10m".into()), None)
    );
    assert_eq!(get("email", "smtp").value, None);
    assert!(!effective.iter().any(|e| e.section == "phone.twilio"), "a gateway that is not set up is left out");
}

#[test]
fn a_mistake_is_said_with_the_file_that_made_it_also_between_keys() {
    for (main, drop_in, want) in [
        ("", "[code]\nlifetme = \"5m\"\n", "sspr.toml.d/50.toml:2: there is no setting \"lifetme\""),
        ("", "[code\n", "sspr.toml.d/50.toml:1: the name of the section"),
        ("[code]\ndigits = 9\n", "[code]\ndigits = 4\n", "sspr.toml.d/50.toml:2: digits = 4 is out of range"),
        ("[code]\ndigits = 4\n", "[code]\ntries = 3\n", "sspr.toml:2: digits = 4 is out of range"),
        (
            "[register]\nmethods = [\"email\"]\n[recover]\nadmin_methods_required = 1\n",
            "\n[recover]\nmethods_required = 2\n",
            "sspr.toml.d/50.toml:3: methods_required is 2",
        ),
        (
            "[email]\ngateway = \"spool\"\n",
            "#\n[email]\ngateway = \"smtp\"\n",
            "sspr.toml.d/50.toml:2: mail is to go by SMTP",
        ),
        ("[code]\ndigits = \"x\"\n", "[scope]\nenable = \"all\"\n", "sspr.toml:2: code.digits can't be"),
        ("[code]\ndigits = \"x\"\n", "[code]\ndigits = 7\n", ""),
    ] {
        let (_dir, path) = written(main, &[("50.toml", drop_in)]);
        match load(&path) {
            Err(error) => assert!(!want.is_empty() && error.to_string().contains(want), "{error}\n  want {want}"),
            Ok(_) => assert!(want.is_empty(), "{want}"),
        }
    }
}

#[test]
fn a_drop_in_that_others_can_write_is_refused_like_the_file_itself_and_so_is_their_directory() {
    let (_dir, path) = written("", &[("50.toml", "")]);
    let drop_in = drop_ins_of(&path).join("50.toml");
    fs::set_permissions(&drop_in, fs::Permissions::from_mode(0o664)).unwrap();
    let error = load(&path).unwrap_err().to_string();
    assert!(error.contains("50.toml: is writable by others") && error.contains("run: chmod 0644"), "{error}");
    fs::set_permissions(&drop_in, fs::Permissions::from_mode(0o644)).unwrap();
    fs::set_permissions(drop_ins_of(&path), fs::Permissions::from_mode(0o777)).unwrap();
    let error = load(&path).unwrap_err().to_string();
    assert!(error.contains("sspr.toml.d: is writable by others") && error.contains("run: chmod 0755"), "{error}");
    fs::set_permissions(drop_ins_of(&path), fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(&drop_in, "#".repeat((1 << 20) + 1)).unwrap();
    assert!(load(&path).unwrap_err().to_string().contains("50.toml: is larger than 1 MiB"));
    fs::remove_file(&drop_in).unwrap();
    fs::create_dir(&drop_in).unwrap();
    assert!(load(&path).unwrap_err().to_string().contains("50.toml: is not a regular file"));
}

#[test]
fn what_a_new_installation_has_counts_below_the_file_and_is_what_the_packages_write() {
    let (_dir, path) = written("[scope]\nenable = \"all\"\n", &[]);
    assert_eq!(load(&path).unwrap().scope.admin_groups, ["sudo", "wheel"]);
    let installed = |script: &str| {
        let rest = script.split_once("installed.toml <<'TOML'\n").unwrap().1;
        rest.split_once("\nTOML\n").unwrap().0.to_owned()
    };
    let text = installed(include_str!("../../../../packaging/debian/postinst"));
    assert_eq!(installed(include_str!("../../../../packaging/rpm/post.sh")), text);
    let put = |path: &Path, text: &str| {
        fs::write(path, text).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap();
    };
    put(&path.with_file_name("installed.toml"), &text);
    let loaded = load_with_origins(&path).unwrap();
    assert_eq!(loaded.settings.scope.admin_groups, AS_GOOD_AS_ROOT);
    assert_eq!(loaded.settings.scope.enable, Enable::All);
    put(&path, "[scope]\nadmin_groups = [\"ops\"]\n");
    assert_eq!(load(&path).unwrap().scope.admin_groups, ["ops"], "the administrator's word counts");
}
