"""Letters as PDF: one payload in, the same bytes out, on any machine and at any time.

Text reaches the layout as JSON and is never read as markup. Fonts are the vendored ones.
"""

import hashlib
import io
import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import segno
import typst

from app.domain.canonical import canonical
from app.domain.letters import TEMPLATES

FOLDER = Path(__file__).resolve().parent / "instruments"
FONTS = Path(__file__).resolve().parent / "fonts"
LARGEST_PAYLOAD = 1024 * 1024


class Unprintable(ValueError):
    """The payload cannot be printed; the sentence says why."""


def render(template: str, payload: Mapping[str, object]) -> bytes:
    """The letter as PDF/A-2b, dated by its payload.

    Raises:
        Unprintable: the template is unknown, or the payload is too large or lacks a part.
    """
    if template not in TEMPLATES:
        raise Unprintable(f"there is no template `{template}`")
    text = json.dumps(_with_code_image(payload), ensure_ascii=False)
    if len(text.encode("utf-8")) > LARGEST_PAYLOAD:
        raise Unprintable(f"the payload is over {LARGEST_PAYLOAD} bytes")
    try:
        return typst.compile(
            str(FOLDER / f"{template}.typ"), root=str(FOLDER), font_paths=[str(FONTS)],
            ignore_system_fonts=True, sys_inputs={"payload": text}, format="pdf",
            pdf_standards=["a-2b"])
    except typst.TypstError as error:
        raise Unprintable(f"`{template}` cannot print this payload: {error}") from None


def _with_code_image(payload: Mapping[str, object]) -> dict:
    canonical(payload)
    proof = payload.get("verification")
    if not isinstance(proof, dict) or not isinstance(proof.get("address"), str):
        raise Unprintable("the payload lacks `verification.address`")
    drawn = io.BytesIO()
    segno.make(proof["address"], error="m", micro=False).save(
        drawn, kind="svg", border=0, xmldecl=False, svgns=True)
    return {**payload, "verification": {**proof, "qr": drawn.getvalue().decode("utf-8")}}


@lru_cache(maxsize=1)
def edition() -> str:
    """The digest of layout and fonts: with it a reprint says what it was printed by."""
    parts = sorted([*FOLDER.glob("*.typ"), *FONTS.glob("*.ttf")], key=lambda path: path.name)
    whole = hashlib.sha256()
    for path in parts:
        content = path.read_bytes()
        whole.update(f"{path.name}\0{len(content)}\0".encode() + content)
    return "sha256:" + whole.hexdigest()
