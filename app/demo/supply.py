"""What the zone holds in the demonstration: the agreement, departments, datasets and products."""

import base64
import json
from pathlib import Path

from sqlmodel import select

from app.commands.catalogue import CatalogueFile, take_in
from app.commands.sign_in import caller_of
from app.demo import names
from app.demo.simulation import Simulation, placed
from app.domain.workdays import start_of
from app.store.tables_supply import (
    Dataset,
    DatasetField,
    Department,
    HeadAgreement,
    OnboardingCase,
    PriceEntry,
    Product,
    ProductVersion,
)

# Tables whose cases are walked step by step: table, liaison, where the case stands, days ago.
TABLES = (
    ("v_ods_sj_sjtyst_dsc_cs_dlysqyxydjkhjg_df", "liaison1", "ONLINE", 24),
    ("v_ods_sj_sjtyst_dsc_cs_biz_032_jdcwxjyyhbaxx_df", "liaison1", "GRADING", 4),
    ("v_ods_sj_sjtyst_dsc_cs_wlyyczqcysz_df", "liaison1", "SUBMITTED", 2),
    ("dw_shl_gjzyjszwrzzgzsxx", "liaison2", "APPROVAL", 4),
    ("dw_shl_rskswjxx", "liaison2", "SUPPLEMENT", 5),
    ("dw_shl_gjjgrdkxx", "liaison3", "ASSESSING", 6),
)
FOLDER = Path(__file__).parent / "zone"
# Tables beside those behind products that are online, and those whose cases stand half way.
MORE_ONLINE = 24
RULES = "字段名规则"
# What the datasets of a department are about; a code of `policies/cases/categories.csv`.
ABOUT = {"市人社局": "SOCIAL", "省教育厅": "EDUCATION", "市税务局": "TAX", "市市场监管局": "MARKET",
         "省市场监管局": "MARKET", "市科技局": "TECHNOLOGY", "市交通局": "TRANSPORT",
         "市自然资源和规划局": "RESOURCES", "市生态环境局": "RESOURCES", "市水利局": "UTILITY",
         "市供电公司": "UTILITY", "市大数据局": "CREDIT", "市委政法委": "GOVERNANCE",
         "省公安厅": "GOVERNANCE", "市信访局": "GOVERNANCE", "市退役军人事务局": "GOVERNANCE"}
TREATMENT = {1: "CLEAR", 2: "CLEAR", 3: "GENERALIZE", 4: "TOKENIZE"}


def catalogue(story: Simulation) -> None:
    """Every department's catalogue is imported as a person would: by file."""
    content = base64.b64encode((FOLDER / "catalogue.json").read_bytes()).decode()
    caller = caller_of(story.rows["account:business"], "127.0.0.1")
    take_in(story.rt, caller, CatalogueFile(name="catalogue.json", content=content,
                                            dry_run=False))


def departments(story: Simulation) -> None:
    """Departments signed their provision agreements and named their liaisons."""
    clauses = [item.id for item in story.rt.cases.checklists["provision-agreement"].items]
    with story.act() as act:
        for at, row in enumerate(act.all(select(Department).order_by(Department.number))):
            row.state, row.liaison = "ACTIVE", names.person(100 + at)
            row.uscc = names.uscc(at, "11")
            row.contact = f"010-5555{at:04d}"
            row.agreement = {"signed_on": str(act.day), "clauses": clauses}
            act.session.add(row)
            act.record("department.import", f"department/{row.id}", number=row.number)
            act.affects("department", row.id)
            story.rows[f"department:{row.name}"] = row


def datasets(story: Simulation) -> None:
    """Datasets behind products and some more are online, their fields graded and confirmed."""
    about = {row.id: ABOUT.get(name.removeprefix("department:"), "ECONOMY")
             for name, row in story.rows.items() if name.startswith("department:")}
    grades = json.loads((FOLDER / "grades.json").read_text("utf-8"))
    needed = {table for tables in names.SOURCES for table in tables}
    with story.act() as act:
        rows = act.all(select(Dataset).order_by(Dataset.number))
        walked = {table for table, *_ in TABLES}
        extra = [row for row in rows if row.code not in needed | walked][:MORE_ONLINE]
        for row in rows:
            if row.code in needed or row in extra:
                row.category = about[row.department_id]
                _online(story, act, row, grades[row.code])
                story.rows[f"dataset:{row.code}"] = row


def _online(story: Simulation, act, row: Dataset, graded: dict) -> None:
    fields = act.all(select(DatasetField).where(DatasetField.dataset_id == row.id)
                     .order_by(DatasetField.position))
    for field in fields:
        _graded(field, *graded[field.code], story.rows["account:security"].person_id)
        act.session.add(field)
    row.state, row.grade = "ONLINE", max(field.grade for field in fields)
    row.has_person = any(field.subject_kind == "PERSON" for field in fields)
    row.update_cycle, row.consent_mode = "DAILY", "ONCE"
    row.forbidden_purposes = ["CM"] if "税" in row.name else []
    row.registration, row.registration_code = "REGISTERED", f"REG{row.number[-4:]}"
    row.registration_valid_to = story.day(500)
    act.session.add(row)
    case = act.first(select(OnboardingCase).where(OnboardingCase.dataset_id == row.id))
    case.state, case.legality = "DONE", "履职采集"
    act.session.add(case)
    act.record("dataset.import", f"dataset/{row.id}", number=row.number, grade=row.grade,
               fields=len(fields))
    act.affects("dataset", row.id)


def _graded(field: DatasetField, level: int, personal: int, element: str, person: str) -> None:
    """A field as the rules proposed it and the security reviewer confirmed it."""
    field.grade = field.proposed_grade = level
    field.category = field.proposed_category = element
    field.subject_kind = field.proposed_subject_kind = "PERSON" if personal else "ENTERPRISE"
    field.mask = field.proposed_mask = TREATMENT[level]
    field.proposed_by, field.confidence = RULES, confidence(field.code)
    field.confirmed_by = person


def confidence(code: str) -> int:
    """How sure the rules are of a field, in percent."""
    return 96 - 7 * (len(code) % 4)


def products(story: Simulation) -> None:
    """Twelve products of seven categories, each with one listed version and a price."""
    with story.act() as act:
        for at, spec in enumerate(names.PRODUCTS):
            _product(story, act, at, spec)


def _product(story: Simulation, act, at: int, spec) -> None:
    name, category, use, actions, channels, form, (price, unit, list_price, ceiling) = spec
    row = placed(act, Product, number=f"PRD-{category.replace('_', '-')}-{at + 1:03d}", name=name,
                 category=category, public_use=use, owner="数据产品部", state="LISTED",
                 current="1.0", registration="REGISTERED", registration_code=f"REGP{at:04d}",
                 registration_valid_to=story.day(420))
    sources = [story.rows[f"dataset:{table}"] for table in names.SOURCES[at]]
    environments = ("PROD", "SANDBOX")
    placed(act, ProductVersion, product_id=row.id, text="1.0", state="LISTED",
           fields=_fields(act, sources, form), datasets=[source.id for source in sources],
           actions=list(actions), output_form=form, purposes=list(names.PURPOSES[at]),
           methods=[{"action": action, "channel": channel, "environment": environment}
                    for action in actions for channel in channels for environment in environments],
           subject_authorization="NONE", service_level="工作日 8:00—20:00",
           published_at=act.at)
    placed(act, PriceEntry, product_id=row.id, price_class=price, unit=unit,
           list_price=list_price, ceiling=ceiling,
           ceiling_document=f"京价综〔{act.day.year}〕88号" if ceiling else "", effective_from=act.day,
           published_on=act.day)
    story.rows[f"product:{at}"] = row


def _fields(act, sources: list[Dataset], form: str) -> list[dict]:
    """At most eight fields a source, none about persons, none of level 4."""
    chosen, taken = [], set()
    for source in sources:
        fields = act.all(select(DatasetField).where(
            DatasetField.dataset_id == source.id, DatasetField.subject_kind == "ENTERPRISE",
            DatasetField.grade <= 3, DatasetField.name != "").order_by(DatasetField.position))
        useful = [field for field in fields
                  if not field.category.startswith("tech") and field.code not in taken][:8]
        taken |= {field.code for field in useful}
        chosen += [{"field": field.code, "name": field.name, "dataset": source.id,
                    "source": field.code, "grade": field.grade, "treatment": field.mask,
                    "subject_kind": "ENTERPRISE", "sensitive": False} for field in useful]
    return chosen


def head_agreement(story: Simulation) -> None:
    """The agreement of three years ago, for five, covers what is on offer and online."""
    begins, ends = story.on(-3, 12, 8), story.on(2, 12, 8)
    with story.act() as act:
        clauses = [item.id for item in story.rt.cases.checklists["head-agreement"].items]
        row = placed(
            act, HeadAgreement, number=f"HA-{begins.year}-001", title="北京市金融公共数据专区授权运营协议（演示）",
            state="IN_FORCE", authority="市数据主管部门（演示）", authority_uscc=names.uscc(901, "11"),
            operator="金融数据运营有限公司（演示）", operator_uscc=names.uscc(902),
            related_parties=[], signed_on=begins.replace(day=1),
            valid_from=start_of(begins), valid_to=start_of(ends),
            resources=[row.id for key, row in story.rows.items() if key.startswith("dataset:")],
            products=[row.id for key, row in story.rows.items() if key.startswith("product:")],
            clauses=clauses, filing_reference=f"备〔{begins.year}〕16号")
        story.rows["head_agreement"] = row

