//! Invented sites: pages made of a template and bodies, with what is furniture known for each line. The format of templates is described in
//! `tests/sets/learn/README.md`.

use std::path::Path;

use serde::Deserialize;

use super::Random;
use super::made::prose;
use super::values::{MONTHS, default_categories, default_names, remark, title};

/// A template, as its file says.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    pub name: String,
    #[serde(default)]
    pub host: String,
    #[serde(default)]
    pub english: bool,
    #[serde(default)]
    pub names: Vec<String>,
    #[serde(default)]
    pub categories: Vec<String>,
    #[serde(default)]
    pub head: Vec<Item>,
    #[serde(default)]
    pub tail: Vec<Item>,
    #[serde(default)]
    pub woven: Vec<Woven>,
    #[serde(default)]
    pub credits: Vec<Credit>,
    pub chunks: Option<String>,
    #[serde(default)]
    pub noise: Noise,
    #[serde(default)]
    pub shared: Shared,
    pub html: Option<Html>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Item {
    Line(String),
    Full(Full),
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Full {
    pub line: String,
    #[serde(default = "one")]
    pub chance: f64,
    #[serde(default = "once")]
    pub repeat: [usize; 2],
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Woven {
    pub line: String,
    #[serde(default = "once")]
    pub times: [usize; 2],
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credit {
    pub text: String,
    #[serde(default = "at_end")]
    pub at: String,
    #[serde(default = "once")]
    pub times: [usize; 2],
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Noise {
    pub missing: f64,
    pub spaces: f64,
    pub invisible: f64,
    pub width: f64,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Shared {
    pub lines: Vec<String>,
    pub phrases: Vec<String>,
    pub rate: f64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Html {
    pub before: String,
    pub after: String,
    pub head: String,
    pub tail: String,
    pub body: String,
    #[serde(default = "paragraph")]
    pub paragraph: String,
}

fn one() -> f64 {
    1.0
}

fn once() -> [usize; 2] {
    [1, 1]
}

fn at_end() -> String {
    "end".to_owned()
}

fn paragraph() -> String {
    "<p>{line}</p>".to_owned()
}

/// A line of a page and what of it the site added, in bytes of the line.
#[derive(Debug, Clone)]
pub struct Line {
    pub text: String,
    /// The whole line is the site's.
    pub furniture: bool,
    /// Stretches of a line of the text that are the site's.
    pub added: Vec<std::ops::Range<usize>>,
}

/// A page with its truth.
#[derive(Debug, Clone)]
pub struct Made {
    pub id: String,
    pub url: Option<String>,
    pub lines: Vec<Line>,
    /// What is given to the program: the lines, or HTML.
    pub source: String,
    pub html: bool,
}

/// Reads the templates of a folder, by file name.
pub fn templates(folder: &Path) -> Vec<(String, Template)> {
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
        .collect();
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let source = std::fs::read_to_string(&path).expect("a template");
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            let template = toml::from_str(&source).unwrap_or_else(|error| panic!("{name}: {error}"));
            (name, template)
        })
        .collect()
}

/// Bodies made up for runs without the bench corpus: lines of prose, and now and then a short one.
pub fn made_up_bodies(random: &mut Random, count: usize) -> Vec<String> {
    (0..count)
        .map(|_| {
            let lines = 6 + random.below(14);
            let mut body = String::new();
            for _ in 0..lines {
                let length = if random.below(6) == 0 { 6 + random.below(10) } else { 30 + random.below(120) };
                let line = prose(random, length).replace('\n', "");
                let short = length < 20;
                body.push_str(if short { line.trim_end_matches(['，', '。']) } else { &line });
                body.push_str(if short || line.ends_with('。') { "\n" } else { "。\n" });
            }
            body
        })
        .collect()
}

/// Makes the pages of a template from bodies, one a page.
pub fn pages(name: &str, template: &Template, bodies: &[String], seed: u64) -> Vec<Made> {
    let mut random = Random(seed);
    let titles: Vec<String> = bodies.iter().map(|_| title(&mut random, template.english)).collect();
    bodies
        .iter()
        .enumerate()
        .map(|(n, body)| {
            let mut page = Maker { template, random: Random(seed ^ ((n as u64 + 1) * 7919)), titles: &titles, n };
            page.make(name, body)
        })
        .collect()
}

struct Maker<'t> {
    template: &'t Template,
    random: Random,
    titles: &'t [String],
    n: usize,
}

impl Maker<'_> {
    fn chance(&mut self, share: f64) -> bool {
        (self.random.below(1_000_000) as f64) < share * 1e6
    }

    fn between(&mut self, range: [usize; 2]) -> usize {
        range[0] + self.random.below(range[1].max(range[0]) - range[0] + 1)
    }

    fn make(&mut self, name: &str, body: &str) -> Made {
        let template = self.template;
        let head = self.edge(&template.head);
        let middle = self.body(body);
        let tail = self.edge(&template.tail);
        let id = format!("{name}/{}", self.n);
        let url =
            (!template.host.is_empty()).then(|| format!("https://www.{}/a/{}.html", template.host, 1000 + self.n));
        let (source, html) = match &template.html {
            None => {
                let all: Vec<&str> = head.iter().chain(&middle).chain(&tail).map(|line| line.text.as_str()).collect();
                (all.join("\n") + "\n", false)
            }
            Some(html) => {
                let part = |pattern: &str, lines: &[Line]| {
                    lines.iter().map(|line| pattern.replace("{line}", &escape(&line.text)) + "\n").collect::<String>()
                };
                let title = &self.titles[self.n];
                let page = [
                    html.before.replace("{title}", &escape(title)),
                    part(&html.head, &head),
                    html.body.split("{lines}").next().unwrap_or_default().to_owned(),
                    part(&html.paragraph, &middle),
                    html.body.split("{lines}").nth(1).unwrap_or_default().to_owned(),
                    part(&html.tail, &tail),
                    html.after.clone(),
                ];
                (page.concat(), true)
            }
        };
        Made { id, url, lines: head.into_iter().chain(middle).chain(tail).collect(), source, html }
    }

    fn edge(&mut self, items: &[Item]) -> Vec<Line> {
        let mut out = Vec::new();
        for item in items {
            let full = match item {
                Item::Line(line) => Full { line: line.clone(), chance: 1.0, repeat: [1, 1] },
                Item::Full(full) => full.clone(),
            };
            // A line that is the title and nothing else is text.
            let furniture = full.line != "{title}";
            if furniture && (!self.chance(full.chance) || self.chance(self.template.noise.missing)) {
                continue;
            }
            for k in 1..=self.between(full.repeat) {
                let filled = self.fill(&full.line.replace("{k}", &k.to_string()));
                let text = if furniture { self.noisy(&filled) } else { filled };
                out.push(Line { text, furniture, added: Vec::new() });
            }
        }
        out
    }

    fn body(&mut self, body: &str) -> Vec<Line> {
        let template = self.template;
        let text = |text: &str| Line { text: text.to_owned(), furniture: false, added: Vec::new() };
        let mut lines: Vec<Line> = body.lines().map(str::trim).filter(|line| !line.is_empty()).map(text).collect();
        if !template.shared.lines.is_empty() && self.chance(template.shared.rate) {
            let line = self.random.pick(&template.shared.lines).clone();
            let at = 1 + self.random.below(lines.len().max(2) - 1);
            lines.insert(at.min(lines.len()), text(&line));
        }
        if !template.shared.phrases.is_empty() && self.chance(template.shared.rate) {
            let phrase = self.random.pick(&template.shared.phrases).clone();
            let at = self.random.below(lines.len());
            let marks: Vec<usize> =
                lines[at].text.match_indices(['。', '，', '；']).map(|(at, mark)| at + mark.len()).collect();
            let place = if marks.is_empty() { 0 } else { *self.random.pick(&marks) };
            lines[at].text.insert_str(place, &format!("所谓“{phrase}”的说法，"));
        }
        if let Some(mark) = &template.chunks {
            lines = self.chunked(&lines, mark);
        }
        for credit in template.credits.clone() {
            for _ in 0..self.between(credit.times) {
                let at = self.random.below(lines.len());
                if lines[at].text.chars().count() >= 20 && lines[at].added.is_empty() {
                    let text = self.fill(&credit.text);
                    add(&mut lines[at], &text, &credit.at, &mut self.random);
                }
            }
        }
        for woven in template.woven.clone() {
            for _ in 0..self.between(woven.times) {
                let k = 1 + self.random.below(90);
                let filled = self.fill(&woven.line.replace("{k}", &k.to_string()));
                let line = Line { text: self.noisy(&filled), furniture: true, added: Vec::new() };
                let at = 1 + self.random.below(lines.len());
                lines.insert(at.min(lines.len()), line);
            }
        }
        lines
    }

    /// The text run together and cut anew in the middle of sentences, each piece with its number.
    fn chunked(&mut self, lines: &[Line], mark: &str) -> Vec<Line> {
        let flat: Vec<char> = lines.iter().flat_map(|line| line.text.chars()).collect();
        let mut out = Vec::new();
        let mut at = 0;
        while at < flat.len() {
            let end = (at + 180 + self.random.below(200)).min(flat.len());
            let number = mark.replace("{k}", &(out.len() + 1).to_string());
            let piece: String = flat[at..end].iter().collect();
            out.push(Line {
                text: format!("{number}{piece}"),
                furniture: false,
                added: std::iter::once(0..number.len()).collect(),
            });
            at = end;
        }
        out
    }

    fn fill(&mut self, line: &str) -> String {
        let mut out = String::new();
        let mut rest = line;
        while let Some(start) = rest.find('{') {
            let Some(end) = closing(&rest[start..]) else { break };
            out.push_str(&rest[..start]);
            let slot = &rest[start + 1..start + end];
            let value = self.slot(slot);
            out.push_str(&value);
            rest = &rest[start + end + 1..];
        }
        out + rest
    }

    /// The value of a slot of which a site's file says nothing; `None` for the others.
    fn common_slot(&mut self, slot: &str) -> Option<String> {
        let english = self.template.english;
        let (year, month, day) = (2010 + self.random.below(14), self.random.below(12), 1 + self.random.below(28));
        let amount = 1 + self.random.below(59);
        Some(match slot {
            "slash" => format!("{year}/{}/{day}", month + 1),
            "mon" => format!("{:02}-{day:02}", month + 1),
            "mdy" => format!("{} {day}, {year}", MONTHS[month]),
            "dur" => format!("{:02}:{:02}", self.random.below(60), self.random.below(60)),
            "price" => format!("{}.{:02}", 1 + self.random.below(900), self.random.below(100)),
            "wan" => format!("{}.{}万", 1 + self.random.below(99), self.random.below(10)),
            "ago" if english => format!("{amount} {} ago", self.random.pick(&["minutes", "hours", "days", "months"])),
            "ago" => format!("{amount}{}前", self.random.pick(&["分钟", "小时", "天", "个月"])),
            "say" => remark(&mut self.random, english),
            _ => return None,
        })
    }

    fn slot(&mut self, slot: &str) -> String {
        let template = self.template;
        if let Some(value) = self.common_slot(slot) {
            return value;
        }
        let (year, month, day) = (2010 + self.random.below(14), 1 + self.random.below(12), 1 + self.random.below(28));
        match slot {
            "title" => self.titles[self.n].clone(),
            "other" => {
                let at = self.random.below(self.titles.len());
                self.titles[at].clone()
            }
            "site" => template.name.clone(),
            "host" => template.host.clone(),
            "date" => format!("{year}-{month:02}-{day:02}"),
            "day" => format!("{year}年{month}月{day}日"),
            "time" => format!("{:02}:{:02}", self.random.below(24), self.random.below(60)),
            "n" => (1 + self.random.below(9999)).to_string(),
            "size" => format!("{}.{:02}KB", 10 + self.random.below(900), self.random.below(100)),
            "id" => format!("{:08x}", self.random.next() as u32),
            "name" => {
                let names =
                    if template.names.is_empty() { default_names(template.english) } else { template.names.clone() };
                self.random.pick(&names).clone()
            }
            "category" => {
                let kinds = if template.categories.is_empty() {
                    default_categories(template.english)
                } else {
                    template.categories.clone()
                };
                self.random.pick(&kinds).clone()
            }
            _ => {
                let from: Vec<&str> = slot
                    .strip_prefix("pick:")
                    .unwrap_or_else(|| panic!("unknown slot {{{slot}}}"))
                    .split('|')
                    .collect();
                let picked = *self.random.pick(&from);
                self.fill(picked)
            }
        }
    }

    fn noisy(&mut self, line: &str) -> String {
        let noise = self.template.noise.clone();
        let mut out = String::new();
        let (spaces, invisible, width) =
            (self.chance(noise.spaces), self.chance(noise.invisible), self.chance(noise.width));
        for c in line.chars() {
            let wide = width && matches!(c, '!'..='~');
            out.push(if wide { char::from_u32(c as u32 + 0xfee0).unwrap_or(c) } else { c });
            let han = ('\u{4e00}'..='\u{9fff}').contains(&c);
            if han && spaces && self.random.below(3) == 0 {
                out.push(' ');
            }
            if han && invisible && self.random.below(4) == 0 {
                out.push('\u{200b}');
            }
        }
        out.trim_end().to_owned()
    }
}

/// Where the brace that a text begins with is closed.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    text.char_indices().find_map(|(at, c)| {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        (depth == 0).then_some(at)
    })
}

/// Adds a credit to a line: at its end, its start, or behind a mark or a character inside.
fn add(line: &mut Line, text: &str, at: &str, random: &mut Random) {
    let places: Vec<usize> = match at {
        "start" => vec![0],
        "end" => vec![line.text.len()],
        "mark" => line.text.match_indices(['。', '，', '；']).map(|(at, mark)| at + mark.len()).collect(),
        "inside" => line.text.char_indices().skip(4).map(|(at, _)| at).collect(),
        other => panic!("credits stand at start, end, mark or inside, not `{other}`"),
    };
    let place = if places.is_empty() { line.text.len() } else { *random.pick(&places) };
    line.text.insert_str(place, text);
    line.added.push(place..place + text.len());
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
