//! The size of the installed files.

use std::{fs, path::Path};

use sspr_tests::image;

use crate::{
    document::Section,
    figures::{Row, mebibytes},
};

pub(crate) fn section() -> Section {
    let dist = Path::new(env!("CARGO_MANIFEST_DIR")).join("../dist/staged-deb");
    let module = find(&dist, "pam_sspr.so").expect("make deb lays the module out");
    let rows = vec![
        Row::aimed("pam_sspr.so", "at most 1 MiB", module <= 1024.0 * 1024.0, format!("{:.0} KiB", module / 1024.0)),
        Row::told("The package", mebibytes(fs::metadata(image::package()).unwrap().len() as f64 / 1024.0)),
    ];
    Section::new("Sizes", rows)
}

/// The size of the file `name` somewhere under `directory`.
fn find(directory: &Path, name: &str) -> Option<f64> {
    fs::read_dir(directory).ok()?.flatten().find_map(|entry| {
        let meta = entry.metadata().ok()?;
        if meta.is_dir() {
            return find(&entry.path(), name);
        }
        (entry.file_name() == name).then_some(meta.len() as f64)
    })
}
