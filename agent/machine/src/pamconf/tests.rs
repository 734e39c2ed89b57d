//! The host's lines, and the copy that is made of them.

use super::*;

/// The copy of `files`, of which the first is the service.
fn copied(files: &[(&str, &str)]) -> Result<BTreeMap<String, String>, String> {
    let read = |name: &str| {
        let found = files.iter().find(|(n, _)| *n == name);
        found.map(|(_, text)| (*text).to_owned()).ok_or_else(|| io::ErrorKind::NotFound.into())
    };
    derive(files[0].0, Path::new("/run/x"), &read).map_err(|e| e.to_string())
}

/// What becomes of one line.
fn line(text: &str) -> String {
    copied(&[("sspr", text), ("common-auth", ""), ("/etc/x", "")]).unwrap()["sspr"].clone()
}

#[test]
fn modules_that_only_warn_root_are_made_to_refuse_and_ask_once() {
    for (from, to) in [
        (
            "password requisite pam_pwquality.so retry=3",
            "password requisite pam_pwquality.so retry=1 enforce_for_root\n",
        ),
        (
            "password requisite /lib/security/pam_pwquality.so enforce_for_root minlen=12",
            "password requisite /lib/security/pam_pwquality.so enforce_for_root minlen=12 retry=1\n",
        ),
        (
            "PASSWORD [success=1 new_authtok_reqd=ok default=die] pam_pwhistory.so remember=5 use_authtok",
            "PASSWORD [success=1 new_authtok_reqd=ok default=die] pam_pwhistory.so remember=5 use_authtok retry=1 enforce_for_root\n",
        ),
        ("-password required pam_cracklib.so", "-password required pam_cracklib.so retry=1 enforce_for_root\n"),
        (
            "password requisite pam_passwdqc.so enforce=users [min=disabled, 24]",
            "password requisite pam_passwdqc.so enforce=users [min=disabled, 24] retry=1 enforce=everyone\n",
        ),
        (
            "password requisite pam_passwdqc.so enforce=none",
            "password requisite pam_passwdqc.so enforce=none retry=1\n",
        ),
        (
            "password [success=1 default=ignore] pam_unix.so obscure use_authtok yescrypt # hashes",
            "password [success=1 default=ignore] pam_unix.so obscure use_authtok yescrypt\n",
        ),
        ("password optional pam_exec.so [a \\] b] c", "password optional pam_exec.so [a \\] b] c\n"),
    ] {
        assert_eq!(line(from), to);
    }
}

#[test]
fn only_lines_that_judge_a_password_keep_their_effect_and_every_line_its_place() {
    for (from, to) in [
        ("auth required pam_unix.so nullok", "auth required pam_unix.so nullok\n"),
        ("auth [default=die] pam_faillock.so authfail", "auth [default=die] pam_faillock.so authfail\n"),
        ("auth [success=1 default=ignore] pam_sss.so", "auth [default=ignore] pam_permit.so\n"),
        ("auth sufficient pam_u2f.so", "auth [default=ignore] pam_permit.so\n"),
        ("-auth required pam_google_authenticator.so", "-auth [default=ignore] pam_permit.so\n"),
        ("auth sufficient pam_sspr.so", "auth [default=ignore] pam_permit.so\n"),
        ("password optional pam_sspr.so", "password [default=ignore] pam_permit.so\n"),
        (
            "password [success=2 default=ignore] pam_krb5.so minimum_uid=1000",
            "password [default=ignore] pam_permit.so\n",
        ),
        ("password sufficient pam_sss.so use_authtok", "password [default=ignore] pam_permit.so\n"),
        ("account required pam_unix.so", ""),
        ("session optional pam_systemd.so", ""),
        ("-session include system-auth", ""),
    ] {
        assert_eq!(line(from), to);
    }
}

/// As Debian's profile of `pam_krb5` leaves `common-password`.
#[test]
fn the_line_behind_a_directorys_that_is_passed_over_asks_for_the_password_itself() {
    let krb5 = "password [success=3 default=ignore] pam_krb5.so minimum_uid=1000\n";
    let unix = "password [success=2 default=ignore] pam_unix.so obscure use_authtok try_first_pass yescrypt\n";
    let asks = "password [success=2 default=ignore] pam_unix.so obscure try_first_pass yescrypt\n";
    let nothing = "password [default=ignore] pam_permit.so\n";
    assert_eq!(line(&format!("{krb5}{unix}")), format!("{nothing}{asks}"));
    let sss = "password [success=1 default=ignore] pam_sss.so use_authtok\n";
    assert_eq!(line(&format!("{krb5}{unix}{sss}")), format!("{nothing}{asks}{nothing}"));
    // Where another line asks, it is as it was.
    let quality = "password requisite pam_pwquality.so retry=3\n";
    for before in [format!("{quality}{krb5}"), format!("{krb5}{quality}")] {
        assert!(line(&format!("{before}{unix}")).ends_with(unix));
    }
    // Also across files.
    let copy = copied(&[("sspr", "@include a\n@include b\n"), ("a", krb5), ("b", unix)]).unwrap();
    assert_eq!(copy["included-b"], asks);
    // Nothing was passed over: it can't be set, and that is said.
    assert_eq!(line(unix), unix);
}

#[test]
fn every_kind_of_include_is_followed_and_renamed() {
    let copy = copied(&[
        ("sspr", "@include common-auth\npassword include system-auth\npassword\tsubstack /etc/pam.d/extra\n"),
        ("common-auth", "auth required pam_unix.so\n@include deeper\n"),
        ("deeper", "password required pam_deny.so\n"),
        ("system-auth", "auth required pam_deny.so\npassword substack deeper\n"),
        ("/etc/pam.d/extra", "password required pam_pwquality.so\n"),
    ]);
    let copy = copy.unwrap();
    let names: Vec<&str> = copy.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "included-%etc%pam.d%extra",
            "included-common-auth",
            "included-deeper",
            "included-system-auth",
            "other",
            "sspr"
        ]
    );
    assert_eq!(
        copy["sspr"],
        "auth include /run/x/included-common-auth\npassword include /run/x/included-common-auth\n\
         password include /run/x/included-system-auth\npassword substack /run/x/included-%etc%pam.d%extra\n"
    );
    assert_eq!(copy["included-%etc%pam.d%extra"], "password required pam_pwquality.so retry=1 enforce_for_root\n");
    assert_eq!(copy["other"], OTHER);
}

#[test]
fn comments_and_continued_lines_are_read_as_libpam_does() {
    assert_eq!(
        line("# a comment\n\n   \nauth required \\\n   pam_unix.so nullok\n"),
        "auth required  pam_unix.so nullok\n".replace("  ", " ")
    );
    assert_eq!(
        line("auth required pam_unix.so # nullok \\\nauth required pam_deny.so"),
        "auth required pam_unix.so\nauth required pam_deny.so\n"
    );
}

#[test]
fn a_line_has_the_number_that_it_begins_at() {
    let text = "# one\n\nauth required \\\n pam_unix.so\nauth required pam_deny.so # no\n";
    let lines = numbered_lines(text);
    let numbers: Vec<usize> = lines.iter().map(|(number, _)| *number).collect();
    assert_eq!((numbers, lines.len()), (vec![3, 5], 2), "{lines:?}");
}

#[test]
fn what_is_not_understood_is_an_error() {
    for text in [
        "authentication required pam_unix.so",
        "auth required",
        "auth",
        "auth [success=1 pam_unix.so",
        "@include",
        "@include a b",
        "password include",
    ] {
        let error = copied(&[("sspr", text)]).unwrap_err();
        assert!(error.contains("not understood"), "{text}: {error}");
    }
    assert!(copied(&[("sspr", "@include missing")]).unwrap_err().contains("missing"));
    let error = copied(&[("sspr", "@include a"), ("a", "auth include b"), ("b", "@include a")]).unwrap_err();
    assert!(error.contains("includes itself"), "{error}");
}

#[test]
fn files_may_be_in_any_encoding_and_the_copy_is_byte_for_byte() {
    let dir = tempfile::tempdir().unwrap();
    // Latin-1 in a comment; "à" in UTF-8, of which the second byte alone would be a blank of Latin-1.
    let text = b"# f\xfcr alle\npassword optional pam_exec.so /opt/voil\xc3\xa0 \xe9\n@include d\xe9j\xe0\n";
    fs::write(dir.path().join("sspr"), text).unwrap();
    let odd = PathBuf::from(OsString::from_vec(b"d\xe9j\xe0".to_vec()));
    fs::write(dir.path().join(odd), "auth required pam_unix.so\n").unwrap();
    let directories = [dir.path()];
    let target = dir.path().join("run/pam.d");
    let copy = derive("sspr", Path::new("/run/x"), &read_from(&directories)).unwrap();
    write(&copy, &dir.path().join("run"), &target).unwrap();
    let written = fs::read(target.join("sspr")).unwrap();
    assert!(written.starts_with(b"password optional pam_exec.so /opt/voil\xc3\xa0 \xe9\n"), "{written:?}");
    assert!(written.ends_with(b"included-d\xe9j\xe0\n"), "{written:?}");
    let line = copy["sspr"].lines().next().unwrap();
    assert_eq!(arguments_of(line, Kind::Password, "pam_exec").unwrap()[0], "/opt/voil\u{e0}");
}

#[test]
fn a_module_is_found_in_lines_of_every_kind_and_what_is_not_understood_might_name_it() {
    let read = |name: &str| match name {
        "sshd" => Ok("auth required pam_unix.so\n@include common-account\n".to_owned()),
        "common-account" => Ok("account [success=1 default=bad] /lib/security/pam_shells.so\n".to_owned()),
        "broken" => Ok("account\n".to_owned()),
        "plain" => Ok("account required pam_unix.so # pam_shells.so\n".to_owned()),
        _ => Err(io::ErrorKind::NotFound.into()),
    };
    for (service, want) in [("sshd", true), ("plain", false), ("broken", true), ("missing", false)] {
        assert_eq!(mentions_in(service, "pam_shells", &read, 0), want, "{service}");
    }
}

#[test]
fn a_name_in_the_first_directory_wins_and_no_name_leaves_the_directories() {
    let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    fs::write(first.path().join("both"), "1").unwrap();
    fs::write(second.path().join("both"), "2").unwrap();
    fs::write(second.path().join("vendor"), "3").unwrap();
    let directories = [first.path(), second.path()];
    let read = read_from(&directories);
    assert_eq!((read("both").unwrap(), read("vendor").unwrap()), ("1".into(), "3".into()));
    for name in ["", "..", "../etc/passwd", "a/b", ".hidden", "missing"] {
        assert!(read(name).is_err(), "{name}");
    }
}

#[test]
fn the_copy_is_for_its_owner_alone_and_replaces_the_last_one() {
    let dir = tempfile::tempdir().unwrap();
    let (runtime, target) = (dir.path().join("run"), dir.path().join("run/pam.d"));
    write(&BTreeMap::from([("old".into(), "1".into())]), &runtime, &target).unwrap();
    write(&BTreeMap::from([("new".into(), "2".into())]), &runtime, &target).unwrap();
    let names: Vec<_> = fs::read_dir(&target).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names, ["new"]);
    let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
    assert_eq!((mode(&runtime), mode(&target), mode(&target.join("new"))), (0o700, 0o700, 0o600));
}

#[test]
fn a_runtime_directory_that_others_can_write_or_that_is_a_link_is_refused() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let dir = tempfile::tempdir().unwrap();
    let (open, link) = (dir.path().join("open"), dir.path().join("link"));
    fs::create_dir(&open).unwrap();
    fs::set_permissions(&open, fs::Permissions::from_mode(0o777)).unwrap();
    symlink(dir.path(), &link).unwrap();
    for runtime in [open, link] {
        assert!(write(&BTreeMap::new(), &runtime, &runtime.join("pam.d")).is_err(), "{runtime:?}");
    }
}
