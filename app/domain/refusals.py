"""Every reason the house says no; a refusal knows no HTTP and never holds a field's value."""


class Refusal(Exception):
    """The act was refused and nothing has changed.

    `code` is stable and machine-read; `zh` and `en` are the sentence of this case;
    `facts` are codes and numbers a person needs to mend it.
    """

    code = "REFUSED"
    title_zh = "未予办理"
    title_en = "Refused"

    def __init__(self, zh: str, en: str, *, code: str | None = None, **facts):
        super().__init__(en)
        self.zh, self.en, self.facts = zh, en, facts
        self.code = code or self.code


class Unidentified(Refusal):
    """Nobody is signed in, or the credential is not known."""

    code = "ID.UNIDENTIFIED"
    title_zh, title_en = "需要登录", "Sign in first"


class FactorNeeded(Refusal):
    """A high act asks for the second factor again (ASVS 7.5.3)."""

    code = "ID.FACTOR_NEEDED"
    title_zh, title_en = "需要再次验证身份", "Confirm with your second factor"


class NotAllowed(Refusal):
    """The roles of the caller do not cover the act."""

    code = "ROLE.NOT_ALLOWED"
    title_zh, title_en = "无此权限", "Your roles do not cover this"


class NotFound(Refusal):
    """There is no such object for this caller; a foreign one looks the same (ASVS 8.2.2)."""

    code = "OBJECT.NOT_FOUND"
    title_zh, title_en = "未找到", "Not found"


class IllegalMove(Refusal):
    """The lifecycle has no such arrow from the present state."""

    code = "STATE.NOT_ALLOWED"
    title_zh, title_en = "当前状态不能办理", "Not possible in the present state"


class GuardFailed(Refusal):
    """The arrow exists, a condition on it does not hold."""

    code = "GUARD.FAILED"
    title_zh, title_en = "办理条件未满足", "A condition is not met"


class Invalid(Refusal):
    """What was entered cannot be taken as it is; `errors` in facts name each place."""

    code = "INPUT.INVALID"
    title_zh, title_en = "填写有误", "Please mend the input"


class TooLarge(Invalid):
    """A body, file or list is over its bound."""

    code = "INPUT.TOO_LARGE"
    title_zh, title_en = "超出大小上限", "Too large"


class Stale(Refusal):
    """The object has changed since the caller last saw it."""

    code = "OBJECT.STALE"
    title_zh, title_en = "内容已被他人更新", "Changed by someone else"


class TooMany(Refusal):
    """A rate limit is reached; `retry_after` in facts is in seconds."""

    code = "RATE.LIMITED"
    title_zh, title_en = "请求过于频繁", "Too many requests"


class NotRecorded(Refusal):
    """The store could not take the record, so nothing was done."""

    code = "SYS.UNAVAILABLE"
    title_zh, title_en = "暂时无法登记", "Cannot be recorded now"


ALL = (Unidentified, FactorNeeded, NotAllowed, NotFound, IllegalMove, GuardFailed, Invalid,
       TooLarge, Stale, TooMany, NotRecorded)
