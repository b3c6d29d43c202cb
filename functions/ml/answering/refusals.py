"""What a person reads when there is no answer: what was searched and what would help. English for now."""

from typing import Literal

Reason = Literal["nothing_found", "nothing_passes", "said_so", "no_citation", "not_supported"]

_TEXTS: dict[Reason, str] = {
    "nothing_found": (
        "I searched {searched} and found nothing about this question. Try other words, for example a name, "
        "a number or a title from the document, or add a document that covers it."
    ),
    "nothing_passes": (
        "No document passes the filters ({filters}), so there was nothing to search in {searched}. Leave a filter out "
        "or widen it; the list of documents shows the folder, type, language, date and tags of each."
    ),
    "said_so": (
        "I searched {searched}, but the {passages} closest passages do not answer this question. Try to name the thing "
        "you ask about as the documents call it, or add a document that covers it."
    ),
    "no_citation": (
        "I searched {searched} and read the {passages} closest passages, but could not write an answer that points to "
        "its source, so I do not show it. Try to ask more precisely, for one thing at a time."
    ),
    "not_supported": (
        "I searched {searched} and read the {passages} closest passages, but could not confirm an answer from them, so "
        "I do not show it. Try to ask more precisely, or look at the passages through search."
    ),
}


def refusal_text(reason: Reason, *, knowledge_bases: int, passages: int, filters: str = "") -> str:
    """Return the text for a person.

    Args:
        reason: why there is no answer.
        knowledge_bases: how many were searched.
        passages: how many passages were read.
        filters: what the search was narrowed to, in words.
    """
    searched = "the documents of this knowledge base"
    if knowledge_bases > 1:
        searched = f"the documents of {knowledge_bases} knowledge bases"
    return _TEXTS[reason].format(searched=searched, passages=passages, filters=filters)
