"""数据产品: a product and its versions. The version is the case that is reviewed and approved; the
product follows its first version to the list, and later only takes on the newest one.
"""

from dataclasses import dataclass
from datetime import datetime

from app.domain.duties import CaseSituation, decider_is_apart, reviewer_is_apart
from app.domain.lifecycle import (
    Eyes,
    Lifecycle,
    Move,
    Situation,
    guard,
    has_no_interest,
    reason_is_given,
)
from app.domain.titled import Titled

NOTICE_DAYS = 30


class Category(Titled):
    """The seven kinds of product."""

    CREDIT_QUERY = "CREDIT_QUERY", "信用信息查询", "Credit query"
    ADMISSION = "ADMISSION", "准入分析", "Admission analysis"
    RISK = "RISK", "风险洞察", "Risk insight"
    COMPETE = "COMPETE", "竞争力分析", "Competitiveness"
    TRUST = "TRUST", "企业守信分析", "Trustworthiness"
    PORTRAIT = "PORTRAIT", "企业画像", "Enterprise portrait"
    REPORT = "REPORT", "征信报告", "Credit report"


class State(Titled):
    """Where a product stands."""

    DRAFT = "DRAFT", "草稿", "Draft"
    REVIEW = "REVIEW", "上架审核", "Under review"
    APPROVAL = "APPROVAL", "待审批", "Awaiting approval"
    LISTED = "LISTED", "已上架", "Listed"
    PAUSED = "PAUSED", "暂停服务", "Paused"
    DELISTING = "DELISTING", "下架公告期", "Delisting"
    DELISTED = "DELISTED", "已下架", "Delisted"
    REJECTED = "REJECTED", "不予上架", "Rejected"


class VersionState(Titled):
    """Where a version stands."""

    DRAFT = "DRAFT", "草稿", "Draft"
    REVIEW = "REVIEW", "上架审核", "Under review"
    APPROVAL = "APPROVAL", "待审批", "Awaiting approval"
    LISTED = "LISTED", "已上架", "Listed"
    SUPERSEDED = "SUPERSEDED", "已被替代", "Superseded"
    REJECTED = "REJECTED", "不予上架", "Rejected"


class Review(Titled):
    """The three opinions a version needs, given in any order."""

    SECURITY = "SECURITY", "数据安全意见", "Security opinion"
    COMPLIANCE = "COMPLIANCE", "合规意见", "Compliance opinion"
    PRICE = "PRICE", "价格意见", "Price opinion"


REVIEWER = {Review.SECURITY: "SEC_REVIEW", Review.COMPLIANCE: "COMP_REVIEW",
            Review.PRICE: "PRICE_REVIEW"}


@dataclass(frozen=True, kw_only=True)
class VersionSituation(CaseSituation):
    """What a guard on a version may look at. `wider` are codes of what exceeds the datasets."""

    kind: str = ""
    all_online: bool = False
    wider: tuple[str, ...] = ()
    baseless: tuple[str, ...] = ()
    reviews: tuple[str, ...] = ()
    disagreeing: bool = False
    masks_tested: bool = False
    reidentification_tested: bool = False
    price_filed: bool = False
    price_published: bool = False
    on_head_agreement: bool = False
    needs_second: bool = True
    product_open: bool = True


@guard("所用数据资源须全部在线", "every dataset of it must be online",
       "G-CHAIN")
def datasets_are_online(situation: VersionSituation) -> bool:
    return situation.all_online


@guard("超出来源数据资源的范围、方式或目的",
       "wider than its datasets in scope, method or purpose", "G-NARROW")
def only_narrows(situation: VersionSituation) -> bool:
    return not situation.wider


@guard("自然人数据项缺少主体授权要求或法定依据",
       "a field about persons has neither consent nor a legal basis", "G-BASIS")
def persons_have_a_basis(situation: VersionSituation) -> bool:
    return not situation.baseless


@guard("价格意见须以已登记的价格为据",
       "a price opinion needs a price on file", "G-PRICE")
def price_is_filed(situation: VersionSituation) -> bool:
    return situation.kind != Review.PRICE or situation.price_filed


@guard("须先公布价格", "the price must be published first", "G-PRICE")
def price_is_published(situation: VersionSituation) -> bool:
    return situation.price_published


@guard("审核意见未齐", "an opinion is still missing")
def reviews_are_complete(situation: VersionSituation) -> bool:
    return set(situation.reviews) == {str(kind) for kind in Review}


@guard("存在不同意意见", "an opinion disagrees")
def no_review_disagrees(situation: VersionSituation) -> bool:
    return not situation.disagreeing


@guard("须完成脱敏测试和重识别测试", "the mask test or the re-identification test is missing",
       "G-EVIDENCE")
def tests_are_on_file(situation: VersionSituation) -> bool:
    return situation.masks_tested and situation.reidentification_tested


@guard("产品或数据资源不在授权运营协议清单内",
       "the product or a dataset is not on the lists of a head agreement in force",
       "G-CHAIN")
def head_agreement_covers_it(situation: VersionSituation) -> bool:
    return situation.on_head_agreement


@guard("产品须处于草稿、上架审核或已上架状态", "the product is paused, delisted or rejected")
def product_is_open(situation: VersionSituation) -> bool:
    return situation.product_open


def second_needed(situation: VersionSituation) -> bool:
    """F3+: level 3 and above, important data, or fields about persons."""
    return situation.needs_second


VERSION = Lifecycle(
    noun="product_version", zh="产品版本", en="Product version", states=VersionState,
    starts=VersionState.DRAFT,
    moves=(
        Move("submit", (VersionState.DRAFT,), VersionState.REVIEW, "提交上架", "Submit",
             (product_is_open, datasets_are_online, only_narrows, persons_have_a_basis),
             duty="make"),
        Move("give_opinion", (VersionState.REVIEW,), VersionState.REVIEW, "出具意见",
             "Give an opinion", (reviewer_is_apart, has_no_interest, price_is_filed),
             duty="review"),
        Move("complete_review", (VersionState.REVIEW,), VersionState.APPROVAL, "意见齐备",
             "Complete the review", (reviews_are_complete,)),
        Move("approve", (VersionState.APPROVAL,), VersionState.LISTED, "批准上架", "Approve",
             (decider_is_apart, has_no_interest, product_is_open, datasets_are_online,
              only_narrows, persons_have_a_basis, no_review_disagrees, tests_are_on_file,
              head_agreement_covers_it, price_is_published), Eyes.CASE, "decide",
             plus=second_needed),
        Move("reject", (VersionState.APPROVAL,), VersionState.REJECTED, "不予上架", "Reject",
             (decider_is_apart, has_no_interest, reason_is_given), Eyes.CASE, "decide"),
        Move("supersede", (VersionState.LISTED,), VersionState.SUPERSEDED, "被替代", "Supersede"),
    ),
    ends=(VersionState.SUPERSEDED, VersionState.REJECTED),
)


@dataclass(frozen=True, kw_only=True)
class ProductSituation(Situation):
    """What a guard on a product may look at."""

    noticed_until: datetime | None = None
    grants_left: int = 0


@guard("下架公告期未满", "the notice period has not ended")
def notice_has_ended(situation: ProductSituation) -> bool:
    return situation.noticed_until is not None and situation.at >= situation.noticed_until


@guard("仍有生效中的授权", "a grant on this product is still active")
def no_grant_is_left(situation: ProductSituation) -> bool:
    return situation.grants_left == 0


PRODUCT = Lifecycle(
    noun="product", zh="数据产品", en="Product", states=State, starts=State.DRAFT,
    moves=(
        Move("submit", (State.DRAFT,), State.REVIEW, "提交上架", "Submit"),
        Move("complete_review", (State.REVIEW,), State.APPROVAL, "意见齐备",
             "Complete the review"),
        Move("approve", (State.APPROVAL,), State.LISTED, "上架", "List"),
        Move("reject", (State.APPROVAL,), State.REJECTED, "不予上架", "Reject"),
        Move("new_version", (State.LISTED,), State.LISTED, "新版本上架", "List a new version"),
        Move("widen_quota", (State.LISTED,), State.LISTED, "放宽用量上限",
             "Widen the bounds on use", (reason_is_given,), Eyes.TWO, "decide"),
        Move("pause", (State.LISTED,), State.PAUSED, "暂停服务", "Pause", (reason_is_given,),
             stops=True),
        Move("unpause", (State.PAUSED,), State.LISTED, "恢复服务", "Unpause", (reason_is_given,),
             Eyes.TWO, "decide"),
        Move("delist", (State.LISTED, State.PAUSED), State.DELISTING, "下架", "Delist",
             (reason_is_given,), Eyes.TWO, "decide", stops=True),
        Move("complete", (State.DELISTING,), State.DELISTED, "办结下架", "Complete delisting",
             (notice_has_ended, no_grant_is_left), Eyes.TWO, "decide", stops=True),
    ),
    ends=(State.DELISTED, State.REJECTED),
)
FOLLOWS_ITS_VERSION = frozenset({"submit", "complete_review", "approve", "reject", "new_version"})
OFFERED = (State.LISTED, State.PAUSED, State.DELISTING, State.DELISTED)
