"""What pages keep for programs: sessions, one-time links, files, verification and exports.

Bodies are the models their views read with; answers are said here and held by the fuzz run,
which compares every answer with its model.
"""

from collections.abc import Iterator

from flask import Flask
from pydantic import BaseModel, ConfigDict, Field, RootModel

from app.commands.first_administrators import Named
from app.commands.verifications import Verified
from app.domain.files import KINDS
from app.domain.texts import Reading
from app.queries.delegations import DelegationLine
from app.queries.grant_policy import GrantPolicy
from app.queries.query import queries
from app.queries.replay import Replay
from app.queries.rule_trial import Tally
from app.queries.sessions import OpenSession, OwnKey
from app.queries.simulation import Simulated
from app.web.api.operations import Files, Operation, both, kept_by_pages
from app.web.pages import rule_trial, simulator, stop_proofs
from app.web.pages import session_api as sessions
from app.web.pages import text_api as texts
from app.web.routes import plural

SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KEPT = Files(tuple(sorted({kind.media_type for kind in KINDS.values()})))


class Answered(BaseModel):
    """An answer that has these members and no others."""

    model_config = ConfigDict(extra="forbid")


class OpenedSession(Answered):
    """A new session, or the present one under a new id. The token is shown this once and is sent
    as `Authorization: Bearer`; it is empty where a browser got it as its cookie."""

    token: str
    token_type: str
    account: str
    name: str
    ends_at: str


class Present(Answered):
    """Who is signed in, in which capacity, from where, and for whom they may act."""

    account: str
    person: str
    name: str
    roles: list[str]
    institution: str | None
    department: str | None
    capacity: str
    on_behalf_of: str | None
    factor_fresh: bool
    password_is_due: bool
    sessions: list[OpenSession]
    delegations: list[DelegationLine]


class Asked(Answered):
    """What is handed to `navigator.credentials`; bytes are base64url, the answer is due within
    five minutes, once."""

    publicKey: dict


class OwnFactors(Answered):
    """What the caller proves themselves by: whether codes count, whether any are enrolled, the
    security keys, and whether one must be enrolled before anything else."""

    codes: bool
    codes_enrolled: bool
    keys: list[OwnKey]
    key_is_due: bool


class AddedKey(Answered):
    """A security key that was enrolled."""

    id: str


class Declared(Answered):
    """The institutions and departments a person declared an interest in."""

    interests: list[str]


class Invited(Answered):
    """What the holder of a one-time link is asked to do."""

    kind: str
    login: str
    name: str
    secret: str


class HandedIn(Answered):
    """A file that is kept; its id is its SHA-256."""

    noun: str
    id: str
    number: str
    state: str


class Upload(BaseModel):
    """One file as a form sends it."""

    file: bytes = Field(title=both("文件", "file"))


OPENED = {"gives": OpenedSession, "status": 201}
NOTHING = {"status": 204}
TABLE = (
    ("session_api.sign_in", "post", "session", "登录，取得令牌", "Sign in for a token",
     {"takes": sessions.SignIn, **OPENED}),
    ("session_api.who", "get", "session", "当前会话", "The present session", {"gives": Present}),
    ("session_api.sign_out", "delete", "session", "退出登录", "Sign out", NOTHING),
    ("session_api.challenge", "post", "session", "安全密钥登录的质询",
     "The challenge to sign in with a security key", {"takes": sessions.Login, "gives": Asked}),
    ("session_api.confirm_factor", "post", "session", "再次验证第二因素",
     "Confirm with the second factor", {"takes": sessions.Factor, **OPENED}),
    ("session_api.confirm_challenge", "post", "session", "再次验证的质询",
     "The challenge to confirm with a security key", {"takes": sessions.Proof, "gives": Asked}),
    ("session_api.keys", "get", "session", "本人的第二因素", "Own second factors",
     {"gives": OwnFactors}),
    ("session_api.add_challenge", "post", "session", "登记安全密钥的质询",
     "The challenge to enrol a security key", {"takes": sessions.Proof, "gives": Asked}),
    ("session_api.add_key", "post", "session", "登记安全密钥", "Enrol a security key",
     {"takes": sessions.NewKey, "gives": AddedKey, "status": 201}),
    ("session_api.remove_key", "delete", "session", "移除安全密钥", "Remove a security key",
     NOTHING),
    ("session_api.set_password", "post", "session", "修改口令", "Change the password",
     {"takes": sessions.NewPassword, **OPENED}),
    ("session_api.declare_interests", "put", "session", "申报利害关系", "Declare interests",
     {"takes": sessions.Interests, "gives": Declared}),
    ("session_api.act_under", "post", "session", "以代理身份办理", "Act under a delegation",
     {"takes": sessions.Acting, **OPENED}),
    ("session_api.look", "post", "invitations", "查看一次性链接", "Look at a one-time link",
     {"takes": sessions.Link, "gives": Invited}),
    ("session_api.accept", "post", "invitations", "接受邀请", "Accept an invitation",
     {"takes": sessions.Acceptance, **NOTHING}),
    ("session_api.link_challenge", "post", "invitations", "一次性链接的质询",
     "The challenge of a one-time link", {"takes": sessions.Link, "gives": Asked}),
    ("session_api.name_first", "post", "first-administrators", "指定首批三员",
     "Name the first administrators",
     {"takes": sessions.First, "gives": RootModel[list[Named]], "status": 201}),
    ("attachment_files.take", "post", "attachments", "上传附件（文件）", "Hand in a file as it is",
     {"takes": Upload, "gives": HandedIn, "status": 201}),
    ("attachment_files.file_programs", "get", "attachments", "下载附件", "Download an attachment",
     {"gives": KEPT}),
    ("evidence_files.file_programs", "get", "evidence-packs", "下载证据包",
     "Download an evidence pack", {"gives": Files(("application/zip",))}),
    ("notice_files.copy_for_programs", "get", "notices", "下载文书 PDF",
     "Download an instrument as PDF", {"gives": Files(("application/pdf",))}),
    ("notice_files.verify_json", "get", "verifications", "按验证码核验文书",
     "Verify an instrument by its code", {"gives": Verified}),
    ("evidence_files.verifier_key", "get", "trail", "轨迹验证公钥", "The trail's verifier key",
     {"gives": Files(("text/plain",), False)}),
    ("evidence_files.newest", "get", "trail", "最新检查点", "The newest checkpoint",
     {"gives": Files(("text/plain",), False)}),
    ("text_api.analyze", "post", "text", "识别文本中的标识符", "Find identifiers in a text",
     {"takes": texts.ToAnalyze, "gives": Reading}),
    ("text_api.mask", "post", "text", "文本脱敏", "Mask a text",
     {"takes": texts.ToMask, "gives": Reading}),
    ("drafts.replay_for_programs", "post", "decisions", "重放决策", "Make a decision again",
     {"gives": Replay}),
    ("rule_trial.judge_for_programs", "post", "identifiers", "试判列名与取值",
     "Try the rules on names and values", {"takes": rule_trial.ToTry, "gives": Tally}),
    ("simulator.policy_for_programs", "get", "grants", "授权的策略行",
     "The policy lines of a grant", {"filters": simulator.Which, "gives": GrantPolicy,
                                     "is_whole": True}),
    ("simulator.simulate_for_programs", "post", "grants", "模拟一次询问（不作出决策）",
     "Simulate a question, deciding nothing", {"takes": simulator.ToSimulate, "gives": Simulated}),
    ("stop_proofs.prove_for_programs", "post", "processes", "验证停用在每个进程中生效",
     "Prove a stop in every process", {"takes": stop_proofs.ToProve,
                                       "gives": stop_proofs.Proved}),
    ("catalogue.empty", "get", "catalogues", "目录模板", "The template of a catalogue",
     {"gives": Files((SHEET,), False)}),
)


def exports(app: Flask) -> Iterator[Operation]:
    """Every list as CSV or XLSX, whole and with its filters; taking it out is recorded."""
    table = [(f"objects.{noun}_export", "get", plural(noun), f"{query.zh}（导出）",
              f"{query.en}, exported", {"filters": query.filters, "is_whole": True,
               "gives": Files(("text/csv", SHEET), False)})
             for (noun, single), query in queries().items()
             if not single and f"objects.{noun}_export" in app.view_functions]
    return kept_by_pages(app, table)


def kept(app: Flask) -> list[Operation]:
    """Everything pages keep for programs."""
    return [*kept_by_pages(app, TABLE), *exports(app)]
