"""How the rules of classification are called when people read them: families, strengths, checks."""

from app.domain.titled import Titled


class Subject(Titled):
    """Whom a value points to."""

    PERSON = "person", "自然人", "Person"
    ORGANISATION = "organisation", "组织", "Organisation"
    THING = "thing", "物", "Thing"
    NONE = "none", "不指向", "Nobody"


class Strength(Titled):
    """How much one value says."""

    STRONG = "strong", "强：一个取值即可为据", "Strong: one value is evidence"
    MEDIUM = "medium", "中：几乎全列符合，或名称相符", "Medium: nearly all values, or the name"
    WEAK = "weak", "弱：须有清单、模型或名称", "Weak: a list, a tagger or the name"
    DICTIONARY = "dictionary", "词表：按命中占比", "Dictionary: the share found in a list"
    CONTEXT_ONLY = "context-only", "仅名称：取值只能反证", "Name only: values may contradict"


class Source(Titled):
    """Whose rule states an identifier."""

    NATIONAL = "national", "国家标准", "National standard"
    TRADE = "trade", "行业标准", "Industry standard"
    INTERNATIONAL = "international", "国际标准", "International standard"
    RULES = "rules", "部门规则与通行形式", "Rules of authorities, usage"


class Family(Titled):
    """The file an element is declared in."""

    COURT = "court", "司法", "Courts"
    ENTERPRISE = "enterprise", "企业", "Enterprises"
    FINANCE = "finance", "金融", "Finance"
    OFFICE = "office", "政务办理", "Government affairs"
    PERSON = "person", "个人", "Persons"
    REALTY = "realty", "不动产", "Real property"
    REGISTER = "register", "登记注册", "Registers"
    SECRETS = "secrets", "鉴别凭据", "Secrets"
    SOCIAL = "social", "社保民生", "Social security"
    TAX = "tax", "税务", "Taxes"
    TECHNICAL = "technical", "技术字段", "Technical"
    UTILITY = "utility", "公用事业", "Utilities"
    VEHICLE = "vehicle", "车辆", "Vehicles"


class Kind(Titled):
    """What sort of value an element is."""

    AMOUNT = "amount", "金额", "Amount"
    CODE = "code", "代码", "Code"
    CONTACT = "contact", "联系方式", "Contact"
    COUNT = "count", "数量", "Count"
    DATE = "date", "日期", "Date"
    FILE = "file", "文件", "File"
    ID = "id", "编号", "Number that identifies"
    KEY = "key", "技术主键", "Key"
    NAME = "name", "名称", "Name"
    PERSON_NAME = "person_name", "人名", "Name of a person"
    PLACE = "place", "地点", "Place"
    RATIO = "ratio", "比率", "Ratio"
    TECH = "tech", "系统字段", "System field"
    TEXT = "text", "文本", "Text"
    TIME = "time", "时间", "Time"


class Level(Titled):
    """A unified level."""

    ONE = "1", "1 级", "Level 1"
    TWO = "2", "2 级", "Level 2"
    THREE = "3", "3 级", "Level 3"
    FOUR = "4", "4 级", "Level 4"
    FIVE = "5", "5 级", "Level 5"


class Either(Titled):
    """Whether something is so."""

    YES = "yes", "是", "Yes"
    NO = "no", "否", "No"


class Example(Titled):
    """What an example of an identifier shows."""

    VALID = "valid", "应识别", "Taken"
    INVALID = "invalid", "不应识别", "Left"
    MASKED = "masked", "已遮盖", "Masked"


class Scheme(Titled):
    """A standard that speaks of elements, by its number."""

    JRT0197 = "jrt0197", "JR/T 0197 金融数据分级", "JR/T 0197 financial data"
    GBT43697 = "gbt43697", "GB/T 43697 分类分级规则", "GB/T 43697 grading"
    JRT0171 = "jrt0171", "JR/T 0171 个人金融信息", "JR/T 0171 personal financial data"
    GBT45574 = "gbt45574", "GB/T 45574 敏感个人信息", "GB/T 45574 sensitive data"
    GBT35273 = "gbt35273", "GB/T 35273 个人信息安全", "GB/T 35273 personal information"


class Gives(Titled):
    """What a scheme gives to data."""

    LEVEL = "level", "级别", "Levels"
    SENSITIVE = "sensitive", "敏感个人信息清单", "A list of sensitive personal information"


class Known(Titled):
    """How surely the basis of a rule or a scheme is known."""

    SEEN = "seen", "已核对文本", "Its text was seen"
    REMEMBERED = "remembered", "待核对文本", "To be confirmed against its text"
    OURS = "ours", "本系统规则", "A rule of this system"
    CONFIRM = "confirm", "待核对条款", "Its clause is to be confirmed"
    KNOWN = "known", "依据明确", "Its basis is known"


class Duty(Titled):
    """What follows from a rule beside the level."""

    TWO_PERSONS = "two-persons", "须两人确认", "Two persons decide"
    IMPACT_ASSESSMENT = "impact-assessment", "个人信息保护影响评估", "Impact assessment"
    REASSESS = "reassess", "重新评估", "Assess again"
    KEEP_TEST = ("keep-reidentification-test", "留存重识别测试记录",
                 "Keep the test of re-identification")
    SEPARATE_CONSENT = "separate-consent", "单独同意", "Separate consent"
    IMPORTANT_REVIEW = "important-review", "按重要数据复核", "Review as important data"
    BLOCK_EXPORT = "block-export", "禁止出境", "Nothing leaves the country"
    COMPLIANCE_AUDIT = "compliance-audit", "合规审计", "Compliance audit"
    SECURITY_ASSESSMENT = "security-assessment", "安全评估", "Security assessment"
    GUARDIAN_CONSENT = "guardian-consent", "监护人同意", "Consent of a guardian"
    IMPORTANT_PROCESSOR = ("important-processor", "履行重要数据处理者义务",
                           "Duties of who handles important data")


class Check(Titled):
    """What a value of the shape must hold."""

    BORN_18 = "born-18", "出生日期有效", "a birth date that exists"
    BORN_15 = "born-15", "出生日期有效（两位年）", "a birth date that exists (two-digit year)"
    TAXPAYER_DAY = "taxpayer-day", "所含日期有效", "a date in it that exists"
    CALENDAR = "calendar", "日历上有此日", "a day of the calendar"
    IPV6 = "ipv6", "合法的 IPv6 地址", "a valid IPv6 address"
    IN_CHINA = "in-china", "坐标在境内", "a place within China"
    PROVINCE = "province", "省级代码存在", "a province that exists"
    PREFECTURE = "prefecture", "地市代码存在", "a prefecture that exists"
    MOBILE_RANGE = "mobile-range", "号段已分配", "an assigned number range"
    CARD_ISSUER = "card-issuer", "发卡机构号存在", "an issuer that exists"
    BANK = "bank", "行别代码存在", "a bank that exists"
    INDUSTRY = "industry", "行业代码存在", "an industry that exists"
    SEX = "sex-listed", "性别代码表", "the list of sexes"
    MARITAL = "marital-listed", "婚姻状况代码表", "the list of marital statuses"
    ETHNIC = "ethnic-listed", "民族代码表", "the list of ethnic groups"
    EDUCATION = "education-listed", "学历代码表", "the list of education levels"
    POLITICAL = "political-listed", "政治面貌代码表", "the list of political affiliations"
    PERSON_NAME = "person-name", "像人名", "reads as the name of a person"
    COMPANY_NAME = "company-name", "像单位名称", "reads as the name of a company"
    ADDRESS = "address", "像地址", "reads as an address"


def source_of(text: str) -> Source:
    """Whose rule a source is, by the number it begins with."""
    head = text.split(" ")[0]
    if head in ("GB", "GB/T"):
        return Source.NATIONAL
    if head in ("GA", "GS", "ZC", "JR/T"):
        return Source.TRADE
    worldwide = ("ISO", "ISO/IEC", "RFC", "IEEE", "ICAO", "3GPP", "WGS-84,", "Subset")
    return Source.INTERNATIONAL if head in worldwide else Source.RULES


def check_words(name: str) -> tuple[str, str]:
    """A check in Chinese and English; a checksum is named by its algorithm."""
    found = next((check for check in Check if check.value == name), None)
    return (found.zh, found.en) if found else (f"校验算法 {name}", f"checksum {name}")
