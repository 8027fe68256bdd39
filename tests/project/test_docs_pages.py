import dataclasses
import re
from pathlib import Path

import pytest

from colbert_explain.dashboard.access import TOKEN_VARIABLE
from colbert_explain.encoder_service import access as encoder_access
from colbert_explain.operator_settings import PREFIX, OperatorSettings

ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "docs").glob("*.md"))
LINK = re.compile(r"\]\(([^)\s]+)\)")


def slugs(path):
    """Where the headings of a page stand, as code hosts count them."""
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    found = []
    for line in re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE):
        plain = re.sub(r"[^\w\- ]", "", line.lower()).replace(" ", "-")
        before = sum(re.fullmatch(rf"{plain}(-\d+)?", other) is not None for other in found)
        found.append(f"{plain}-{before}" if before else plain)
    return found


@pytest.mark.parametrize("page", [*PAGES, ROOT / "README.md"], ids=lambda path: path.name)
def test_every_link_inside_the_repository_leads_somewhere(page):
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        if link.startswith("https://"):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name) if name else page
        assert target.exists(), link
        assert not anchor or anchor in slugs(target), link


def test_the_list_of_pages_is_complete():
    listed = set(LINK.findall((ROOT / "docs" / "README.md").read_text(encoding="utf-8")))
    assert {page.name for page in PAGES if page.name != "README.md"} <= listed


def rows(page="running_for_others.md"):
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return dict(re.findall(rf"^\| `({PREFIX}\w+)` \| ([^|]+) \|", text, flags=re.MULTILINE))


def test_every_setting_is_documented_and_no_other():
    names = {f"{PREFIX}{field.name.upper()}" for field in dataclasses.fields(OperatorSettings)}
    assert set(rows()) == names | {TOKEN_VARIABLE, encoder_access.TOKEN_VARIABLE}
    of_service = {name for name in rows() if name.startswith(f"{PREFIX}ENCODER_")}
    assert set(rows("encoders_elsewhere.md")) == of_service


def test_documented_numbers_are_the_defaults():
    every = [*rows().items(), *rows("encoders_elsewhere.md").items()]
    numbers = {name: float(value) for name, value in every if value.isdigit()}
    assert len(numbers) == 10
    for name, value in numbers.items():
        assert getattr(OperatorSettings(), name.removeprefix(PREFIX).lower()) == value


def test_the_exercise_for_teachers_knows_right_from_wrong():
    page = (ROOT / "docs" / "teaching.md").read_text(encoding="utf-8")
    code = re.search(r"```python\n(.*?)```", page, flags=re.DOTALL)[1]
    exercise = "right=x.to_frame()"
    assert exercise in code
    exec(code.replace(exercise, f'answer="consume", {exercise}'), {})
    with pytest.raises(ValueError, match=r"got 'day'\. Look for the red frame"):
        exec(code.replace(exercise, f'answer="day", {exercise}'), {})


def test_the_lessons_for_teachers_are_all_there_are():
    page = (ROOT / "docs" / "teaching.md").read_text(encoding="utf-8")
    lessons = sorted(path.stem for path in (ROOT / "notebooks").glob("0*.ipynb"))
    assert re.findall(r"^\| `(\w+)` \|", page, flags=re.MULTILINE) == lessons
