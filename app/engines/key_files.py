"""Keys in files of their own, one use each, readable by their owner only.

Source: requirements K01 and K02; ASVS 5.0 13.3.1.
"""

import contextlib
import os
from pathlib import Path


def kept(path: Path, text: str) -> str:
    """What the file holds; a file that is not there yet appears with this text, mode 0600.

    It appears whole or not at all; of two writers the first one's text stays.

    Raises:
        ValueError: others than the owner may read it.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(text)
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    if path.stat().st_mode & 0o077:
        raise ValueError(f"`{path.name}` may be read by its owner only (chmod 600)")
    return path.read_text("ascii")
