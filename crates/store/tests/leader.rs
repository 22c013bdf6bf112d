//! Leaders that change, servers that refuse for a moment, and refusals that no second try mends: a
//! server between us and the real one answers with Neo4j's own errors at each stage of a transaction.
#![allow(clippy::unwrap_used)]

mod common;

use common::{Bench, concept};
use mqd_model::{ChangeSet, Uuid};
use mqd_store::{Error, Neo4jConfig, Store};
use std::{
    io::{self, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

/// Signatures of Bolt's messages.
const GOODBYE: u8 = 0x02;
const RESET: u8 = 0x0f;
const RUN: u8 = 0x10;
const BEGIN: u8 = 0x11;
const COMMIT: u8 = 0x12;
const SUMMARIES: [u8; 3] = [0x70, 0x7e, 0x7f];

const NOT_A_LEADER: &str = "Neo.ClientError.Cluster.NotALeader";

/// What is refused, and how often from now on.
#[derive(Clone, Copy)]
struct Fault {
    at: u8,
    code: &'static str,
    left: usize,
}

/// Refuses, and counts its refusals.
#[derive(Default)]
struct Refusing {
    fault: Mutex<Option<Fault>>,
    refusals: Mutex<usize>,
}

impl Refusing {
    fn start(server: String) -> (Arc<Self>, String) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("bolt://{}", listener.local_addr().unwrap());
        let refusing = Arc::new(Self::default());
        let shared = Arc::clone(&refusing);
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let (shared, server) = (Arc::clone(&shared), server.clone());
                // A connection ends with the first side that closes it.
                thread::spawn(move || shared.serve(client, TcpStream::connect(server)?));
            }
        });
        (refusing, url)
    }

    /// Refuses this from now on; forgets what was refused before.
    fn refuse(&self, at: u8, code: &'static str, left: usize) {
        *self.fault.lock().unwrap() = Some(Fault { at, code, left });
        *self.refusals.lock().unwrap() = 0;
    }

    fn refusals(&self) -> usize {
        *self.refusals.lock().unwrap()
    }

    /// The code that this message is refused with, if it is.
    fn refused(&self, signature: u8) -> Option<&'static str> {
        let mut fault = self.fault.lock().unwrap();
        let fault = fault.as_mut().filter(|fault| fault.at == signature && fault.left > 0)?;
        fault.left -= 1;
        *self.refusals.lock().unwrap() += 1;
        Some(fault.code)
    }

    /// One message after the other, each with all of its answer, so that nothing overtakes.
    fn serve(&self, mut client: TcpStream, mut server: TcpStream) -> io::Result<()> {
        let mut hello = [0; 20];
        client.read_exact(&mut hello)?;
        // Bolt 5.4 alone: its errors are a code and a message.
        hello[4..].copy_from_slice(&[0, 0, 4, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        server.write_all(&hello)?;
        let mut version = [0; 4];
        server.read_exact(&mut version)?;
        client.write_all(&version)?;
        // After a refusal everything is ignored until the client starts anew.
        let mut failed = false;
        loop {
            let message = read(&mut client)?;
            let signature = message[1];
            if signature == RESET {
                failed = false;
            }
            if failed {
                write(&mut client, &[0xb0, 0x7e])?;
            } else if let Some(code) = self.refused(signature) {
                failed = true;
                write(&mut client, &failure(code))?;
            } else {
                write(&mut server, &message)?;
                if signature == GOODBYE {
                    return Ok(());
                }
                loop {
                    let answer = read(&mut server)?;
                    write(&mut client, &answer)?;
                    if SUMMARIES.contains(&answer[1]) {
                        break;
                    }
                }
            }
        }
    }
}

/// A message out of its chunks.
fn read(from: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut message = Vec::new();
    loop {
        let mut size = [0; 2];
        from.read_exact(&mut size)?;
        match usize::from(u16::from_be_bytes(size)) {
            // An empty message keeps the connection awake.
            0 if message.is_empty() => {}
            0 => return Ok(message),
            size => {
                let start = message.len();
                message.resize(start + size, 0);
                from.read_exact(&mut message[start..])?;
            }
        }
    }
}

fn write(to: &mut TcpStream, message: &[u8]) -> io::Result<()> {
    let mut bytes = Vec::with_capacity(message.len() + 8);
    for chunk in message.chunks(0x7fff) {
        bytes.extend(u16::try_from(chunk.len()).unwrap().to_be_bytes());
        bytes.extend(chunk);
    }
    bytes.extend([0, 0]);
    to.write_all(&bytes)
}

/// FAILURE { code, message }
fn failure(code: &str) -> Vec<u8> {
    let mut bytes = vec![0xb1, 0x7f, 0xa2];
    for text in ["code", code, "message", "made by the test"] {
        bytes.extend([0xd0, u8::try_from(text.len()).unwrap()]);
        bytes.extend(text.as_bytes());
    }
    bytes
}

#[test]
fn a_leader_that_changes_is_followed_and_nothing_is_written_twice() {
    let Some(bench) = Bench::neo4j() else { return };
    let right = bench.neo4j_config();
    let Some(server) = right.url.strip_prefix("bolt://") else {
        eprintln!("skipped: the refusing server stands before a bolt:// address only");
        return;
    };
    let (refusing, url) = Refusing::start(server.to_owned());
    let store = Store::open_neo4j(&Neo4jConfig { url, ..right.clone() }).unwrap();
    let direct = Store::open_neo4j(&right).unwrap();
    let create = |uuid| ChangeSet::new(vec![concept(uuid, "à la tête")]);
    let copies =
        |uuid| direct.load().unwrap().nodes.iter().filter(|n| n.uuid == Some(uuid)).count();

    // Whatever the stage, a refusal says that nothing was written: tried again, and there once.
    for code in [
        NOT_A_LEADER,
        "Neo.ClientError.General.ForbiddenOnReadOnlyDatabase",
        "Neo.TransientError.Transaction.DeadlockDetected",
        "Neo.TransientError.General.DatabaseUnavailable",
    ] {
        for at in [BEGIN, RUN, COMMIT] {
            let uuid = Uuid::new_v4();
            refusing.refuse(at, code, 2);
            store.apply(&create(uuid)).unwrap_or_else(|e| panic!("{code} at {at:#x}: {e}"));
            assert_eq!((refusing.refusals(), copies(uuid)), (2, 1), "{code} at {at:#x}");
        }
    }
    // Reads and the keep-alive write too.
    refusing.refuse(RUN, NOT_A_LEADER, 1);
    let seen = store.load().unwrap();
    assert_eq!((refusing.refusals(), seen.nodes.len()), (1, 12));
    refusing.refuse(COMMIT, NOT_A_LEADER, 1);
    store.keep_alive().unwrap();
    assert_eq!(refusing.refusals(), 1);

    // No leader at all: a bounded number of tries, a clear answer, nothing written; and the same
    // store goes on when there is one again.
    let uuid = Uuid::new_v4();
    refusing.refuse(COMMIT, NOT_A_LEADER, usize::MAX);
    let error = store.apply(&create(uuid)).unwrap_err();
    assert!(matches!(&error, Error::Refused { code, .. } if code == NOT_A_LEADER), "{error:?}");
    assert!(error.to_string().contains("nothing was changed"), "{error}");
    assert!((2..10).contains(&refusing.refusals()), "{} tries", refusing.refusals());
    assert_eq!(copies(uuid), 0);
    refusing.refuse(COMMIT, NOT_A_LEADER, 0);
    store.apply(&create(uuid)).unwrap();
    assert_eq!(copies(uuid), 1);

    // What no second try mends is not tried again.
    let uuid = Uuid::new_v4();
    refusing.refuse(RUN, "Neo.ClientError.Schema.ConstraintValidationFailed", usize::MAX);
    let error = store.apply(&create(uuid)).unwrap_err();
    assert!(matches!(error, Error::Refused { .. }), "{error:?}");
    assert_eq!((refusing.refusals(), copies(uuid)), (1, 0));
}
