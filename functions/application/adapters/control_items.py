"""Items of the control table: keys, conversion, cursors.

    user          USER#<sub>                   USER                          TENANT#<tenant>, USER#<email>
    bot           BOT#<tenant>#<bot>           BOT                           BOTS#<tenant>, <created>#<bot>
    bot version   BOT#<tenant>#<bot>           VERSION#<000001>
    conversation  CONVERSATION#<tenant>#<id>   CONVERSATION                  CONVERSATIONS#<tenant>#<user>,
                                                                             <updated>#<id>
    message       CONVERSATION#<tenant>#<id>   MESSAGE#<created>#<message>
    evaluation    EVALUATION#<tenant>#<id>     EVALUATION
    activity      KB#<tenant>#<kb>             EVENT#<occurred>#<event>      (expires after 90 days)
    name          NAME#<tenant>#<kind>#<name>  NAME
    counter       RATE#<tenant>#<counter>      WINDOW#<window>               (expires)

The columns are what it is, `pk`, `sk`, and `gsi1pk, gsi1sk` where the thing is listed.
Attributes are the fields of the rows in `domain/records.py`; `expires_at` is the table's time to live, in seconds.
"""

import base64
import json
from decimal import Decimal
from typing import Any

from functions.application.domain.records import BotRow, BotVersionRow, ConversationRow, MessageRow, Row
from shared.kernel.errors import Invalid

Item = dict[str, Any]
Key = tuple[str, str]
KEYS = ("pk", "sk", "gsi1pk", "gsi1sk", "expires_at")


def user_key(user_id: str) -> Key:
    """Name a user's item."""
    return f"USER#{user_id}", "USER"


def bot_key(tenant_id: str, bot_id: str) -> Key:
    """Name a bot's item."""
    return f"BOT#{tenant_id}#{bot_id}", "BOT"


def version_key(tenant_id: str, bot_id: str, version: int) -> Key:
    """Name a published version's item."""
    return f"BOT#{tenant_id}#{bot_id}", f"VERSION#{version:06d}"


def conversation_key(tenant_id: str, conversation_id: str) -> Key:
    """Name a conversation's item."""
    return f"CONVERSATION#{tenant_id}#{conversation_id}", "CONVERSATION"


def message_key(row: MessageRow) -> Key:
    """Name a message's item: within its conversation, in order of time."""
    return f"CONVERSATION#{row.tenant_id}#{row.conversation_id}", f"MESSAGE#{row.created_at}#{row.message_id}"


def evaluation_key(tenant_id: str, evaluation_id: str) -> Key:
    """Name an evaluation's item."""
    return f"EVALUATION#{tenant_id}#{evaluation_id}", "EVALUATION"


def name_key(tenant_id: str, kind: str, name: str) -> Key:
    """Name the item of a unique name."""
    return f"NAME#{tenant_id}#{kind}#{name}", "NAME"


def bot_item(row: BotRow) -> Item:
    """Make a bot's item, listed by tenant in order of creation."""
    index = {"gsi1pk": f"BOTS#{row.tenant_id}", "gsi1sk": f"{row.created_at}#{row.bot_id}"}
    return stored(row, bot_key(row.tenant_id, row.bot_id), **index)


def version_item(row: BotVersionRow) -> Item:
    """Make a published version's item."""
    return stored(row, version_key(row.tenant_id, row.bot_id, row.version))


def conversation_item(row: ConversationRow) -> Item:
    """Make a conversation's item, listed by person in order of use."""
    index = {
        "gsi1pk": conversations_of(row.tenant_id, row.user_id),
        "gsi1sk": f"{row.updated_at}#{row.conversation_id}",
    }
    return stored(row, conversation_key(row.tenant_id, row.conversation_id), **index)


def conversations_of(tenant_id: str, user_id: str) -> str:
    """Name the part of the index that lists a person's conversations."""
    return f"CONVERSATIONS#{tenant_id}#{user_id}"


def key_item(key: Key) -> Item:
    """Write a key as the low-level client wants it."""
    return {"pk": {"S": key[0]}, "sk": {"S": key[1]}}


def stored(row: Row, key: Key, **extra: str | int) -> Item:
    """Convert a row to an item; absent fields read as their defaults."""
    fields = {"pk": key[0], "sk": key[1], **row.model_dump(), **extra}
    return {name: _serialized(value) for name, value in fields.items() if value is not None}


def plain(raw: Item) -> Item:
    """Convert an item to a row's fields."""
    from boto3.dynamodb.types import TypeDeserializer  # noqa: PLC0415 - boto3 is loaded on first use

    deserializer = TypeDeserializer()
    return {name: _native(deserializer.deserialize(value)) for name, value in raw.items() if name not in KEYS}


def cursor_of(last: Item | None) -> str:
    """Wrap the position after which a page goes on; empty at the end."""
    if not last:
        return ""
    position = {name: value["S"] for name, value in last.items()}
    return base64.urlsafe_b64encode(json.dumps(position).encode()).decode()


def position_of(cursor: str, **partition: str) -> Item:
    """Unwrap a cursor; the partition is never the client's, so a forged cursor leads nowhere else.

    Raises:
        Invalid: not a cursor of ours (`bad_cursor`).
    """
    wanted = {"pk", "sk", "gsi1pk", "gsi1sk"} if "gsi1pk" in partition else {"pk", "sk"}
    try:
        position = json.loads(base64.urlsafe_b64decode(cursor.encode()))
    except ValueError as error:
        raise bad_cursor() from error
    if not isinstance(position, dict) or set(position) != wanted:
        raise bad_cursor()
    return {name: {"S": str(value)} for name, value in {**position, **partition}.items()}


def bad_cursor() -> Invalid:
    """Make the error for a cursor that no page of ours carried."""
    return Invalid("The cursor is not one of ours. Start from the first page.", code="bad_cursor")


def _serialized(value: Any) -> Item:
    from boto3.dynamodb.types import TypeSerializer  # noqa: PLC0415 - boto3 is loaded on first use

    return dict(TypeSerializer().serialize(_listed(value)))


def _listed(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [_listed(inner) for inner in value]
    if isinstance(value, dict):
        return {name: _listed(inner) for name, inner in value.items()}
    if isinstance(value, float):
        return Decimal(repr(value))  # the serializer takes no floats, which the boxes of a citation are
    return value


def _native(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, list):
        return [_native(inner) for inner in value]
    if isinstance(value, dict):
        return {name: _native(inner) for name, inner in value.items()}
    return value
