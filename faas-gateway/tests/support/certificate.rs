//! Certificates as an operator makes them for himself, with `openssl`.

use std::{path::Path, process::Command};

/// Makes a new key and a certificate of it for `host`, in these files (PEM).
pub fn make(host: &str, certificate: &Path, key: &Path) {
    let folder = tempfile::tempdir().unwrap();
    let settings = folder.path().join("openssl.cnf");
    let text = format!(
        "[req]\ndistinguished_name = subject\nprompt = no\nx509_extensions = extensions\n[subject]\nCN = {host}\n\
         [extensions]\nsubjectAltName = DNS:{host}\nbasicConstraints = critical, CA:FALSE\n"
    );
    std::fs::write(&settings, text).unwrap();
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "2",
            "-config",
        ])
        .arg(settings)
        .args(["-keyout".as_ref(), key.as_os_str(), "-out".as_ref(), certificate.as_os_str()])
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}
