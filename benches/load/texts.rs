//! Made-up Chinese documents.

use serde_json::json;

use super::generator::post;

/// `SplitMix64`.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }
}

const WORDS: &[&str] = &[
    "学校", "教育", "管理", "工作", "各县", "政府", "应当", "按照", "规定", "加强", "建设", "的", "和", "并", "部门",
    "负责", "监督", "检查", "农村", "道路", "投资", "企业", "发展", "服务", "群众", "生活", "改善", "水利", "工程",
    "完成", "今年", "去年", "增长", "计划", "目标", "措施", "落实", "会议", "要求", "认真", "总结", "经验", "问题",
    "原因", "分析", "提高", "质量", "安全", "生产", "环境", "保护", "资源", "利用", "科学", "技术", "人才", "培养",
    "文化", "体育", "医疗", "卫生", "制度", "改革", "开放", "市场", "经济", "社会", "稳定", "和谐", "城市", "规划",
    "住房", "交通", "通信", "网络",
];

/// Sentences until there are so many bytes. Words of two characters from a list are prose enough for rules; that two such texts have nothing to do with
/// each other takes characters from a wide range, which every third word has.
pub fn document(seed: u64, bytes: usize) -> String {
    let mut random = Random(seed);
    let mut text = String::with_capacity(bytes + 200);
    let mut words = 0;
    while text.len() < bytes {
        if random.below(3) == 0 {
            for _ in 0..2 {
                text.extend(char::from_u32(0x4e00 + random.below(6000) as u32));
            }
        } else {
            text.push_str(WORDS[random.below(WORDS.len())]);
        }
        words += 1;
        match (words % 9, words % 54) {
            (8, 53) => text.push_str("。\n"),
            (8, _) => text.push('，'),
            _ => {}
        }
    }
    text.push_str("。\n");
    text
}

/// A page of about 5 KB as it is scraped: with decimals broken, half-width marks and a line that is no part of it.
pub fn page(seed: u64) -> String {
    let text = document(seed, 4800);
    let middle = text.char_indices().nth(700).map_or(0, |(at, _)| at);
    let (a, b) = text.split_at(middle);
    format!("{a},总投入13。7亿元,比上年增长4。6%。{b}责任编辑：某某\n")
}

/// A filled-in form: of two, only names and numbers differ.
pub fn template(seed: u64) -> String {
    let mut random = Random(seed);
    let mut number = || 1000 + random.below(900_000);
    let mut text = format!("企业登记信息公告第{}号\n", number());
    for line in [
        "统一社会信用代码后六位为", "注册资本为人民币", "实缴资本为人民币", "登记机关受理编号为", "从业人数合计为",
        "上一年度营业收入为", "上一年度纳税总额为", "经营场所面积合计为", "登记档案存放位置编号为",
        "年度报告受理编号为",
    ] {
        text.extend([line, &number().to_string(), "，以登记机关核准的内容为准，有关部门可以依法查询。\n"]);
    }
    text
}

/// Requests to wash pages.
pub fn clean_requests(count: u64) -> Vec<Vec<u8>> {
    let body = |seed| json!({"id": "d", "text": page(seed)}).to_string();
    (0..count).map(|seed| post("/v1/clean", "application/json", body(seed).as_bytes())).collect()
}
