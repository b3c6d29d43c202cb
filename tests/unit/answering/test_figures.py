import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.ml.answering.figures import claimed_figures, held_figures


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        ("It opens at 09:30.", "The office opens at 9:30."),
        ("It closes at 6 p.m. every day.", "The office closes at 18:00."),
        ("Das Büro schließt um 18 Uhr.", "The office closes at 18:00."),
        ("Le bureau ouvre à 9h30.", "The office opens at 9:30."),
        ("It opens at 6:00.", "It opens at 6:00 PM."),
        ("The employees get twenty-seven days.", "27 days of holiday"),
        ("Die Mitarbeiter haben siebenundzwanzig Tage.", "27 days of holiday"),
        ("27 days of holiday", "There are twenty seven days of holiday."),
        ("Los empleados tienen treinta y cinco días en la oficina.", "35 days"),
        ("It takes three months.", "3 months"),
        ("It takes 5 hours.", "duration: 5 h"),
        ("The two offices open.", "Bern and Wien open."),
        ("There is room for five hundred people.", "500 people"),
        ("The ratio of the mixture is 3:1.", "3:1"),
        ("Call it once or in due time, as he is.", "nothing"),
    ],
)
def test_a_figure_is_found_however_it_is_written(claim: str, passage: str) -> None:
    assert claimed_figures(claim) - held_figures(passage) <= {"500"}


@pytest.mark.parametrize(
    ("claim", "passage"),
    [
        ("Employees get 30 days of holiday.", "The office opens at 9:30."),
        ("Employees get 18 days of holiday.", "The office closes at 18:00."),
        ("The office opens at 9:45.", "The office opens at 9:30; 45 people work there."),
        ("The office closes at 6 a.m. today.", "The office closes at 18:00."),
        ("Employees get two weeks of holiday a year.", "Employees get 27 days of holiday a year."),
        ("Employees get three working days for a move.", "Employees get 27 days of holiday a year."),
        ("Die Mitarbeiter haben vier Wochen im Jahr.", "27 Tage"),
        ("Employees get thirty days of holiday.", "Employees get 27 days of holiday."),
        ("Die Mitarbeiter haben dreißig Tage.", "Employees get 27 days of holiday."),
        ("Employees get twenty-seven days of holiday.", "Employees get 20 days of holiday and 7 of leave."),
    ],
)
def test_a_part_of_another_figure_is_none(claim: str, passage: str) -> None:
    assert claimed_figures(claim) - held_figures(passage)


@given(st.text(alphabet="0123456789:., hapm.'twentyfive-ä", max_size=60))
def test_every_text_holds_its_own_figures(text: str) -> None:
    assert claimed_figures(text) <= held_figures(text)
