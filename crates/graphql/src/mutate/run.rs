//! Runs a mutation: who may, the plan, the transaction, the answer.

use super::draft::{Draft, Writing};
use crate::{
    config::{Access, Config},
    engine::{Engine, Ran},
    problem::Problem,
};
use async_graphql::{Request, Response, parser::types::ExecutableDocument};
use mqd_graph::Graph;
use mqd_model::{ChangeSet, validate};
use mqd_store::{Error, Store};
use std::sync::{Arc, Mutex, PoisonError};

/// Whether someone may write.
pub(crate) fn allowed(config: &Config, access: Access) -> Result<(), Problem> {
    if config.admin_token.as_ref().is_none_or(String::is_empty) {
        return Err(Problem::new(
            "MUTATIONS_OFF",
            "Les mutations sont désactivées : aucun jeton d'administration n'est configuré (MQD_ADMIN_TOKEN).",
            "Mutations are off: no admin token is configured (MQD_ADMIN_TOKEN).",
        ));
    }
    match access {
        Access::Admin => Ok(()),
        Access::Reader => Err(Problem::new(
            "UNAUTHENTICATED",
            "Une mutation demande le jeton d'administration : « Authorization: Bearer … ».",
            "A mutation needs the admin token: \"Authorization: Bearer …\".",
        )),
        Access::Refused => Err(Problem::new(
            "UNAUTHENTICATED",
            "Le jeton d'administration n'est pas le bon.",
            "The admin token is not the right one.",
        )),
    }
}

/// Runs a mutation that is allowed, to its end even if the caller has gone.
pub(crate) async fn to_its_end(
    engine: &Arc<Engine>,
    request: Request,
    document: ExecutableDocument,
) -> Ran {
    let engine = Arc::clone(engine);
    match tokio::spawn(async move { run(&engine, request, document).await }).await {
        Ok(ran) => ran,
        Err(error) => {
            tracing::error!(%error, "a mutation broke off");
            Ran::refused(&[failed()])
        }
    }
}

async fn run(engine: &Engine, request: Request, document: ExecutableDocument) -> Ran {
    let _turn = engine.turn.lock().await;
    let again = |document| {
        let mut copy = Request::new(request.query.clone()).variables(request.variables.clone());
        copy.operation_name.clone_from(&request.operation_name);
        copy.set_parsed_query(document);
        copy
    };
    let (graph, writer) = match begin(engine).await {
        Ok(begun) => begun,
        Err(problem) => return Ran::refused(&[problem]),
    };
    let draft = Draft::new(Arc::clone(&graph), engine.config.limits.changes);
    let draft = Arc::new(Mutex::new(draft));
    let planning = Writing::Planning(Arc::clone(&draft));
    let planned = engine.execute_on(again(document.clone()), graph, Some(planning)).await;
    if !planned.answer.errors().is_empty() {
        // What the other fields would have answered is nothing: they go together.
        return Ran::of(Response::from_errors(planned.answer.errors().to_vec()));
    }
    let (changes, outcomes) = {
        let mut draft = draft.lock().unwrap_or_else(PoisonError::into_inner);
        (draft.changes(), std::mem::take(&mut draft.outcomes))
    };
    let graph = match apply(engine, changes, writer).await {
        Ok(graph) => graph,
        Err(problems) => return Ran::refused(&problems),
    };
    let done = Writing::Done(Arc::new(Mutex::new(outcomes)));
    engine.execute_on(again(document), graph, Some(done)).await
}

/// The maquis as the store has it now, with the store to write to where the maquis has none.
async fn begin(engine: &Engine) -> Result<(Arc<Graph>, Option<Store>), Problem> {
    let maquis = Arc::clone(&engine.maquis);
    let open = engine.config.writer.clone();
    let begun = tokio::task::spawn_blocking(move || {
        // Opened first, so that no other process writes between this look and the transaction.
        let writer = open.map(|open| open.0()).transpose()?;
        maquis.refresh()?;
        Ok((maquis.graph(), writer))
    });
    begun.await.map_err(|_| failed())?.map_err(|error| store(&error))
}

/// Validates and applies changes.
async fn apply(
    engine: &Engine,
    changes: ChangeSet,
    writer: Option<Store>,
) -> Result<Arc<Graph>, Vec<Problem>> {
    let maquis = Arc::clone(&engine.maquis);
    if changes.is_empty() {
        return Ok(maquis.graph());
    }
    let write = move |changes: &ChangeSet| match writer {
        None => maquis.apply(changes),
        Some(writer) => {
            writer.apply(changes)?;
            // Another process may write again from here on.
            drop(writer);
            maquis.refresh()?;
            Ok(maquis.graph())
        }
    };
    let graph = Arc::clone(&engine.maquis).graph();
    let applied = tokio::task::spawn_blocking(move || {
        let refusals = validate(graph.snapshot(), &changes);
        if !refusals.is_empty() {
            return Err(refusals.into_iter().map(Problem::from).collect());
        }
        let summary = changes.summary();
        let graph = write(&changes).map_err(|error| vec![store(&error)])?;
        tracing::info!(?summary, "graphql mutation applied");
        Ok(graph)
    });
    applied.await.map_err(|_| vec![failed()])?
}

fn failed() -> Problem {
    Problem::new("INTERNAL_SERVER_ERROR", "La mutation a échoué.", "The mutation failed.")
}

/// What a store says, without its addresses and paths; those go to the log.
fn store(error: &Error) -> Problem {
    tracing::error!(%error, "the store refuses a mutation");
    match error {
        Error::ReadOnly { .. } => Problem::new(
            "READ_ONLY",
            "Ce serveur a ouvert la base en lecture seule ; rien n'a changé.",
            "This server has opened the store for reading only; nothing was changed.",
        ),
        Error::Held { .. } => Problem::new(
            "BUSY",
            "Un autre programme écrit dans la base (une maintenance ?) ; réessayez dans un instant.",
            "Another program is writing to the store (maintenance?); try again in a moment.",
        ),
        Error::OutcomeUnknown { .. } => Problem::new(
            "OUTCOME_UNKNOWN",
            "La connexion à la base a été perdue pendant l'écriture : vérifiez si le changement a eu lieu avant de le refaire.",
            "The connection to the database was lost while writing: see whether the change is there before making it again.",
        ),
        Error::Invalid(_) | Error::Changed => Problem::new(
            "CHANGED",
            "La base a changé entre-temps ; rien n'a été écrit, recommencez.",
            "The store was changed meanwhile; nothing was written, try again.",
        ),
        _ => Problem::new(
            "STORE",
            "La base de données ne répond pas comme il faut ; rien n'a changé.",
            "The database does not answer as it should; nothing was changed.",
        ),
    }
}
