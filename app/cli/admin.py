"""`./hufu admin create-first|first-link`: the first three administrators, and never again."""

import sys

from pydantic import ValidationError

from app.cli.processes import opened, settings_of
from app.commands.first_administrators import FirstAdministrators, create_first, first_link
from app.domain.roles import Role

SEATS = (("sys", "system administrator"), ("sec", "security administrator"),
         ("aud", "audit administrator"))


def register(words) -> None:
    """Add the word and its verbs."""
    verbs = words.add_parser("admin", help="name the first administrators of a new zone") \
        .add_subparsers(dest="verb", metavar="VERB", required=True)
    create = verbs.add_parser("create-first", help="name the three and print their links")
    for seat, title in SEATS:
        create.add_argument(f"--{seat}", nargs=2, required=True, metavar=("LOGIN", "NAME"),
                            help=f"login and name of the {title}")
    create.set_defaults(run=create_three)
    link = verbs.add_parser("first-link", help="print a one-time link that names them in a page")
    link.set_defaults(run=print_link)
    for verb in (create, link):
        verb.add_argument("--data", dest="data_dir", help="folder of database and keys (var)")


def create_three(asked) -> int:
    """Three invited administrators; refused once there is any account."""
    told = {}
    for seat, _ in SEATS:
        told[f"{seat}_login"], told[f"{seat}_name"] = getattr(asked, seat)
    try:
        body = FirstAdministrators(**told)
    except ValidationError as error:
        names = "、".join(str(item["loc"][0]) for item in error.errors(include_input=False))
        print(f"填写有误 / please mend: {names}", file=sys.stderr)
        return 1
    rt = opened(settings_of(asked))
    try:
        named = create_first(rt, body)
    finally:
        rt.close()
    print("以下链接仅显示这一次，72 小时内有效 / shown this once, good for 72 hours:")
    for one in named:
        role = Role(one.role)
        print(f"{role.zh} {role.en}  {one.login}  {one.name}\n  {one.link}")
    return 0


def print_link(asked) -> int:
    """The address that names the first administrators; refused once there is any account."""
    rt = opened(settings_of(asked))
    try:
        print(first_link(rt))
    finally:
        rt.close()
    return 0
