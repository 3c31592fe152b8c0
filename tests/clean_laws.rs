//! What holds for every text: the edits rebuild it, and a second wash changes nothing.

#![allow(
    clippy::invisible_characters, clippy::expect_used, clippy::unwrap_used, clippy::panic, clippy::print_stdout,
    clippy::disallowed_methods, clippy::cast_precision_loss
)] // a test fails by panicking, and reads its own files

mod common;

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use taoxi::text::class::is_han;
use taoxi::{Cleaner, Options};

/// Washes, and checks both laws; gives what is wrong.
fn broken(cleaner: &Cleaner, text: &str, profile: &str) -> Option<String> {
    let options = Options { profile: Some(profile.to_owned()), ..Options::default() };
    let washed = match cleaner.wash(text, None, &options) {
        Ok(washed) => washed,
        Err(error) => return Some(error.to_string()),
    };
    if washed.patch.apply(text) != washed.text {
        return Some("the edits do not give the text".to_owned());
    }
    if washed.patch.invert(text).apply(&washed.text) != text {
        return Some("the edits do not give the source back".to_owned());
    }
    match cleaner.wash(&washed.text, None, &options) {
        Ok(again) if again.text == washed.text && again.patch.is_empty() => None,
        Ok(again) => {
            let edit = again.patch.edits().next().map(|edit| {
                (
                    edit.after.to_owned(),
                    washed.text[edit.start..edit.end].to_owned(),
                    cleaner.rules().name(edit.tag).map(|n| n.name.clone()),
                )
            });
            Some(format!(
                "a second wash changes it: {edit:?} in {:?}",
                washed.text.chars().take(200).collect::<String>()
            ))
        }
        Err(error) => Some(format!("a second wash: {error}")),
    }
}

/// Pieces of noise and text that random documents are put together from.
const PIECES: &[&str] = &[
    "总投入13。7亿元",
    "共12所。2023年",
    "，",
    "。",
    "。。",
    "、",
    "：",
    ":",
    ",",
    "(",
    ")",
    "（",
    "）",
    "“",
    "”",
    "“十四五”",
    "?关于加强管理的意见?",
    "\n",
    "\n\n",
    " ",
    "　　",
    "\t",
    "\u{200b}",
    "\u{feff}",
    "\r\n",
    "１２３",
    "Ａ",
    "a",
    "1，234，567元",
    "面积18 84平方米",
    "2019 年1 0月1 日",
    "加微信0000000",
    "责任编辑：某某",
    "上一篇：没有了",
    "下一篇：",
    "......预览结束......",
    "来自某某网 xXyY.nEt",
    "当前位置：首页 > 文档",
    "1、",
    "2、",
    "3、",
    "篇1",
    "篇2",
    "總結(jié)報告",
    "ä¸­å›½",
    "锟斤拷",
    "*所",
    "x名",
    "20__年",
    "____市",
    "http://example.com/a?b=1,2",
    "第一条 为了规范",
    "Copyright 2022 All Rights Reserved",
    "京ICP备00000000号",
    "在教育局的关心下，各项工作取得了显著的成效",
    "V2。0。1",
    "3:2",
    "8:30",
    "!!!!",
    "？！",
    "……",
    "——",
    "《 通知 》",
    "加 强",
    "㈱",
    "e\u{301}",
    "각",
    "👨\u{200d}👩",
    "م\u{200f}",
    "\u{fffd}",
];

fn runner(seed: u8) -> TestRunner {
    TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]))
}

#[test]
fn random_unicode_keeps_both_laws() {
    let cleaner = common::cleaner();
    let mut runner = runner(1);
    let strategy = prop::collection::vec(any::<char>(), 0..80).prop_map(|chars| chars.into_iter().collect::<String>());
    for _ in 0..3000 {
        let text = strategy.new_tree(&mut runner).expect("a tree").current();
        if let Some(fault) = broken(&cleaner, &text, "zh") {
            panic!("{text:?}: {fault}");
        }
    }
}

#[test]
fn mixed_noise_keeps_both_laws() {
    let cleaner = common::cleaner();
    let mut random = common::Random(7);
    for round in 0..12_000 {
        let text: String = (0..random.below(24)).map(|_| *random.pick(PIECES)).collect();
        let profile = ["zh", "zh", "unify", "corpus", "keep"][round % 5];
        if let Some(fault) = broken(&cleaner, &text, profile) {
            panic!("{profile} {text:?}: {fault}");
        }
    }
}

#[test]
fn random_texts_over_an_alphabet_of_marks_keep_both_laws() {
    let cleaner = common::cleaner();
    let alphabet: Vec<char> =
        "中文年月日万元所个12305 　。，、；：？！?!:;,()（）“”‘’《》….-_*x×V%\n".chars().collect();
    let mut random = common::Random(11);
    for _ in 0..20_000 {
        let text: String = (0..random.below(40)).map(|_| *random.pick(&alphabet)).collect();
        if let Some(fault) = broken(&cleaner, &text, "zh") {
            panic!("{text:?}: {fault}");
        }
    }
}

#[test]
fn the_bench_base_keeps_both_laws_and_every_han_character() {
    let Some(base) = common::base_texts() else { return };
    let cleaner = common::cleaner();
    let (mut before, mut after, mut faults) = (0_usize, 0_usize, Vec::new());
    for text in &base {
        if let Some(fault) = broken(&cleaner, text, "zh") {
            faults.push(fault);
        }
        let washed = cleaner.wash(text, None, &Options::default()).map_or_else(|_| String::new(), |washed| washed.text);
        before += text.chars().filter(|&c| is_han(c)).count();
        after += washed.chars().filter(|&c| is_han(c)).count();
    }
    let lost = (before.saturating_sub(after)) as f64 / before as f64;
    println!(
        "bench base: {} texts, {} faults, {} of {before} Han characters lost ({lost:.6})",
        base.len(),
        faults.len(),
        before - after
    );
    assert!(base.len() >= 5000 && faults.is_empty(), "{} faults: {:#?}", faults.len(), &faults[..faults.len().min(5)]);
    assert!(lost <= 0.0001, "{lost}");
}
