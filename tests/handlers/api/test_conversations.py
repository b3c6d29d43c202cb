"""A person's conversations with all bots: listed, found, named, read page by page."""

from shared.contracts import api
from tests.fakes.application import World
from tests.handlers.api.client import Caller
from tests.rows import knowledge_base

ADA, CAT = Caller("ada"), Caller("cat")


def make_bot(world: World, name: str) -> str:
    if world.registry.knowledge_base("acme", "kb_1") is None:
        world.registry.create_knowledge_base(knowledge_base("kb_1"))
    bot_id = str(ADA("POST", "/bots", {"name": name, "kb_ids": ["kb_1"]}).body["bot_id"])
    ADA("POST", f"/bots/{bot_id}/publish")
    return bot_id


def ask(world: World, bot_id: str, *questions: str, caller: Caller = CAT, title: str = "") -> str:
    made = caller("POST", f"/bots/{bot_id}/conversations", {"title": title} if title else {})
    conversation_id = str(made.body["conversation_id"])
    for question in questions:
        world.clock.advance(61)
        assert caller("POST", f"/conversations/{conversation_id}/messages", {"content": question}).status == 201
    return conversation_id


def listed(caller: Caller = CAT, **query: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    cursor = ""
    while True:
        page = api.Conversations.model_validate(caller("GET", "/conversations", query={**query, "cursor": cursor}).body)
        found += [(item.conversation_id, item.title) for item in page.items]
        cursor = page.cursor
        if not cursor:
            return found


def test_conversations_with_all_bots_are_listed_the_latest_first_and_named_by_their_first_question(
    world: World,
) -> None:
    first, second = make_bot(world, "One"), make_bot(world, "Two")
    leave = ask(world, first, "How many  days of leave?", "And when?")
    parking = ask(world, second, "Where do I park?")
    named = ask(world, first, "What else?", title="Else")
    ask(world, first, "A colleague's", caller=ADA)
    assert (
        listed()
        == listed(limit="1")
        == [
            (named, "Else"),
            (parking, "Where do I park?"),
            (leave, "How many days of leave?"),
        ]
    )
    with_first = api.Conversations.model_validate(CAT("GET", f"/bots/{first}/conversations").body)
    assert [item.conversation_id for item in with_first.items] == [named, leave]


def test_a_conversation_is_found_by_words_of_its_title_and_of_any_question(world: World) -> None:
    bot = make_bot(world, "One")
    leave = ask(world, bot, "How many days of LEAVE?", "And in the Straße?")
    ask(world, bot, "Where do I park?")
    ask(world, bot, "leave of a colleague", caller=ADA)
    assert [found for found, _ in listed(q="strasse leave")] == [leave]
    assert [found for found, _ in listed(q="many DAYS", limit="1")] == [leave]
    assert listed(q="leave park") == []
    CAT("PATCH", f"/conversations/{leave}", {"title": "Holidays"})
    assert listed(q="holi") == [(leave, "Holidays")]
    assert listed(q="days strasse") == [(leave, "Holidays")]


def test_a_name_that_a_person_gave_stays(world: World) -> None:
    leave = ask(world, make_bot(world, "One"), "How many days of leave?")
    renamed = CAT("PATCH", f"/conversations/{leave}", {"title": "Holidays"})
    assert renamed.body["title"] == "Holidays"
    world.clock.advance(61)
    CAT("POST", f"/conversations/{leave}/messages", {"content": "And when?"})
    assert listed(q="when") == [(leave, "Holidays")]
    assert CAT("PATCH", f"/conversations/{leave}", {"title": ""}).status == 400
    assert ADA("PATCH", f"/conversations/{leave}", {"title": "Mine"}).status == 404


def test_long_questions_make_short_titles(world: World) -> None:
    ask(world, make_bot(world, "One"), "word " * 100)
    ((_, title),) = listed()
    assert title == "word " * 15 + "word…"


def test_a_long_conversation_is_read_from_its_end(world: World) -> None:
    conversation = ask(world, make_bot(world, "One"), *(f"q{number}" for number in range(6)))
    path = f"/conversations/{conversation}/messages"
    last = api.Messages.model_validate(CAT("GET", path, query={"limit": "4"}).body)
    assert [item.content for item in last.items] == ["q4", "answer 5 [1]", "q5", "answer 6 [1]"]
    before = api.Messages.model_validate(CAT("GET", path, query={"limit": "100", "cursor": last.cursor}).body)
    assert [item.content for item in before.items if item.role == "user"] == ["q0", "q1", "q2", "q3"]
    assert before.cursor == ""
    assert ADA("GET", path).code == "unknown_conversation"


def test_a_deleted_conversation_is_not_listed(world: World) -> None:
    conversation = ask(world, make_bot(world, "One"), "q")
    CAT("DELETE", f"/conversations/{conversation}")
    assert listed() == []
