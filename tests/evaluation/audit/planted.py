"""Small collections in which a query is lost for a cause that was planted."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np

from colbert_explain.embeddings import Progress, Provenance, TokenEmbeddings
from colbert_explain.tokens import Token, TokenSequence

DIM = 256


class PlantedEncoder:
    """One direction per word; two words are as similar as ``similar`` says, else not at all.

    ``[CLS]`` has a direction per text and is scored where ``scored_cls`` is true; ``similar`` may
    name two texts as well as two words. Words past ``document_length`` are not read.
    """

    name = "planted"
    dim = DIM

    def __init__(
        self,
        similar: dict[tuple[str, str], float] | None = None,
        document_length: int = 50,
        scored_cls: bool = False,
    ) -> None:
        self.similar = {(a.lower(), b.lower()): value for (a, b), value in (similar or {}).items()}
        self.document_length = document_length
        self.scored_cls = scored_cls
        self._number_of: dict[str, int] = {}

    def embed_query(self, text: str, *, progress: Progress | None = None) -> TokenEmbeddings:
        return self._embed(text, 1000)

    def embed_document(self, text: str, *, progress: Progress | None = None) -> TokenEmbeddings:
        return self._embed(text, self.document_length)

    def _embed(self, text: str, length: int) -> TokenEmbeddings:
        found = list(re.finditer(r"[\w']+|[^\w\s]", text))
        read, unread = found[:length], found[length:]
        tokens = [Token(0, "[CLS]", "[CLS]", None, None, "special", scored=self.scored_cls)]
        vectors = [self._vector(f"cls of {text}".lower())]
        for match in read:
            word = match.group()
            is_scored = word[0].isalnum()
            tokens.append(
                Token(1, word.lower(), word, match.start(), match.end(), scored=is_scored)
            )
            vectors.append(self._vector(word.lower()))
        sequence = TokenSequence(
            text, tuple(tokens), len(unread), unread[0].start() if unread else None
        )
        return TokenEmbeddings(sequence, np.stack(vectors), Provenance("planted", dim=DIM))

    def _vector(self, word: str) -> np.ndarray:
        vector = np.zeros(DIM, np.float32)
        rest = 1.0
        for (one, other), cosine in self.similar.items():
            if word == other:
                vector[self._direction(one)] = cosine
                rest -= cosine**2
        vector[self._direction(word)] = np.sqrt(rest)
        return vector

    def _direction(self, word: str) -> int:
        number = self._number_of.setdefault(word, len(self._number_of))
        assert number < DIM, "too many words"
        return number


@dataclass(frozen=True)
class Planted:
    """A query, a right document and others, and the cause for which the right one is lost."""

    cause: str
    query: str
    right: str
    others: tuple[str, ...]
    k: int = 1
    similar: dict[tuple[str, str], float] = field(default_factory=dict)
    document_length: int = 50
    scored_cls: bool = False
    first_stage: str | None = None
    run: tuple[str, ...] | None = None  # ids in order, where a search would not make this run
    in_collection: bool = True

    @property
    def encoder(self) -> PlantedEncoder:
        return PlantedEncoder(self.similar, self.document_length, self.scored_cls)

    @property
    def documents(self) -> dict[str, str]:
        right = {"right": self.right} if self.in_collection else {}
        return {**{f"wrong{i}": text for i, text in enumerate(self.others)}, **right}


#: Words of which each has one direction.
BY_WORDS = (
    Planted("judged document missing", "cats eat", "cats eat", ("dogs eat",), in_collection=False),
    Planted("judged document missing", "red fox", "red fox", ("a red", "fox"), in_collection=False),
    Planted(
        "dropped by the first stage",
        "mend tyre",
        "repair wheel",
        ("tyre", "snow"),
        similar={("mend", "repair"): 0.8, ("tyre", "wheel"): 0.8},
        first_stage="bm25",
    ),
    Planted(
        "dropped by the first stage",
        "cheap cover car",
        "inexpensive insurance vehicle",
        ("cheap car", "cheap cheap", "rain"),
        similar={
            **{("cheap", "inexpensive"): 0.9, ("cover", "insurance"): 0.9},
            ("car", "vehicle"): 0.9,
        },
        run=("wrong0", "wrong1"),
    ),
    Planted(
        "placed below its score",
        "cats eat fish",
        "cats eat fish daily",
        ("cats", "fish"),
        run=("wrong0", "wrong1", "right"),
    ),
    Planted(
        "evidence cut off",
        "who painted ceiling",
        "an old hall with red walls : Anna painted its ceiling",
        ("painted walls", "ceiling lamp painted"),
        document_length=7,
    ),
    Planted(
        "evidence cut off",
        "price of salt",
        "the town sells wool and corn and bread . salt has a price",
        ("salt is white", "price of bread"),
        document_length=8,
    ),
    Planted(
        "number or name differs",
        "rocket of 1969 flew",
        "1969 saw crews launched",
        ("rocket of 1967 flew",),
        similar={("1969", "1967"): 0.8},
    ),
    Planted(
        "number or name differs",
        "did the painter Curie paint walls",
        "pictures by Curie adorn rooms",
        ("the painter Cullen did paint walls",),
        similar={("curie", "cullen"): 0.6},
    ),
    Planted(
        "number or name differs",
        "houses of 12 m height",
        "12 m : how tall dwellings are",
        ("houses of 15 m height",),
        similar={("12", "15"): 0.9},
    ),
    Planted(
        "negation",
        "berries are safe food",
        "people consume these berries safely as food",
        ("berries are not safe food",),
    ),
    Planted(
        "negation",
        "birds that never fly",
        "penguins are birds , they never take off",
        ("birds that fly often",),
    ),
    Planted(
        "near tie",
        "cats like fish",
        "cats adore fish",
        ("cats love fish",),
        similar={("like", "adore"): 0.70, ("like", "love"): 0.72},
    ),
    Planted(
        "near tie",
        "deep blue lake",
        "deep blue pond",
        ("deep blue water",),
        similar={("lake", "pond"): 0.6, ("lake", "water"): 0.605},
    ),
    Planted(
        "unmatched query word",
        "helmet law norway",
        "riders need no protection law",
        ("helmet norway shop",),
    ),
    Planted(
        "unmatched query word",
        "what causes rust on iron",
        "what oxygen does on iron",
        ("what rust causes on it",),
    ),
    Planted(
        "function words",
        "what is it that they do with the hay",
        "farmers feed hay",
        ("what is it that they do with the money",),
    ),
    Planted(
        "function words",
        "how do you get to the castle",
        "castle : bus 5",
        ("how do you get to the harbour",),
    ),
    Planted(
        "structural tokens",
        "cats eat fish",
        "cats eat cod",
        ("cats fish",),
        similar={
            **{("cls of cats eat fish", "cls of cats fish"): 0.95, ("fish", "cod"): 0.6},
            ("cls of cats eat fish", "cls of cats eat cod"): 0.0,
            ("eat", "cats"): 0.55,
        },
        scored_cls=True,
    ),
    Planted(
        "structural tokens",
        "red wine",
        "red wine glass",
        ("red wine",),
        scored_cls=True,
    ),
    Planted(
        "exact words beat meaning",
        "repair flat tyre",
        "mend punctured wheel",
        ("repair flat for tyre",),
        similar={("repair", "mend"): 0.7, ("flat", "punctured"): 0.7, ("tyre", "wheel"): 0.7},
    ),
    Planted(
        "exact words beat meaning",
        "cars of doctors",
        "vehicles of physicians",
        ("car doctor of dolls",),
        similar={
            **{("cars", "car"): 0.95, ("doctors", "doctor"): 0.95},
            **{("cars", "vehicles"): 0.6, ("doctors", "physicians"): 0.6},
        },
    ),
    Planted(
        "other",
        "big old trees",
        "large aged plants",
        ("huge ancient forest",),
        similar={
            **{("big", "large"): 0.6, ("old", "aged"): 0.6, ("trees", "plants"): 0.6},
            **{("big", "huge"): 0.8, ("old", "ancient"): 0.8, ("trees", "forest"): 0.8},
        },
    ),
)
#: Sentences as people write them, for the bundled encoder.
IN_SENTENCES = (
    Planted(
        "number or name differs",
        "Which rocket flew in 1969?",
        "The Saturn V of 1969 was built by three companies and carried crews.",
        ("The rocket flew in 1967.",),
    ),
    Planted(
        "number or name differs",
        "What did Marie Curie discover?",
        "Radium is one of two elements found by Marie Curie.",
        ("What did Pierre Curie discover? Piezoelectricity.",),
    ),
    Planted(
        "number or name differs",
        "How many people live in a town of 3,500 houses?",
        "About nine thousand inhabitants share the 3,500 houses of the town.",
        ("How many people live in a town of 4,500 houses? Ten thousand.",),
    ),
    Planted(
        "negation",
        "Is it safe to eat the berries of the yew?",
        "Yew berries: the red flesh can be eaten by people, the seed is poison.",
        ("It is not safe to eat the berries of the yew.",),
    ),
    Planted(
        "negation",
        "Which birds cannot fly?",
        "Penguins and ostriches are birds that never take off; they cannot do it.",
        ("Birds fly. Which fly far? Storks.",),
    ),
    Planted(
        "exact words beat meaning",
        "cheap car insurance",
        "Low-cost cover for your vehicle, compared.",
        ("Insurance of a cheap house. The car is outside.",),
    ),
    Planted(
        "function words",
        "What is it that they do with the hay?",
        "Farmers feed hay to horses in winter.",
        ("What is it that they do with the money?",),
    ),
    Planted(
        "unmatched query word",
        "bicycle helmet law Norway",
        "Riders there need no head protection under the present rules.",
        ("The Norway bicycle tour: a helmet for each guest.",),
    ),
    Planted(
        "dropped by the first stage",
        "How do I repair a flat tyre?",
        "Mending a punctured wheel: glue a patch over the hole.",
        ("A flat near the sea.", "Rain is expected."),
        first_stage="bm25",
    ),
    Planted(
        "evidence cut off",
        "Who painted the ceiling of the hall?",
        "The town has many old houses, a market every Saturday, two schools, a station with trains "
        "to the coast and a harbour. The ceiling of the hall was painted by Anna Berg.",
        ("The hall has a painted door and a ceiling of wood.",),
        document_length=24,
    ),
)
