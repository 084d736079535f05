"""Invented names: institutions, people, products. Any likeness to real ones is chance."""

PREFIXES = ("京禾", "北辰", "燕岭", "永定", "通惠", "潮白", "香岚", "玉渊", "云居", "朝露", "东篱", "西山岚",
            "南苑", "中轴", "天坛路", "德胜", "安贞", "和平里", "广渠", "复兴岭", "清河", "温榆", "妙峰",
            "灵岳", "百花", "海坨", "莲石", "金盏", "银锭", "白塔")
BANKS = tuple(f"{prefix}银行" for prefix in PREFIXES)
GUARANTORS = tuple(f"{prefix}融资担保有限公司" for prefix in PREFIXES[:12])
INSURERS = tuple(f"{prefix}财产保险股份有限公司" for prefix in PREFIXES[8:18])
OTHERS = (*(f"{prefix}小额贷款有限公司" for prefix in PREFIXES[3:12]),
          *(f"{prefix}融资租赁有限公司" for prefix in PREFIXES[14:21]))
INSTITUTIONS = (*((name, "BANK") for name in BANKS), *((name, "GUARANTOR") for name in GUARANTORS),
                *((name, "INSURER") for name in INSURERS),
                *((name, "MICRO_LENDER" if "小额" in name else "OTHER") for name in OTHERS))
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏"
GIVEN = ("知远", "若水", "明轩", "静怡", "思齐", "文博", "嘉禾", "映雪", "景行", "望舒", "清和", "子衿",
         "怀瑾", "云舟", "书白", "雨桐", "承泽", "星野", "一诺", "安然")


def person(at: int) -> str:
    """The invented name with this number."""
    return SURNAMES[at % len(SURNAMES)] + GIVEN[(at * 7 + at // len(SURNAMES)) % len(GIVEN)]


def uscc(at: int, kind: str = "91") -> str:
    """A number shaped like a USCC whose check character is deliberately wrong.

    Source: GB 32100-2015 for the shape.
    """
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    body = f"{kind}119999MADEM{at:04d}"[:17].replace("I", "1").replace("O", "0")
    total = sum(alphabet.index(mark) * pow(3, place, 31) for place, mark in enumerate(body))
    return body + alphabet[(31 - total % 31 + 1) % 31]


# code, name, category, public use, action set, channels, form, price class, unit, list, ceiling
PRODUCTS = (
    ("企业基本信用信息查询", "CREDIT_QUERY", "PUBLIC_BENEFIT", ("VERIFY", "QUERY_ONE", "QUERY_BATCH"),
     ("API", "SAAS"), "DERIVED", ("FREE", "", 0, None)),
    ("行政处罚与失信查询", "CREDIT_QUERY", "PUBLIC_BENEFIT", ("VERIFY", "QUERY_ONE"),
     ("API", "SAAS"), "DERIVED", ("FREE", "", 0, None)),
    ("小微企业准入核验", "ADMISSION", "PUBLIC_BENEFIT", ("VERIFY",), ("API",), "VERIFY",
     ("FREE", "", 0, None)),
    ("科技型企业准入分析", "ADMISSION", "INDUSTRY", ("VERIFY", "QUERY_ONE"), ("API", "SAAS"),
     "DERIVED", ("CHARGED", "次", 120, 200)),
    ("税务风险洞察", "RISK", "INDUSTRY", ("QUERY_ONE", "MONITOR"), ("API",), "DERIVED",
     ("CHARGED", "次", 350, 500)),
    ("公用事业欠费预警", "RISK", "INDUSTRY", ("QUERY_ONE", "MONITOR"), ("API",), "DERIVED",
     ("CHARGED", "次", 200, 300)),
    ("企业竞争力分析", "COMPETE", "INDUSTRY", ("QUERY_ONE",), ("API", "SAAS"), "DERIVED",
     ("CHARGED", "次", 480, 600)),
    ("企业守信评价", "TRUST", "PUBLIC_BENEFIT", ("QUERY_ONE", "VERIFY"), ("API", "SAAS"), "SCORE",
     ("FREE", "", 0, None)),
    ("企业画像", "PORTRAIT", "INDUSTRY", ("QUERY_ONE", "QUERY_BATCH"), ("API",), "DERIVED",
     ("CHARGED", "次", 260, 400)),
    ("投资项目画像", "PORTRAIT", "INDUSTRY", ("QUERY_ONE",), ("SAAS",), "DERIVED",
     ("CHARGED", "份", 900, 1200)),
    ("企业征信报告", "REPORT", "INDUSTRY", ("REPORT_VIEW", "REPORT_EXPORT"), ("SAAS",), "DERIVED",
     ("NEGOTIATED", "份", 1500, 3000)),
    ("纳税特征联合建模", "RISK", "INDUSTRY", ("MODEL_TRAIN", "MODEL_INFER"), ("JOINT_NODE",), "SCORE",
     ("NEGOTIATED", "项", 300000, 500000)),
)
# Which tables stand behind each product, by code name.
SOURCES = (
    ("dw_sj_scjdgl_scztxx", "dw_cs_scjdgl_qyzxxx"),
    ("dw_cs_scjdgl_xzcfgsxx", "dw_cs_sw_csjrxzcfxx"),
    ("dw_cs_scjdgl_xwqymljbxx",),
    ("dw_cs_kj_gxjsqyxx", "dw_cs_kj_sjkjxzxqyxx"),
    ("dw_cs_sw_qsxx", "dw_cs_sw_csjrswjcxx", "dw_cs_sw_zdsswfhmd"),
    ("dw_cs_sl_qjsfqyxx", "v_stg_cs_csglj_csxyfwlyfrrqxx_sbz"),
    ("dw_cs_scjdgl_qynbzcxx", "dw_cs_kj_gxjsqyxx"),
    ("dw_cs_dsj_xypjxx", "dw_shl_qyhjxwxypjxx"),
    ("dw_cs_scjdgl_gqbg", "dw_cs_sgzw_nbxx", "dw_cs_rlsb_qysbcbrsxx"),
    ("v_stg_cs_sfgw_cszdtzxmxx", "v_stg_cs_sfgw_csfgwndzdxmmlxx"),
    ("dw_sj_scjdgl_scztxx", "dw_cs_ybj_jrxkxx", "dw_cs_sw_nsxx"),
    ("dw_cs_sw_nsxx", "dw_sj_js_qygjjndjcxx"),
)
PURPOSES = (
    ("PF.ADM.KYB", "PF.CRD.NEW", "PF.CRD.REN", "PF.CRD.INC", "PF.PLM.CHK", "PF.GUA.REV"),
    ("PF.CRD.NEW", "PF.CRD.REN", "PF.PLM.CHK", "PF.ADM.FRD"), ("PF.ADM.KYB",),
    ("PF.CRD.NEW", "PF.LMT.EST"), ("PF.CRD.NEW", "PF.PLM.CHK", "PF.RSK.WRN"),
    ("PF.PLM.CHK", "PF.RSK.WRN"), ("PF.CRD.NEW", "PF.LMT.EST"),
    ("PF.ADM.KYB", "PF.CRD.NEW", "PD.ELG.PRE"), ("PF.CRD.NEW", "PF.CRD.REN", "PF.LMT.EST"),
    ("PF.CRD.NEW", "PD.MAT.REC"), ("PF.CRD.NEW", "PF.GUA.REV"), ("PF.MDL.TRN", "PF.LMT.EST"),
)
