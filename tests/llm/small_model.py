"""The LiteLLM path against a real, very small model (`make test-llm`): what it invents must not reach a person."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from functions.ml.adapters.generators import generator_for
from functions.ml.answering.checking import check
from functions.ml.answering.grounding import invents
from functions.ml.answering.markers import without_markers
from functions.ml.answering.sentences import split_sentences
from functions.ml.answering.service import AnswerQuestion
from functions.ml.answering.words import numbers
from functions.ml.ports import Draft, GenerationRequest, Generator, Passage
from functions.ml.releases.catalogue import load_releases
from shared.contracts.ml_api import AnswerRequest, Caller
from shared.kernel.errors import Unavailable
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


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("llm") / "server.log") as address:
        yield address


@pytest.fixture(scope="module")
def generator(url: str) -> Generator:
    return generator_for("litellm:openai/smollm2", url=url, key="none")


def request(question: str) -> GenerationRequest:
    return GenerationRequest(question, PASSAGES, timeout=timedelta(seconds=60))


def test_the_model_streams_in_pieces_that_make_up_its_draft(generator: Generator) -> None:
    *pieces, draft = generator.stream(request(QUESTIONS[0]))
    assert isinstance(draft, Draft)
    assert len(pieces) > 3
    assert draft.refused or "".join(str(piece) for piece in pieces).strip() == draft.text
    assert draft.usage.model == "litellm:openai/smollm2"


@pytest.mark.parametrize("question", QUESTIONS)
def test_what_the_model_invents_does_not_reach_a_person(
    generator: Generator, question: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        draft = generator.generate(request(question))
    except Unavailable as error:  # it sometimes says nothing at all, which is an error and not an answer
        if error.code != "model_reply_malformed":
            raise
        return
    answer = check(draft, PASSAGES)
    with capsys.disabled():
        print(f"\n  {question}\n    said:  {draft.text!r}\n    shown: {answer.text!r} {answer.refusal}")
    assert answer.refused == (not answer.citations)
    for sentence in split_sentences(without_markers(answer.text)):
        assert not invents(sentence.text, PASSAGES)
    held = numbers(" ".join(passage.text for passage in PASSAGES))
    unnumbered = re.sub(r"(?m)^\s*\d{1,3}[.)]", "", without_markers(answer.text))  # the numbers of a list
    assert numbers(unnumbered) <= held
    for citation in answer.citations:
        assert citation.quote in citation.passage.text


def test_the_whole_service_answers_with_citations_or_refuses(generator: Generator) -> None:
    releases = load_releases("litellm:openai/smollm2", "multilingual")
    answer = AnswerQuestion(KeptPassages(hit()), lambda _: generator, releases, lambda: datetime.now(UTC))
    caller = Caller(tenant_id="t1", user_id="u1", readers=("tenant:t1",))
    response = answer(AnswerRequest(caller=caller, kb_ids=("kb_1",), question=QUESTIONS[0]))
    assert response.refused == (not response.citations)
    assert response.text


def test_the_check_can_fail() -> None:
    invented = "The office costs 4,000,000 francs [1]."
    assert invents(without_markers(invented), PASSAGES)
