"""The dashboard's second language knows every problem that the platform names by a code."""

import re

from functions.application.domain.remedies import REMEDIES
from infra.deployment.archives import ROOT

SAYS_WHICH_FIELD = frozenset(
    (
        "bad_cursor bad_line duplicate_item empty_dataset empty_query not_utf8 invalid_json invalid_request "
        "invalid_idempotency_key idempotency_key_reused invalid_base64 one_subject too_many_items foreign_dataset "
        "unknown_filter unknown_type unknown_language invalid_filter invalid_tag"
    ).split()
)
"""Faults of a program that calls the API: the message itself names the field, and no page sends them."""


def test_every_code_has_its_words_in_german() -> None:
    source = (ROOT / "web" / "src" / "i18n" / "problems.de.ts").read_text()
    groups = (word for listed in re.findall(r'"([a-z_ ]+)"[,\]]', source) for word in listed.split())
    known = {*re.findall(r"^  ([a-z_]+):", source, re.MULTILINE), *groups}
    assert known == set(REMEDIES) - SAYS_WHICH_FIELD
