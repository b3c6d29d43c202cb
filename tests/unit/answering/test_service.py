from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from functions.ml import ports
from functions.ml.answering.extractive import ExtractiveGenerator
from functions.ml.answering.refusals import ENGLISH, TEXTS, Reason, refusal_text
from functions.ml.answering.searching import SearchPassages
from functions.ml.answering.service import AnswerQuestion
from functions.ml.ports import Draft, GenerationRequest, Generator, RankedHit, Scope
from functions.ml.releases.catalogue import load_releases
from functions.ml.retrieval.expansion import ReadAround
from functions.ml.retrieval.narrowing import NarrowFilters
from shared.contracts.documents import Place
from shared.contracts.filters import Filters
from shared.contracts.ml_api import AnswerRequest, AnswerResponse, Caller, SearchRequest, Turn
from shared.kernel.errors import Invalid, NotFound, PlatformError, TooMany, Unavailable
from tests.fakes.chunks import make_chunk
from tests.fakes.generator import ObedientGenerator
from tests.fakes.registry import MemoryRegistry
from tests.fakes.search_index import MemorySearchIndex
from tests.passages import HANDBOOK, KeptPassages, hit

CALLER = Caller(tenant_id="t1", user_id="u1", readers=("tenant:t1",))
RELEASES = load_releases("extractive", "multilingual")


class Ticking:
    """A clock that goes on by 25 ms per look."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=25)
        return self.now


class BrokenModel(ObedientGenerator):
    def generate(self, request: GenerationRequest) -> Draft:
        raise Unavailable("The model cannot be reached.", code="model_unavailable")


def service(*hits: RankedHit, generator: Generator | None = None, model: str = "extractive") -> AnswerQuestion:
    answerer = generator or ExtractiveGenerator()
    return AnswerQuestion(
        KeptPassages(*hits),
        lambda _: answerer,
        load_releases(model, "multilingual"),
        Ticking(),
        NarrowFilters(MemoryRegistry()),
    )


def ask(answer: AnswerQuestion, question: str, *turns: Turn, **fields: str) -> AnswerResponse:
    return answer(AnswerRequest(caller=CALLER, kb_ids=("kb_1",), question=question, history=turns, **fields))


def test_an_answer_points_to_the_chunk_with_page_and_quote() -> None:
    response = ask(service(hit()), "When does the office open?")
    citation = response.citations[0]
    assert not response.refused
    assert (citation.chunk_id, citation.document_id, citation.filename, citation.page) == (
        "doc_1#1#0", "doc_1", "handbook.pdf", 3,
    )  # fmt: skip
    assert citation.quote in HANDBOOK
    assert response.usage.latency_ms == 25
    assert response.release_id == RELEASES.default.release_id


def test_a_citation_names_the_page_of_its_quote_where_the_chunk_runs_over_several() -> None:
    found = hit()
    turns = ((4, HANDBOOK.index("Employees")), (5, HANDBOOK.index("Acme")))
    place = found.indexed.chunk.place.model_copy(update={"page_end": 5, "page_turns": turns})
    chunk = replace(found.indexed.chunk, place=place)
    later = replace(found, indexed=replace(found.indexed, chunk=chunk))
    asked = (("When does the office open?", 3), ("How many days of holiday?", 4), ("Who founded Acme?", 5))
    for question, page in asked:
        citation = ask(service(later), question).citations[0]
        assert (citation.page, citation.place.page, citation.place.page_end) == (page, page, page)
        assert HANDBOOK[citation.place.start : citation.place.end] == citation.quote


def test_nothing_found_is_refused_and_no_model_is_asked() -> None:
    model = ObedientGenerator()
    response = ask(service(generator=model), "When does the office open?")
    assert response.refused
    assert response.citations == ()
    assert "found nothing" in response.text
    assert model.requests == []


def test_an_irrelevant_passage_is_refused_with_what_would_help() -> None:
    far = replace(hit(), dense=0.78)
    response = ask(service(far), "How many moons does the planet Jupiter have in the sky?")
    assert response.refused
    assert "closest passages" in response.text


def test_a_model_failure_is_an_error_and_never_an_empty_answer() -> None:
    with pytest.raises(Unavailable):
        ask(service(hit(), generator=BrokenModel()), "When does the office open?")


def test_an_uncited_answer_never_reaches_the_person() -> None:
    class Talker(ObedientGenerator):
        def generate(self, request: GenerationRequest) -> Draft:
            return Draft("It opens at noon, trust me.", False, super().generate(request).usage)

    response = ask(service(hit(), generator=Talker()), "When does the office open?")
    assert response.refused
    assert "noon" not in response.text


def test_the_search_is_confined_to_the_caller() -> None:
    answer = service(hit())
    ask(answer, "When does the office open?")
    assert isinstance(answer.retrieve, KeptPassages)
    scope, _, limit = answer.retrieve.asked[0]
    assert (scope.tenant_id, scope.kb_ids, scope.readers, limit) == ("t1", ("kb_1",), ("tenant:t1",), 50)


def test_a_follow_up_is_searched_with_the_words_of_the_question_before_it() -> None:
    answer = service(hit())
    response = ask(
        answer, "And when does it close?", Turn(role="user", content="When does the office in Bern open?"),
        Turn(role="assistant", content="At 9:30."),
    )  # fmt: skip
    assert isinstance(answer.retrieve, KeptPassages)
    assert "Bern" in answer.retrieve.asked[0][1]
    assert "18:00" in response.text


def test_a_model_gets_the_question_as_asked_with_instructions_and_history() -> None:
    model = ObedientGenerator()
    answer = service(hit(), generator=model, model="litellm:x/y")
    ask(answer, "When does it open?", Turn(role="user", content="Tell me about the office"), instructions="Be brief.")
    assert [request.task for request in model.requests] == ["complete", "answer"]
    request = model.requests[-1]
    assert (request.question, request.instructions, len(request.history)) == ("When does it open?", "Be brief.", 1)


def test_an_unknown_release_is_not_found() -> None:
    with pytest.raises(NotFound):
        ask(service(hit()), "When does the office open?", release_id="rel_0000000000000000")


def test_searching_gives_the_passages_in_order_with_their_place() -> None:
    search = SearchPassages(KeptPassages(hit(), hit(document_id="doc_2")), RELEASES, NarrowFilters(MemoryRegistry()))
    response = search(SearchRequest(caller=CALLER, kb_ids=("kb_1",), query="office", limit=1))
    assert [(found.rank, found.document_id, found.place.page) for found in response.hits] == [(1, "doc_1", 3)]
    assert response.release_id == "rel_x"


def test_every_release_parameter_is_one_that_exists() -> None:
    from functions.ml.answering.extractive import ExtractiveParameters
    from functions.ml.answering.gate import GateParameters
    from functions.ml.answering.grounding import GroundingParameters
    from functions.ml.answering.prompt import PROMPT_VERSION

    for release in RELEASES.all:
        assert release.prompt == PROMPT_VERSION
        ExtractiveParameters(**release.answer.extractive)  # type: ignore[arg-type]
        GroundingParameters(**release.answer.grounding)  # type: ignore[arg-type]
        GateParameters(**release.answer.gate)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "cosine", "refused"),
    [
        ("multilingual", 0.75, True),
        ("multilingual", 0.85, False),
        ("fast-english", 0.75, False),
        ("fast-english", 0.2, True),
    ],
)
def test_what_is_near_in_meaning_is_judged_on_the_scale_of_the_embedder(
    name: str, cosine: float, refused: bool
) -> None:
    found = hit("The annual report of the office lists every holiday.")
    indexed = replace(found.indexed, release_id=RELEASES.by_name(name).release_id)
    response = ask(
        service(replace(found, indexed=indexed, dense=cosine)),
        "Which holiday of the office is for young trainees in summer?",
    )
    assert response.refused == refused


@pytest.mark.parametrize("question", ["🙂", "🙂🙂 ?!", "…", "👍🏽 ❤️"])
def test_a_question_without_a_word_is_invalid_and_says_what_to_do(question: str) -> None:
    answer = service(hit())
    with pytest.raises(Invalid) as caught:
        ask(answer, question)
    assert caught.value.code == "no_words"
    assert "words" in str(caught.value)
    search = SearchPassages(KeptPassages(hit()), RELEASES, NarrowFilters(MemoryRegistry()))
    with pytest.raises(Invalid) as refused:
        search(SearchRequest(caller=CALLER, kb_ids=("kb_1",), query=question))
    assert refused.value.code == "no_words"


@pytest.mark.parametrize("question", ["ቢሮው መቼ ይከፈታል?", "สำนักงานเปิดเมื่อไหร่", "qaStaHvIS wa' ram loS SaD Hugh SIjlaH"])
def test_a_language_that_nobody_knows_is_searched_and_refused_not_failed(question: str) -> None:
    answer = service(hit())
    assert ask(answer, question).refused
    assert isinstance(answer.retrieve, KeptPassages)
    assert answer.retrieve.asked[0][1] == question


class Down(KeptPassages):
    """An engine that answers with an error."""

    def __init__(self, error: PlatformError) -> None:
        super().__init__()
        self.error = error

    def __call__(self, scope: Scope, query: str, *, limit: int) -> list[RankedHit]:
        raise self.error


@pytest.mark.parametrize(
    "error",
    [
        Unavailable("The search engine does not answer.", code="search_unavailable"),
        TooMany("The search engine is busy.", code="search_throttled"),
        Invalid("The vector has another length.", code="dimension_mismatch"),
        NotFound("No such knowledge base.", code="knowledge_base_not_found"),
    ],
    ids=lambda error: error.code,
)
def test_a_failed_search_is_its_error_and_never_a_refusal(error: PlatformError) -> None:
    answer = replace(service(), retrieve=Down(error))
    with pytest.raises(PlatformError) as caught:
        ask(answer, "When does the office open?")
    assert caught.value is error


def test_the_answer_says_what_was_searched_for() -> None:
    turns = (Turn(role="user", content="When does the office in Bern open?"), Turn(role="assistant", content="At 9."))
    response = ask(service(hit()), "And when does it close?", *turns)
    assert (response.searched_by, "Bern" in response.searched) == ("history", True)
    alone = ask(service(hit()), "When does the office in Bern open?", *turns)
    assert (alone.searched_by, alone.searched) == ("as_asked", "When does the office in Bern open?")


def test_a_model_is_not_asked_about_what_is_plainly_about_something_else() -> None:
    model = ObedientGenerator()
    far = replace(hit("The lemons are sour and yellow."), dense=0.7)
    question = "Which of the moons circle the planet Jupiter?"
    assert ask(service(far, generator=model, model="litellm:x/y"), question).refused
    assert model.requests == []


def test_filters_reach_retrieval_and_a_refusal_names_those_that_nothing_passes() -> None:
    kept = KeptPassages()
    releases = load_releases("extractive", "multilingual")
    narrow = NarrowFilters(MemoryRegistry())
    answer = AnswerQuestion(kept, lambda _: ExtractiveGenerator(), releases, Ticking(), narrow)
    bots, callers = Filters(folders=("hr",)), Filters(types=("pdf",), folders=("hr/2026",))
    asked = AnswerRequest(caller=CALLER, kb_ids=("kb_1",), question="When?", filters=(bots, callers))
    response = answer(asked)
    assert kept.asked[-1][0].filters == ports.Filters(folders=("hr/2026",), formats=("pdf",))
    assert (response.refused, response.citations) == (True, ())
    assert "No document passes the filters (folder hr and folder hr/2026, type pdf)" in response.text
    assert "No document passes" not in answer(asked.model_copy(update={"filters": ()})).text

    SearchPassages(kept, releases, narrow)(
        SearchRequest(caller=CALLER, kb_ids=("kb_1",), query="q", filters=(callers,))
    )
    assert kept.asked[-1][0].filters == ports.Filters(folders=("hr/2026",), formats=("pdf",))


def test_a_small_hit_is_answered_from_its_whole_section_with_the_quotes_own_page() -> None:
    """Words find the sentence about the code; the date that is asked for stands in the sentence after it."""
    said = [
        "The cabinet of the archive is opened by the code of the porter. ",
        "Renewals of the permit end on 14 March 2027 for everybody. ",
        "Nothing else is kept there.",
    ]
    index, start, chunks = MemorySearchIndex(), 0, []
    for ordinal, text in enumerate(said):
        place = Place(unit="page", page=ordinal + 1, page_end=ordinal + 1, start=start, end=start + len(text))
        start += len(text)
        linked = place.model_copy(update={"read_with": (0, 2)})
        made = make_chunk(
            text, ordinal=ordinal, readers=("tenant:t1",), tenant_id="t1", kb_id="kb_1", document_id="doc_1"
        )
        chunks.append(replace(made, chunk=replace(made.chunk, place=linked)))
    index.upsert(chunks)
    found = [RankedHit(replace(chunks[n], vector=()), 1.0 - n / 10, 1.0, 0.9) for n in (0, 2)]
    answer = replace(service(*found), read_around=ReadAround(index))
    response = ask(answer, "On what date do renewals of the permit end?")
    (citation,) = response.citations
    assert not response.refused
    assert "14 March 2027" in citation.quote
    assert (citation.chunk_id, citation.page) == ("doc_1#1#0", 2)
    assert citation.quote == "".join(said)[citation.place.start : citation.place.end]
    alone = ask(service(*found), "On what date do renewals of the permit end?")
    assert alone.refused or "14 March" not in alone.text


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Wie hoch ist der Mount Everest?", "Ich habe in den Dokumenten dieser Wissensbasis gesucht"),
        ("Quelle est la hauteur de cette montagne ?", "J’ai cherché dans les documents de cette base"),
        ("¿Cuál es la altura de esta montaña?", "Busqué en los documentos de esta base"),
        ("How high is this mountain?", "I searched the documents of this knowledge base"),
        ("この山の高さは？", "I searched the documents of this knowledge base"),
    ],
)
def test_a_refusal_is_in_the_language_of_the_question_where_we_have_it(question: str, said: str) -> None:
    response = ask(service(), question)
    assert response.refused
    assert response.text.startswith(said)


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("reason", sorted(set(ENGLISH) - {"one", "many"}))
def test_every_language_says_of_every_refusal_what_was_searched(language: str, reason: Reason) -> None:
    text = refusal_text(reason, knowledge_bases=3, passages=7, filters="tag hr", language=language)
    assert "3" in text
    assert "{" not in text
    assert ("7" in text) == (ENGLISH[reason].count("{passages}") > 0)
    assert ("tag hr" in text) == (reason == "nothing_passes")
