"""What a person can do about a failure, by its code. The reason says what happened; this says what helps.

A new code needs a line here; a test finds those without one.
"""

from collections.abc import Mapping
from types import MappingProxyType

WAIT = "Nothing: the platform tries again by itself. If it lasts, tell the operators; they look with `strata doctor`."
OPERATORS = "Tell the operators this code; they look with `strata doctor`."
REPEAT = "Do it again in a moment."
SIGN_IN = "Sign in again, and ask an administrator if that does not help."
SPLIT = "Split the document and upload the parts."
SAVE_AGAIN = "Open it in the program that made it, save it again, and upload that file."
LOOK = "Look at the list of what there is, and choose from it."
CORRECT = "Correct the request; the message names the field."

FILE_ITSELF = frozenset(
    (
        "empty_file file_too_large invalid_filename larger_than_announced no_text parser_limit password_protected "
        "too_deep too_large too_many_chunks too_many_pages too_many_pixels unreadable unsupported_type upload_missing "
        "zip_bomb"
    ).split()
)
"""What only another file mends: reading the same one again ends the same."""

DOCUMENT = {
    "conflict": WAIT,
    "changed_meanwhile": WAIT,
    "object_replaced": WAIT,
    "deadline_exceeded": "Retry it. If it fails again, tell the operators the document's id.",
    "delete_incomplete": WAIT,
    "document_deleted": "Upload it again if it is still needed.",
    "document_never_arrived": "Upload the file again; delete this entry.",
    "document_not_failed": "Upload the file again to have it processed again.",
    "empty_file": "Choose a file that has content.",
    "file_too_large": SPLIT,
    "invalid": SAVE_AGAIN,
    "invalid_filename": "Rename the file, such as handbook.pdf, and upload it again.",
    "larger_than_announced": "Upload it again; it changed while it was sent.",
    "no_text": "Upload a version with recognised text, or one that has text at all.",
    "page_unrecognisable": "Upload a better scan of the page: straight, sharp, and not upside down.",
    "parser_limit": "Split the document, or save it in a simpler form, and upload that.",
    "parser_lost": WAIT,
    "password_protected": "Remove the password and upload the file again.",
    "processing_failed": "Retry it. If it fails again, tell the operators the document's id.",
    "rejected": SAVE_AGAIN,
    "superseded": WAIT,
    "too_deep": "Save it in a simpler form, with less nested in each other, and upload that.",
    "too_large": SPLIT,
    "too_many_chunks": SPLIT,
    "too_many_pages": SPLIT,
    "too_many_pixels": "Save the image smaller, or at a lower resolution, and upload that.",
    "unreadable": SAVE_AGAIN,
    "unsupported_type": "Save it as a type that can be read, such as pdf, docx or txt, and upload that.",
    "document_not_live": "Wait until the document is READY; its state says how far it is.",
    "not_uploading": "Announce a new upload.",
    "source_missing": "Upload the file again.",
    "upload_expired": "Abort the upload and begin it again.",
    "upload_not_begun": "Begin the upload in parts first.",
    "view_missing": "Rebuild the knowledge base; it keeps the pages then.",
    "upload_missing": "Upload the file again; delete this entry.",
    "zip_bomb": "Unpack it and upload the files that are needed.",
}
NEIGHBOUR = dict.fromkeys(
    (
        "unavailable embedder_timeout embedder_throttled embedder_reply_malformed model_not_ready index_busy "
        "index_incomplete index_not_visible index_throttled ml_reply_malformed model_timeout model_throttled "
        "model_reply_malformed parts_missing name_busy request_in_progress not_an_answer"
    ).split(),
    WAIT,
)
OPERATOR = dict.fromkeys(
    (
        "internal embedder_input embedder_refused index_denied index_failed index_full index_outdated index_refused "
        "index_unreadable invalid_chunking unknown_chunker unknown_embedder unknown_model dimension_mismatch "
        "fusion_weight mixed_tenants scope_incomplete tenant_id_malformed limit_out_of_range model_refused "
        "object_not_found recogniser_outdated"
    ).split(),
    OPERATORS,
)
REQUEST = {
    "no_words": "Ask in words: a name, a number or a title from the documents helps.",
    **dict.fromkeys("bad_cursor bad_line duplicate_item empty_dataset empty_query not_utf8".split(), CORRECT),
    **dict.fromkeys("invalid_json invalid_request invalid_idempotency_key idempotency_key_reused".split(), CORRECT),
    **dict.fromkeys("invalid_base64 one_subject too_many_items foreign_dataset".split(), CORRECT),
    **dict.fromkeys("unknown_filter unknown_type unknown_language invalid_filter invalid_tag".split(), CORRECT),
    "filters_too_broad": "Leave out a tag, or give those documents one tag for it.",
    **dict.fromkeys("unknown_bot unknown_conversation unknown_dataset unknown_document".split(), LOOK),
    **dict.fromkeys(
        "unknown_evaluation unknown_knowledge_base unknown_message unknown_release unknown_chunking".split(), LOOK
    ),
    **dict.fromkeys("unknown_citation unknown_state unknown_version".split(), LOOK),
    **dict.fromkeys("unknown_route not_found knowledge_base_not_found unknown_deletion".split(), LOOK),
    **dict.fromkeys("unauthorized token_expired token_invalid".split(), SIGN_IN),
    **dict.fromkeys("suspended unknown_user operators_only".split(), "Ask an administrator."),
    **dict.fromkeys("forbidden not_owner knowledge_base_not_readable".split(), "Ask the owner or an administrator."),
    "bot_not_published": "Publish the bot first.",
    "bot_without_knowledge_base": "Give the bot a knowledge base first.",
    "message_exists": REPEAT,
    "name_taken": "Choose another name.",
    "question_too_long": "Shorten the question.",
    "request_too_large": "Send less at once.",
    "too_many_requests": "Wait a minute and go on.",
    "too_many_streams": "Wait for one of your answers, or stop one.",
    "too_many_topics": "Close a conversation or a knowledge base that you look at.",
    "message_too_large": "Send less at once.",
    **dict.fromkeys("ticket_invalid not_connected".split(), "Connect again with a new ticket."),
    **dict.fromkeys("unknown_action unknown_answer nothing_to_regenerate not_the_last_question".split(), LOOK),
}
REMEDIES: Mapping[str, str] = MappingProxyType({**REQUEST, **OPERATOR, **NEIGHBOUR, **DOCUMENT})


def remedy_for(code: str) -> str:
    """Say what helps against a failure; empty for no failure. `<service>_unavailable` exists for every service."""
    if code.endswith("_unavailable"):
        return WAIT
    return REMEDIES.get(code, OPERATORS) if code else ""
