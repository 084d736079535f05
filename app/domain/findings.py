"""对账发现: what does not agree between gateways, decisions and receipts (INV-18)."""

from app.domain.titled import Titled


class Kind(Titled):
    """What does not agree."""

    NO_DECISION = "served-without-decision", "无判定提供", "Served without a decision"
    NO_RECEIPT = "permit-without-receipt", "允许无回执", "Permit without receipt"
    BEYOND = "receipt-beyond-permit", "回执超出许可", "Receipt beyond the permit"
    NOT_LOGGED = "receipt-without-call", "回执无网关记录", "Receipt without a gateway call"
    CONTRADICTS = "call-against-receipt", "网关记录与回执相反", "Call against its receipt"


class Severity(Titled):
    """How grave a finding is."""

    CRITICAL = "CRITICAL", "严重", "Critical"
    HIGH = "HIGH", "高", "High"


class State(Titled):
    """Where a finding stands."""

    OPEN = "OPEN", "待处理", "Open"


SEVERITY = {Kind.NO_DECISION: Severity.CRITICAL}
# More late receipts than this, and the enforcement point is given no permit that needs one. Neither
# law nor contract names the threshold of `PEP.RECEIPT_OVERDUE`; this one was chosen here, for every
# zone alike, so that three readings of the rule cannot differ.
MOST_OVERDUE = 100


def severity(kind: Kind) -> Severity:
    return SEVERITY.get(kind, Severity.HIGH)
