//! Neo4j under TLS: `scripts/neo4j start DIR --tls` has a certificate for the name `localhost`, of an
//! authority that SSL_CERT_FILE names. The story runs over each way to trust it.
#![allow(clippy::unwrap_used)]

mod common;

use common::Bench;
use mqd_store::{Error, Neo4jConfig, Store};

#[test]
fn who_the_server_is_matters_as_much_as_the_address_says() {
    let Some(bench) = Bench::neo4j() else { return };
    let right = bench.neo4j_config();
    let Some(rest) = right.url.strip_prefix("bolt+s://localhost:") else {
        eprintln!(
            "skipped: the server of the tests is not under TLS (scripts/neo4j start DIR --tls)"
        );
        return;
    };
    let open = |url: String| Store::open_neo4j(&Neo4jConfig { url, ..right.clone() });
    // Its authority is known and its name is right; or whoever it is, as long as it is encrypted.
    for scheme in ["bolt+s", "bolt+ssc", "neo4j+s", "neo4j+ssc"] {
        let store = open(format!("{scheme}://localhost:{rest}"));
        store.unwrap_or_else(|error| panic!("{scheme}: {error}")).load().unwrap();
    }
    open(format!("bolt+ssc://127.0.0.1:{rest}")).unwrap().load().unwrap();
    // Another name than the certificate's, and no encryption at all: nothing is said to it.
    for url in [format!("bolt+s://127.0.0.1:{rest}"), format!("bolt://localhost:{rest}")] {
        let error = open(url.clone()).unwrap_err();
        assert!(matches!(error, Error::Unreachable { .. }), "{url}: {error:?}");
        assert!(!error.to_string().contains(right.password.expose()), "{error}");
    }
}
