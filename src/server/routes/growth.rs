//! GET /v1/collections/{collection}/growth: how many documents a collection had, and when.

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{self, Data, ServiceConfig};
use serde::Serialize;
use utoipa::ToSchema;

use super::collections::{answer, apart};
use super::{get, path};
use crate::clock::Moment;
use crate::server::openapi::Problems;
use crate::server::problem::Problem;
use crate::server::state::State;

/// Most points of a curve.
const MOST_POINTS: usize = 200;
/// The finest step, in milliseconds.
const FINEST: u64 = 60_000;

pub(super) fn add(config: &mut ServiceConfig) {
    config.service(path("/v1/collections/{collection}/growth").route(get(growth)));
}

/// How a collection grew.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub struct GrowthOut {
    /// Seconds that a point stands for.
    step: u64,
    /// Points with documents that came, in order of time; at most 200.
    points: Vec<PointOut>,
}

/// A point of the curve.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
pub struct PointOut {
    /// When it begins.
    #[schema(value_type = String, format = DateTime)]
    at: Moment,
    /// How many of the documents that are stored now had come at its end.
    documents: u64,
}

/// How a collection grew.
///
/// Counts the documents that are stored now by the time they came; those that were forgotten since, or wait under a crawl, are not counted. Every document
/// is read from the disk for it.
#[utoipa::path(get, path = "/v1/collections/{collection}/growth", tag = "collections",
    params(("collection" = String, Path, description = "Its name")),
    responses((status = 200, description = "The curve", body = GrowthOut), Problems))]
pub(in crate::server) async fn growth(name: web::Path<String>, state: Data<State>) -> Result<HttpResponse, Problem> {
    let open = state.open_stream()?;
    let curve = apart(move || {
        let _open = open;
        let mut curve = Curve::default();
        state.index.get(&name)?.each(&mut |document| {
            curve.count(document.stored_at);
            Ok(())
        })?;
        Ok(curve)
    });
    answer(StatusCode::OK, &curve.await?.told())
}

/// Counts by time. The step doubles when there are too many points, so any number of documents takes the same little memory.
struct Curve {
    step: u64,
    counts: BTreeMap<u64, u64>,
}

impl Default for Curve {
    fn default() -> Self {
        Self { step: FINEST, counts: BTreeMap::new() }
    }
}

impl Curve {
    fn count(&mut self, at: u64) {
        *self.counts.entry(at / self.step).or_default() += 1;
        while self.counts.len() > MOST_POINTS {
            self.step *= 2;
            let finer = std::mem::take(&mut self.counts);
            for (at, count) in finer {
                *self.counts.entry(at / 2).or_default() += count;
            }
        }
    }

    fn told(self) -> GrowthOut {
        let (step, mut documents) = (self.step, 0);
        let point = |(at, count): (u64, u64)| {
            documents += count;
            PointOut { at: Moment::from_millis(at * step), documents }
        };
        GrowthOut { step: step / 1000, points: self.counts.into_iter().map(point).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_has_few_points_and_ends_with_all_documents_whatever_their_order() {
        let times: Vec<u64> = (0..5000_u64).map(|n| 1_700_000_000_000 + n * n * 1000).collect();
        let curve = |times: &[u64]| {
            let mut curve = Curve::default();
            for at in times {
                curve.count(*at);
            }
            curve.told()
        };
        let told = curve(&times);
        assert!(told.points.len() <= MOST_POINTS && told.points.len() > MOST_POINTS / 4);
        assert_eq!(told.points.last().map(|point| point.documents), Some(5000));
        assert!(told.points.is_sorted_by_key(|point| (point.at, point.documents)));
        let mut back = times;
        back.reverse();
        assert_eq!(curve(&back), told);
    }

    #[test]
    fn documents_of_one_minute_are_one_point() {
        let mut curve = Curve::default();
        (0..3).for_each(|n| curve.count(1_700_000_040_000 + n));
        let told = curve.told();
        assert_eq!((told.step, told.points.len(), told.points[0].documents), (60, 1, 3));
    }
}
