"""`./hufu ranges`: how far the ledger has come, and how far ranges stand ready for it."""

from app import runtime
from app.settings import load
from app.store import months, ranges

STATES = {"ok": "充足 / ok", "low": "最后一段已在使用 / the last range is in use",
          "beyond": "已超出全部分段 / outgrown"}


def register(words) -> None:
    """Add the word to the parser."""
    word = words.add_parser("ranges", help="how much room the ledger's ranges leave")
    word.add_argument("--data", dest="data_dir", help="folder of database and keys (var)")
    word.set_defaults(run=run)


def run(asked) -> int:
    """0 while there is room, 1 when `./hufu migrate` should make some."""
    rt = runtime.build(load(data_dir=asked.data_dir))
    try:
        with rt.db.reading() as connection:
            room = ranges.room(connection)
            made = {table: _shown(connection, table, room) for table in ranges.TABLES}
    finally:
        rt.close()
    if room is None:
        print("SQLite 不分段 / SQLite has no ranges")
        return 0
    for table, bounds in made.items():
        print(f"{table}:", *bounds, sep="\n  ")
    print(f"条目 / entries: {room.size}\n余量 / room left: {room.left}  {STATES[room.state]}")
    if room.state == "ok":
        return 0
    print("请以数据库属主运行 / run as the owner of the schema:  ./hufu migrate")
    return 1


def _shown(connection, table: str, room: ranges.Room | None) -> list[str]:
    """Each range of a table: its name, its places and the months of its first and last entry."""
    lines = []
    for span in ranges.bounds(connection, table) if room else ():
        held = months.held(connection, span, room.size)
        said = f"  {' … '.join(dict.fromkeys(held))}" if held else ""
        lines.append(f"{months.named(connection, table, span)}  {span[0]}–{span[1] - 1}{said}")
    return lines
