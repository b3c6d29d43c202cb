"""Growing answers in memory."""

from shared.streams.ports import Growth


class MemoryStreams:
    """The AnswerStreams port on a dictionary."""

    def __init__(self) -> None:
        self.grown: dict[tuple[str, str], Growth] = {}

    def append(self, tenant_id: str, stream_id: str, sequence: int, text: str) -> bool:
        growth = self.read(tenant_id, stream_id)
        if not growth.stopped and sequence == len(growth.pieces) + 1:
            self.grown[tenant_id, stream_id] = Growth((*growth.pieces, text))
        return not growth.stopped

    def read(self, tenant_id: str, stream_id: str) -> Growth:
        return self.grown.get((tenant_id, stream_id), Growth())

    def stop(self, tenant_id: str, stream_id: str) -> None:
        self.grown[tenant_id, stream_id] = Growth(self.read(tenant_id, stream_id).pieces, stopped=True)
