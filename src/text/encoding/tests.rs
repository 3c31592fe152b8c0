use encoding_rs::{BIG5, EUC_JP, EUC_KR, GB18030, GBK, SHIFT_JIS, WINDOWS_1251, WINDOWS_1252};
use proptest::prelude::*;

use super::*;

const SIMPLIFIED: &[&str] = &[
    "今天的天气很好，我们一起去公园散步吧。",
    "请于本周五下班前提交季度工作总结。",
    "小猫趴在窗台上晒太阳，尾巴轻轻摇晃。",
    "电影《远方的灯塔》将于下月上映",
    "本店营业时间：早上九点至晚上十点",
    "首页 > 新闻中心 > 公司动态",
    "第三章 安全生产管理制度与操作规程",
    "他从书架上取下一本旧词典，翻到最后一页，发现夹着一张发黄的车票。",
    "会议由王主任主持，各部门负责人参加，讨论了明年的预算安排和人员调整方案。",
    "葡萄、石榴、枇杷、荔枝都是秋天常见的水果吗？",
    "床前明月光，疑是地上霜。",
    "用户登录失败，请检查网络连接后重试！",
    "一辆蓝色自行车停在邮局门口，车筐里放着两棵白菜和一袋面粉。",
    "订单号 20230001，金额 88.50 元，已发货",
];

const TRADITIONAL: &[&str] = &[
    "今天的天氣很好，我們一起去公園散步吧。",
    "請於本週五下班前提交季度工作總結。",
    "小貓趴在窗臺上曬太陽，尾巴輕輕搖晃。",
    "這間餐廳的牛肉麵非常有名，假日總是大排長龍",
    "圖書館開放時間：上午九點至下午六點",
    "歡迎光臨本站，請先註冊會員再發表文章！",
    "他從書架上取下一本舊詞典，翻到最後一頁，發現夾著一張發黃的車票。",
    "學生應該按時完成作業，並準備明天的考試內容。",
    "市政府宣布將興建新的捷運路線，預計五年後通車。",
    "老師說：「讀書要用心，做事要認真。」",
];

const JAPANESE: &[&str] = &[
    "今日はとても良い天気なので、公園まで散歩に行きました。",
    "会議は明日の午後三時から始まりますので、資料をご用意ください。",
    "このレストランのカレーはとても美味しいです。",
    "電車が遅れているため、到着は十時ごろになりそうです",
    "猫が窓のそばで眠っている。",
    "お問い合わせはこちらのフォームからお願いします。",
];

const KOREAN: &[&str] = &[
    "오늘은 날씨가 좋아서 공원에서 산책을 했습니다.",
    "회의는 내일 오후 세 시에 시작될 예정입니다.",
    "이 식당의 김치찌개는 정말 맛있어요.",
    "도서관은 아침 아홉 시부터 저녁 여섯 시까지 엽니다",
    "고양이가 창가에서 잠을 자고 있다.",
];

const WESTERN: &[&str] = &[
    "Le café près de la gare était fermé à cause de la fête, mais l’hôtel était ouvert.",
    "Die Straße führt über die Brücke nach Süden, schöne Grüße!",
    "El niño comió una piña en la montaña y después bebió café.",
    "The “quoted” price is £25 – don’t pay more…",
    "naïve résumé",
    "São Paulo não é a capital do país, é a maior cidade.",
];

fn utf16(text: &str, little: bool) -> Vec<u8> {
    text.encode_utf16().flat_map(|unit| if little { unit.to_le_bytes() } else { unit.to_be_bytes() }).collect()
}

fn hint(http: &str) -> Hint {
    Hint { http_charset: Some(http.into()), ..Hint::default() }
}

/// Every text with every encoding that can write it, and the name expected.
fn cases() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let mut all = Vec::new();
    let groups: &[(&[&str], &[&'static Encoding])] = &[
        (SIMPLIFIED, &[GBK]),
        (TRADITIONAL, &[BIG5, GBK]),
        (JAPANESE, &[SHIFT_JIS, EUC_JP]),
        (KOREAN, &[EUC_KR]),
        (WESTERN, &[WINDOWS_1252]),
    ];
    for (texts, encodings) in groups {
        for text in *texts {
            for encoding in *encodings {
                let (bytes, _, unmappable) = encoding.encode(text);
                if !unmappable {
                    all.push((*text, label::display(encoding), bytes.into_owned()));
                }
            }
            all.push((text, "UTF-8", text.as_bytes().to_vec()));
            all.push((text, "UTF-16LE", utf16(text, true)));
            all.push((text, "UTF-16BE", utf16(text, false)));
        }
    }
    all
}

#[test]
fn every_text_is_detected_in_every_encoding() {
    let cases = cases();
    assert!(cases.len() > 160);
    for (text, name, bytes) in cases {
        let decoded = decode(&bytes, &Hint::default()).unwrap();
        assert_eq!((&*decoded.text, decoded.encoding, decoded.replaced), (text, name, 0));
        assert_eq!(decoded.how, How::Detected);
    }
}

#[test]
fn no_declaration_makes_a_text_wrong() {
    let lies =
        ["gb2312", "utf-8", "big5", "iso-8859-1", "windows-1252", "shift_jis", "euc-kr", "utf-16", "no-such-thing"];
    for (text, name, bytes) in cases() {
        for lie in lies {
            let decoded = decode(&bytes, &hint(lie)).unwrap();
            assert_eq!((&*decoded.text, decoded.encoding), (text, name), "declared {lie}");
        }
    }
}

#[test]
fn an_honest_declaration_is_named_as_the_reason() {
    let (bytes, _, _) = GBK.encode("关于放假的通知");
    let decoded = decode(&bytes, &hint("gb2312")).unwrap();
    assert_eq!((decoded.encoding, decoded.how), ("GBK", How::Declared));
    let decoded = decode(&bytes, &hint("gb18030")).unwrap();
    assert_eq!((decoded.encoding, decoded.how), ("GB18030", How::Declared));
    let meta = Hint { http_charset: Some("x-unknown".into()), html_meta: Some("utf8".into()), ..Hint::default() };
    assert_eq!(decode("通知".as_bytes(), &meta).unwrap().how, How::Declared);
    let (bytes, _, _) = WINDOWS_1251.encode("Привет");
    assert_eq!(decode(&bytes, &hint("windows-1251")).unwrap().text, "Привет");
}

#[test]
fn four_byte_codes_are_called_gb18030() {
    let text = "这个字念什么：㐀㐁，我也不知道";
    let (bytes, _, _) = GB18030.encode(text);
    let decoded = decode(&bytes, &Hint::default()).unwrap();
    assert_eq!((&*decoded.text, decoded.encoding), (text, "GB18030"));
}

#[test]
fn a_byte_order_mark_decides_and_is_not_text() {
    for (mark, body, name) in [
        (&b"\xEF\xBB\xBF"[..], "通知".as_bytes().to_vec(), "UTF-8"),
        (b"\xFF\xFE", utf16("通知", true), "UTF-16LE"),
        (b"\xFE\xFF", utf16("通知", false), "UTF-16BE"),
    ] {
        let bytes = [mark, &body].concat();
        let decoded = decode(&bytes, &hint("gbk")).unwrap();
        assert_eq!((&*decoded.text, decoded.encoding, decoded.had_bom, decoded.how), ("通知", name, true, How::Bom));
    }
}

#[test]
fn an_override_wins_over_everything() {
    let force = |name: &str| Hint { r#override: Some(name.into()), ..hint("utf-8") };
    let (gbk, _, _) = GBK.encode("通知");
    assert_eq!(decode(&gbk, &force("cp936")).unwrap().text, "通知");
    assert_eq!(decode(&gbk, &force("latin1")).unwrap().text, "Í¨Öª");
    assert_eq!(decode(b"%PDF-1.7", &force("utf-8")).unwrap().text, "%PDF-1.7");
    let big = [&b"\xFE\xFF"[..], &utf16("通知", false)].concat();
    let decoded = decode(&big, &force("utf-16")).unwrap();
    assert_eq!((&*decoded.text, decoded.encoding, decoded.had_bom), ("通知", "UTF-16BE", true));
    let error = decode(b"x", &force("gkb")).unwrap_err();
    assert_eq!(error, EncodingError::UnknownEncoding { name: "gkb".into(), suggestion: "GBK" });
    assert_eq!(error.to_string(), "unknown encoding `gkb`; did you mean `GBK`?");
}

#[test]
fn cutting_the_end_anywhere_never_flips_the_encoding() {
    for (text, name, bytes) in cases() {
        // Fewer than twelve characters of UTF-16, one of them cut, are too few to be sure of.
        for cut in (bytes.len() / 2).max(24)..bytes.len() {
            let decoded = decode(&bytes[..cut], &Hint::default()).unwrap();
            assert_eq!(decoded.encoding, name, "{text} cut at {cut}");
            let whole = decoded.text.trim_end_matches('\u{FFFD}');
            assert!(text.starts_with(whole) && decoded.replaced <= 1, "{text} cut at {cut}: {decoded:?}");
            assert_eq!(decoded.text.matches('\u{FFFD}').count(), decoded.replaced);
        }
    }
}

#[test]
fn damage_inside_is_counted_and_does_not_flip() {
    let text = SIMPLIFIED.join("\n");
    let mut utf8 = text.clone().into_bytes();
    utf8.remove(31);
    let decoded = decode(&utf8, &Hint::default()).unwrap();
    assert_eq!((decoded.encoding, decoded.replaced), ("UTF-8", 1));
    let mut gbk = GBK.encode(&text).0.into_owned();
    gbk.insert(40, 0xFF);
    let decoded = decode(&gbk, &Hint::default()).unwrap();
    assert_eq!(decoded.encoding, "GBK");
    assert!((1..=2).contains(&decoded.replaced));
}

#[test]
fn a_replacement_character_of_the_source_is_not_counted() {
    let decoded = decode("坏\u{FFFD}字".as_bytes(), &Hint::default()).unwrap();
    assert_eq!(decoded.replaced, 0);
}

#[test]
fn nuls_stay_in_the_text() {
    let decoded = decode("第一\0段\0文字".as_bytes(), &Hint::default()).unwrap();
    assert_eq!((&*decoded.text, decoded.encoding), ("第一\0段\0文字", "UTF-8"));
    let (bytes, _, _) = GBK.encode("今天\0的会议\0改到明天");
    assert_eq!(decode(&bytes, &Hint::default()).unwrap().text, "今天\0的会议\0改到明天");
}

#[test]
fn ascii_is_utf8_also_when_it_comes_as_utf16() {
    assert_eq!(decode(b"plain text", &hint("gbk")).unwrap().encoding, "UTF-8");
    assert_eq!(decode(b"", &Hint::default()).unwrap().text, "");
    let wide = utf16("<html><body>plain text</body></html>", true);
    assert_eq!(decode(&wide, &Hint::default()).unwrap().encoding, "UTF-16LE");
}

#[test]
fn a_long_ascii_head_does_not_hide_the_text() {
    let head = "<meta name=\"x\" content=\"y\">\n".repeat(4000);
    let page = format!("{head}<p>关于调整上班时间的通知</p>");
    let (bytes, _, _) = GBK.encode(&page);
    let decoded = decode(&bytes, &hint("utf-8")).unwrap();
    assert_eq!((&*decoded.text, decoded.encoding), (page.as_str(), "GBK"));
}

#[test]
fn valid_utf8_is_not_copied() {
    let decoded = decode("不复制".as_bytes(), &Hint::default()).unwrap();
    assert!(matches!(decoded.text, Cow::Borrowed(_)));
}

#[test]
fn binary_files_are_refused_by_name() {
    let mut noise = Vec::new();
    let mut state = 0x1234_5678_u32;
    for _ in 0..4096 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        noise.push((state >> 24) as u8);
    }
    for (bytes, name) in [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(), "PNG image"),
        (b"PK\x03\x04\x14\0".to_vec(), "ZIP archive (.zip, .docx, .xlsx, .epub)"),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1\0\0".to_vec(), "OLE compound file (.doc, .xls, .ppt)"),
        (b"\x7FELF\x02\x01\x01".to_vec(), "ELF program"),
        (noise.clone(), "binary data"),
        (noise[..200].to_vec(), "binary data"),
        (vec![0; 100], "binary data"),
        ((1..=8).cycle().take(100).collect(), "binary data"),
    ] {
        let error = decode(&bytes, &hint("gbk")).unwrap_err();
        assert_eq!(error, EncodingError::Binary { looks_like: name, bytes: bytes.len() });
    }
}

proptest! {
    #[test]
    fn any_utf8_without_controls_comes_back(text in "[^\\p{Cc}\u{FEFF}]{0,60}中") {
        let decoded = decode(text.as_bytes(), &Hint::default()).unwrap();
        prop_assert_eq!(&*decoded.text, &text);
    }

    #[test]
    fn any_bytes_give_a_text_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(decoded) = decode(&bytes, &Hint::default()) {
            let marks = decoded.text.matches(char::REPLACEMENT_CHARACTER).count();
            prop_assert!(marks >= decoded.replaced);
        }
    }
}
