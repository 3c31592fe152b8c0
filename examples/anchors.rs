use std::collections::HashMap;
use taoxi::steps::Action;
use taoxi::text::fold::fold;
fn main() {
    let set = taoxi::rules::load(None).unwrap();
    let mut owners: HashMap<String, Vec<String>> = HashMap::new();
    for f in set.files() {
        for s in &f.steps {
            if let Action::Rule(r) = &s.action {
                for a in r.pattern().anchors() {
                    owners.entry(a).or_default().push(format!("{}/{}", f.id, s.id));
                }
            }
        }
    }
    println!("{} literals, {} always", owners.len(), set.always().len());
    for l in std::fs::read_to_string("/tmp/b.jsonl").unwrap().lines().take(1) {
        let _ = l;
    }
    let text: String = std::fs::read_to_string("/tmp/b.jsonl")
        .unwrap()
        .lines()
        .map(|l| serde_json::from_str::<serde_json::Value>(l).unwrap()["text"].as_str().unwrap().to_owned())
        .collect::<Vec<_>>()
        .join("\n");
    let units: Vec<String> = text.lines().map(fold).collect();
    let mut counts: Vec<(usize, &String)> =
        owners.keys().map(|a| (units.iter().filter(|u| u.contains(a.as_str())).count(), a)).collect();
    counts.sort();
    counts.reverse();
    println!("{} units", units.len());
    for (n, a) in counts.iter().take(45) {
        println!("{n} {a} {:?}", &owners[*a].iter().take(3).collect::<Vec<_>>());
    }
    let short = owners.keys().filter(|a| a.chars().count() == 2).count();
    println!("{short} of two");
    let pf: Vec<String> = owners
        .keys()
        .map(|a| {
            let c: Vec<char> = a.chars().collect();
            let s = usize::from(c.len() > 3);
            c[s..(s + 2).min(c.len())].iter().collect()
        })
        .collect();
    let mut pc: HashMap<&String, usize> = HashMap::new();
    for p in &pf {
        *pc.entry(p).or_default() += 1;
    }
    let mut flagged: Vec<(usize, &String)> =
        pc.keys().map(|p| (units.iter().filter(|u| u.contains(p.as_str())).count(), *p)).collect();
    flagged.sort();
    flagged.reverse();
    println!("flagged by {:?}", flagged.iter().take(60).collect::<Vec<_>>());
    println!("units flagged {}", units.iter().filter(|u| pc.keys().any(|p| u.contains(p.as_str()))).count());
}
