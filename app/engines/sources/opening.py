"""A path or a URL becomes a source; what cannot be one says what to mend.

A folder is read with its folders below; links in it are not followed.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from app.engines.sources.database_urls import Target, is_address, is_private, target_of
from app.engines.sources.databases import open_database
from app.engines.sources.parquet_files import read_parquet_file
from app.engines.sources.remarks import SourceRefused, shown
from app.engines.sources.report import Found, Item, Skipped, Source
from app.engines.sources.sampling import Limits
from app.engines.sources.sqlite_files import read_sqlite_file
from app.engines.sources.targets import Network
from app.engines.sources.text_files import read_text_file
from app.engines.sources.workbook_files import read_workbook

MOST_FILES = 10_000
DATABASES = (".db", ".sqlite", ".sqlite3")
READERS: dict[str, Callable[[Path, Limits], Found]] = {
    ".csv": read_text_file,
    ".tsv": read_text_file,
    ".tab": read_text_file,
    ".txt": read_text_file,
    ".xlsx": read_workbook,
    ".parquet": read_parquet_file,
    **dict.fromkeys(DATABASES, read_sqlite_file),
}
_WANTED_ZH, _WANTED_EN = "、".join(sorted(READERS)), ", ".join(sorted(READERS))
_NO_KIND = (
    f"不读取这种文件，可读：{_WANTED_ZH}", f"files of this kind are not read, only {_WANTED_EN}"
)


def open_source(
    place: str, limits: Limits, networks: tuple[Network, ...] = ()
) -> Source:
    """What there is to read at a path or a database URL.

    Raises:
        SourceRefused, OSError: there is nothing that could be read.
    """
    place = place.strip()
    if not place:
        raise SourceRefused("请写明要读的文件、文件夹或数据库地址",
                            "say which file, folder or database URL is to be read")
    if is_address(place):
        return open_database(target_of(place), networks, limits)
    path = Path(place)
    if "\0" in place or not path.exists():
        raise _missing(place)
    if path.is_dir():
        return _folder(path, limits)
    if path.suffix.casefold() in DATABASES:
        return open_database(Target("sqlite", shown(path.stem), path), networks, limits)
    if path.suffix.casefold() not in READERS:
        raise SourceRefused(*_NO_KIND)
    return Source((_item(path, path.name, limits),))


def _missing(place: str) -> SourceRefused:
    if is_private(place):
        return SourceRefused("没有这个文件或文件夹", "there is no such file or folder")
    return SourceRefused(f"没有 `{shown(place)}`", f"there is no `{shown(place)}`")


def _item(path: Path, name: str, limits: Limits) -> Item:
    reader = READERS[path.suffix.casefold()]
    return Item(shown(name), lambda: reader(path, limits))


def _folder(folder: Path, limits: Limits) -> Source:
    """The files of a folder, each called by its name alone where no other file has it too."""
    files, skipped = [], []
    for path in _files(folder):
        name = str(path.relative_to(folder))
        if path.is_symlink():
            skipped.append(Skipped(shown(name), "是链接，未跟随", "is a link and was not followed"))
        elif path.suffix.casefold() in READERS:
            files.append((path, name))
        else:
            skipped.append(Skipped(shown(name), *_NO_KIND))
    if not files:
        raise SourceRefused(
            f"文件夹中没有可读的文件，可读：{_WANTED_ZH}",
            f"the folder holds no file that can be read, which are {_WANTED_EN}",
        )
    stems = Counter(path.stem.casefold() for path, _ in files)
    items = []
    for path, name in files:
        base = name if stems[path.stem.casefold()] > 1 else path.stem
        item = _item(path, name, limits)
        items.append(replace(item, read=_renamed(item, shown(path.stem), shown(base))))
    return Source(tuple(items), tuple(skipped))


def _renamed(item: Item, stem: str, base: str) -> Callable[[], Found]:
    """The table of a file called ``base``; of a workbook or database each behind that name."""

    def read() -> Found:
        for found in item.read():
            if isinstance(found, Skipped):
                yield replace(found, name=f"{base}.{found.name}")
                continue
            sample, remarks = found
            name = base if sample.spec.name == stem else f"{base}.{sample.spec.name}"
            yield replace(sample, spec=replace(sample.spec, name=name)), remarks

    return read


def _files(folder: Path) -> Iterator[Path]:
    """Regular files and links below a folder, sorted; hidden ones are left out."""
    count = 0
    for base, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        links = [name for name in folders if Path(base, name).is_symlink()]
        for name in sorted([*names, *links]):
            if name.startswith("."):
                continue
            count += 1
            if count > MOST_FILES:
                raise SourceRefused(
                    f"文件超过 {MOST_FILES} 个，请分批", f"more than {MOST_FILES} files: split them"
                )
            yield Path(base, name)
