"""Prices of products: filed under the price rules, published before the first charge."""

from datetime import date

from sqlmodel import select

from app.commands.advance import done
from app.commands.clocks import close_tasks, open_task
from app.commands.command import Body, Done, Empty, Text, command, entry
from app.commands.filing import File, on_file, permitted, refuse
from app.domain.callers import Caller
from app.domain.prices import Price, PriceClass, faults
from app.domain.refusals import IllegalMove
from app.store.tables_supply import PriceEntry, Product
from app.store.unit import Act, begin


class NewPrice(Body):
    """A price; amounts are whole fen, pages ask for them in yuan. A negotiated one is for
    customised work; its amount is the data share."""

    product: Text = entry("产品", "Product", widget="select", options="noun:product",
                          min_length=1, max_length=64)
    price_class: PriceClass = entry("价格类别", "Price class")
    unit: Text = entry("计价单位", "Unit", default="", max_length=50)
    list_price: int = entry("价格", "Price", default=0, widget="money", ge=0, le=10**12,
                            help_zh="单位：元", help_en="In yuan")
    ceiling: int | None = entry("上限价格", "Ceiling", default=None, widget="money", ge=0,
                                le=10**12, help_zh="单位：元", help_en="In yuan")
    ceiling_document: File | None = entry("上限价格文件", "Ceiling document", default=None,
                                          widget="file")
    work: Text = entry("定制加工内容", "Customised work", default="", max_length=500)
    comparables: list[Text] = entry("可比交易", "Comparable deals", default=[],
                                    widget="textarea", max_length=50)
    trial: bool = entry("试行价格", "Trial price", default=False)
    effective_from: date | None = entry("生效日期", "Effective from", default=None,
                                        widget="date")


@command("price_entry.create", "登记价格", "File a price", creates=True)
def create(rt, caller: Caller, body: NewPrice) -> Done:
    """A price that breaks a rule of §5.4 is refused with everything to mend (G-PRICE, INV-16)."""
    with begin(rt, caller) as act:
        permitted(act, "price_entry", "create")
        product = act.get(Product, _product_id(act, body.product))
        on_file(act, filter(None, [body.ceiling_document]))
        values = body.model_dump(exclude={"product"})
        values["price_class"] = str(body.price_class)
        values["ceiling_document"] = body.ceiling_document or ""
        refuse(((fault.where, fault.zh, fault.en)
                for fault in faults(price_of(values), product.public_use)), "G-PRICE")
        row = act.create(PriceEntry, product_id=product.id, **values)
        act.record("price_entry.create", f"price_entry/{row.id}", product=product.id,
                   price_class=row.price_class, list_price=row.list_price,
                   ceiling=row.ceiling if row.ceiling is not None else 0,
                   document=row.ceiling_document)
        open_task(act, row, "publish", "PRICE_REVIEW", f"公布价格：{product.name}")
    return done(row)


def _product_id(act: Act, ref: str) -> str:
    return act.first(select(Product.id).where(Product.number == ref)) or ref


def price_of(values) -> Price:
    """The price a row or a form's values say."""
    names = ("price_class", "unit", "list_price", "ceiling", "ceiling_document", "work",
             "effective_from")
    return Price(**{name: values[name] for name in names},
                 comparables=tuple(values["comparables"]))


@command("price_entry.publish", "公布价格", "Publish", factor=True)
def publish(rt, caller: Caller, ref: str, body: Empty) -> Done:
    """The price stands before the public from today on and is never changed again (INV-06)."""
    with begin(rt, caller) as act:
        row = act.open(PriceEntry, ref)
        permitted(act, "price_entry", "publish")
        if row.published_on is not None:
            raise IllegalMove("价格已公布", "the price is published already",
                              noun="price_entry", state="PUBLISHED", action="publish")
        product = act.get(Product, row.product_id)
        refuse(((fault.where, fault.zh, fault.en)
                for fault in faults(price_of(row.model_dump()), product.public_use)), "G-PRICE")
        row.published_on = act.day
        close_tasks(act, row)
        row.effective_from = row.effective_from or act.day
        act.record("price_entry.publish", f"price_entry/{row.id}", product=product.id,
                   published_on=act.day.isoformat())
        act.affects("product", product.id)
    return done(row)
