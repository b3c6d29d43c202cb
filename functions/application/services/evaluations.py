"""Evaluations: hand a dataset to the ML layer and show how the run goes."""

from collections.abc import Iterable
from dataclasses import dataclass

from functions.application.domain import answers, bots
from functions.application.domain.principals import Principal
from functions.application.domain.records import EvaluationRow
from functions.application.file_ports import DatasetStore
from functions.application.ports import ControlStore, MlApi
from functions.application.services.questions import caller, narrowing, readable_ids
from functions.application.services.rows import readable_kb
from shared.contracts import api
from shared.contracts.filters import Filters
from shared.contracts.ml_api import EvaluationRequest
from shared.kernel.clock import Clock, isoformat
from shared.kernel.errors import Invalid, NotFound
from shared.kernel.ids import NewId
from shared.registry.ports import Registry


@dataclass(frozen=True)
class Evaluations:
    """The use cases of scored runs."""

    store: ControlStore
    registry: Registry
    datasets: DatasetStore
    ml: MlApi
    clock: Clock
    new_id: NewId

    def create(self, principal: Principal, request: api.CreateEvaluation) -> api.Evaluation:
        """Store the dataset and start the run; a scheduled one is repeated by the ML layer's schedule.

        Raises:
            Invalid: not exactly one of `bot_id` and `kb_id` (`one_subject`), or an item id twice (`duplicate_item`).
            NotFound: the bot or the knowledge base is not visible to the person.
            Conflict: the bot has no knowledge base.
            Unavailable: the store or the ML layer does not answer.
        """
        check_ids(item.id for item in request.items)
        kb_ids, instructions, filters = self._subject(principal, request)
        evaluation_id = self.new_id("eval")
        folder = "datasets/scheduled" if request.scheduled else "datasets"
        key = f"{folder}/{principal.tenant_id}/{evaluation_id}"
        order = EvaluationRequest(
            caller=caller(principal),
            kb_ids=kb_ids,
            dataset_key=f"{key}.jsonl",
            instructions=instructions,
            filters=filters,
        )
        self.datasets.write(
            order.dataset_key,
            "".join(item.model_dump_json() + "\n" for item in request.items),
            media_type="application/x-ndjson",
        )
        if request.scheduled:
            self.datasets.write(f"{key}.json", order.model_dump_json(), media_type="application/json")
        started = self.ml.evaluate(order)
        self.store.create_evaluation(
            EvaluationRow(
                tenant_id=principal.tenant_id,
                evaluation_id=evaluation_id,
                ml_evaluation_id=started.evaluation_id,
                user_id=principal.user_id,
                dataset_key=order.dataset_key,
                bot_id=request.bot_id or "",
                kb_id=request.kb_id or "",
                scheduled=request.scheduled,
                created_at=isoformat(self.clock()),
            )
        )
        return answers.evaluation(started, evaluation_id)

    def get(self, principal: Principal, evaluation_id: str) -> api.Evaluation:
        """Return a run of the person's own; administrators see all of their tenant. Raises NotFound."""
        row = self.store.evaluation(principal.tenant_id, evaluation_id)
        if row is None or not principal.manages(row.user_id):
            raise NotFound("There is no such evaluation.", code="unknown_evaluation")
        return answers.evaluation(self.ml.evaluation(row.ml_evaluation_id), evaluation_id)

    def _subject(
        self, principal: Principal, request: api.CreateEvaluation
    ) -> tuple[tuple[str, ...], str, tuple[Filters, ...]]:
        """Return the knowledge bases, the instructions and the filters that are scored."""
        if (request.bot_id is None) == (request.kb_id is None):
            raise Invalid("Give exactly one of bot_id and kb_id.", code="one_subject")
        if request.kb_id is not None:
            return (readable_kb(self.registry, principal, request.kb_id).kb_id,), "", ()
        bot = bots.visible(self.store.bot(principal.tenant_id, request.bot_id or ""), principal)
        definition = bot.draft if principal.manages(bot.owner_id) else bot.published or bot.draft
        living = bots.living(definition.kb_ids, self.registry.knowledge_bases(principal.tenant_id))
        return readable_ids(principal, living), definition.instructions, narrowing(definition.filters)


def check_ids(ids: Iterable[str]) -> None:
    """Refuse a dataset in which two items have one id, because scores are told apart by it. Raises Invalid."""
    seen: set[str] = set()
    for item_id in ids:
        if item_id in seen:
            raise Invalid(f"The item id {item_id!r} occurs twice. Give every item its own.", code="duplicate_item")
        seen.add(item_id)
