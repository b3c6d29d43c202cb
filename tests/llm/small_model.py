"""The LiteLLM path against a real, very small model (`make test-llm`): what it invents must not reach a person."""

import dataclasses
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from functions.ml.adapters.generators import generator_for
from functions.ml.answering.checking import CheckedAnswer, check
from functions.ml.answering.figures import claimed_figures, held_figures
from functions.ml.answering.grounding import invents
from functions.ml.answering.markers import without_markers
from functions.ml.answering.sentences import split_sentences
from functions.ml.answering.service import AnswerQuestion
from functions.ml.ports import Draft, GenerationRequest, Generator, Passage, Turn, Usage
from functions.ml.releases.catalogue import load_releases
from functions.ml.retrieval.narrowing import NarrowFilters
from shared.contracts.ml_api import AnswerRequest, Caller
from shared.kernel.errors import Unavailable
from tests.fakes.registry import MemoryRegistry
from tests.llm.engine import served
from tests.passages import HANDBOOK, KeptPassages, hit

QUESTIONS = [
    "When does the office in Bern open?",
    "How many days of holiday do employees get?",
    "Who founded Acme?",
    "What is the phone number of the office?",
    "How much does parking at the office cost?",
    "What is the salary of Jane Miller at Acme?",
    "List ten facts about the office with exact numbers.",
]
PASSAGES = (
    Passage(1, HANDBOOK, "handbook.pdf", "text", 1.0),
    Passage(2, "The canteen serves lunch from 11:30 to 13:45 on weekdays.", "canteen.pdf", "text", 0.6),
)
EXAMPLE = (  # without it the model never cites
    Turn("user", "Passages: [1] The shop sells red apples. It closes at 20:15. Question: When does the shop close?"),
    Turn("assistant", "The shop closes at 20:15 [1]."),
)


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("llm") / "server.log") as address:
        yield address


@pytest.fixture(scope="module")
def generator(url: str) -> Generator:
    return generator_for("litellm:openai/smollm2", url=url, key="none")


def request(question: str, history: tuple[Turn, ...] = ()) -> GenerationRequest:
    return GenerationRequest(question, PASSAGES, history, timeout=timedelta(seconds=60))


def test_the_model_streams_in_pieces_that_make_up_its_draft(
    generator: Generator, capsys: pytest.CaptureFixture[str]
) -> None:
    generator.generate(request(QUESTIONS[1]))  # loads LiteLLM, which is not the model's time
    began_s, first_s, pieces = time.monotonic(), 0.0, list[str]()
    for part in generator.stream(request(QUESTIONS[0])):
        first_s = first_s or time.monotonic() - began_s
        if isinstance(part, Draft):
            draft = part
        else:
            pieces.append(part)
    took_s = time.monotonic() - began_s
    with capsys.disabled():
        print(f"\n  first piece after {first_s:.2f} s, {len(pieces)} pieces in {took_s:.2f} s: {''.join(pieces)!r}")
    assert len(pieces) > 3
    assert draft.refused or "".join(pieces).strip() == draft.text
    assert draft.usage.model == "litellm:openai/smollm2"


def shows_no_invention(answer: CheckedAnswer) -> None:
    """Hold what a person would see against the passages."""
    assert answer.refused == (not answer.citations)
    plain = without_markers(answer.text)
    for sentence in split_sentences(plain):
        assert not invents(sentence.text, PASSAGES)
    unnumbered = re.sub(r"(?m)^\s*\d{1,3}[.)]", "", plain)  # the numbers of a list
    assert claimed_figures(unnumbered) <= held_figures(" ".join(passage.text for passage in PASSAGES))
    assert not re.search(r"(?i)\b(?:two|three|four|thirty|twenty) (?:week|day|franc)", plain)  # no passage spells one
    for citation in answer.citations:
        assert citation.quote in citation.passage.text


def citing_everything(draft: Draft) -> Draft:
    """Put every citation behind every sentence: what a model would say that invents and cites all the same."""
    markers = "".join(f"[{passage.n}]" for passage in PASSAGES)
    lines = [" ".join(f"{item.text} {markers}" for item in split_sentences(line)) for line in draft.text.splitlines()]
    return dataclasses.replace(draft, text="\n".join(lines))


def said_and_shown(draft: Draft, answer: CheckedAnswer) -> str:
    said = "its refusal" if draft.refused else repr(draft.text)
    shown = f"refused ({answer.refusal})" if answer.refused else repr(answer.text)
    quotes = "".join(f"\n      quote [{item.n}] {item.quote!r}" for item in answer.citations)
    return f"    said:  {said}\n    shown: {shown}{quotes}"


@pytest.mark.parametrize("history", [(), EXAMPLE], ids=["asked", "asked_with_an_example"])
@pytest.mark.parametrize("question", QUESTIONS)
def test_what_the_model_invents_does_not_reach_a_person(
    generator: Generator, question: str, history: tuple[Turn, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    began_s = time.monotonic()
    try:
        draft = generator.generate(request(question, history))
    except Unavailable as error:  # it sometimes says nothing at all, which is an error and not an answer
        if error.code != "model_reply_malformed":
            raise
        draft = Draft("", refused=True, usage=Usage("nothing"))
    took_s = time.monotonic() - began_s
    accused = citing_everything(draft)
    answers = [check(one, PASSAGES, question=question) for one in (draft, accused)]
    with capsys.disabled():
        print(f"\n  {question} ({took_s:.1f} s)\n{said_and_shown(draft, answers[0])}")
        print(f"    the same, with every citation behind every sentence:\n{said_and_shown(accused, answers[1])}")
    for answer in answers:
        shows_no_invention(answer)


def test_the_whole_service_answers_with_citations_or_refuses(generator: Generator) -> None:
    releases = load_releases("litellm:openai/smollm2", "multilingual")
    answer = AnswerQuestion(
        KeptPassages(hit()), lambda _: generator, releases, lambda: datetime.now(UTC), NarrowFilters(MemoryRegistry())
    )
    caller = Caller(tenant_id="t1", user_id="u1", readers=("tenant:t1",))
    response = answer(AnswerRequest(caller=caller, kb_ids=("kb_1",), question=QUESTIONS[0]))
    assert response.refused == (not response.citations)
    assert response.text


@pytest.mark.parametrize("invented", ["The office costs 4,000,000 francs [1].", "The phone number is 27 [1]."])
def test_the_check_can_fail(invented: str) -> None:
    assert invents(without_markers(invented), PASSAGES)
