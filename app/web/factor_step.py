"""The second factor as forms ask for it: a field of its own, and a step inside the form of a high
act, so that what was typed stays where it is while it is confirmed.

The form brings the act and the factor together. Whatever comes of the act, the answer carries the
renewed session; a form shown again holds everything typed, never a code.
"""

from flask import g, request

from app.commands import sign_in as verbs
from app.commands.challenges import party_of
from app.domain.callers import Caller
from app.domain.refusals import FactorNeeded, Refusal
from app.queries.sessions import factors_of
from app.web import key_forms
from app.web.hosts import name_of
from app.web.identity import renew

CODE = {"name": "code", "type": "text", "required": True, "maxlength": 7, "inputmode": "numeric",
        "autocomplete": "one-time-code", "label": {"zh": "动态口令", "en": "One-time code"},
        "help": {"zh": "身份验证器上的 6 位数字", "en": "the six digits of your authenticator"}}
OR_KEY = {"zh": "身份验证器上的 6 位数字；留空则以安全密钥验证",
          "en": "the six digits of your authenticator; left empty, your security key is asked"}
STEP_CODE = "_code"  # a body may have a member `code` of its own


def keys_offered(rt) -> bool:
    """Whether keys answer pages at the address this one was asked for by."""
    party = party_of(rt)
    return party is not None and name_of(request.host) in party.names


def step(rt, caller: Caller) -> dict:
    """What `macros/security_keys.html` draws as the step; read once a page."""
    if "factor_step" not in g:
        factors = factors_of(rt, caller)
        by_key = bool(factors.keys) and keys_offered(rt)
        either = {"required": False, "help": OR_KEY} if by_key else {}
        g.factor_step = {
            "code": CODE | {"name": STEP_CODE} | either if factors.codes else None,
            "by_key": by_key, "address": rt.settings.base_url,
            "shown": verbs.code_for_demo(rt, caller)}
    return g.factor_step


def step_of(rt, caller: Caller, command) -> dict | None:
    """The step a command's form needs now; None where the act is not high or the factor fresh."""
    return step(rt, caller) if command.factor and not caller.factor_fresh else None


def confirm_step(rt) -> None:
    """Confirm with the factor the posted form brings, where it brings one that is still needed.

    Raises:
        FactorNeeded: it is wrong; nothing was done.
    """
    code = request.form.get(STEP_CODE, "")
    if g.caller.factor_fresh or not (code or request.form.get("key")):
        return
    answer = key_forms.posted(key_forms.Assertion)
    try:
        opened = verbs.confirm_factor(rt, g.caller, code, assertion=answer)
    except Refusal as error:
        raise FactorNeeded(error.zh, error.en, code=error.code, **error.facts) from error
    renew(rt, opened)
