"""Rulebooks come into force by two persons: one proposes what lies in the files, another publishes.

A process decides by published rulebooks only; files changed since then decide nothing. What a zone
is installed with is published by the installation and stands on the trail like any other.
"""

from app.commands.command import Done, Empty, Reasoned, command
from app.commands.filing import permitted
from app.domain.callers import SYSTEM, Caller
from app.domain.refusals import Invalid, NotAllowed, NotFound
from app.engines import rulebooks
from app.store.bundles import REF, newest
from app.store.unit import begin

PROPOSED, PUBLISHED = "policy_bundle.propose", "policy_bundle.publish"


def install(rt) -> None:
    """Publish what this process was installed with, where nothing was published yet."""
    with rt.db.reading() as connection:
        if newest(connection, PUBLISHED):
            return
    with begin(rt, SYSTEM) as act:
        act.record(PUBLISHED, REF, digest=rt.law.digest)


def is_in_force(rt, digest: str) -> bool:
    """Whether the rulebooks with this digest are the ones published last."""
    with rt.db.reading() as connection:
        published = newest(connection, PUBLISHED)
    return published is not None and published.digest == digest


@command("policy_bundle.propose", "提请发布规则集", "Propose the rulebooks", creates=True,
         factor=True)
def propose(rt, caller: Caller, body: Reasoned) -> Done:
    """What lies in the files is proposed, if it loads at all.

    Raises:
        Invalid: the files say something that nobody defined.
    """
    try:
        digest = rulebooks.load().digest
    except ValueError as error:
        raise Invalid(f"规则集不能装载：{error}", f"the rulebooks do not load: {error}") from error
    with begin(rt, caller) as act:
        permitted(act, "policy_bundle", "propose")
        act.record(PROPOSED, REF, private={"reason": body.reason}, digest=digest)
    return Done("policy_bundle", digest, digest, "PROPOSED", 1)


@command("policy_bundle.publish", "发布规则集", "Publish the rulebooks", factor=True)
def publish(rt, caller: Caller, ref: str, body: Empty) -> Done:
    """The proposed rulebooks come into force; processes that run others stop deciding.

    Raises:
        NotFound: this digest was not the one proposed last.
        NotAllowed: by the person who proposed it (INV-04).
        Invalid: the files have changed since.
    """
    with begin(rt, caller) as act:
        permitted(act, "policy_bundle", "publish")
        proposed = newest(act.session.connection(), PROPOSED)
        if proposed is None or proposed.digest != ref:
            raise NotFound("没有提请发布的这一规则集", "these rulebooks were not proposed",
                           noun="policy_bundle")
        if proposed.person == caller.person:
            raise NotAllowed("须由提请人以外的自然人发布",
                             "another person than the proposer publishes")
        if rulebooks.digest_of(rulebooks.FOLDER) != ref:
            raise Invalid("文件在提请之后又有改动",
                          "the files have changed since they were proposed")
        act.record(PUBLISHED, REF, digest=ref, proposed_by=proposed.person)
        act.affects("policy_bundle", ref)
    return Done("policy_bundle", ref, ref, "PUBLISHED", 1)
