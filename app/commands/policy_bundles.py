"""Rulebooks come into force by two persons: one proposes what lies in the files, with the list of
past decisions that would have come out otherwise; another has seen that list and publishes.

A process decides by published rulebooks only; files changed since then decide nothing. What a zone
is installed with is published by the installation and stands on the trail like any other. The texts
are kept under their digest, so that decisions can be made again by the rulebooks of then.
"""

from sqlmodel import select

from app.commands.command import Body, Done, Reasoned, Text, command, entry
from app.commands.filing import permitted
from app.commands.what_ifs import totals
from app.domain.callers import SYSTEM, Caller
from app.domain.refusals import Invalid, NotAllowed, NotFound
from app.domain.what_ifs import RunState
from app.engines import rulebooks
from app.store import bundles
from app.store.bundles import PROPOSED, PUBLISHED, REF, full, newest, short
from app.store.tables_played import WhatIf
from app.store.unit import Act, begin


class Seen(Body):
    """What the second person has looked at: the digest of the list of flips."""

    flips: Text = entry("已阅翻转清单的摘要", "Digest of the flips you have read", max_length=71,
                        help_zh="所显示的即本页清单的摘要；清单若已更换，发布会被拒绝",
                        help_en="Shown is that of the list on this page; once the list is another, "
                                "publication is refused")


def install(rt) -> None:
    """Publish what this process was installed with, where nothing was published yet, and keep the
    rulebooks it decides by."""
    with rt.db.reading() as connection:
        published = newest(connection, PUBLISHED)
        is_kept = bundles.is_kept(connection, rt.law.digest)
    texts = rulebooks.texts_of(rulebooks.FOLDER)
    if not is_kept and rulebooks.digest_of_texts(texts) == rt.law.digest:
        with rt.db.writing() as connection:
            bundles.keep(connection, rt.law.digest, texts, rt.clock())
    if published is None:
        with begin(rt, SYSTEM) as act:
            act.record(PUBLISHED, REF, digest=rt.law.digest)


@command("policy_bundle.propose", "提请发布规则集", "Propose the rulebooks", factor=True)
def propose(rt, caller: Caller, ref: str, body: Reasoned) -> Done:
    """The rulebooks in the files are proposed, with the newest list of flips they were played to.

    Raises:
        Invalid: the files are others or say something nobody defined, or were not played yet.
    """
    digest = full(ref)
    _are_the_files(digest)
    with begin(rt, caller) as act:
        permitted(act, "policy_bundle", "propose")
        run = _played(act, digest)
        act.record(PROPOSED, REF, private={"reason": body.reason}, digest=digest,
                   what_if=run.number, flips=run.found, heard=run.heard, **totals(run))
    return Done("policy_bundle", short(digest), short(digest), "PROPOSED", 1)


def _are_the_files(digest: str) -> None:
    try:
        there = rulebooks.load().digest
    except ValueError as error:
        raise Invalid(f"规则集不能装载：{error}", f"the rulebooks do not load: {error}") from error
    if there != digest:
        raise Invalid("服务器上的规则集文件与此不同，请先部署这些文件",
                      "the rulebook files on the server are others: put these in their place first",
                      code="POLICY.OTHER_FILES")


def _played(act: Act, digest: str) -> WhatIf:
    """The newest finished run of these rulebooks."""
    found = act.first(select(WhatIf).where(
        WhatIf.bundle == digest, WhatIf.state == str(RunState.DONE))
        .order_by(WhatIf.ended_at.desc(), WhatIf.id.desc()).limit(1))
    if found is None:
        raise Invalid("请先用这些规则推演过去的决策，提请须附翻转清单",
                      "play these rulebooks over past decisions first: the flips are attached",
                      code="POLICY.NOT_PLAYED")
    return found


@command("policy_bundle.publish", "发布规则集", "Publish the rulebooks", factor=True)
def publish(rt, caller: Caller, ref: str, body: Seen) -> Done:
    """The proposed rulebooks come into force; processes that run others stop deciding.

    Raises:
        NotFound: this digest was not the one proposed last.
        NotAllowed: by the person who proposed it (INV-04).
        Invalid: the list of flips is another than the one seen, or the files have changed since.
    """
    digest = full(ref)
    with begin(rt, caller) as act:
        permitted(act, "policy_bundle", "publish")
        connection = act.session.connection()
        proposed = newest(connection, PROPOSED)
        if proposed is None or proposed.digest != digest:
            raise NotFound("没有提请发布的这一规则集", "these rulebooks were not proposed",
                           noun="policy_bundle")
        if caller.person == proposed.person or caller.on_behalf_of == proposed.person:
            raise NotAllowed("须由提请人以外的自然人发布",
                             "another person than the proposer publishes")
        if body.flips != proposed.facts["flips"]:
            raise Invalid("翻转清单与您所阅的不同，请重新查看", "the flips are not those you read: "
                          "look at them again", code="POLICY.OTHER_FLIPS")
        if rulebooks.digest_of(rulebooks.FOLDER) != digest:
            raise Invalid("文件在提请之后又有改动",
                          "the files have changed since they were proposed")
        act.record(PUBLISHED, REF, digest=digest, proposed_by=proposed.person,
                   what_if=proposed.facts["what_if"], flips=body.flips)
        act.affects("policy_bundle", digest)
    return Done("policy_bundle", short(digest), short(digest), "PUBLISHED", 1)
