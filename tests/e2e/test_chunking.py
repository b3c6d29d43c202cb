"""How a knowledge base is cut is chosen, tried and changed on the running platform."""

from pathlib import Path
from typing import Any

from tests.e2e.platform import Platform, awaited

GUIDE = "# Pump\n\n" + "\n\n".join(
    f"## Part {n}\n\n" + " ".join(f"Screw {n}-{m} of part {n} is turned by hand until it holds." for m in range(30))
    for n in range(4)
)


def test_a_way_to_cut_is_tried_chosen_and_changed_and_small_hits_answer_from_their_section(
    platform: Platform, tmp_path: Path
) -> None:
    file = tmp_path / "pump.md"
    file.write_text(
        f"{GUIDE}\n\n## Warranty\n\nThe warranty of the pump is void without a seal. It ends on 3 May 2031.\n"
    )
    tried = platform.strata_json("chunks", "preview", file, "--strategy", "parent-child", "--limit", "99")
    assert tried["chunks_total"] == len(tried["chunks"]) > 8
    assert any(chunk["place"]["read_with"] for chunk in tried["chunks"])

    made = platform.strata_json("kb", "create", "Pumps", "--chunking", "parent-child")
    assert made["chunking"] == "parent-child"
    platform.strata_json("ingest", "--kb", "Pumps", file)
    cut = platform.strata_json("chunks", "preview", "pump.md", "--kb", "Pumps", "--limit", "99")
    assert [chunk["text"] for chunk in cut["chunks"]] == [chunk["text"] for chunk in tried["chunks"]]
    (hit, *_) = platform.strata_json("search", "--kb", "Pumps", "When does the warranty of the pump end?")["hits"]
    assert "3 May 2031" in hit["text"]
    answer = platform.strata_json("ask", "--kb", "Pumps", "When does the warranty of the pump end?")
    assert "3 May 2031" in answer["answer"]

    changed = platform.strata_json("kb", "update", "Pumps", "--chunking", "page")
    assert changed["release_id"] != made["release_id"]

    def rebuilt() -> dict[str, Any] | None:
        shown: dict[str, Any] = platform.strata_json("kb", "show", "Pumps")
        return shown if shown["rebuild"]["finished_at"] else None

    awaited(rebuilt, "the rebuild after another way to cut was chosen")
    document = platform.strata_json("documents", "show", "--kb", "Pumps", "pump.md")
    assert (document["status"], document["release_id"]) == ("READY", changed["release_id"])
    assert document["chunks"] == platform.strata_json("chunks", "preview", "pump.md", "--kb", "Pumps")["chunks_total"]
