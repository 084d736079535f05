"""The words of a resource catalogue: headings, update cycles, types, and what may be wrong."""

import re

from app.domain.titled import Titled


class Outcome(Titled):
    """What an import does to a table or a column."""

    NEW = "NEW", "新增", "New"
    UPDATED = "UPDATED", "更新", "Updated"
    UNCHANGED = "UNCHANGED", "不变", "Unchanged"
    LOCKED = "LOCKED", "未改", "Left alone"
    ABSENT = "ABSENT", "文件未列", "Not in the file"


MOST_ROWS = 20_000
LONGEST = {"department": 64, "table": 128, "column": 128, "type": 64, "update_cycle": 32}
LONGEST_OTHER = 200

TITLES = {
    "department": ("数据提供部门", "来源部门", "部门", "department"),
    "table": ("资源代码", "表代码", "表英文名", "表名", "table"),
    "table_zh": ("资源名称", "表中文名", "中文表名", "table_zh"),
    "update_cycle": ("更新周期", "更新频率", "update_cycle"),
    "owner": ("责任人", "联系人", "责任处室", "owner"),
    "column": ("数据项代码", "字段代码", "字段英文名", "字段名", "信息项代码", "column"),
    "column_zh": ("数据项名称", "字段中文名", "信息项名称", "column_zh"),
    "type": ("数据类型", "字段类型", "类型", "type"),
}
OPTIONAL_TITLES = frozenset({"update_cycle", "owner"})

CYCLES = {
    "REALTIME": ("实时", "realtime"),
    "DAILY": ("每日", "每天", "日", "daily"),
    "WEEKLY": ("每周", "周", "weekly"),
    "MONTHLY": ("每月", "月", "monthly"),
    "QUARTERLY": ("每季度", "每季", "季度", "季", "quarterly"),
    "HALF_YEARLY": ("每半年", "半年", "half-yearly"),
    "YEARLY": ("每年", "年", "年度", "yearly"),
    "IRREGULAR": ("不定期", "irregular"),
    "ONCE": ("一次性", "once"),
}
TYPES = {
    "TEXT": "string char varchar nchar nvarchar varchar2 nvarchar2 text longtext mediumtext clob "
    "字符型 字符串 文本",
    "INTEGER": "int integer bigint smallint tinyint mediumint year int2 int4 int8 整型 整数",
    "DECIMAL": "float double decimal numeric number real money 数值型 数值 浮点型",
    "DATE": "date 日期 日期型",
    "TIME": "time datetime timestamp timestamptz 日期时间 日期时间型 时间",
    "BOOLEAN": "bool boolean bit 布尔型",
    "BINARY": "blob binary varbinary bytea image 二进制",
}
WARNINGS = frozenset(
    {"CAT.UNKNOWN_TYPE", "CAT.UNKNOWN_CYCLE", "CAT.NO_CHINESE_NAME", "CAT.NOT_READ"}
)
MESSAGES = {
    "CAT.MISSING": ("必填项为空，请填写", "this cell is required: fill it in"),
    "CAT.CODE_NAME": (
        "代码只能由英文字母、数字和下划线组成，且不以数字开头，请改正",
        "a code name is letters, digits and underscores, not starting with a digit: correct it",
    ),
    "CAT.UNSAFE_TEXT": (
        "含有不可见、控制或方向控制字符，请重新录入",
        "holds invisible, control or direction characters: type it again",
    ),
    "CAT.TOO_LONG": ("超过允许长度，请缩短", "longer than allowed: shorten it"),
    "CAT.DUPLICATE": (
        "与 {where} 重复（不区分大小写），请删除一处",
        "repeats {where} (case is ignored): delete one of them",
    ),
    "CAT.CONFLICT": (
        "与 {where} 对同一资源的说明不一致，请统一",
        "differs from {where} about the same table: make them agree",
    ),
    "CAT.LOSSY_NUMBER": (
        "长数字已失去精度或变成科学计数，请把单元格设为文本后重新录入",
        "a long number has lost digits: format the cell as text and type it again",
    ),
    "CAT.NOT_TEXT": (
        "此处应为文本，请把单元格设为文本",
        "text is expected here: format the cell as text",
    ),
    "CAT.FORMULA": (
        "不接受公式，请粘贴为数值",
        "formulas are not accepted: paste the value instead",
    ),
    "CAT.MERGED": (
        "不接受合并单元格，请取消合并并逐行填写",
        "merged cells are not accepted: unmerge them and fill in every row",
    ),
    "CAT.HEADER": ("表头缺少或重复：{where}", "the heading is missing or stands twice: {where}"),
    "CAT.EMPTY": ("没有任何数据项，请至少填写一项", "holds no columns: give at least one"),
    "CAT.TOO_MANY": (
        f"超过 {MOST_ROWS} 行，请拆分后分批导入",
        f"more than {MOST_ROWS} rows: split the file",
    ),
    "CAT.VERSION": (
        "模板版本不是当前版本，请下载新模板",
        "this template is not the current version: download the new one",
    ),
    "CAT.UNKNOWN_MEMBER": ("不认识的成员，请删除", "an unknown member: remove it"),
    "CAT.UNKNOWN_TYPE": (
        "数据类型为空或不认识，已按原样保留",
        "the type is empty or unknown and is kept as declared",
    ),
    "CAT.UNKNOWN_CYCLE": (
        "更新周期不认识，已按原样保留",
        "the update cycle is unknown and is kept as declared",
    ),
    "CAT.NO_CHINESE_NAME": ("没有中文名称，请尽快补充", "has no Chinese name: add one soon"),
    "CAT.NOT_READ": ("此处内容不属于目录，未读取", "not part of the catalogue: not read"),
}


def cycle_of(declared: str) -> str:
    """The code of an update cycle, or empty when it is not known."""
    return _CYCLE_OF.get(declared.casefold(), "")


def kind_of(declared: str) -> str:
    """The kind of a declared type without its length (`varchar(20)` is TEXT), or empty."""
    return _KIND_OF.get(_LENGTH.sub("", declared).casefold(), "")


_CYCLE_OF = {word: cycle for cycle, words in CYCLES.items() for word in words}
_KIND_OF = {word: kind for kind, words in TYPES.items() for word in words.split()}
_LENGTH = re.compile(r"[\s(（].*", re.DOTALL)
