"""The two README files inside a pack: what it is, how to check it, what it cannot prove."""

LEVELS_ZH = {
    "full": "完整（含个人信息原值）",
    "pseudonymised": "假名化",
    "commitments-only": "仅承诺值（不含个人信息）",
}
KINDS_ZH = {"institution": "机构", "grant": "授权", "zone": "全区"}

CHINESE = """\
虎符证据包 {pack}

范围：{kind} {ref}，{begins} 至 {ends}
接收方：{name}
法律依据：{legal_basis}
用途：{purpose}
使用期限：{expires}
脱敏级别：{level}
生成时间（UTC）：{built_at}

如何核验
  需要 Python 3.11 或更高版本，无需网络，无需安装任何组件。
  核验公钥必须来自包外：向运营方公布处、监管方或自己先前留存处取得。
    python3 verify.py 证据包.zip --key 公钥文件 [--anchor 锚点] [--witness-key 见证方公钥]
  本包所附 verify.py 仅为方便，审计人应使用自己保存的副本。

结论含义
  TRUSTED                 全部证明成立，且审计人持有的锚点或可信见证覆盖本包范围
  CONSISTENT-UNANCHORED   全部证明成立，但不能排除本包生成之前整体改写的可能
  BROKEN                  证明不成立，逐条列出代码和位置

锚点是审计人自己持有的东西：早先留存的检查点、另一份证据包、带时间的见证签名。
锚点之后的内容是否被改写，任何人都无法仅凭本包判断；核验结果会写明锚定到哪一条、哪个时间。

文件
  manifest.json            清单：范围、接收方、级别、每个文件的摘要
  manifest.sig             对清单的签名
  trail/entries.jsonl      范围内全部叶；本包所涉条目带正文，其余只有叶
  trail/range.json         通往树根的哈希、与其他树大小的一致性证明
  trail/checkpoint.txt     已签名的检查点
  trail/anchors.json       见证方签名过的检查点，以及更换签名密钥时新旧两钥共同签名的检查点
  trail/disclosures.jsonl  披露的值及其盐，可与正文中的承诺值核对
  facts/                   登记数据表
  files/                   以摘要命名的附件
  custody.jsonl            经手记录（本包不可能包含自己的签收）
"""

ENGLISH = """\
Hufu evidence pack {pack}

Scope: {kind} {ref}, {begins} to {ends}
Recipient: {name}
Legal basis: {legal_basis}
Purpose: {purpose}
May be used until: {expires}
Redaction level: {level}
Built at (UTC): {built_at}

How to check it
  Python 3.11 or later, no network, nothing to install.
  The verifier key must come from outside the pack: from where the operator publishes it, from
  the regulator, or from what you kept before.
    python3 verify.py PACK.zip --key KEYFILE [--anchor ANCHOR] [--witness-key WITNESSKEYS]
  The verify.py in here is a convenience; auditors use the copy they keep themselves.

What the verdicts mean
  TRUSTED                 every proof holds, and an anchor you hold or a trusted witness covers
                          the range of this pack
  CONSISTENT-UNANCHORED   every proof holds, but a rewrite before this pack was built cannot be
                          excluded
  BROKEN                  a proof does not hold; codes and positions are listed

An anchor is something you hold yourself: a checkpoint kept earlier, another pack, a witness
signature with its time. Nobody can tell from a pack whether what follows the newest anchor was
rewritten; the result states up to which entry and time it is anchored.

Files
  manifest.json            scope, recipient, level, digest of each file
  manifest.sig             the signature over the manifest
  trail/entries.jsonl      every leaf of the range; bodies for what the pack is about, else leaves
  trail/range.json         hashes that lead to the root, consistency proofs to other sizes
  trail/checkpoint.txt     the signed checkpoint
  trail/anchors.json       checkpoints that witnesses signed, and those by which one signing key
                           handed over to the next, signed by both
  trail/disclosures.jsonl  opened values with their salts, to hold against the commitments
  facts/                   registry tables
  files/                   attachments, named by their digest
  custody.jsonl            who handled it (a pack cannot contain its own receipt)
"""


def chinese(given) -> str:
    """The Chinese README."""
    fields = _fields(given)
    fields["level"] = LEVELS_ZH[fields["level"]]
    fields["kind"] = KINDS_ZH.get(fields["kind"], fields["kind"])
    return CHINESE.format(**fields)


def english(given) -> str:
    """The English README."""
    return ENGLISH.format(**_fields(given))


def _fields(given) -> dict[str, str]:
    """Scope, recipient and the rest as one flat table of words."""
    own = {"pack": given.pack, "level": given.level, "built_at": given.built_at}
    return own | vars(given.scope) | vars(given.recipient)
