"""What each cause of a lost query means, in a sentence."""

from __future__ import annotations

from colbert_explain.evaluation.audit.causes import OTHER

CAUSE_SENTENCES = {
    "judged document missing": "No right document of the query is in the collection.",
    "dropped by the first stage": (
        "The search did not return the right document, which MaxSim over all documents would find."
    ),
    "placed below its score": (
        "Exact MaxSim would find the right document, but the scores of the search place it too low."
    ),
    "evidence cut off": (
        "The right document was too long to be read whole, and would win if the rest were read."
    ),
    "number or name differs": (
        "The winner has a different number or name from the query, similar enough to match it."
    ),
    "negation": (
        "The winner says what the query negates, or the reverse; similarity hardly reflects “not”."
    ),
    "near tie": (
        "The winner leads by at most 0.01 per query token: changing a few words could reverse the "
        "order."
    ),
    "unmatched query word": (
        "Words for which the right document has nothing similar make up most of the winner's lead."
    ),
    "function words": "Words such as “what” and “the” make up most of the winner's lead.",
    "structural tokens": "Tokens without text, such as [CLS], make up most of the winner's lead.",
    "exact words beat meaning": (
        "Most of the winner's lead comes from words that it repeats and that the right document "
        "paraphrases."
    ),
    OTHER: "None of the rules holds: the winner's lead is spread over several kinds of words.",
}
"""By the name of the cause."""

NO_LEAD = (
    "None of the rules holds: by MaxSim the right document is above the winner, but not high "
    "enough to be found either."
)
"""Of `OTHER`, where the winner leads in the order of the search only."""
