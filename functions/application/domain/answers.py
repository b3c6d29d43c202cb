"""What the ML layer says, as people see it."""

from shared.contracts import api, ml_api


def answer(response: ml_api.AnswerResponse) -> api.Answer:
    """Show an answer; chunk ids stay inside."""
    return api.Answer(
        text=response.text,
        refused=response.refused,
        citations=tuple(api.Citation.model_validate(item.model_dump()) for item in response.citations),
        usage=api.Usage.model_validate(response.usage.model_dump()),
        release_id=response.release_id,
        searched=response.searched,
        searched_by=response.searched_by,
        stopped=response.stopped,
        suggestions=response.suggestions,
    )


def hits(response: ml_api.SearchResponse) -> api.Hits:
    """Show passages, best first."""
    return api.Hits(
        hits=tuple(
            api.Hit(
                rank=hit.rank,
                score=hit.score,
                document_id=hit.document_id,
                filename=hit.filename,
                page=hit.place.page,
                start=hit.place.start,
                end=hit.place.end,
                text=hit.text,
                kind=hit.kind,
                place=hit.place,
            )
            for hit in response.hits
        ),
        release_id=response.release_id,
    )


def evaluation(response: ml_api.EvaluationResponse, evaluation_id: str) -> api.Evaluation:
    """Show a scored run under the id that its owner knows."""
    return api.Evaluation.model_validate({**response.model_dump(), "evaluation_id": evaluation_id})


def releases(response: ml_api.ReleasesResponse) -> api.Releases:
    """Show the releases to choose from."""
    return api.Releases(items=tuple(api.Release.model_validate(item.model_dump()) for item in response.releases))
