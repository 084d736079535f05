"""Believable, invented values for the style guide."""

from __future__ import annotations

from datetime import date


def t(zh: str, en: str) -> dict[str, str]:
    return {"zh": zh, "en": en}


def shell(path: str) -> dict:
    def entry(zh: str, en: str, icon: str, href: str = "#", count: int = 0) -> dict:
        return {"title": t(zh, en), "icon": icon, "href": href, "count": count,
                "current": href == path}

    nav = [
        {"title": t("日常", "Daily"), "entries": [
            entry("工作台", "Work desk", "layout-dashboard", "/"),
            entry("授权申请", "Grant cases", "clipboard-list", "/list", 7),
            entry("待办", "Tasks", "inbox", "/tasks", 3)]},
        {"title": t("登记", "Registry"), "entries": [
            entry("机构", "Institutions", "building-bank"),
            entry("部门与数据资源", "Departments and data", "database"),
            entry("产品", "Products", "package"),
            entry("授权", "Grants", "key"),
            entry("授权运营协议", "Head agreement", "contract"),
            entry("凭证", "Credentials", "fingerprint")]},
        {"title": t("运行", "Operation"), "entries": [
            entry("决策查询", "Decisions", "scale"),
            entry("紧急停用", "Emergency stop", "hand-stop")]},
        {"title": t("留证", "Evidence"), "entries": [
            entry("审计轨迹", "Trail", "history"),
            entry("证据包", "Evidence packs", "file-certificate"),
            entry("文书", "Instruments", "rubber-stamp")]},
        {"title": t("系统", "System"), "entries": [
            entry("账号与岗位", "Accounts and roles", "users")]},
    ]
    me = {"name": "林知远", "roles": [t("合规审核岗", "Compliance review")], "inbox": 3}
    return {"nav": nav, "me": me, "demo": True, "zone": t("东湾市金融专区", "Dongwan finance zone"),
            "whose": t("海港银行 · 机构门户", "Haigang Bank · portal")}


FACTS = [
    {"value": 4, "title": t("待我处理", "for me"), "href": "#"},
    {"value": 3, "title": t("今日到期", "due today"), "tone": "amber"},
    {"value": 1, "title": t("已逾期", "overdue"), "tone": "red"},
    {"value": "96.2%", "title": t("近 30 日按时完成", "on time, 30 days")},
]
ACTIONS = [
    {"title": t("导入", "Import"), "href": "#", "icon": "upload"},
    {"title": t("认领下一条", "Claim next"), "href": "#", "icon": "user-check", "primary": True},
]
STATES = [
    ("REVIEWING", t("会审中", "Reviewing")), ("SUPPLEMENT", t("补正中", "Supplement")),
    ("APPROVAL", t("待审批", "Approval")), ("ACTIVE", t("生效中", "Active")),
    ("SUSPENDED", t("已暂停", "Suspended")), ("CLOSED", t("已关闭", "Closed")),
]
TITLES = [
    ("海港银行 · 企业征信报告查询用于首次授信审批", "GC-2026-000318", 3, 2, -2.25),
    ("云岭融资担保 · 小微企业准入分析（接口查询）", "GC-2026-000317", 2, 0, 0.7),
    ("东湾农商银行 · 贷后风险洞察监测，按月批量", "GC-2026-000315", 4, 2, 2.9),
    ("安平财险 · 企业守信分析用于承保定价", "GC-2026-000311", 3, 1, 6.3),
    ("青禾小额贷款 · 信用信息查询缩减字段范围", "GC-2026-000306", 2, 3, None),
    ("海港银行 · 联合建模节点：小微信用评分模型训练", "GC-2026-000302", 4, 2, 18.8),
    ("南城银行 · 竞争力分析产品续期", "GC-2026-000298", 1, 5, None),
    ("云岭融资担保 · 企业画像用于反担保核查", "GC-2026-000295", 3, 0, 36),
    ("明德保险经纪 · 征信报告导出用于理赔核验", "GC-2026-000290", 5, 4, None),
    ("东湾农商银行 · 信用信息查询变更联系人与地址", "GC-2026-000287", 2, 0, 48),
    ("滨海村镇银行 · 涉农主体准入分析", "GC-2026-000284", 3, 1, 60),
    ("安平财险 · 风险洞察单笔接口查询", "GC-2026-000280", 2, 3, None),
]
COLUMNS = [
    {"key": "title", "title": t("申请内容", "Request"), "kind": "title", "sort": True},
    {"key": "grade", "title": t("级别", "Grade"), "kind": "grade"},
    {"key": "kind", "title": t("类型", "Kind"), "fold": True},
    {"key": "by", "title": t("提交人", "By"), "kind": "person", "fold": True},
    {"key": "state", "title": t("状态", "State"), "kind": "pill", "sort": True},
    {"key": "due", "title": t("剩余时限", "Due"), "kind": "due", "sort": True},
]


def listing(at, args) -> dict:
    rows = [
        {"href": f"/sheet?id={number}", "drawer": f"/drawer?id={number}", "id": number,
         "cells": {
             "title": {"text": title, "meta": [number, "信用信息查询 v3"]},
             "grade": {"level": level, "klass": "IMPORTANT" if level == 5 else None},
             "kind": t("新授权", "New grant"),
             "by": {"name": "周雯", "role": t("机构经办", "Maker")},
             "state": {"state": STATES[state][0], "title": STATES[state][1]},
             "due": at(minutes=int(hours * 60)) if hours is not None else None}}
        for title, number, level, state, hours in TITLES
    ]
    if args.get("q"):
        rows = [row for row in rows if args["q"] in row["cells"]["title"]["text"]]
    return {
        "columns": COLUMNS, "rows": rows, "total": 1204 if not args.get("q") else len(rows),
        "page": int(args.get("page", 1)), "size": 50,
        "search": t("标题、机构或编号", "Title, institution or number"), "q": args.get("q", ""),
        "sort": args.get("sort", "due"), "tick": "case",
        "exports": [{"title": "Excel", "href": "#"}, {"title": "CSV", "href": "#"}],
        "filters": [
            {"name": "state", "title": t("状态", "states"), "value": args.get("state"),
             "options": [{"value": code, "title": title} for code, title in STATES]},
            {"name": "kind", "title": t("类型", "kinds"), "value": args.get("kind"),
             "options": [{"value": "NEW", "title": t("新授权", "New grant")}]},
            {"name": "since", "title": t("提交起", "From"), "type": "date",
             "value": args.get("since")},
        ],
        "next_step": {"text": t("没有符合条件的申请。", "No case matches.")["zh"], "href": "/list",
                      "action": "清空筛选"},
    }


CHAIN = [
    {"level": "L0", "title": t("运营协议", "Agreement"), "name": "东湾专区运营协议",
     "state": "IN_FORCE", "state_title": t("生效", "In force"), "until": date(2028, 3, 31), "href": "#"},
    {"level": "L1", "title": t("数据准接入", "Dataset"), "name": "企业登记基本信息 等 4 项",
     "state": "ONLINE", "state_title": t("已上线", "Online"), "href": "#"},
    {"level": "L2", "title": t("资源登记", "Registration"), "name": "DJ-2026-0081", "state": "FILED",
     "state_title": t("已申报", "Filed"), "until": date(2026, 12, 18)},
    {"level": "L3", "title": t("产品上架", "Product"), "name": "企业信用信息查询 v3",
     "state": "LISTED", "state_title": t("已上架", "Listed"), "href": "#"},
    {"level": "L4", "title": t("机构准入", "Admission"), "name": "海港银行", "state": "RECTIFYING",
     "state_title": t("限期整改", "Rectifying"), "until": date(2027, 1, 15), "href": "#"},
    {"level": "L5", "title": t("授权版本", "Grant"), "name": "GR-2026-000127 v2",
     "state": "SUSPENDED", "state_title": t("已暂停", "Suspended"), "until": date(2027, 6, 30)},
    {"level": "L6", "title": t("凭证", "Credential"), "name": "hg-credit-api", "state": "LIVE",
     "state_title": t("有效", "Live"), "until": date(2027, 2, 28)},
    {"level": "L7", "title": t("主体授权", "Consent"), "name": None, "state": "NOT_REQUIRED",
     "state_title": t("不要求", "Not required"), "tone": "grey"},
    {"level": "L8", "title": t("请求", "Request"), "name": None, "state": "",
     "state_title": t("逐次判定", "Each call"), "tone": "grey"},
]
DIMENSIONS = [
    {"title": t("目的", "Purpose"), "requested": t("首次授信审批", "First credit approval"),
     "limit": t("授信审批及其下级", "Credit approval and below"), "mark": "MATCH"},
    {"title": t("范围", "Scope"), "requested": t("23 个字段，含 2 个四级字段", "23 fields, 2 of grade 4"),
     "limit": t("21 个字段，至三级", "21 fields, up to grade 3"), "mark": "MISMATCH",
     "why": t("「法定代表人证件号」「实际控制人住址」为四级，接口渠道不可交付。",
              "Two fields are grade 4 and cannot be delivered by API."),
     "clause": "SCOPE.GRADE · 5.3"},
    {"title": t("方式", "Method"), "requested": t("单笔接口查询，日 5,000 次", "API, 5,000 a day"),
     "limit": t("接口或坐席，日 10,000 次", "API or seat, 10,000 a day"), "mark": "MATCH"},
    {"title": t("期限", "Term"), "requested": t("至 2028-06-30", "until 2028-06-30"),
     "limit": t("至 2028-03-31（运营协议）", "until 2028-03-31 (agreement)"),
     "mark": "NEEDS_JUDGEMENT", "why": t("超出运营协议终止日，需缩短或注明随协议终止。",
                                         "Ends after the head agreement; shorten or tie to it.")},
]
TIMELINE = [
    {"at": "2026-11-22T02:05:00Z", "title": t("暂停授权", "Suspended"), "who": "林知远 · 数据安全审核岗",
     "note": t("发现异常调用，先行暂停，72 小时内确认。", "Unusual calls; to be confirmed in 72 h."), "tone": "red"},
    {"at": "2026-11-20T08:40:00Z", "title": t("出具合规意见：同意", "Compliance opinion: agree"),
     "who": "许静", "tone": "green"},
    {"at": "2026-11-19T01:12:00Z", "title": t("受理", "Accepted"), "who": "何嘉怡 · 受理岗", "tone": "blue"},
    {"at": "2026-11-18T09:30:00Z", "title": t("提交申请", "Submitted"), "who": "周雯 · 海港银行", "tone": "grey"},
]
TERMS = [
    {"title": t("机构", "Institution"), "value": {"text": "海港银行股份有限公司", "href": "#"}, "kind": "link"},
    {"title": t("统一社会信用代码", "USCC"), "value": "91330000MA0000000X", "kind": "mono"},
    {"title": t("产品", "Product"), "value": "企业信用信息查询 v3"},
    {"title": t("产出形式", "Output form"), "value": t("脱敏明细", "Masked record")},
    {"title": t("近 30 日调用", "Calls, 30 days"), "value": 41208, "kind": "num"},
    {"title": t("有效期", "Term"), "value": "2026-07-01 – 2027-06-30"},
    {"title": t("一句话", "In words"), "full": True, "value": t(
        "用于首次授信审批；仅限本行客户；单笔接口查询；至 2027 年 6 月 30 日。",
        "For first credit approval; own customers only; single API queries; until 30 June 2027.")},
]
DIFF = [
    {"field": t("目的", "Purpose"), "before": t("授信审批", "Credit approval"),
     "after": t("首次授信审批", "First credit approval"), "kind": "changed"},
    {"field": t("字段", "Field"), "before": t("实际控制人住址", "Controller's address"), "after": None, "kind": "removed"},
    {"field": t("字段", "Field"), "before": None, "after": t("经营异常名录", "Abnormal operation list"), "kind": "added"},
    {"field": t("期限", "Term"), "before": "2027-06-30", "after": "2027-06-30", "kind": "same"},
]
PARTS = [
    {"title": t("授权链", "Chain"), "passed": True, "limit": None, "actual": None},
    {"title": t("目的", "Purpose"), "passed": True, "limit": "CREDIT.APPROVAL.FIRST", "actual": "CREDIT.APPROVAL.FIRST"},
    {"title": t("范围", "Scope"), "passed": False, "limit": t("21 个字段", "21 fields"),
     "actual": t("含 legal_rep_id", "has legal_rep_id"), "code": "SCOPE.FIELD"},
    {"title": t("期限", "Term"), "passed": False, "limit": t("至 2026-11-20", "until 2026-11-20"),
     "actual": "2026-11-22", "code": "TERM.ENDED"},
    {"title": t("主体授权", "Consent"), "passed": None, "limit": None, "actual": None},
]
WORDS = ("本次调用被拒绝，原因两项：\n1. 请求字段「法定代表人证件号」不在授权范围内；\n"
         "2. 授权已于 2026 年 11 月 20 日到期。\n请在门户提交续期申请，或去掉该字段后重试。")
CHECKS = [
    {"title": t("申请主体与签字人一致", "Applicant and signer agree"), "done": True},
    {"title": t("目的说明与产品用途相符", "Purpose fits the product"), "done": True},
    {"title": t("安全等级保护证书在有效期内", "MLPS certificate is current"), "done": False, "required": True,
     "note": t("2026-12-31 到期", "expires 2026-12-31")},
]
FIELDS = [
    {"name": "name", "label": t("产品名称", "Product name"), "required": True, "maxlength": 120, "value": "企业信用信息查询"},
    {"name": "category", "type": "select", "label": t("类别", "Category"), "required": True,
     "options": [{"value": "RISK", "title": t("风险洞察", "Risk insight")},
                 {"value": "TRUST", "title": t("企业守信分析", "Trust analysis")}]},
    {"name": "from", "type": "date", "label": t("起始日", "From"), "value": "2026-12-01"},
    {"name": "quota", "type": "number", "label": t("每日次数上限", "Daily limit"), "min": 1, "value": 0,
     "error": "须为 1 以上的整数"},
    {"name": "fields", "type": "multiselect", "label": t("字段", "Fields"), "value": ["uscc"],
     "options": [{"value": "uscc", "title": t("统一社会信用代码", "USCC"), "note": "L1"},
                 {"value": "capital", "title": t("注册资本", "Registered capital"), "note": "L2"},
                 {"value": "legal_rep_id", "title": t("法定代表人证件号", "Legal representative's id"), "note": "L4"}]},
    {"name": "channel", "type": "radio", "label": t("渠道", "Channel"), "value": "API",
     "options": [{"value": "API", "title": t("接口", "API")}, {"value": "SAAS", "title": t("坐席", "Seat")}]},
    {"name": "why", "type": "textarea", "label": t("说明", "Statement"), "help": t("写入审计轨迹，不可更改。", "Written to the trail; cannot be changed."), "required": True},
    {"name": "rule", "type": "json", "label": t("附加条件", "Conditions"), "value": '{"legal_basis": "contract"}'},
    {"name": "file", "type": "file", "label": t("附件", "Attachment"), "accept": ".pdf,.xlsx"},
    {"name": "sure", "type": "checkbox", "label": t("我已核对影响清单", "I have checked the impact list"), "required": True},
]
COMMANDS = [
    {"verb": "approve", "title": t("通过，提交二审", "Approve, second review"), "href": "#", "allowed": True,
     "icon": "check", "tone": "primary", "fields": FIELDS[6:7]},
    {"verb": "return-to-applicant", "title": t("退回补正", "Return"), "href": "#", "allowed": True,
     "icon": "arrow-back-up", "fields": FIELDS[6:7]},
    {"verb": "claim", "title": t("认领", "Claim"), "href": "#", "allowed": True},
    {"verb": "suspend", "title": t("紧急停用", "Emergency stop"), "href": "#", "allowed": True, "icon": "hand-stop",
     "tone": "danger", "note": t("将立即影响 3 项授权、每小时约 1,284 次调用。", "Stops 3 grants and about 1,284 calls an hour at once."),
     "fields": [FIELDS[6], FIELDS[9]]},
    {"verb": "resume", "title": t("恢复", "Resume"), "href": "#", "allowed": False,
     "why": t("授权未暂停", "the grant is not suspended")},
    {"verb": "revoke", "title": t("撤销", "Revoke"), "href": "#", "allowed": False, "tone": "danger",
     "why": t("撤销须由审批人执行，您是审核岗", "only an approver may revoke; you are a reviewer")},
]
PRINTS = [{"title": t("审查单", "Review sheet"), "href": "#"}, {"title": t("授权决定书", "Decision notice"), "href": "#"}]
STEPS = [{"title": t("草稿", "Draft"), "done": True}, {"title": t("受理", "Intake"), "done": True},
         {"title": t("会审", "Review"), "current": True}, {"title": t("审批", "Approval")}, {"title": t("签约", "Signing")}]
DAYS = [(f"11-{n:02d}", 4000 + n * 37 % 900, 1500 + n * 53 % 300, 120 + n * 31 % 200) for n in range(9, 23)]
