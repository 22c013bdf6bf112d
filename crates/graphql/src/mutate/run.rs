//! Runs a mutation: who may, the plan, the transaction, the answer.

use super::{Draft, Writing};
use crate::{
    Api,
    api::{Access, Config},
    problem::Problem,
};
use async_graphql::{Request, Response, parser::types::ExecutableDocument};
use mqd_graph::Graph;
use mqd_model::{ChangeSet, validate};
use mqd_store::Error;
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
    api: &Api,
    request: Request,
    document: ExecutableDocument,
) -> Response {
    let api = api.clone();
    match tokio::spawn(async move { run(&api, request, document).await }).await {
        Ok(response) => response,
        Err(error) => {
            tracing::error!(%error, "a mutation broke off");
            failed().response()
        }
    }
}

async fn run(api: &Api, request: Request, document: ExecutableDocument) -> Response {
    let _turn = api.0.turn.lock().await;
    let again = |document| {
        let mut copy = Request::new(request.query.clone()).variables(request.variables.clone());
        copy.operation_name.clone_from(&request.operation_name);
        copy.set_parsed_query(document);
        copy
    };
    let graph = match latest(api).await {
        Ok(graph) => graph,
        Err(problem) => return problem.response(),
    };
    let draft = Draft::new(Arc::clone(&graph), api.config().limits.changes);
    let draft = Arc::new(Mutex::new(draft));
    let planning = Writing::Planning(Arc::clone(&draft));
    let (planned, _) = api.execute_on(again(document.clone()), graph, Some(planning)).await;
    if planned.is_err() {
        // What a field would have answered is nothing: the request is refused as a whole.
        return Response::from_errors(planned.errors);
    }
    let (changes, outcomes) = {
        let mut draft = draft.lock().unwrap_or_else(PoisonError::into_inner);
        (draft.changes(), std::mem::take(&mut draft.outcomes))
    };
    let graph = match apply(api, changes).await {
        Ok(graph) => graph,
        Err(problems) => {
            return Response::from_errors(
                problems.iter().map(|problem| problem.server_error(None)).collect(),
            );
        }
    };
    let done = Writing::Done(Arc::new(Mutex::new(outcomes)));
    api.execute_on(again(document), graph, Some(done)).await.0
}

/// The maquis as the store has it now.
async fn latest(api: &Api) -> Result<Arc<Graph>, Problem> {
    let maquis = Arc::clone(api.maquis());
    let looked = tokio::task::spawn_blocking(move || {
        maquis.refresh()?;
        Ok(maquis.graph())
    });
    looked.await.map_err(|_| failed())?.map_err(|error| store(&error))
}

/// Validates and applies changes.
async fn apply(api: &Api, changes: ChangeSet) -> Result<Arc<Graph>, Vec<Problem>> {
    let maquis = Arc::clone(api.maquis());
    if changes.is_empty() {
        return Ok(maquis.graph());
    }
    let applied = tokio::task::spawn_blocking(move || {
        let refusals = validate(maquis.graph().snapshot(), &changes);
        if !refusals.is_empty() {
            return Err(refusals.into_iter().map(Problem::from).collect());
        }
        let summary = changes.summary();
        let graph = maquis.apply(&changes).map_err(|error| vec![store(&error)])?;
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
