"""What a version offers, as it is entered: measured against its datasets before it is saved."""

from collections.abc import Mapping

from sqlmodel import select

from app.commands.command import Body, Text, entry
from app.commands.filing import Code, refuse
from app.domain.offers import Consent, changes, wider
from app.store.situations_products import measure, offer_of, sources
from app.store.tables_supply import Dataset, DatasetField, Product, ProductVersion
from app.store.unit import Act


class OfferedField(Body):
    """One delivered field, from one field of one dataset."""

    field: Code = entry("产品数据项", "Field")
    name: Text = entry("名称", "Name", default="", max_length=200)
    dataset: Text = entry("数据资源", "Dataset", min_length=1, max_length=64)
    source: Code = entry("来源数据项", "Source field")
    treatment: Code = entry("处理方式", "Treatment", default="CLEAR", widget="select",
                            options="treatments")


class Way(Body):
    """One way of asking."""

    action: Code = entry("操作", "Action", widget="select", options="actions")
    channel: Code = entry("渠道", "Channel", widget="select", options="channels")
    environment: Code = entry("环境", "Environment", default="PROD", widget="select",
                              options="environments")


class Offering(Body):
    """Scope, method and purpose of a version."""

    fields: list[OfferedField] = entry("数据项", "Fields", min_length=1, max_length=500)
    methods: list[Way] = entry("方式", "Methods", min_length=1, max_length=60)
    output_form: Code = entry("输出形态", "Output form", widget="select",
                              options="output_forms")
    purposes: list[Code] = entry("允许的目的", "Purposes", widget="multiselect",
                                 options="purposes", min_length=1, max_length=100)
    subject_authorization: Consent = entry("主体授权", "Subject authorization",
                                           default=Consent.REQUIRED)
    legal_basis: dict[Code, Text] = entry("自然人数据项的法定依据",
                                          "Legal basis of fields about persons", default={},
                                          help_zh="每项填数据项代码与依据",
                                          help_en="the field and what it rests on")
    service_level: Text = entry("服务水平", "Service level", default="", max_length=500)


def written(act: Act, product: Product, version: ProductVersion, offering: Offering) -> None:
    """The offering becomes the draft's, unless it is wider than its datasets anywhere (INV-03).

    Raises:
        Invalid: with every place that exceeds a dataset (G-NARROW).
    """
    values = _columns(act, offering)
    found = sources(act.session, values["datasets"])
    refuse(((item.where, item.zh, item.en)
            for item in wider(offer_of(values), found, measure(act.rt))), "G-NARROW")
    for name, value in values.items():
        setattr(version, name, value)
    versions = {row.text: row for row in act.all(select(ProductVersion).where(
        ProductVersion.product_id == product.id)) if row.id != version.id}
    current = versions.get(product.current)
    version.changes = _changes(act, current, version) if current else []
    if current:
        version.text = next_text(versions, product.current,
                                 widens=any(item["widens"] for item in version.changes))
    act.add(version)


def _columns(act: Act, offering: Offering) -> dict:
    values = offering.model_dump(mode="json")
    keys = {item["dataset"] for item in values["fields"]}
    ids = {}
    for row_id, number in act.all(select(Dataset.id, Dataset.number).where(
            Dataset.id.in_(keys) | Dataset.number.in_(keys))):
        ids[row_id] = ids[number] = row_id
    refuse(((f"fields.{item['field']}", "没有该数据资源", "no such dataset")
            for item in values["fields"] if item["dataset"] not in ids), "INPUT.INVALID")
    rows = {(row.dataset_id, row.code): row for row in act.all(select(DatasetField).where(
        DatasetField.dataset_id.in_(ids.values())))}
    for item in values["fields"]:
        item["dataset"] = ids[item["dataset"]]
        origin = rows.get((item["dataset"], item["source"]))
        if origin:
            item |= {"name": item["name"] or origin.name, "grade": origin.grade,
                     "subject_kind": origin.subject_kind, "sensitive": origin.sensitive}
    return {**values, "datasets": sorted(set(ids.values())),
            "actions": sorted({way["action"] for way in values["methods"]})}


def _changes(act: Act, current: ProductVersion, version: ProductVersion) -> list[dict]:
    found = changes(offer_of(current.model_dump()), offer_of(version.model_dump()),
                    act.rt.law.vocabulary)
    said = [{"where": item.where, "widens": item.widens} for item in found]
    if current.subject_authorization != version.subject_authorization:
        said.append({"where": "subject_authorization",
                     "widens": version.subject_authorization == "NONE"})
    return said


def next_text(versions: Mapping[str, object], current: str, *, widens: bool) -> str:
    """The next free text: a new major number when it widens, else a minor one (`2.0`, `1.3`)."""
    major = int(current.split(".")[0]) + (1 if widens else 0)
    minor = 0
    while f"{major}.{minor}" in versions:
        minor += 1
    return f"{major}.{minor}"
