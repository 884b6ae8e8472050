//! A certificate authority of its own, and what it issues.

use std::path::Path;
use std::{fs, io};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};

/// Names of the certificates, which are the names of their files: NAME.pem and NAME.key.
pub(crate) const VALID: &str = "valid";
pub(crate) const EXPIRED: &str = "expired";
pub(crate) const WRONG_NAME: &str = "wrong-name";

/// The authority's certificate.
pub(crate) const CA_FILE: &str = "ca.pem";

const OWN_NAMES: &[&str] = &["localhost", "127.0.0.1", "::1"];

/// Writes the authority's certificate and the servers' certificates and keys to `directory`.
pub(crate) fn write_to(directory: &Path) -> io::Result<()> {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "curlback test authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let authority = CertifiedIssuer::self_signed(params, new_key()?).map_err(io::Error::other)?;
    fs::write(directory.join(CA_FILE), authority.pem())?;

    let issue = |name: &str, subjects: &[&str], last_year: i32| {
        let key = new_key()?;
        let subjects: Vec<String> = subjects.iter().map(ToString::to_string).collect();
        let mut params = CertificateParams::new(subjects).map_err(io::Error::other)?;
        params.distinguished_name.push(DnType::CommonName, format!("curlback test server: {name}"));
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(last_year, 12, 31);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let certificate = params.signed_by(&key, &authority).map_err(io::Error::other)?;
        fs::write(directory.join(format!("{name}.pem")), certificate.pem())?;
        fs::write(directory.join(format!("{name}.key")), key.serialize_pem())
    };
    issue(VALID, OWN_NAMES, 2999)?;
    issue(EXPIRED, OWN_NAMES, 2020)?;
    issue(WRONG_NAME, &["wrong-name.invalid"], 2999)
}

fn new_key() -> io::Result<KeyPair> {
    KeyPair::generate().map_err(io::Error::other)
}
