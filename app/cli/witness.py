"""`./hufu witness export|import`: a witness sees checkpoints and answers, both by file."""

import sys
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from app import runtime
from app.commands.evidence import keep_anchor
from app.domain.refusals import Invalid
from app.queries.pack_input import Unbuildable, last_anchor, proof_request
from app.settings import load
from app.store.tables_evidence import TrailCheckpoint
from app.store.unit import read
from audit import note, verify

NEWEST = 2_000


def register(words) -> None:
    """Add the word to the parser."""
    word = words.add_parser("witness", help="exchange checkpoints with a witness by file")
    verbs = word.add_subparsers(dest="verb", required=True)
    out = verbs.add_parser("export", help="write the newest checkpoint with its proof")
    known = out.add_mutually_exclusive_group()
    known.add_argument("--old", type=int, help="size of the checkpoint the reader knows (0)")
    known.add_argument("--witness", metavar="NAME", help="prove from what this witness last saw")
    out.add_argument("--out", type=Path, metavar="FILE", help="default: printed")
    out.set_defaults(run=export)
    back = verbs.add_parser("import", help="keep a witness's signature line")
    back.add_argument("file", type=Path)
    back.add_argument("--key", required=True, type=Path, help="public key of the witness")
    back.set_defaults(run=keep)
    for verb in (out, back):
        verb.add_argument("--data", dest="data_dir", help="folder of database and keys (var)")


def export(asked) -> int:
    """The request a witness is sent (C2SP tlog-witness)."""
    rt = runtime.build(load(data_dir=asked.data_dir))
    try:
        with read(rt) as session:
            known = last_anchor(session, asked.witness) if asked.witness else asked.old or 0
        text = proof_request(rt, known)
    except Unbuildable as error:
        raise Invalid(f"无法导出：{error}", str(error)) from None
    finally:
        rt.close()
    if asked.out:
        asked.out.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
    return 0


def keep(asked) -> int:
    """Check a witness's line against the checkpoints signed here, and keep it."""
    rt = runtime.build(load(data_dir=asked.data_dir))
    try:
        keys = verify.read_keys(asked.key.read_text(encoding="utf-8"), verify.COSIGNATURE)
        size, name, is_new = imported(rt, asked.file.read_text(encoding="utf-8"), keys)
    except (OSError, UnicodeDecodeError, verify.Unusable) as error:
        raise Invalid(f"无法读取：{error}", str(error)) from None
    finally:
        rt.close()
    print(f"{name}: {size}" + ("" if is_new else "  已在册 / known already"))
    return 0


def imported(rt, text: str, keys: tuple[verify.Key, ...]) -> tuple[int, str, bool]:
    """Size, witness and whether it was news, for a signature line or a whole note.

    Raises:
        Invalid: no checkpoint signed here carries this line of a witness with a given key.
    """
    lines = [line for line in text.split("\n") if line.startswith(note.EM_DASH)]
    try:
        signatures = [note.parse_signature(line) for line in lines]
    except note.Malformed as error:
        raise Invalid(f"签名行不合规：{error}", str(error)) from None
    with read(rt) as session:
        notes = session.exec(select(TrailCheckpoint.size, TrailCheckpoint.note).order_by(
            TrailCheckpoint.size.desc()).limit(NEWEST)).all()
    for signature in signatures:
        for key in keys:
            if (signature.name, signature.key_id) != (key.name, key.id):
                continue
            for size, signed in notes:
                seen = verify.Note(note.parse_note(signed).text, (
                    (signature.name, signature.key_id, signature.value),))
                try:
                    at = seen.cosigned_at(key)
                except verify.Loose:
                    continue
                when = datetime.fromtimestamp(at, UTC)
                return size, key.name, keep_anchor(rt, size, key.name, signature.line(), when)
    raise Invalid("没有与此签名相符的检查点", "no checkpoint signed here carries this line",
                  code="ANCHOR.UNKNOWN")
