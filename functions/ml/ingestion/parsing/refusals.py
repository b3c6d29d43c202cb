"""The typed refusals of parsing: one function per reason, each with the sentence that the owner of the file reads."""

from functions.ml.ingestion.parsing.format import formats
from shared.kernel.errors import Invalid, TooLarge


def _endings() -> list[str]:
    return sorted({f".{item.extensions[0]}" for item in formats().values()})


def unsupported_type(name: str) -> Invalid:
    """Refuse a type that no parser reads; `name` is the type as a person calls it."""
    return Invalid(
        f"Files of type {name} cannot be read. Convert the file to one that can: {', '.join(_endings())}.",
        code="unsupported_type",
    )


def empty_file() -> Invalid:
    """Refuse a file of zero bytes."""
    return Invalid("The file is empty (0 bytes). Check the original and upload it again.", code="empty_file")


def password_protected() -> Invalid:
    """Refuse a file that opens only with a password."""
    return Invalid(
        "The file is protected with a password. Save a copy without the password and upload that.",
        code="password_protected",
    )


def no_text() -> Invalid:
    """Refuse a readable file that holds no text."""
    return Invalid(
        "The file was read, but there is no text in it. Upload a version that has text, or one with recognised text.",
        code="no_text",
    )


def unreadable(reason: str) -> Invalid:
    """Refuse a broken file; `reason` is a sentence that says what is wrong with it."""
    return Invalid(f"{reason} Open it on your computer, save it again and upload the new copy.", code="unreadable")


def nothing_usable() -> Invalid:
    """Refuse a file over which the process that reads gave no answer of ours."""
    return unreadable("The file is damaged: reading it gave nothing usable.")


def too_deep(limit: int) -> Invalid:
    """Refuse a container inside more containers than `limit`."""
    return Invalid(
        f"The file lies in more than {limit} archives or messages inside each other. "
        "Unpack it and upload what is inside.",
        code="too_deep",
    )


def too_many_pages(pages: int, limit: int, unit: str) -> TooLarge:
    """Refuse a document of more pages than the limit."""
    return TooLarge(
        f"The document has {pages:,} {unit}s; at most {limit:,} are read. Split it and upload the parts.",
        code="too_many_pages",
    )


def too_many_pixels(limit: int) -> TooLarge:
    """Refuse a picture that would fill the memory."""
    return TooLarge(
        f"The picture has more than {limit / 1e6:.0f} million pixels and was not opened. "
        "Save it smaller and upload that.",
        code="too_many_pixels",
    )


def zip_bomb() -> TooLarge:
    """Refuse an Office file that unfolds to far more than it should."""
    return TooLarge(
        "The file unfolds to far more data than a document should hold and was not opened. "
        "Save it again with smaller pictures or split it.",
        code="zip_bomb",
    )


def parser_limit(what: str) -> TooLarge:
    """Refuse a document whose parsing went over a limit; `what` names the limit."""
    return TooLarge(
        f"Reading the file took more {what} than one document may use. Split it into smaller files and upload those.",
        code="parser_limit",
    )
