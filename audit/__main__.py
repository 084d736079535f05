"""`python3 -m audit`: verify a pack, make a witness key, cosign a checkpoint."""

import argparse
import os
import sys
import time
from pathlib import Path

from audit import verify, witness
from audit.note import Malformed


def main(argv: list[str]) -> int:
    """Run one word; `verify` hands the rest of the line to the verifier unchanged."""
    if argv[:1] == ["verify"]:
        return verify.main(argv[1:])
    given = _parser().parse_args(argv)
    try:
        return {"witness-key": _witness_key, "cosign": _cosign}[given.word](given)
    except (witness.Declined, verify.Unusable, Malformed, OSError) as error:
        print(f"未签名 / not signed: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python3 -m audit")
    words = parser.add_subparsers(dest="word", required=True)
    words.add_parser("verify", help="核验证据包 / verify an evidence pack", add_help=False)
    made = words.add_parser("witness-key", help="生成见证方密钥 / make a witness key")
    made.add_argument("--name", required=True, help="e.g. regulator.example/witness-1")
    made.add_argument("--out", required=True, type=Path, help="private key file to create")
    seen = words.add_parser("cosign", help="见证方签署检查点 / cosign a checkpoint")
    seen.add_argument("checkpoint", type=Path, help="request or checkpoint file")
    seen.add_argument("--key", required=True, type=Path, help="this witness's private key file")
    seen.add_argument("--log-key", required=True, type=Path, help="verifier keys of the log")
    seen.add_argument("--state", type=Path, help="memory; default: beside the private key")
    seen.add_argument("--out", type=Path, help="where the signature line goes; default: printed")
    return parser


def _witness_key(given: argparse.Namespace) -> int:
    """Write a private key only its owner can read, and print the public one."""
    private, public = witness.make_key(given.name, os.urandom(witness.SEED_BYTES))
    handle = os.open(given.out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(private + "\n")
    print(public)
    return 0


def _cosign(given: argparse.Namespace) -> int:
    """Cosign when the checkpoint extends what was signed before."""
    key = witness.read_private(given.key.read_text())
    log_keys = verify.read_keys(given.log_key.read_text(), verify.PLAIN)
    memory = given.state or given.key.with_name(given.key.name + ".state")
    state = witness.load_state(memory)
    line = witness.answer(given.checkpoint.read_bytes(), log_keys, key, state, int(time.time()))
    witness.save_state(memory, state)
    if given.out:
        given.out.write_text(line)
    else:
        print(line, end="")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
