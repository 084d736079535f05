"""A modest request as a document, and what the law of this house makes of it."""

import copy

from app.domain.rights import Rights
from app.domain.rights_reading import read_rights
from app.runtime import published_law

DOCUMENT = {
    "purpose": {"nodes": [{"code": "PF.CRD.NEW", "descend": False, "except": []}],
                "business_ref_required": True},
    "scope": {"product": "PRD-000001", "version_from": "2.0", "version_to": "2.9",
              "fields": [{"field": "ent_name", "treatment": "CLEAR"},
                         {"field": "overdue_tax", "treatment": "GENERALIZE"}],
              "rows": {"regions": ["110000"], "industries": [], "population": "OWN_CUSTOMERS",
                       "lookback_months": 24, "subject_kinds": ["ENTERPRISE"]}},
    "method": {"ways": [{"action": "QUERY_ONE", "channel": "API", "environment": "PROD",
                         "node": "-", "max_batch": 1}], "output_form": "DERIVED"},
    "term": {"from": "2026-12-01", "to": "2027-06-30",
             "window": {"from": "08:00", "to": "20:00"},
             "retention_days": 180, "data_life_days": 30}}


def document(**changes) -> dict:
    """The sample with members replaced: `document(**{"scope.rows.regions": []})`."""
    sample = copy.deepcopy(DOCUMENT)
    for path, value in changes.items():
        *way, last = path.split(".")
        place = sample
        for step in way:
            place = place[int(step)] if isinstance(place, list) else place[step]
        place[int(last) if isinstance(place, list) else last] = value
    return sample


def rights(**changes) -> Rights:
    return read(document(**changes))


def read(sample) -> Rights:
    law = published_law()
    return read_rights(sample, law.purposes, law.vocabulary)
