//! An archive that is sent: as the body itself, or as the one file of a form. It goes to disk piece by piece, away from the I/O workers.

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::HttpRequest;
use actix_web::http::header;
use actix_web::web::{self, BytesMut, Data, Payload};
use bytes::Bytes;
use futures_util::StreamExt as _;

use super::body::{self, broken};
use super::pace::Pace;
use super::problem::Problem;
use super::state::State;
use crate::error::Code;
use crate::jobs::{Asked, JobError, Submission, Upload};

/// So much is gathered before it is written.
const PIECE: usize = 256 << 10;
/// Largest value of an option in a form, in bytes.
const MOST_OPTION: usize = 64 << 10;
/// Most fields of a form.
const MOST_FIELDS: usize = 100;
/// The name that an archive in a form has without a file name.
const FILE: &str = "file";

/// An archive on disk, and what was said of it.
pub struct Received {
    pub upload: Upload,
    pub submission: Submission,
    /// Everything that was said, in the order it was said: for telling repeated requests.
    pub said: Vec<(String, String)>,
}

/// Reads the body of a request, for a job of a kind.
pub async fn receive(
    request: &HttpRequest,
    payload: Payload,
    state: &Data<State>,
    kind: Asked,
) -> Result<Received, Problem> {
    // A compression that is named is seen in the first bytes too; one that is not read is refused here.
    body::coding(request)?;
    let query = web::Query::<Vec<(String, String)>>::from_query(request.query_string());
    let query = query.map_err(|error| Problem::new(Code::BadRequest, format!("the query: {error}")))?.into_inner();
    let mut submission = Submission { asked: kind, ..Submission::default() };
    for (name, value) in &query {
        set(&mut submission, name, value)?;
    }
    let text = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
    let media_type = text(header::CONTENT_TYPE).unwrap_or_default();
    let length = text(header::CONTENT_LENGTH).and_then(|length| length.parse().ok());
    let pace = Pace::new(state.settings.body.idle);
    let is_form = media_type.trim_start().to_ascii_lowercase().starts_with("multipart/form-data");
    let sink = Sink { upload: Some(begin(state, &submission.asked, length).await?), gathered: BytesMut::new(), pace };
    let mut received = Form { sink, submission, said: query, has_file: false };
    if is_form {
        received.read(Multipart::new(request.headers(), payload)).await?;
    } else {
        received.submission.media_type = Some(media_type.to_owned()).filter(|it| !it.is_empty());
        received.sink.drain(payload, |error| broken(&error)).await?;
    }
    let Form { sink, submission, said, .. } = received;
    let upload = sink.end().await?;
    state.metrics.received(usize::try_from(upload.bytes()).unwrap_or(usize::MAX));
    Ok(Received { upload, submission, said })
}

fn set(submission: &mut Submission, name: &str, value: &str) -> Result<(), JobError> {
    if name == "name" {
        submission.name = Some(value.to_owned());
        return Ok(());
    }
    submission.asked.set(name, value)
}

/// Refuses what cannot be done, and makes the file: both ask the disk.
async fn begin(state: &Data<State>, asked: &Asked, length: Option<u64>) -> Result<Upload, Problem> {
    let (state, asked) = (state.clone(), asked.clone());
    let begun = web::block(move || {
        state.jobs.check(&asked)?;
        asked.collection().map(|name| state.index.get(name)).transpose()?;
        Ok::<Upload, Problem>(state.jobs.upload(length)?)
    });
    begun.await.map_err(|_| gone())?
}

/// Bytes on their way to disk.
struct Sink {
    /// Away only while a piece is written.
    upload: Option<Upload>,
    gathered: BytesMut,
    pace: Pace,
}

impl Sink {
    async fn drain<S, E>(&mut self, stream: S, broken: impl Fn(E) -> Problem) -> Result<(), Problem>
    where
        S: futures_util::Stream<Item = Result<Bytes, E>>,
    {
        let mut stream = std::pin::pin!(stream);
        loop {
            let until = self.pace.wait().into();
            let next = tokio::time::timeout_at(until, stream.next()).await.map_err(|_| self.pace.late())?;
            let Some(piece) = next else { return Ok(()) };
            let piece = piece.map_err(&broken)?;
            self.pace.got(piece.len());
            self.gathered.extend_from_slice(&piece);
            if self.gathered.len() >= PIECE {
                self.write().await?;
            }
        }
    }

    async fn write(&mut self) -> Result<(), Problem> {
        let piece = self.gathered.split().freeze();
        let Some(mut upload) = self.upload.take() else { return Err(gone()) };
        let written = web::block(move || upload.write(&piece).map(|()| upload)).await.map_err(|_| gone())?;
        self.upload = Some(written?);
        Ok(())
    }

    async fn end(mut self) -> Result<Upload, Problem> {
        self.write().await?;
        self.upload.ok_or_else(gone)
    }
}

fn gone() -> Problem {
    Problem::new(Code::ShuttingDown, "the service is being stopped")
}

/// A form being read.
struct Form {
    sink: Sink,
    submission: Submission,
    said: Vec<(String, String)>,
    has_file: bool,
}

impl Form {
    async fn read(&mut self, mut form: Multipart) -> Result<(), Problem> {
        for _ in 0..MOST_FIELDS {
            let until = self.sink.pace.wait().into();
            let next = tokio::time::timeout_at(until, form.next()).await.map_err(|_| self.sink.pace.late())?;
            let Some(field) = next else {
                return if self.has_file { Ok(()) } else { Err(no_file()) };
            };
            self.sink.pace.got(0);
            self.field(field.map_err(|error| unreadable(&error))?).await?;
        }
        Err(Problem::new(Code::BadRequest, format!("the form has more than {MOST_FIELDS} fields")))
    }

    async fn field(&mut self, field: Field) -> Result<(), Problem> {
        let name = field.name().unwrap_or_default().to_owned();
        let file_name = field.content_disposition().and_then(|it| it.get_filename()).map(str::to_owned);
        if file_name.is_none() && name != FILE {
            let value = option(field, &mut self.sink.pace).await?;
            set(&mut self.submission, &name, &value)?;
            self.said.push((name, value));
            return Ok(());
        }
        if std::mem::replace(&mut self.has_file, true) {
            return Err(Problem::new(Code::BadRequest, "the form has more than one file; send an archive of them"));
        }
        self.submission.media_type = field.content_type().map(ToString::to_string);
        self.submission.name = file_name.filter(|name| !name.is_empty()).or_else(|| self.submission.name.take());
        self.said.push((FILE.to_owned(), self.submission.name.clone().unwrap_or_default()));
        self.sink.drain(field, |error| unreadable(&error)).await
    }
}

/// The value of an option.
async fn option(mut field: Field, pace: &mut Pace) -> Result<String, Problem> {
    let mut bytes = Vec::new();
    loop {
        let next = tokio::time::timeout_at(pace.wait().into(), field.next()).await.map_err(|_| pace.late())?;
        let Some(piece) = next else { break };
        let piece = piece.map_err(|error| unreadable(&error))?;
        pace.got(piece.len());
        bytes.extend_from_slice(&piece);
        if bytes.len() > MOST_OPTION {
            return Err(Problem::new(Code::TooLarge, format!("an option has at most {MOST_OPTION} bytes")));
        }
    }
    String::from_utf8(bytes).map_err(|_| Problem::new(Code::BadRequest, "an option is not UTF-8"))
}

fn no_file() -> Problem {
    Problem::new(Code::BadRequest, "the form has no file: send the archive as a part with a file name, or named `file`")
}

fn unreadable(error: &MultipartError) -> Problem {
    Problem::new(Code::BadRequest, format!("the form cannot be read: {error}"))
}
