"""The parts of a MIME message, whatever its headers promise."""

import codecs
import email
import email.policy
import mimetypes
from email.header import decode_header, make_header
from email.message import Message
from email.utils import collapse_rfc2231_value

from functions.ml.ingestion.parsing.encodings import decode, decode_as

_WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_message(data: bytes) -> Message:
    """Return the message; one saved in a wide encoding is narrowed first.

    Raises:
        Invalid: the content is not text (`unreadable`).
    """
    if data.startswith(_WIDE_MARKS) or 0 in data[:2048]:
        data = decode(data).encode()
    # The modern policy raises on headers that it cannot read; the old one hands them over as they are.
    return email.message_from_bytes(data, policy=email.policy.compat32)


def header(message: Message, name: str) -> str:
    """Return a header's text, decoded where it can be; several of one name joined with a comma."""
    return ", ".join(_decoded(value) for value in message.get_all(name, ()))


def _decoded(value: object) -> str:
    text = str(value)
    try:
        return str(make_header(decode_header(text)))
    except (ValueError, LookupError, UnicodeError, AssertionError):
        return text


def part_text(part: Message) -> str:
    """Return the text of a part in its declared encoding, a guessed one where that cannot be.

    Raises:
        Invalid: it is no text (`unreadable`).
    """
    data = part_bytes(part)
    charset = part.get_content_charset()
    text = decode_as(data, charset) if charset else None
    return decode(data, declared=part.get_content_subtype() == "html") if text is None else text


def part_bytes(part: Message) -> bytes:
    """Return the content of a part without its transfer encoding."""
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def part_name(part: Message) -> str:
    """Return the name of an attached part with an ending that tells its type; `attachment` where it has none."""
    found = part.get_param("filename", header="content-disposition") or part.get_param("name")
    name = _decoded(collapse_rfc2231_value(found)) if found else ""
    name = "".join(character for character in name if character.isprintable()).strip() or "attachment"
    if "." not in name:
        name += mimetypes.guess_extension(part.get_content_type()) or ""
    return name
