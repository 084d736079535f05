"""The rulebooks refuse to load rather than mean something nobody wrote."""

import pytest

from app.engines import rulebooks
from tests.decision_zone import LAW
from tests.engines.test_access import changed_law

BROKEN = [
    ("purposes.yaml", "    human_review: true", "    humane_review: true", "unknown key"),
    ("purposes.yaml", "parent: PF.CRD\n", "parent: PF.CRT\n", "unknown parent"),
    ("purposes.yaml", "  PF.ADM: {zh: 准入核查, en: Admission checks, parent: PF}",
     "  PF.ADM: {zh: 准入核查, en: Admission checks, parent: PF.ADM.KYB}", "above itself"),
    ("purposes.yaml", "subject_authorization: PERSON_ONLY", "subject_authorization: MAYBE",
     "known word"),
    ("purposes.yaml", "    subject_authorization: PERSON_ONLY\n", "", "a leaf states"),
    ("purposes.yaml", "  X.RSL:", "  X.MKT:", "stands twice"),
    ("purposes.yaml", "purposes:", "purpose:", "must hold"),
    ("purposes.yaml", "    en: Fraud checks\n", "", "`en` is missing"),
    ("purposes.yaml", "    human_review: true", "    human_review: 1", "not of the kind"),
    ("reasons.yaml", "    remedy: RENEW", "    remedy: PRAY", "class or remedy"),
    ("reasons.yaml", "{limit} 到期", "{until} 到期", "are filled"),
    ("vocabulary.yaml", "personal: true", "private: true", "unknown key"),
    ("vocabulary.yaml", "treatments:", "treatment:", "unknown key"),
    ("attributes.yaml", "policies: []", "policies: [{resources: record}]", "unknown key"),
    ("attributes.yaml", "policies:", "policies: [", "not YAML"),
]


@pytest.mark.parametrize(("name", "old", "new", "says"), BROKEN,
                         ids=[f"{row[0]}-{row[3]}" for row in BROKEN])
def test_what_nobody_defined_refuses_to_load(tmp_path, name, old, new, says):
    assert old in (rulebooks.FOLDER / name).read_text(encoding="utf-8")
    with pytest.raises(ValueError, match=says):
        rulebooks.load(changed_law(tmp_path, name, old, new))


@pytest.mark.parametrize("name", sorted(path.name for path in rulebooks.FOLDER.iterdir()))
def test_the_digest_covers_every_file(tmp_path, name):
    before = rulebooks.digest_of(rulebooks.FOLDER)
    folder = changed_law(tmp_path, "", "", "")
    with (folder / name).open("a", encoding="utf-8") as file:
        file.write("\n")
    assert rulebooks.digest_of(folder) != before


def test_every_purpose_reason_and_word_has_both_titles():
    entries = [*LAW.purposes.by_code.values(), *LAW.reasons.values(),
               *LAW.vocabulary.actions.values(), *LAW.vocabulary.channels.values(),
               *LAW.vocabulary.treatments.values()]
    assert all(entry.zh.strip() and entry.en.strip() for entry in entries)


def test_methods_named_by_purposes_are_actions():
    for purpose in LAW.purposes.by_code.values():
        assert set(purpose.methods) | set(purpose.only.actions) <= set(LAW.vocabulary.actions)
        assert set(purpose.only.channels) <= set(LAW.vocabulary.channels)
        assert set(purpose.only.environments) <= set(LAW.vocabulary.environments)


def test_every_reason_names_a_dimension_of_the_order():
    from app.domain.decisions import ORDER

    dimensions = {name for name, _ in ORDER} | {"system"}
    assert {text.dimension for text in LAW.reasons.values()} <= dimensions


BROKEN_DUTIES = [
    ("  min_group:", "  max_group:", "every kind"),
    ("marks: [MASKED]", "marks: [MASKD]", "not a known word"),
    ("channels: [SAAS]}, {actions", "channels: [SAS]}, {actions", "not a known word"),
    ("forms: [AGGREGATE]", "forms: [SUM]", "not a known word"),
    ("denials: [ID.AUTH_LEVEL]", "denials: [HOLD.ORDER]", "not a known word"),
    ("says: {within_s: 300}", "denials: [ID.AUTH_LEVEL]\n    says: {within_s: 300}", "known word"),
    ("says: {k: 5}", "says: {k: five}", "`says` must be"),
    ("says: {k: 5}", "says: {k: 0}", "`says` must be"),
    ("    says: {years: 5}\n", "", "`says` must be"),
    ("says: {mode: visible}", "says: {mode: visible, days: 3}", "`says` must be"),
    ("when: [{marks: [MASKED]}]", "when: [{}]", "always holds"),
    ("when: [{marks: [MASKED]}]", "where: [{marks: [MASKED]}]", "unknown key"),
]


@pytest.mark.parametrize(("old", "new", "says"), BROKEN_DUTIES)
def test_a_duty_nobody_defined_refuses_to_load(tmp_path, old, new, says):
    assert old in (rulebooks.FOLDER / "obligations.yaml").read_text(encoding="utf-8")
    with pytest.raises(ValueError, match=says):
        rulebooks.load(changed_law(tmp_path, "obligations.yaml", old, new))
