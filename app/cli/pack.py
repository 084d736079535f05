"""`./hufu pack`: ask for an evidence pack at the console, build it and hand it over.

Run it as the account of the jobs process: it signs, so it needs the signing key.
"""

from datetime import timedelta
from pathlib import Path

from app import runtime
from app.commands import evidence
from app.commands.command import Empty
from app.domain.callers import Caller
from app.domain.evidence import Cause, Level, State
from app.domain.refusals import Invalid
from app.jobs import checkpoints, packs, signing
from app.queries.evidence import evidence_pack, pack_file
from app.settings import load

CONSOLE = Caller(account="console", person="console", name="控制台", roles=frozenset({"SYSTEM"}),
                 capacity="SYSTEM", factor_fresh=True)


def register(words) -> None:
    """Add the word to the parser."""
    word = words.add_parser("pack", help="build a signed evidence pack and write it to a file")
    about = word.add_mutually_exclusive_group(required=True)
    about.add_argument("--institution", metavar="ID", help="number or id of an institution")
    about.add_argument("--grant", metavar="NO", help="number or id of a grant")
    about.add_argument("--all", action="store_true", help="every stream of the zone")
    word.add_argument("--from", dest="begins", default="", metavar="D", help="first day")
    word.add_argument("--to", dest="ends", default="", metavar="D", help="last day (today)")
    word.add_argument("--out", required=True, type=Path, metavar="FILE")
    word.add_argument("--level", default=str(Level.COMMITMENTS_ONLY),
                      choices=[str(Level.COMMITMENTS_ONLY), str(Level.PSEUDONYMISED)],
                      help="personal values leave through the pages only, with two persons")
    word.add_argument("--recipient", default="控制台导出 / console export")
    word.add_argument("--legal-basis", default="内部核验 / internal verification")
    word.add_argument("--purpose", default="核验 / verification")
    word.add_argument("--expires", default="", metavar="D", help="last day of use (30 days)")
    word.add_argument("--anchor-size", type=int, metavar="N",
                      help="also prove consistency with a checkpoint of this size")
    word.add_argument("--data", dest="data_dir", help="folder of database and keys (var)")
    word.set_defaults(run=run)


def run(asked) -> int:
    """Ask, build, hand over, write."""
    rt = runtime.build(load(data_dir=asked.data_dir))
    try:
        number, raw = made(rt, body_of(rt, asked))
    finally:
        rt.close()
    asked.out.write_bytes(raw)
    print(f"{number}  {asked.out}  {len(raw)} bytes\n"
          f"核验 / verify:  python3 -m audit verify {asked.out} "
          f"--key {rt.settings.public_key_file}")
    return 0


def body_of(rt, asked) -> evidence.PackRequest:
    """The words given, as the request a page would make."""
    kind = "institution" if asked.institution else "grant" if asked.grant else "zone"
    today = rt.clock().astimezone(rt.settings.zone).date()
    try:
        return evidence.PackRequest(
            kind=kind, subject=asked.institution or asked.grant or "", begins=asked.begins,
            ends=asked.ends, level=asked.level, recipient=asked.recipient,
            legal_basis=asked.legal_basis, purpose=asked.purpose,
            expires=asked.expires or (today + timedelta(days=30)).isoformat(),
            reason="./hufu pack", anchor_size=asked.anchor_size)
    except ValueError as error:
        raise Invalid(f"参数有误：{error}", f"a word is not as it should be: {error}") from None


def made(rt, body: evidence.PackRequest) -> tuple[str, bytes]:
    """Number and bytes of a pack that was asked for, built, sealed and handed over just now."""
    try:
        signer = signing.load(rt.settings)
    except signing.KeyUnusable as error:
        raise Invalid(f"签名密钥不可用：{error}", f"{error}", code="KEY.UNUSABLE") from None
    row = evidence.request(rt, CONSOLE, body)
    checkpoints.make(rt, signer, Cause.PACK.value)
    packs.build_one(rt, signer, row.id)
    sheet = evidence_pack(rt, CONSOLE, row.id)
    if sheet.state != State.BUILT:
        raise Invalid(f"证据包未能制作：{sheet.failure}",
                      f"the pack was not built: {sheet.failure}", code="PACK.FAILED")
    evidence.hand_over(rt, CONSOLE, row.id, Empty())
    return sheet.number, pack_file(rt, CONSOLE, row.id).body
