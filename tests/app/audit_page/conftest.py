"""A small collection with queries that are found and lost."""

import pytest

import colbert_explain as ce

DOCUMENTS = [
    {"id": "snow", "title": "Snow", "text": "golden winter, golden birds in snow"},
    {"id": "leaves", "title": "Leaves", "text": "leaves turn yellow"},
    {"id": "cats", "title": "Cats", "text": "cats eat fish"},
    {"id": "dogs", "title": "Dogs", "text": "dogs bark at cats"},
    {"id": "stones", "title": "Stones", "text": "stones of rivers"},
]
QUERIES = {
    "cat": "what cats eat",
    "gold": "golden leaves in winter",
    "bark": "dogs eat fish",
}
JUDGED = {"cat": {"cats": 1}, "gold": {"leaves": 2}, "bark": {"dogs": 1, "stones": 0}}


@pytest.fixture
def collection(toy_encoder):
    return ce.Collection.build(DOCUMENTS, toy_encoder)
