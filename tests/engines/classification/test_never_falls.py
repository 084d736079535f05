"""No column or row added to a table lowers the level of anything that was in it before."""

from hypothesis import example, given, settings
from hypothesis import strategies as st

from app.domain.classification.facts import ColumnSpec, TableSample, TableSpec
from app.engines.classification.classifier import Sight, TableVerdict, classify

# titles with values as departments write them, blanks and words for nothing among them
CELLS = {
    "姓名": ["张三", "李四", "王小明", "欧阳春", "赵敏", "孙丽", "周强", "吴涛", "郑洁",
             "钱进", None],
    "身份证号": ["110108199003074615", "440305200111290386", "11010519491231002X",
             "110105201506010024", "无", None],
    "手机号码": ["13800138000", "13900139001", "15011112222", "18633334444", "-", None],
    "出生日期": ["1990-03-07", "2001-11-29", "1949-12-31", "2015-06-01", None],
    "备注": ["已核实", "联系13800138000", "身份证110108199003074615待核", "见附件", "无", None],
    "职业": ["教师", "医生", "会计", "司机", None],
    "企业名称": ["大华服装有限公司", "李记面馆", "王芳小吃店", "永昌商行", "张三", None],
    "统一社会信用代码": ["91320105MA1N4YR53T", "92320105MA1N4YR53T", "９２320105MA1N4YR53T", None],
    "企业电话": ["025-83340011", "13800138000", "15011112222", "18633334444", None],
    "编号": ["A001", "A002", "110108199003074615", "13800138000", "6222021234567890128", None],
    "类型": ["1", "2", "甲", "乙", "男", "女", None],
    "金额": ["12.50", "3000", "1.1E+17", "0", None],
}

BOUNDED = settings(max_examples=150, deadline=None, derandomize=True)
TABLES = ["", *(
    "某表 人员信息 企业登记信息 公示名单 缴费信息 用水信息 贷款信息 信访件信息 "
    "幼儿园在园幼儿 学生信息 行政处罚公示 个体户信息 社会保险缴费明细 不动产登记信息 "
    "退役军人信息 年度报告").split()]
PEOPLE = (
    "姓名 身份证号 手机号码 出生日期 性别 民族 学历 职业 工作单位 家庭住址 婚姻状况 "
    "学籍号 年级 监护人姓名 银行卡号 参保人姓名 缴费基数 残疾等级 贷款金额 诊断").split()
ENTERPRISES = (
    "企业名称 统一社会信用代码 法定代表人 法定代表人身份证号 注册资本 经营范围 成立日期 "
    "企业类型 联系人 联系电话 企业地址 纳税人识别号 应纳税额 用水量 信用等级 "
    "处罚决定书文号 许可证号 股东名称 网址 项目名称").split()
RECORDS = (
    "备注 状态 类型 行政区划 登记日期 更新时间 主键 登记机关 经办人 附件 查询码 证件类型 "
    "证件号码 名称 编号 金额").split()
TITLES = st.sampled_from(PEOPLE + ENTERPRISES + RECORDS)


def graded(title: str, columns: list[str], rows: list[list[str]] | None = None) -> TableVerdict:
    """The verdict on a table; without rows, by its names alone."""
    spec = TableSpec("t", title, "市某局", tuple(
        ColumnSpec(f"c{number}", each) for number, each in enumerate(columns)))
    values = {f"c{number}": [row[number] for row in rows] for number in range(len(columns))
              } if rows is not None else {}
    sight = Sight.NAMES if rows is None else Sight.ALL
    [found] = classify([TableSample(spec, values, None if rows is None else len(rows))], sight)
    return found


def fallen(before: TableVerdict, after: TableVerdict) -> list[tuple]:
    """What is lower or less personal after than before, with what it was and is."""
    pairs = [(name, one, after.columns[name]) for name, one in before.columns.items()]
    return [(before.spec.columns[int(name[1:])].title, (one.level, one.personal),
             (now.level, now.personal)) for name, one, now in pairs
            if now.level < one.level or now.personal < one.personal] + [
                ("the whole", before.whole.level, after.whole.level)
            ] * (after.whole.level < before.whole.level)


@BOUNDED
@given(st.sampled_from(TABLES), st.lists(TITLES, min_size=1, max_size=7, unique=True),
       st.lists(TITLES, min_size=1, max_size=4, unique=True))
@example("某表", ["姓名", "身份证号", "学历", "工作单位", "职业", "备注"], ["统一社会信用代码"])
@example("某表", ["备注", "状态"], ["经营范围", "注册资本", "企业类型", "成立日期"])
def test_columns_that_are_added_lower_nothing(title, columns, more) -> None:
    added = [each for each in more if each not in columns]
    assert fallen(graded(title, columns), graded(title, columns + added)) == []


def drawn(columns: list[str]) -> st.SearchStrategy[list[list]]:
    return st.lists(st.tuples(*(st.sampled_from(CELLS[each]) for each in columns)).map(list),
                    max_size=12)


@st.composite
def grown(draw) -> tuple[str, list[str], list[list], list[list]]:
    """A table, its rows, and rows that are added; at most two traits that single people out."""
    columns = draw(st.lists(st.sampled_from(sorted(CELLS)), min_size=1, max_size=5, unique=True))
    return draw(st.sampled_from(TABLES)), columns, draw(drawn(columns)), draw(drawn(columns))


@BOUNDED
@given(grown())
def test_rows_that_are_added_lower_nothing(table) -> None:
    title, columns, rows, more = table
    assert fallen(graded(title, columns, rows), graded(title, columns, rows + more)) == []
