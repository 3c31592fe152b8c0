//! How common a Han character is in running text, in seven coarse classes.
//!
//! Serves charset detection and mojibake repair, which both ask whether a decoding reads like Chinese. The upper
//! classes are short hand-made lists; the lower ones come from the character sets themselves: GB 2312 level 1, Big5
//! level 1 and JIS X 0208 level 1 were each drawn up as "the characters in daily use", so their rows need no list.

use std::sync::LazyLock;

use encoding_rs::{BIG5, Encoding, GBK, SHIFT_JIS};

/// Class of a character by its share in running Chinese text, from most to least common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Commonness {
    /// One of the hundred characters that make up about 40 % of any text.
    Top,
    /// One of the next few hundred.
    Frequent,
    /// One of about a thousand everyone meets daily.
    Common,
    /// In a "daily use" level of GB 2312, Big5 or JIS X 0208.
    Standard,
    /// In GB 2312 level 2: names, plants, places.
    Secondary,
    /// Any other character of the basic CJK block.
    Rare,
    /// Not in the basic CJK block.
    NotHan,
}

const FIRST: u32 = 0x4E00;
const LAST: u32 = 0x9FFF;

const TOP: &str = "的一是不了在人有我他这个们中来上大为和国地到以说时要就出会可也你对生能而子那得于着下自之年过发后作\
里用道行所然家种事成方多经么去法学如都同现当没动面起看定天分还进好小部其些主样理心本前开但因只从想实日\
這個們來為國說時會對於著過發後裡種經麼學現當沒動還進樣開從實";

const FREQUENT: &str = "她军者意无力它与长把机十民第公此已工使情明性知全三又关点正业外将两高间由问很最重并物手应\
战向头文体政美相见被利什二等产或新己制身果加西斯月话合回特代内信表化老给世位次度门任常先海通教儿原东声提立\
及比员解水名真论处走义各入几口认条平系气题活尔更别打女变四神总何电数安少报才结反受目太量再感建务做接必场件\
计管期市直德资命山金指克许统区保至队形社便空决治展马科司五基眼书非则听白却界达光放强即像难且权思王象完设式\
色路记南品住告类求据程北边死张该交规万取拉格望觉术领共确传师观清今切院让识候带导争运\
軍無與長機關點業將兩間問並應戰頭體見產話給東門兒聲員論處義幾認條系係氣題爾別變總電數報結務場計資許統區隊\
決馬書則聽達強難權設記類據邊張該規萬術領確傳師觀讓識帶導爭運";

const COMMON: &str = "况每字步组改议技连单历快集团九八七六转风群收房备服术越众级算影究支价需节标青流音府红近造\
往志注半集况存整技病土亲早周精华根轻影城商局布极快流息花轮食笑始终联县治引约红周布济持照专段参州县营环\
段质落英台车星列石火兵深怎件孩找容请况拿站爱办举号际续飞谁失破读调阳官装采示效另满断试片功角服写英视离举\
请江河湖校班图志客户店票网页站版载件链首页点击登录注册文档下载上传格式审批负责监督检查执依条款章办例款项\
费额元税财债银贷款投资融险保护环境安监污染排放企股份董合同协议甲乙双签订违约责任赔偿损害诉讼裁判律委托代\
职务考核培训育养老师医疗卫药护患病健康残幼托乡镇村街道居委社农业粮食林牧渔湿园绿城乡规划房屋建筑施工程质\
验收物业维修消防急救灾应预案措施组织领导干部党员支书记纪检群众思想习近贯彻落推进深改革创新驱发展战略目标\
任务完善健全制度机制体系优势特区省市县厅局处科室秘秀奖励优秀评选学期课堂练习作业阅读语文数英理化史政品德\
吃喝睡跑跳坐站走买卖送拿放洗笑哭爱恨怕喜欢美丽漂亮帮助谢朋友父母亲妈爸哥姐弟妹爷奶孩童婚妻丈夫\
春夏秋冬季早晚夜晨午东西南北左右旁边里外雨雪云雷晴冷热暖凉温高低快慢远近深浅长短宽窄厚薄新旧好坏真假\
红黄蓝绿白黑灰紫米斤克吨升尺寸亩百千亿零某号码楼层栋座室厅厨卫床桌椅灯窗墙\
今昨明刻分秒钟久突忽渐曾刚永似乎必须般仅甚否尤其虽既若待让令替除根据按照关键研究讨论索搜查询询问答案例如\
举行召开参加访谈介绍负担承认继续维护获得取消增减降升超均约率占比值额份量幅倍余差距极端\
脑软硬盘程序码算据库系统网络络平台频视屏幕手充移端键输入输出显示打印扫描复印微信博客户群号\
球队赛冠军体育运跑步游泳戏剧歌曲音乐舞蹈演员导影片画家艺雕塑古代皇帝臣将士兵枪炮战敌杀死伤\
牛羊猪狗猫鸡鸭鱼鸟虫草树叶果菜饭茶酒肉油盐糖味香甜苦辣\
具备拒绝遭遇抗击纷争辩析播录频醉驾驶仪器材械申缴纳贮存畜禽瓶垃圾湿污水尘噪声烟煤炭钢铝铜矿洞桥隧轨铁航港码船\
舶箱货仓储邮递旅游宾馆酒店餐饮鲜疫苗病毒细菌症状疼痛肿瘤血压糖尿肝肾肺胃骨皮肤眼睛耳鼻嘴舌牙唇脸额颈肩胸腰腿\
膝脚趾指甲毛衣裤鞋帽裙布棉丝绸缎针线绳带袋包伞杯盆锅碗筷勺刀叉剪锁钥匙币钞秤尺笔墨砚纸册页码字典籍著译编辑\
刊登载宣传播扬弘继承遗址迹庙塔寺祠碑墓陵墙砖瓦泥沙石岩溪湾岛屿洋潮汐浪涛岸滩堤坝闸渠井泉瀑冰霜雾露虹\
侨眷配偶兄弟姐妹祖孙婴幼寿龄籍贯姓氏族裔婚姻嫁娶迎亲宾客邻居伴侣伙伴敬尊谦虚诚恳勤奋努刻苦坚毅勇敢智慧\
秩序混乱稳妥谨慎密切配套补贴奖惩罚没拘留逮捕押释假刑犯罪嫌疑侦查证据鉴定听证仲裁调停撤销废止颁布施效\
岁讲句词段篇章诗歌散小故事谈吧吗呢啊呀哦嘛哪哈咱您俩谁每另各某互彼亦皆矣焉哉乃何\
準備術聯繫級準價節標紅親華輕極輪終縣約濟專參營環質車愛辦舉號際續飛誰讀調陽裝滿斷試寫視離請圖網頁載鏈點\
擊錄註冊檔傳審負責監檢執條項費額財債銀貸險護環監開協議雙簽訂違賠償損訴訟職務訓養醫療藥衛殘鄉鎮農糧漁濕園\
綠規劃築驗業維災應預組織領幹黨員記紀貫徹進創驅標務優勢廳處獎勵評選課練習閱語數買賣歡麗幫謝媽爺婚東邊雲熱\
溫慢遠淺寬舊壞黃藍噸畝億碼樓層棟廳廚燈牆鐘漸剛須僅雖據鍵討論詢舉訪談紹擔認繼獲減超約佔值額餘極腦軟盤碼庫\
統絡臺台屏鍵輸顯掃描復複印群號球隊賽軍戲劇樂演導畫藝將槍敵殺傷豬貓雞鴨魚鳥蟲樹葉飯鹽歲講詞詩談嗎妳誰\
圓勞獨產歷歸斷靜簡單雜誌紙響頓買鐵館觀察靈隨險顧願麵齊龍";

/// Class per code unit of the basic CJK block, filled on first use (21 KB).
static CLASSES: LazyLock<Vec<Commonness>> = LazyLock::new(build);

/// The class of `c`; constant time.
#[must_use]
pub fn commonness(c: char) -> Commonness {
    let code = c as u32;
    if !(FIRST..=LAST).contains(&code) {
        return Commonness::NotHan;
    }
    CLASSES.get((code - FIRST) as usize).copied().unwrap_or(Commonness::Rare)
}

fn build() -> Vec<Commonness> {
    let mut classes = vec![Commonness::Rare; (LAST - FIRST + 1) as usize];
    // Later calls never lower a class, so the order is from the widest set to the narrowest.
    raise_rows(&mut classes, GBK, 0xD8..=0xF7, 0xA1, Commonness::Secondary);
    raise_rows(&mut classes, GBK, 0xB0..=0xD7, 0xA1, Commonness::Standard);
    raise_rows(&mut classes, BIG5, 0xA4..=0xC6, 0x40, Commonness::Standard);
    raise_rows(&mut classes, SHIFT_JIS, 0x88..=0x97, 0x40, Commonness::Standard);
    for (list, class) in [(COMMON, Commonness::Common), (FREQUENT, Commonness::Frequent), (TOP, Commonness::Top)] {
        list.chars().for_each(|c| raise(&mut classes, c, class));
    }
    classes
}

/// Decodes every two-byte code of the lead rows and gives each Han character found there `class`.
fn raise_rows(
    classes: &mut [Commonness],
    encoding: &'static Encoding,
    leads: std::ops::RangeInclusive<u8>,
    first_trail: u8,
    class: Commonness,
) {
    for lead in leads {
        for trail in first_trail..=0xFE {
            let bytes = [lead, trail];
            if let Some(text) = encoding.decode_without_bom_handling_and_without_replacement(&bytes) {
                text.chars().for_each(|c| raise(classes, c, class));
            }
        }
    }
}

fn raise(classes: &mut [Commonness], c: char, class: Commonness) {
    let slot = (c as u32).checked_sub(FIRST).and_then(|at| classes.get_mut(at as usize));
    if let Some(slot) = slot
        && class < *slot
    {
        *slot = class;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_follow_the_lists_and_the_character_sets() {
        for (c, class) in [
            ('的', Commonness::Top),
            ('這', Commonness::Top),
            ('政', Commonness::Frequent),
            ('糖', Commonness::Common),
            ('舷', Commonness::Standard),
            ('囍', Commonness::Rare),
            ('涓', Commonness::Standard),
            ('浍', Commonness::Secondary),
            ('あ', Commonness::NotHan),
        ] {
            let got = commonness(c);
            // Big5 level 1 is wider than GB 2312 level 1, so a level-2 character may still be Standard.
            assert!(got == class || (class == Commonness::Secondary && got <= class), "{c}: {got:?}");
        }
    }

    #[test]
    fn the_lists_hold_only_han() {
        for list in [TOP, FREQUENT, COMMON] {
            assert!(list.chars().all(|c| commonness(c) <= Commonness::Common));
        }
    }
}
