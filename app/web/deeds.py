"""What was done, in words: the titles of commands and moves, of tasks, of entries of the trail."""

import importlib
import pkgutil
from functools import cache
from pathlib import Path

import app.domain
from app.commands.command import commands
from app.domain.lifecycle import Lifecycle
from app.queries.query import queries

CALLED = {"give_opinion": "give"}  # what a task calls an action, where the command is shorter
# Acts that are neither a command nor a move, and nouns that have no page.
ACTS = {
    "rotate-key": ("更换签名密钥", "Change the signing key"),
    "add_key": ("绑定安全密钥", "Add a security key"),
    "remove_key": ("解除安全密钥", "Remove a security key"),
    "act_under": ("代理办理", "Act under a delegation"), "answer": ("答复", "Answer"),
    "anchor": ("登记见证", "Record a witness"), "bar": ("禁入", "Bar"),
    "breach": ("超时", "Breach"),
    "confirm_factor": ("再次验证", "Confirm the factor"),
    "create": ("建立", "Create"), "deny": ("拒绝", "Refuse"),
    "draft": ("起草", "Draft"), "endorse": ("会签", "Endorse"), "export": ("导出", "Export"),
    "first_link": ("发放首登链接", "Give the first link"), "found": ("设立", "Found"),
    "import": ("导入", "Import"), "issue": ("生成", "Issue"),
    "list_fields": ("登记数据项", "List the fields"), "open": ("开启", "Open"),
    "close": ("结束", "Close"), "permit": ("允许", "Permit"), "probe": ("验证停用", "Probe"),
    "proved": ("证实停用", "Stop proved"),
    "refuse": ("拒绝", "Refuse"), "render": ("制作", "Render"),
    "declare_interests": ("申报利害关系", "Declare interests"), "seed": ("载入", "Load"),
    "set_language": ("切换语言", "Choose the language"),
    "set_password": ("设置口令", "Set the password"), "store": ("存入", "Store"),
    "unreadable": ("规则无法读取", "Rules unreadable"),
    "readable": ("规则恢复可读", "Rules readable again"), "mend": ("修正规则", "Mend the rules"),
    "import_receipts": ("导入回执", "Take receipts in"),
    "receipt": ("收到回执", "Receipt taken"),
    "count_receipts": ("统计逾期回执", "Count late receipts"),
    "streams": ("封存各序列计数", "Seal the counts of streams"),
}
NOUNS = {
    "attachment": ("附件", "Attachment"), "catalogue": ("目录", "Catalogue"),
    "clock": ("时限", "Clock"), "grant_version": ("授权版本", "Grant version"),
    "list": ("台账", "List"),
    "stop_rules": ("自动停用规则", "Rules of automatic stops"),
    "session": ("会话", "Session"), "trail": ("轨迹", "Trail"), "zone": ("专区", "Zone"),
}


@cache
def lifecycles() -> dict[str, Lifecycle]:
    """Every lifecycle the domain declares, by noun."""
    found = {}
    for module in pkgutil.iter_modules([str(Path(app.domain.__file__).parent)]):
        for value in vars(importlib.import_module(f"app.domain.{module.name}")).values():
            if isinstance(value, Lifecycle):
                found[value.noun] = value
    return found


def one_title(noun: str) -> dict:
    """One object of a noun in both languages; its code when nobody named it."""
    known = queries().get((noun, True)) or queries().get((noun, False))
    zh, en = (known.zh, known.en) if known else NOUNS.get(noun, (noun, noun))
    return {"zh": zh, "en": en}


def act_title(noun: str, action: str) -> dict:
    """A command or move of a noun in both languages; its code when nobody declared it."""
    command = commands().get((noun, action)) or commands().get((noun, CALLED.get(action, "")))
    moves = lifecycles()[noun].moves if noun in lifecycles() else ()
    found = command or next((move for move in moves if move.action == action), None)
    zh, en = (found.zh, found.en) if found else ACTS.get(action, (action, action))
    return {"zh": zh, "en": en}


def entry_title(kind: str) -> dict:
    """The kind of an entry of the trail, such as `grant.suspend`, in both languages."""
    noun, _, action = kind.partition(".")
    whose, done = one_title(noun), act_title(noun, action)
    return {language: f"{whose[language]} · {done[language]}" for language in ("zh", "en")}


def task_title(noun: str, action: str, title: str) -> dict:
    """What a task asks for: the sentence it was opened with, `act：object`; in English the act's
    title stands before the object."""
    asked = act_title(noun, action)
    about = title.partition("：")[2]
    return {"zh": title or asked["zh"], "en": f"{asked['en']}: {about}" if about else asked["en"]}
