"""Results for tests of page parts, made as the workbench makes them."""

from __future__ import annotations

from functools import cache
from typing import Any

from colbert_explain.encoders import load_encoder
from colbert_explain.explanation import Explanation, explain
from colbert_explain.views.page_data.result import PageResult, page_result

QUERY = "Elephants eat 150 kg of food per day."
DOCUMENT = "Every day, the average elephant consumes roughly 150 kg of food."
ARABIC = ("ماذا تأكل الفيلة؟", "تأكل الفيلة 150 كيلوغراما من الطعام كل يوم، ثم تشرب الماء.")
HEBREW_AND_ENGLISH = ("big elephant פיל גדול", "The word פיל גדול means big elephant.")
CHINESE_AND_EMOJI = ("大象 🐘 吃什么", "大象 🐘 每天吃 150 公斤食物 🍎。")


@cache
def explained(query: str = QUERY, document: str = DOCUMENT) -> Explanation:
    return explain(query, document, load_encoder())


def result_of(query: str = QUERY, document: str = DOCUMENT, **options: Any) -> PageResult:
    return page_result(explained(query, document), **options)
