//! How much of what the library can do on a core comes out of the service on a core, and how long one waits below capacity.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use taoxi::{Cleaner, Document, Options, rules};

use super::generator::{Plan, Run};
use super::service::{SERVICE_CORE, Service, pinned, read};
use super::texts::{clean_requests, page};

/// The argument with which this program measures the library.
pub const LIBRARY: &str = "library";
const ROUNDS: usize = 5;
const SECONDS: f64 = 3.0;
const PAGES: u64 = 64;
/// Share by which the service's capacity may change during a run at 70 % of it.
const STEADY: f64 = 0.1;

/// Washes pages, and prints how many a second of the clock and of the processor.
pub fn library() {
    let cleaner = Cleaner::new(Arc::new(rules::load(None).expect("loads")));
    let pages: Vec<String> = (0..PAGES).map(page).collect();
    let wash = |page: &String| {
        black_box(cleaner.clean(Document::from_text("d", page.clone()), &Options::default()).expect("washes"));
    };
    pages.iter().for_each(wash);
    let (begun, spent, mut count) = (Instant::now(), own_cpu(), 0_u64);
    while begun.elapsed().as_secs_f64() < SECONDS {
        pages.iter().for_each(wash);
        count += PAGES;
    }
    println!("{} {}", count as f64 / begun.elapsed().as_secs_f64(), count as f64 / (own_cpu() - spent));
}

fn own_cpu() -> f64 {
    read("/proc/self/schedstat").split(' ').next().and_then(|spent| spent.parse::<f64>().ok()).expect("a number") / 1e9
}

/// Requests a second.
#[derive(Clone, Copy)]
struct Rate {
    /// Of the clock, whatever else the machine does.
    clock: f64,
    /// Of the processor's time: what an idle machine would do.
    processor: f64,
}

fn of_library() -> Rate {
    let program = std::env::current_exe().expect("has a path");
    let output = pinned(SERVICE_CORE, program.to_str().expect("a plain path")).arg(LIBRARY).output().expect("runs");
    let text = String::from_utf8(output.stdout).expect("text");
    let mut numbers = text.split_whitespace().map(|number| number.parse().expect("a number"));
    Rate { clock: numbers.next().expect("a rate"), processor: numbers.next().expect("a rate") }
}

/// Runs a plan of requests to wash pages.
pub fn wash(service: &Service, rate: Option<f64>, seconds: f64, connections: usize) -> Run {
    let requests = clean_requests(PAGES);
    let mut request = |number: u64| requests[(number % PAGES) as usize].clone();
    Plan { address: service.address, rate, seconds, connections, request: &mut request, look: &mut |_| {} }.run()
}

fn of_service(service: &Service) -> Rate {
    let before = service.cpu_total();
    let run = wash(service, None, SECONDS, 16);
    assert!(run.faults().is_empty(), "{}", run.faults());
    Rate { clock: run.rate(), processor: run.well.count() as f64 / (service.cpu_total() - before) }
}

/// The number in the middle.
pub fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or(f64::NAN)
}

/// What the service can do a second, as the clock has it now.
pub fn measured(service: &Service) -> f64 {
    wash(service, None, 1.0, 16);
    median((0..3).map(|_| of_service(service).clock).collect())
}

pub fn run() {
    let folder = tempfile::tempdir().expect("a folder");
    let service = Service::start(folder.path(), &[]);
    let size = page(0).len();
    wash(&service, None, 1.0, 16);
    let before = service.cpu();
    let rounds: Vec<(Rate, Rate)> = (0..ROUNDS).map(|_| (of_library(), of_service(&service))).collect();
    for (library, service) in &rounds {
        println!(
            "library {:.0}/s (processor alone {:.0}/s), service {:.0}/s ({:.0}/s), ratio {:.2} ({:.2})",
            library.clock,
            library.processor,
            service.clock,
            service.processor,
            service.clock / library.clock,
            service.processor / library.processor
        );
    }
    let each = |rate: fn(&(Rate, Rate)) -> f64| median(rounds.iter().map(rate).collect());
    println!(
        "pages of {size} bytes; median: library {:.0}/s = {:.1} MB/s, service {:.0}/s; ratio by the clock {:.2}, by the processor {:.2} (asked: .60)",
        each(|it| it.0.processor),
        each(|it| it.0.processor) * size as f64 / 1e6,
        each(|it| it.1.processor),
        each(|it| it.1.clock / it.0.clock),
        each(|it| it.1.processor / it.0.processor),
    );
    let after = service.cpu();
    for (name, spent) in &after {
        println!("  thread {name}: {:.2} s", spent - before.get(name).unwrap_or(&0.0));
    }
    below(&service);
}

/// How long one waits at 70 % of what the service can do. On a machine that others use, that changes from second to second: a run is set
/// aside when what the service could do before and after it is not the same.
fn below(service: &Service) {
    let (mut times, mut aside) = (Vec::new(), 0);
    while times.len() < ROUNDS && aside < 4 * ROUNDS {
        let before = of_service(service).clock;
        let run = wash(service, Some(before * 0.7), 6.0, 512);
        let after = of_service(service).clock;
        let steady = (after / before - 1.0).abs() <= STEADY;
        println!(
            "at 70 % of {before:.0}/s (afterwards {after:.0}/s), open loop: {}, {} refused{}; the machine stood still for {:.0} ms{}",
            run.well.show(),
            run.refused.count(),
            run.faults(),
            run.stalled,
            if steady { "" } else { "; set aside" }
        );
        if steady {
            times.push(run.well.at(0.99));
        } else {
            aside += 1;
        }
    }
    let count = times.len();
    println!("median of {count}, {aside} set aside: p99 {:.1} ms (asked: 25 ms)", median(times));
}
