use encoding_rs::{BIG5, GBK, WINDOWS_1252};
use proptest::prelude::*;

use super::*;

const SENTENCES: &[&str] = &[
    "今天下午三点，全体员工在会议室开会。",
    "请把这份文件交给办公室的同事，谢谢！",
    "学校的图书馆每天早上八点开门",
    "他们一起去海边看日出，心情很好。",
    "中国的高速铁路发展很快。",
    "《春天的故事》是一首歌，很多人都会唱。",
    "新产品价格为一百二十元（含税）",
    "這個問題需要大家一起討論，然後再決定。",
];

fn fixed(line: &str) -> String {
    apply(line, &repairs(line).edits)
}

fn latin(bytes: &[u8]) -> String {
    bytes.iter().map(|b| char::from(*b)).collect()
}

#[test]
fn utf8_read_as_gbk_is_repaired() {
    let china = GBK.decode_without_bom_handling("中国".as_bytes()).0;
    assert!(china.starts_with('涓') && china.ends_with('浗'));
    assert_eq!(fixed(&china), "中国");
    for sentence in SENTENCES {
        let broken = GBK.decode_without_bom_handling(sentence.as_bytes()).0.into_owned();
        if broken.contains('\u{FFFD}') {
            assert!(repairs(&broken).edits.is_empty() && repairs(&broken).suspicious, "{sentence}");
        } else {
            assert_eq!(fixed(&broken), *sentence);
        }
    }
}

#[test]
fn both_codes_of_the_euro_sign_are_told_apart() {
    let text = "雨伞丢、我们都在找";
    let broken = GBK.decode_without_bom_handling(text.as_bytes()).0.into_owned();
    assert!(broken.contains("€€") && !broken.contains('\u{FFFD}'), "{broken}");
    assert_eq!(fixed(&broken), text);
}

#[test]
fn utf8_and_gbk_read_as_latin_are_repaired() {
    assert_eq!(fixed("ä¸\u{AD}å›½"), "中国");
    assert_eq!(fixed("ÖÐ¹ú"), "中国");
    for sentence in SENTENCES {
        let gbk = GBK.encode(sentence).0;
        let utf8 = sentence.as_bytes();
        for broken in [
            latin(utf8),
            latin(&gbk),
            WINDOWS_1252.decode_without_bom_handling(utf8).0.into_owned(),
            WINDOWS_1252.decode_without_bom_handling(&gbk).0.into_owned(),
        ] {
            assert!(needs_look(&broken), "{broken}");
            assert_eq!(fixed(&broken), *sentence, "{broken}");
        }
    }
}

#[test]
fn only_the_broken_run_of_a_line_changes() {
    let broken = latin("会议通知已发".as_bytes());
    assert_eq!(fixed(&format!("标题：{broken}（见附件 No.3）")), "标题：会议通知已发（见附件 No.3）");
    let gbk = GBK.decode_without_bom_handling("会议通知已发".as_bytes()).0.into_owned();
    assert_eq!(fixed(&format!("标题：{gbk}（见附件 No.3）")), "标题：会议通知已发（见附件 No.3）");
}

#[test]
fn single_characters_between_digits_are_judged_together() {
    assert_eq!(fixed(&latin("2021年5月3日".as_bytes())), "2021年5月3日");
    assert_eq!(fixed(&latin(&GBK.encode("2021年5月3日，星期一").0)), "2021年5月3日，星期一");
}

#[test]
fn lost_bytes_are_flagged_and_left() {
    for line in ["浠婂ぉ涓嬪崍涓夌\u{FFFD}", "锟斤拷锟斤拷", "烫烫烫烫", "屯屯屯屯", "\u{FFFD}\u{FFFD}"]
    {
        assert_eq!(repairs(line), Repairs { edits: Vec::new(), suspicious: true }, "{line}");
        assert!(needs_look(line), "{line}");
    }
    // The soft hyphen of 中 was removed by an earlier hand.
    let line = latin("中中中中文".as_bytes()).replace('\u{AD}', "");
    assert!(repairs(&line).edits.is_empty() && repairs(&line).suspicious);
}

#[test]
fn honest_text_is_untouched() {
    for line in [
        // names, places and rare characters
        "浠水县、涪陵区、浏阳市、洮南市、濮阳县",
        "缪斯、嫦娥与娲皇，玮瑄、婧妍、逵、娅",
        "瑕不掩瑜，缂丝与绛纱",
        "浜松町渚滨镇滢滢涔涔",
        "缤纷的缱绻，纾困的绥靖",
        "蟑螂螳螂蚱蜢蝼蛄蝙蝠鹧鸪鹡鸰鸬鹚",
        "钐铽镝钬铒铥镱镥锕镎镅锔锫锎锿镄钔锘铹",
        "关关雎鸠，在河之洲。窈窕淑女，君子好逑。参差荇菜，左右流之。",
        "袅袅兮秋风，洞庭波兮木叶下；沅有芷兮澧有兰。",
        "犇骉猋麤羴鱻淼焱垚囍囧",
        "锟铻之剑，火烫的水，屯田与屯兵",
        // other languages
        "Le café « Beauté » est fermé… « né », dit-elle, “l’été”",
        "Er trägt ÄÖÜäöüß und die Größe der Straße über Österreich",
        "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞß àáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿ",
        "[À-ÖØ-öø-ÿ] ¡¢£¤¥¦§¨©ª«¬®¯°±²³´µ¶·¸¹º»¼½¾¿",
        "El niño comió piñas, ¿verdad? ¡Sí, señor! São João, coração, EDUCAÇÃO",
        "Tiếng Việt có dấu: Đường phố Hà Nội đẹp, ĐÀ NẴNG",
        "Þórður Ægisson á Íslandi, smørrebrød på Åland",
        "/ˈlæŋɡwɪdʒ/ [ðə ˈkwɪk] ɑːŋ œ̃ ø",
        "x²+y²=r², ½·¾±¼×3÷2, 20°C±2°, µm, Ω, ∑∫≤≥, 10⁻³",
        "nǐ hǎo, lǜsè, zhōngguó, xièxie, é è ê",
        "Привет, как дела? Γειά σου Κόσμε",
        "日本語のテキストと한국어 문장",
        "关于（guān yú）、坚持（jiān chí）、résumé",
        "价格 £5·¥30，版权 © 2020 ® ™ §3",
    ] {
        assert_eq!(repairs(line), Repairs::default(), "{line}");
    }
}

#[test]
fn other_languages_in_the_wrong_encoding_do_not_become_chinese() {
    for (text, encoding) in [
        ("Привет, как ваши дела сегодня? Всё хорошо, спасибо.", encoding_rs::KOI8_R),
        ("Привет, как ваши дела сегодня? Всё хорошо, спасибо.", encoding_rs::WINDOWS_1251),
        ("Καλημέρα σας, τι κάνετε σήμερα;", encoding_rs::ISO_8859_7),
        ("안녕하세요 오늘은 날씨가 좋습니다", encoding_rs::EUC_KR),
        ("회의는 내일 오후 세시에 시작합니다", encoding_rs::EUC_KR),
        ("こんにちは、今日は良い天気ですね。", encoding_rs::EUC_JP),
        ("こんにちは、今日は良い天気ですね。", encoding_rs::SHIFT_JIS),
        ("今天下午三點開會，請準時參加。", BIG5),
    ] {
        let broken = latin(&encoding.encode(text).0);
        assert!(repairs(&broken).edits.is_empty(), "{} {:?}", encoding.name(), repairs(&broken));
    }
}

#[test]
fn the_trigger_is_quiet_on_clean_chinese_and_agrees_with_itself() {
    for line in SENTENCES.iter().chain(&["气温25°C±2，约翰·史密斯，3×4", "abc\t🙂 αβγ …—“”", "", "国"])
    {
        assert!(!needs_look(line), "{line}");
    }
    for line in ["é", "涓", "x锟", "\u{FFFD}", "🙂ä", "¡"] {
        assert!(needs_look(line), "{line}");
    }
}

proptest! {
    #[test]
    fn any_line_is_stable_after_one_pass(line in "[涓浗鍦€鐨勪腑äåæèé¸\u{AD}›½£¬¡ÖÐ¹ú中国的是a1 \u{80}-\u{FF}一-龥]{0,40}") {
        let once = fixed(&line);
        prop_assert!(repairs(&once).edits.is_empty());
        prop_assert_eq!(needs_look(&line), line.chars().any(may_be_mojibake));
    }

    #[test]
    fn mojibake_of_any_text_is_repaired_right_or_left(text in "[的一是不了在人有我他这个中来上大为和国，。a-c0-9 龘涓é]{1,30}", route in 0..3) {
        let broken = match route {
            0 => GBK.decode_without_bom_handling(text.as_bytes()).0.into_owned(),
            1 => latin(text.as_bytes()),
            _ => latin(&GBK.encode(&text).0),
        };
        for (_, repaired) in repairs(&broken).edits {
            prop_assert!(text.contains(&repaired), "{broken} {repaired}");
        }
    }
}
