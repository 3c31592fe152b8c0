//! Ten times what the service can do: how much of it is still done, how soon the rest is refused, and whether memory stays.

use super::capacity::{measured, wash};
use super::service::Service;

const SECONDS: f64 = 10.0;
const TIMES: f64 = 10.0;

pub fn run() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = Service::start(folder.path(), &[]);
    for connections in [64, 256, 1000] {
        let capacity = measured(&service);
        let (resident, before) = (service.resident(), service.cpu());
        let run = wash(&service, Some(capacity * TIMES), SECONDS, connections);
        let spent: Vec<String> = service
            .cpu()
            .iter()
            .map(|(name, spent)| format!("{name} {:.1} s", spent - before.get(name).unwrap_or(&0.0)))
            .collect();
        println!(
            "{connections} connections, offered {:.0}/s, sent {:.0}/s: served {:.0}/s of {capacity:.0}/s = {:.2} (asked: .90); {} refused: {} (asked: 50 ms); RAM {:.1} -> {:.1} MB; {}{}",
            capacity * TIMES,
            run.sent as f64 / run.took,
            run.rate(),
            run.rate() / capacity,
            run.refused.count(),
            run.refused.show(),
            resident as f64 / 1e6,
            service.resident() as f64 / 1e6,
            spent.join(", "),
            run.faults()
        );
    }
}
