"""`./hufu keys rotate|show`: the key that signs checkpoints and packs.

Run it as the account of the jobs process: it needs the signing key, and leaves a new one.
"""

from app import runtime
from app.cli.pack import CONSOLE
from app.domain.refusals import Invalid
from app.jobs import checkpoints, rotation, signing
from app.settings import load


def register(words) -> None:
    """Add the word and its verbs."""
    verbs = words.add_parser("keys", help="change or show the key that signs checkpoints") \
        .add_subparsers(dest="verb", metavar="VERB", required=True)
    change = verbs.add_parser("rotate", help="announce a new key and hand over to it")
    change.add_argument("--reason", required=True, help="kept beside the trail's entry")
    change.set_defaults(run=rotate)
    shown = verbs.add_parser("show", help="print the verifier keys, the one in force first")
    shown.set_defaults(run=show)
    for verb in (change, shown):
        verb.add_argument("--data", dest="data_dir", help="folder of database and keys (var)")


def rotate(asked) -> int:
    """Announce, hand over, put in place; the new public key is printed."""
    if not asked.reason.strip():
        raise Invalid("须说明理由", "say why")
    rt = runtime.build(load(data_dir=asked.data_dir))
    try:
        done = rotation.rotate(rt, CONSOLE, asked.reason.strip())
    except (signing.KeyUnusable, checkpoints.Inconsistent) as error:
        raise Invalid(f"未能更换签名密钥：{error}", f"the key was not changed: {error}",
                      code="KEY.UNUSABLE") from None
    finally:
        rt.close()
    print(f"原密钥 / before: {done.old}\n现密钥 / now:    {done.new}\n"
          f"请将 {rt.settings.public_key_file} 亲手交给每位审计人和见证方，"
          "并把新的密钥文件放到其他 jobs 机器 /\n"
          "hand that file to every auditor and witness in person, and put the new key file on "
          "every other jobs machine")
    return 0


def show(asked) -> int:
    """The published file, which holds public halves only."""
    path = load(data_dir=asked.data_dir).public_key_file
    if not path.exists():
        raise Invalid("尚未公布", "nothing has been published yet")
    print(path.read_text(), end="")
    return 0
