//! What a job gives: its result files from the disk, and its progress while it works.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::ops::Range;
use std::time::Duration;

use actix_web::body::SizedStream;
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;
use futures_util::future::{self, Either};
use futures_util::{Stream, stream};
use tokio::sync::watch;
use utoipa::ToSchema;

use super::{get, path};
use crate::error::Code;
use crate::jobs::Job;
use crate::server::lifecycle::Stage;
use crate::server::openapi::Problems;
use crate::server::problem::Problem;
use crate::server::state::{OpenStream, State};

/// Bytes of a file that are read at a time.
const PIECE: usize = 256 << 10;
/// How often a follower hears something, so that nobody between takes the connection for dead.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// The id of the last event: a follower that comes again with it needs no more.
const LAST: &str = "final";

pub(super) fn add(config: &mut ServiceConfig) {
    config
        .service(path("/v1/jobs/{job}/events").route(get(events)))
        .service(path("/v1/jobs/{job}/files/{name}").route(get(file)));
}

/// A result file, as it lies on disk.
///
/// With the header Range a piece of it: one range of bytes; others are answered with the whole file.
#[utoipa::path(get, path = "/v1/jobs/{job}/files/{name}", tag = "jobs",
    params(
        ("job" = String, Path, description = "The job's id"),
        ("name" = String, Path, description = "The file's name, as the list has it", example = "relations.ndjson"),
        ("Range" = Option<String>, Header, description = "A piece of it: bytes=FIRST-LAST", example = "bytes=0-65535")
    ),
    responses(
        (status = 200, description = "The file", content(
            (String = "application/x-ndjson"), (serde_json::Value = "application/json"), (String = "application/zstd"),
            (String = "application/vnd.apache.parquet"), (String = "application/gzip")
        )),
        (status = 206, description = "The piece", headers(("Content-Range" = String, description = "Where it stands")), content(
            (String = "application/x-ndjson"), (serde_json::Value = "application/json"), (String = "application/zstd"),
            (String = "application/vnd.apache.parquet"), (String = "application/gzip")
        )),
        Problems
    ))]
pub(in crate::server) async fn file(
    request: HttpRequest,
    names: web::Path<(String, String)>,
    state: Data<State>,
) -> Result<HttpResponse, Problem> {
    let (job, name) = names.into_inner();
    let shared = state.clone().into_inner();
    let opened = state.pool.ask(0, move || shared.jobs.open_file(&job, &name)).await?;
    let (result, mut file) = opened?;
    let range = request.headers().get(header::RANGE).and_then(|range| piece_of(range.to_str().ok()?, result.bytes));
    let range = range.transpose()?;
    let mut answer = if range.is_some() { HttpResponse::PartialContent() } else { HttpResponse::Ok() };
    if let Some(Range { start, end }) = range {
        answer.insert_header((header::CONTENT_RANGE, format!("bytes {start}-{}/{}", end - 1, result.bytes)));
    }
    let Range { start, end } = range.unwrap_or(0..result.bytes);
    answer.insert_header((header::ACCEPT_RANGES, HeaderValue::from_static("bytes")));
    answer.insert_header((header::CONTENT_TYPE, HeaderValue::from_static(result.media_type)));
    answer.insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", result.name)));
    if start > 0 {
        file.seek(SeekFrom::Start(start)).map_err(|error| Problem::new(Code::Internal, error.to_string()))?;
    }
    Ok(answer.body(SizedStream::new(end - start, pieces(file, end - start, state))))
}

/// The bytes that a Range header asks for (RFC 9110, 14.2); `None` for what is none, or more than one: such a header is passed over.
fn piece_of(header: &str, length: u64) -> Option<Result<Range<u64>, Problem>> {
    let (first, last) = header.trim().strip_prefix("bytes=")?.split_once('-')?;
    let range = if first.is_empty() {
        length.saturating_sub(last.parse().ok()?)..length
    } else {
        let last: Option<u64> = if last.is_empty() { None } else { Some(last.parse().ok()?) };
        let first: u64 = first.parse().ok()?;
        if last.is_some_and(|last| last < first) {
            return None;
        }
        first..last.map_or(length, |last| last.saturating_add(1).min(length))
    };
    let outside =
        || Problem::new(Code::OutsideRange, format!("the file has {length} bytes, and the range lies behind them"));
    Some(if range.start < range.end { Ok(range) } else { Err(outside()) })
}

/// The next so many bytes of a file in pieces, each read away from the I/O workers when it is asked for.
fn pieces(file: File, bytes: u64, state: Data<State>) -> impl Stream<Item = std::io::Result<Bytes>> {
    stream::try_unfold((file, bytes, state), |(file, left, state)| async move {
        let read = web::block(move || {
            let (mut file, mut piece) = (file, Vec::with_capacity(PIECE));
            file.by_ref().take(left.min(PIECE as u64)).read_to_end(&mut piece).map(|_| (piece, file))
        });
        let (piece, file) = read.await.map_err(std::io::Error::other)??;
        state.metrics.sent(piece.len());
        let left = left.saturating_sub(piece.len() as u64);
        Ok((!piece.is_empty()).then(|| (piece.into(), (file, left, state))))
    })
}

/// An event of a job.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only the schema of what `Follower` writes")]
pub struct EventOut {
    /// What happened: `progress`.
    event: String,
    /// `final` for the last one.
    #[schema(required = false, nullable = false)]
    id: Option<String>,
    /// The job, as JSON.
    #[schema(content_media_type = "application/json")]
    data: String,
}

/// Follow a job.
///
/// Server-sent events: `progress` with the job whenever something changed, the latest state only, and comments between to keep the connection. The last
/// event has the id `final`, and the stream ends behind it; whoever comes again with it as Last-Event-ID is answered 204, which tells browsers to stop.
#[utoipa::path(get, path = "/v1/jobs/{job}/events", tag = "jobs",
    params(("job" = String, Path, description = "The job's id")),
    responses(
        (status = 200, description = "Events", body = EventOut, content_type = "text/event-stream"),
        (status = 204, description = "The last event was seen"),
        Problems
    ))]
pub(in crate::server) async fn events(
    request: HttpRequest,
    id: web::Path<String>,
    state: Data<State>,
) -> Result<HttpResponse, Problem> {
    let open = state.follow()?;
    let shared = state.clone().into_inner();
    let watched = state.pool.ask(0, move || shared.jobs.watch(&id)).await?;
    let job = watched?;
    let seen = request.headers().get("last-event-id").is_some_and(|id| id == LAST);
    if seen && job.borrow().state.is_final() {
        return Ok(HttpResponse::NoContent().finish());
    }
    let follower = Follower { job, state, told: Told::Nothing, _open: open };
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream")))
        // Proxies gather answers unless they are told not to.
        .insert_header(("x-accel-buffering", "no"))
        .streaming(follower.events()))
}

/// Somebody who follows a job.
struct Follower {
    job: watch::Receiver<Job>,
    state: Data<State>,
    told: Told,
    _open: OpenStream,
}

/// What a follower was told.
#[derive(PartialEq)]
enum Told {
    Nothing,
    Something,
    All,
}

impl Follower {
    fn events(self) -> impl Stream<Item = Result<Bytes, std::convert::Infallible>> {
        stream::unfold(self, |mut follower| async move {
            let event = follower.next().await?;
            Some((Ok(event), follower))
        })
    }

    /// The next event or comment; `None` when all was told, or the service ends.
    async fn next(&mut self) -> Option<Bytes> {
        match self.told {
            Told::All => return None,
            Told::Nothing => {}
            Told::Something => {
                let state = self.state.clone();
                let stopping = std::pin::pin!(state.life.reached(Stage::Stopping));
                let changed = std::pin::pin!(self.job.changed());
                match tokio::time::timeout(KEEP_ALIVE, future::select(changed, stopping)).await {
                    Err(_) => return Some(Bytes::from_static(b": still there\n\n")),
                    Ok(Either::Left((Ok(()), _))) => {}
                    // The job is forgotten, or the service ends.
                    Ok(_) => return None,
                }
            }
        }
        let job = self.job.borrow_and_update();
        let is_final = job.state.is_final();
        let data = serde_json::to_string(&*job).unwrap_or_default();
        drop(job);
        self.told = if is_final { Told::All } else { Told::Something };
        let id = if is_final { "id: final\n" } else { "" };
        Some(format!("event: progress\n{id}data: {data}\n\n").into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_rfc_9110_has_them() {
        for (header, want) in [
            ("bytes=0-9", Some(Some(0..10))),
            ("bytes=90-", Some(Some(90..100))),
            ("bytes=90-1000", Some(Some(90..100))),
            ("bytes=-5", Some(Some(95..100))),
            ("bytes=-500", Some(Some(0..100))),
            ("bytes=100-", Some(None)),
            ("bytes=-0", Some(None)),
            ("bytes=9-3", None),
            ("bytes=0-1,5-6", None),
            ("lines=0-1", None),
            ("bytes=a-b", None),
            ("bytes=18446744073709551615-18446744073709551615", Some(None)),
        ] {
            assert_eq!(piece_of(header, 100).map(Result::ok), want, "{header}");
        }
    }
}
