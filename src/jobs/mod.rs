//! Archives worked on in the background, and answers to repeated requests.
//!
//! An archive is received into a file, checked, and queued; workers run [`crate::batch::dedupe`] over it, or propose rules from its pages. A job that was acknowledged is
//! on disk: after a crash it is queued again and goes on from the stages that were finished. Its folder holds the archive until it is
//! done, then the result files until their time is over.
//!
//! ```text
//! jobs/jobs.redb              records of jobs, answers to repeated requests
//! jobs/uploads/               archives being received; emptied at start
//! jobs/<job>/input/<name>     the archive
//! jobs/<job>/against.jsonl    the documents of the collection it is compared with
//! jobs/<job>/files/           result files, and the run's temporary files until it is done
//! ```
//!
//! | file | what it does |
//! |---|---|
//! | `job` | a job as users see it |
//! | `asked`, `options`, `learn` | the kinds of job with what they are asked to do; the one that proposes rules |
//! | `service`, `settings` | jobs as the rest of the service meets them; what they may cost |
//! | `shared` | the queue and the life of a job |
//! | `worker`, `progress` | one run, and what it tells of itself |
//! | `upload` | an archive being received |
//! | `files` | result files by their names |
//! | `review` | what people decide about copies, and the records they look at |
//! | `recover`, `janitor` | what is found at start; what is too old goes |
//! | `store` | records on disk |
//! | `idempotency` | answers to repeated requests |

mod asked;
mod error;
mod files;
mod idempotency;
mod janitor;
mod job;
mod learn;
mod options;
mod progress;
mod recover;
mod review;
mod service;
mod settings;
mod shared;
mod store;
mod upload;
mod worker;

pub use asked::Asked;
pub use error::JobError;
pub use files::ResultFile;
pub use idempotency::{Answer, Begun, Claim, Idempotency};
pub use job::{Counts, Job, JobFault, State};
pub use learn::LearnOptions;
pub use options::{Compress, IdDup, JobOptions, Keep, MediaType, Passages, Write};
pub use review::{Choice, Decision};
pub use service::{Jobs, Page, Removed};
pub use settings::{Export, Hands, Settings};
pub use upload::{Repeatable, Submission, Upload};
