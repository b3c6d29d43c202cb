from infra.cli.sources import member_field, place_text, source_name
from shared.contracts.documents import Place


def test_a_passage_of_an_archive_names_the_file_inside_it() -> None:
    place = Place(unit="page", page=3, member="in/report.pdf")
    assert (source_name("a.zip", place), place_text(place, 3)) == ("a.zip > in/report.pdf", "page 3")
    assert member_field(place) == {"member": "in/report.pdf"}


def test_a_passage_of_any_other_document_names_the_document() -> None:
    place = Place(unit="sheet", page=2, sheet="Prices")
    assert (source_name("a.xlsx", place), place_text(place, 2)) == ("a.xlsx", 'sheet "Prices"')
    assert (place_text(Place(), None), member_field(Place())) == ("", {})
