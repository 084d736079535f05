"""What a page says when it refuses or fails: one title and one way out for each status."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext


@dataclass(frozen=True)
class Fault:
    """The words of one error page; `mend` says what the reader can do."""

    status: int
    title: str
    detail: str
    mend: tuple[str, ...] = ()
    trace: str = ""
    back: str = "/"
    retry: str = ""


def _words(status: int) -> tuple[str, str]:
    known = {
        400: (gettext("请求有误"), gettext("提交的内容无法理解，没有任何改动。请检查后重新提交。")),
        401: (gettext("请先登录"), gettext("您尚未登录，或登录已过期。")),
        403: (gettext("没有权限"), gettext("您的岗位不能执行此操作，没有任何改动。")),
        404: (gettext("没有找到"), gettext("没有这个页面，或它不在您可见的范围内。")),
        405: (gettext("不支持的操作"), gettext("此地址不接受这种请求，没有任何改动。")),
        409: (
            gettext("当前状态不允许"),
            gettext("对象的状态已不同，没有任何改动。请返回查看最新状态。"),
        ),
        412: (
            gettext("内容已被他人修改"),
            gettext("您打开之后他人修改过，没有任何改动。请刷新后再提交。"),
        ),
        413: (gettext("内容过大"), gettext("提交的文件或文字超过上限，没有任何改动。")),
        415: (gettext("文件类型不支持"), gettext("请按页面说明的格式提交，没有任何改动。")),
        422: (gettext("内容不符合要求"), gettext("请按下列说明修改后重新提交，没有任何改动。")),
        428: (gettext("缺少版本信息"), gettext("请从页面重新打开此对象后再提交，没有任何改动。")),
        429: (gettext("操作过于频繁"), gettext("请稍候再试。")),
        500: (gettext("系统出错"), gettext("操作未完成，没有任何改动。请将追踪号告知系统管理员。")),
        503: (gettext("暂时不可用"), gettext("系统暂时无法留痕，因此不办理任何操作。请稍后重试。")),
    }
    fallback = known[500] if status >= 500 else known[400]
    return known.get(status, fallback)


def fault(
    status: int, detail: str = "", mend: tuple[str, ...] = (), trace: str = "", back: str = "/"
) -> Fault:
    """The words for a status; a detail given replaces the general sentence."""
    title, sentence = _words(status)
    retry = back if status in (429, 503) else ""
    return Fault(status, title, detail or sentence, tuple(mend), trace, back, retry)
