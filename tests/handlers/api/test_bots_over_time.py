"""Bots over time: what was published, what changed, how they are used, and what needs attention."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.application.domain.usage import EDGES_MS, counts_of, median_ms
from shared.contracts import api
from shared.kernel.errors import Unavailable
from tests.fakes.application import World
from tests.handlers.api.client import Caller
from tests.rows import document, knowledge_base

ADA, BOB, CAT = Caller("ada"), Caller("bob"), Caller("cat")


def make_bot(world: World, **fields: Any) -> str:
    world.registry.create_knowledge_base(knowledge_base("kb_1", name="Handbook"))
    made = BOB("POST", "/bots", {"name": "Desk", "kb_ids": ["kb_1"], **fields})
    assert made.status == 201, made.body
    return str(made.body["bot_id"])


def converse(world: World, bot_id: str, *questions: str, caller: Caller = CAT, draft: bool = False) -> list[str]:
    """Ask, and return the conversation's id and those of the answers."""
    made = caller("POST", f"/bots/{bot_id}/conversations", {"draft": draft})
    path = f"/conversations/{made.body['conversation_id']}"
    ids = [str(made.body["conversation_id"])]
    for question in questions:
        world.clock.advance(61)
        ids.append(str(caller("POST", f"{path}/messages", {"content": question}).body["message_id"]))
    return ids


def usage(bot_id: str, caller: Caller = BOB, **query: str) -> api.BotUsage:
    got = caller("GET", f"/bots/{bot_id}/usage", query=query or None)
    assert got.status == 200, got.body
    return api.BotUsage.model_validate(got.body)


def test_a_bot_says_what_publishing_would_change_and_can_go_back(world: World) -> None:
    bot_id = make_bot(world)
    first = api.Bot.model_validate(BOB("GET", f"/bots/{bot_id}").body)
    assert (first.is_own, set(first.changes)) == (True, set(api.BotDefinition.model_fields))
    BOB("POST", f"/bots/{bot_id}/publish")
    changed = BOB("PATCH", f"/bots/{bot_id}", {"picture": "🦊", "tone": "brief"})
    assert changed.body["changes"] == ["picture", "tone"]
    BOB("POST", f"/bots/{bot_id}/publish")
    listed = api.BotVersions.model_validate(BOB("GET", f"/bots/{bot_id}/versions").body)
    assert [(item.version, item.published_by) for item in listed.items] == [(2, "bob"), (1, "bob")]
    assert listed.items[0].changes == ("picture", "tone")
    restored = api.Bot.model_validate(BOB("POST", f"/bots/{bot_id}/versions/1/restore").body)
    assert restored.draft is not None
    assert (restored.draft.picture, restored.published_version, restored.changes) == ("", 2, ("picture", "tone"))
    assert BOB("POST", f"/bots/{bot_id}/versions/9/restore").code == "unknown_version"
    assert BOB("POST", f"/bots/{bot_id}/versions/x/restore").code == "unknown_version"


def test_versions_are_paged_and_their_changes_go_across_pages(world: World) -> None:
    bot_id = make_bot(world)
    for number in range(5):
        BOB("PATCH", f"/bots/{bot_id}", {"description": f"{number}"})
        BOB("POST", f"/bots/{bot_id}/publish")
    seen, cursor = [], ""
    while True:
        query = {"limit": "2", "cursor": cursor}
        page = api.BotVersions.model_validate(BOB("GET", f"/bots/{bot_id}/versions", query=query).body)
        seen += [(item.version, len(item.changes)) for item in page.items]
        cursor = page.cursor
        if not cursor:
            break
    everything = len(api.BotDefinition.model_fields)
    assert seen == [(5, 1), (4, 1), (3, 1), (2, 1), (1, everything)]
    assert BOB("GET", f"/bots/{bot_id}/versions", query={"cursor": "99"}).code == "bad_cursor"


def test_a_colleague_uses_a_bot_and_sees_neither_its_versions_nor_its_usage(world: World) -> None:
    bot_id = make_bot(world)
    BOB("POST", f"/bots/{bot_id}/publish")
    seen = api.Bot.model_validate(CAT("GET", f"/bots/{bot_id}").body)
    assert (seen.is_own, seen.changes, seen.draft) == (False, (), None)
    for path in ("versions", "usage"):
        assert CAT("GET", f"/bots/{bot_id}/{path}").code == "not_owner"
    assert CAT("POST", f"/bots/{bot_id}/versions/1/restore").code == "not_owner"


def test_a_bot_writes_in_its_tone_and_is_unsure_in_its_own_words(world: World) -> None:
    bot_id = make_bot(world, instructions="Be kind.", tone="formal", unsure_text="Ask Ms Ackermann, room 7.")
    BOB("POST", f"/bots/{bot_id}/publish")
    world.ml.unanswerable.add("Who knows?")
    conversation, *_ = converse(world, bot_id, "Where?", "Who knows?")
    shown = api.Conversation.model_validate(CAT("GET", f"/conversations/{conversation}").body)
    assert [item.content for item in shown.messages if item.role == "assistant"] == [
        "answer 1 [1]",
        "Ask Ms Ackermann, room 7.",
    ]
    assert world.ml.answered[0].instructions == "Be kind.\nWrite formally and politely."


@pytest.mark.parametrize("picture", ["<b>", "https://example.org/a.png", "a" * 17, "\x00", "'"])
def test_a_picture_is_an_emoji_or_a_colour_and_nothing_that_could_be_run(world: World, picture: str) -> None:
    assert BOB("POST", "/bots", {"name": "Desk", "picture": picture}).status == 400


def test_usage_is_counted_by_day_with_what_could_not_be_answered(world: World) -> None:
    bot_id = make_bot(world)
    BOB("POST", f"/bots/{bot_id}/publish")
    world.ml.unanswerable |= {"Who knows?", "Who else?"}
    conversation, first, second = converse(world, bot_id, "Where?", "Who knows?")
    path = f"/conversations/{conversation}/messages"
    CAT("PUT", f"{path}/{first}/feedback", {"rating": "up"})
    CAT("PUT", f"{path}/{first}/feedback", {"rating": "down"})
    CAT("PUT", f"{path}/{first}/feedback", {"rating": "down", "comment": "again"})
    CAT("PUT", f"{path}/{second}/feedback", {"rating": "up"})
    converse(world, bot_id, "A draft's", caller=BOB, draft=True)
    world.clock.advance(86_400)
    converse(world, bot_id, "Who else?", caller=ADA)
    shown = usage(bot_id)
    assert (shown.total.answers, shown.total.refusals) == (1, 2)
    assert (shown.total.thumbs_up, shown.total.thumbs_down) == (1, 1)
    assert [day.day for day in shown.days] == ["2026-01-31", "2026-02-01"]
    assert shown.days[1].figures.latency_p50_ms == 1_600
    assert [item.question for item in shown.unanswered] == ["Who else?", "Who knows?"]
    today = usage(bot_id, caller=ADA, days="1")
    assert ([day.day for day in today.days], len(today.unanswered)) == (["2026-02-01"], 1)
    assert "cat" not in str(shown)


def test_a_deleted_conversation_takes_its_unanswered_questions_along(world: World) -> None:
    bot_id = make_bot(world)
    BOB("POST", f"/bots/{bot_id}/publish")
    world.ml.unanswerable.add("Who knows?")
    conversation, _ = converse(world, bot_id, "Who knows?")
    CAT("DELETE", f"/conversations/{conversation}")
    shown = usage(bot_id)
    assert (shown.total.refusals, shown.unanswered) == (1, ())


def test_an_answer_is_given_though_it_cannot_be_counted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    bot_id = make_bot(world)
    BOB("POST", f"/bots/{bot_id}/publish")

    def fail(*_: object) -> None:
        raise Unavailable("The table does not answer.", code="control_table_unavailable")

    monkeypatch.setattr(world.usage, "count", fail)
    assert len(converse(world, bot_id, "Where?")) == 2


@pytest.mark.parametrize("days", ["0", "366", "x", "-1", "9" * 20])
def test_a_wrong_number_of_days_is_refused(world: World, days: str) -> None:
    assert BOB("GET", f"/bots/{make_bot(world)}/usage", query={"days": days}).code == "invalid_request"


@given(st.lists(st.integers(0, 30_000), min_size=1, max_size=30))
def test_the_middle_answer_took_at_most_what_is_shown(took: list[int]) -> None:
    counts: dict[str, int] = {}
    for latency_ms in took:
        answer = api.Answer(
            text="",
            refused=False,
            citations=(),
            usage=api.Usage(model="m", latency_ms=latency_ms),
            release_id="r",
        )
        for name, number in counts_of(answer).items():
            counts[name] = counts.get(name, 0) + number
    middle = sorted(took)[(len(took) - 1) // 2]
    shown = median_ms(counts)
    assert shown is None if middle > EDGES_MS[-1] else shown == next(edge for edge in EDGES_MS if middle <= edge)


def fail_documents(world: World) -> None:
    for kb_id, owner, readers in (
        ("kb_a", "bob", ("tenant:acme",)),
        ("kb_b", "ada", ("tenant:acme",)),
        ("kb_c", "ada", ("user:ada",)),
    ):
        kb = knowledge_base(kb_id, name=f"Shelf {kb_id}").model_copy(update={"owner_id": owner, "readers": readers})
        world.registry.create_knowledge_base(kb)
        for number, status in enumerate(("FAILED", "READY", "FAILED")):
            row = document(f"{kb_id}_{number}", kb=kb)
            changes = {
                "status": status,
                "owner_id": "cat" if number else owner,
                "filename": f"Plan {kb_id} {number}.pdf",
            }
            world.registry.create_document(row.model_copy(update=changes))


def test_attention_goes_to_what_the_caller_can_mend(world: World) -> None:
    fail_documents(world)

    def failed(caller: Caller) -> dict[str, int]:
        shown = api.Attention.model_validate(caller("GET", "/attention").body)
        assert shown.failed_documents == sum(shelf.count for shelf in shown.knowledge_bases)
        return {shelf.kb_id: shelf.count for shelf in shown.knowledge_bases}

    assert failed(BOB) == {"kb_a": 2}
    assert failed(CAT) == {"kb_a": 1, "kb_b": 1}
    assert failed(ADA) == {"kb_a": 2, "kb_b": 2, "kb_c": 2}
    assert failed(Caller("eve")) == {}


def test_things_are_found_by_words_of_their_names_by_those_who_may_see_them(world: World) -> None:
    fail_documents(world)
    bot_id = make_bot(world, name="Plan desk")
    BOB("POST", f"/bots/{bot_id}/publish")
    BOB("PATCH", f"/bots/{bot_id}", {"name": "Secret name"})
    converse(world, bot_id, "What is the plan?")

    def found(caller: Caller, text: str) -> api.Found:
        return api.Found.model_validate(caller("GET", "/search", query={"q": text}).body)

    plan = found(CAT, "PLAN")
    assert [item.name for item in plan.bots] == ["Plan desk"]
    assert [item.title for item in plan.conversations] == ["What is the plan?"]
    assert {item.kb_id for item in plan.documents} == {"kb_a", "kb_b"}
    assert [item.filename for item in found(CAT, "kb_a 2 plan").documents] == ["Plan kb_a 2.pdf"]
    assert [item.kb_id for item in found(BOB, "shelf").knowledge_bases] == ["kb_a", "kb_b"]
    assert [item.name for item in found(BOB, "secret").bots] == ["Secret name"]
    assert found(CAT, "secret").bots == ()
    assert found(BOB, "plan").conversations == ()
    assert found(Caller("eve"), "plan") == api.Found()
    assert BOB("GET", "/search", query={"q": "  "}).code == "empty_query"
