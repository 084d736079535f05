"""义务: what an enforcement point must do with a permitted answer, or deny."""

from app.domain.titled import Titled


class Obligation(Titled):
    """A kind of obligation an approval may lay down; `step-up` keeps its AuthZEN spelling."""

    MASK_FIELDS = "mask_fields", "字段脱敏", "Mask fields"
    DROP_FIELDS = "drop_fields", "字段不返回", "Drop fields"
    FILTER_ROWS = "filter_rows", "行过滤", "Filter rows"
    MIN_GROUP = "min_group", "最小分组", "Smallest group"
    SUPPRESS_AGED_NEGATIVE = ("suppress_aged_negative", "不良信息超期不返回",
                              "Suppress aged negative records")
    MARK_DISPUTE = "mark_dispute", "异议标注", "Mark disputes"
    WATERMARK = "watermark", "水印", "Watermark"
    DELETE_AFTER = "delete_after", "留存期限", "Delete after"
    VIEW_ONLY = "view_only", "仅查看", "View only"
    NO_ONWARD = "no_onward", "禁止转提供", "No onward provision"
    HUMAN_REVIEW = "human_review", "人工复核", "Human review"
    NOTIFY_SUBJECT = "notify_subject", "告知主体", "Notify the subject"
    RECEIPT = "receipt", "回执", "Receipt"
    STEP_UP = "step-up", "强认证", "Step-up authentication"
