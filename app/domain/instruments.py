"""Instruments: which act produces which letter, its number, and the code that proves it.

Texts and layout live beside the engine that prints them; here is what is true of every letter.
"""

import hashlib
import re
from collections.abc import Mapping

from app.domain.canonical import canonical
from app.domain.titled import Titled


class Kind(Titled):
    """A type of instrument. Each has its own serial numbers. Source: domain rule §11."""

    ACCEPTANCE = "ACCEPTANCE", "受理通知书", "Notice of Acceptance"
    SUPPLEMENT = "SUPPLEMENT", "补正通知书", "Notice to Supplement"
    NON_ACCEPTANCE = "NON_ACCEPTANCE", "不予受理通知书", "Notice of Non-acceptance"
    CLOSING = "CLOSING", "终止办理通知书", "Notice of Closing"
    ONBOARDING = "ONBOARDING", "数据接入决定书", "Decision to Onboard Data"
    ONBOARDING_REFUSAL = (
        "ONBOARDING_REFUSAL", "不予接入决定书", "Decision Not to Onboard Data")
    ADMISSION = "ADMISSION", "机构准入决定书", "Decision of Admission"
    ADMISSION_REFUSAL = "ADMISSION_REFUSAL", "不予准入决定书", "Decision to Refuse Admission"
    GRANT = "GRANT", "授权决定书", "Decision to Grant"
    PARTIAL_GRANT = "PARTIAL_GRANT", "部分授权决定书", "Decision to Grant in Part"
    GRANT_REFUSAL = "GRANT_REFUSAL", "不予授权决定书", "Decision to Refuse a Grant"
    GRANT_CHANGE = "GRANT_CHANGE", "授权变更决定书", "Decision to Change a Grant"
    RENEWAL = "RENEWAL", "续期决定书", "Decision to Renew"
    SUSPENSION = "SUSPENSION", "暂停通知书", "Notice of Suspension"
    RESUMPTION = "RESUMPTION", "恢复通知书", "Notice of Resumption"
    RECTIFICATION = "RECTIFICATION", "整改通知书", "Notice to Rectify"
    REVOCATION = "REVOCATION", "撤销决定书", "Decision of Revocation"
    REMOVAL = "REMOVAL", "终止预告通知书", "Notice of Planned Removal"
    REMOVAL_WITHDRAWN = "REMOVAL_WITHDRAWN", "撤回终止预告通知书", "Withdrawal of a Planned Removal"
    TERMINATION = "TERMINATION", "终止通知书", "Notice of Termination"
    EXPIRY_REMINDER = "EXPIRY_REMINDER", "到期提醒函", "Reminder of Expiry"
    SERVICE_RETURN = "SERVICE_RETURN", "送达回证", "Return of Service"


class ServiceMethod(Titled):
    """How an instrument reaches its recipient."""

    PORTAL = "PORTAL", "平台送达", "By the portal"
    HAND = "HAND", "直接送达", "By hand"
    POST = "POST", "邮寄送达", "By post"
    ELECTRONIC = "ELECTRONIC", "电子邮件送达", "By e-mail"


NEEDS_REASONS = frozenset({
    Kind.SUPPLEMENT, Kind.NON_ACCEPTANCE, Kind.CLOSING, Kind.ONBOARDING_REFUSAL,
    Kind.ADMISSION_REFUSAL, Kind.PARTIAL_GRANT, Kind.GRANT_REFUSAL, Kind.SUSPENSION,
    Kind.REVOCATION, Kind.REMOVAL,
})

PRODUCED_BY: Mapping[tuple[str, str], Kind] = {
    ("onboarding_case", "request_supplement"): Kind.SUPPLEMENT,
    ("onboarding_case", "accept"): Kind.ACCEPTANCE,
    ("onboarding_case", "approve"): Kind.ONBOARDING,
    ("onboarding_case", "reject"): Kind.ONBOARDING_REFUSAL,
    ("onboarding_case", "withdraw"): Kind.CLOSING,
    ("onboarding_case", "lapse"): Kind.CLOSING,
    ("admission_case", "request_supplement"): Kind.SUPPLEMENT,
    ("admission_case", "accept"): Kind.ACCEPTANCE,
    ("admission_case", "approve"): Kind.ADMISSION,
    ("admission_case", "reject"): Kind.ADMISSION_REFUSAL,
    ("admission_case", "withdraw"): Kind.CLOSING,
    ("admission_case", "lapse"): Kind.CLOSING,
    ("grant_case", "request_supplement"): Kind.SUPPLEMENT,
    ("grant_case", "return_to_applicant"): Kind.SUPPLEMENT,
    ("grant_case", "refuse_acceptance"): Kind.NON_ACCEPTANCE,
    ("grant_case", "accept"): Kind.ACCEPTANCE,
    ("grant_case", "approve"): Kind.GRANT,
    ("grant_case", "approve_narrowed"): Kind.PARTIAL_GRANT,
    ("grant_case", "reject"): Kind.GRANT_REFUSAL,
    ("grant_case", "withdraw"): Kind.CLOSING,
    ("grant_case", "lapse"): Kind.CLOSING,
    ("institution", "order_rectify"): Kind.RECTIFICATION,
    ("institution", "suspend"): Kind.SUSPENSION,
    ("institution", "resume"): Kind.RESUMPTION,
    ("grant", "suspend"): Kind.SUSPENSION,
    ("grant", "resume"): Kind.RESUMPTION,
    ("grant", "revoke"): Kind.REVOCATION,
    ("grant", "announce_removal"): Kind.REMOVAL,
    ("grant", "cancel_removal"): Kind.REMOVAL_WITHDRAWN,
    ("grant", "remove"): Kind.TERMINATION,
    ("grant", "terminate"): Kind.TERMINATION,
    ("grant", "remind"): Kind.EXPIRY_REMINDER,
    ("notice", "serve"): Kind.SERVICE_RETURN,
}

BY_CASE_KIND: Mapping[tuple[str, str], Kind] = {
    ("approve", "AMEND_NARROW"): Kind.GRANT_CHANGE,
    ("approve", "AMEND_WIDEN"): Kind.GRANT_CHANGE,
    ("approve", "RENEW"): Kind.RENEWAL,
    ("approve", "RESUME"): Kind.RESUMPTION,
}


def kind_of(noun: str, command: str, case_kind: str = "") -> Kind | None:
    """The instrument an act produces, or None when it produces none."""
    if noun == "grant_case" and (command, case_kind) in BY_CASE_KIND:
        return BY_CASE_KIND[command, case_kind]
    return PRODUCED_BY.get((noun, command))


def serial(letters: str, year: int, number: int) -> str:
    """The number of an instrument: `数专授〔2026〕3号`. Gapless per year and type."""
    if not letters or number < 1 or not 2000 <= year <= 9999:
        raise ValueError("a serial needs letters, a year and a number from 1")
    return f"{letters}〔{year}〕{number}号"


def file_name(serial_no: str, title: str) -> str:
    """The name a printed instrument is saved under, with its serial and no path tricks."""
    return re.sub(r'[\\/:*?"<>|\x00-\x1f]', "_", f"{serial_no} {title}.pdf")


ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 12
_MISREAD = str.maketrans({"O": "0", "I": "1", "L": "1", " ": None, "-": None})


def verification_code(payload: Mapping[str, object], serial_no: str) -> str:
    """Twelve characters of the digest of what the letter says, and a check character.

    Grouped for reading aloud, `9K3M-7QTX-40CD-H`. Sixty bits: whoever does not hold the letter
    cannot guess it, and a letter with one word changed has another code.
    """
    bits = int.from_bytes(hashlib.sha256(canonical([payload, serial_no])).digest()[:8], "big") >> 4
    body = "".join(ALPHABET[bits >> shift & 31] for shift in range(55, -1, -5))
    return grouped(body + check_character(body))


def grouped(code: str) -> str:
    return "-".join(code[start:start + 4] for start in range(0, len(code), 4))


def check_character(body: str) -> str:
    """The Luhn mod 32 character: any one wrong character and most swaps of neighbours show."""
    total = 0
    for place, character in enumerate(reversed(body)):
        value = ALPHABET.index(character) * (2 if place % 2 == 0 else 1)
        total += value // 32 + value % 32
    return ALPHABET[-total % 32]


def read_code(text: str) -> str | None:
    """The grouped code a person typed, letters that look like digits forgiven; None if it is none.

    A mistyped code fails its check character here and never reaches the registry.
    """
    code = text[:64].upper().translate(_MISREAD)
    if len(code) != CODE_LENGTH + 1 or any(character not in ALPHABET for character in code):
        return None
    return grouped(code) if check_character(code[:-1]) == code[-1] else None
