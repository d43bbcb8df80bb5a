//! A certificate authority that lives as long as the test, and the server's certificate from it.

use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use tokio_rustls::TlsAcceptor;

/// What a client trusts, and what the server shows it.
pub(super) struct Identity {
    /// The authority that signed the server's certificate, in PEM.
    pub(super) ca_pem: String,
    /// The server's side of a handshake.
    pub(super) acceptor: TlsAcceptor,
}

impl Identity {
    /// A server certificate for these host names and addresses, signed by a new authority.
    pub(super) fn for_names(names: &[&str]) -> Self {
        let ca_key = KeyPair::generate().unwrap();
        let ca_params = authority(&ca_key);
        let ca_pem = ca_params.self_signed(&ca_key).unwrap().pem();
        let issuer = Issuer::new(ca_params, ca_key);

        let names: Vec<String> = names.iter().map(ToString::to_string).collect();
        let leaf_key = KeyPair::generate().unwrap();
        let leaf = CertificateParams::new(names)
            .unwrap()
            .signed_by(&leaf_key, &issuer)
            .unwrap();

        // The provider is named, so that this does not depend on which one the process installed.
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![leaf.der().clone()],
                PrivateKeyDer::Pkcs8(leaf_key.serialize_der().into()),
            )
            .unwrap();
        Self {
            ca_pem,
            acceptor: TlsAcceptor::from(Arc::new(config)),
        }
    }
}

/// Each has a name of its own: two of the same name look like one with a forged signature.
fn authority(key: &KeyPair) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let name = format!("CA of a test {:02x?}", &key.public_key_raw()[1..9]);
    params.distinguished_name.push(DnType::CommonName, name);
    params
}
