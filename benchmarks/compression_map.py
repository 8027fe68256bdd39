"""Make the map of ``compression="map"``, and measure what other maps would keep.

Run by hand. The map is made in half a minute from texts of the package, always the same ones::

    python -m benchmarks compression_map --write

The measurements need the vectors that ``python -m benchmarks scifact_vectors`` keeps, and ten
minutes::

    python -m benchmarks compression_map --data PATH --vectors FOLDER --abstracts 2033

What they gave on the 141 claims of SciFact's development half and the 2,033 abstracts of their
pools, ranked together. "96" to "192" are singular vectors of scored token vectors of the package's
texts, not centred. "Less than exact" is nDCG@10 of the exact score less that of the way, with its
standard error over claims. "In 20" is the share of the exact top 10 among the way's best 20; "of
20" is nDCG@10 after these 20 are scored exactly. "Docs" are README, docs and lessons::

                                        nDCG@10  R@100 less than exact  in 20  in 50  of 20  of 50
    exact                                  .717   .950
    96                                     .643   .943    .074 +- .014   .926   .985   .712   .714
    128                                    .681   .943    .036 +- .011   .967   .997   .714   .717
    192                                    .701   .950    .016 +- .008   .986  1.000   .717   .717
    96, unit length                        .701   .936    .016 +- .008   .979   .999   .717   .717
    128, unit length                       .701   .943    .016 +- .008   .990  1.000   .717   .717
    192, unit length                       .703   .950    .014 +- .007   .998  1.000   .717   .717
    128, centred                           .675   .929    .041 +- .010   .967   .997   .715   .717
    128, centred, unit length              .692   .929    .024 +- .008   .987  1.000   .717   .717
    128, half whitened                     .683   .943    .034 +- .009   .970   .997   .717   .717
    128, half whitened, unit length        .693   .943    .024 +- .009   .984   .999   .717   .717
    128, whitened, unit length             .691   .943    .026 +- .009   .973   .999   .717   .717
    64 of each layer                       .627   .901    .089 +- .017   .879   .974   .712   .717
    64 of each layer, unit length          .699   .929    .018 +- .009   .973   .996   .717   .717
    64 of each layer, each unit length     .700   .936    .017 +- .010   .970   .998   .717   .717
    32 of layer 3, 96 of 6, unit length    .704   .950    .013 +- .011   .965   .997   .717   .717
    96 of layer 3, 32 of 6, unit length    .689   .929    .028 +- .009   .972   .997   .715   .717
    128 of docs, unit length               .698   .943    .019 +- .007   .981  1.000   .715   .717
    128 of both texts, unit length         .695   .943    .022 +- .008   .985  1.000   .715   .717
    128, unit length, int8                 .702   .943    .015 +- .008   .989  1.000   .717   .717
    768, int8                              .717   .950    .000 +- .000  1.000  1.000   .717   .717

Chosen: 128 singular vectors, and mapped vectors divided by their length. The division matters most:
a rare word has much of its vector in the directions that are left out, and would match nothing
well. Of the ways with unit length none is better than this by more than one error, it keeps
most of the exact top 10 among those of its size, and it is the simplest. 8 bits lose nothing.
More text, from docs, does not help. Its best 50 scored exactly lose nothing.

Processor time of a scan of 65,536 tokens with a query of 20, in ms, one thread, busy machine: 768
as float32 30; 128 as float16 16 (two thirds of it to make them float32), as 8-bit numbers 5, as
float32 5; 768 as 8-bit numbers 37.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import ir_measures
import numpy as np
from safetensors.numpy import save

from benchmarks import scifact_collection as scifact
from colbert_explain.analysis import calibration
from colbert_explain.encoders import load_encoder
from colbert_explain.samples import load_samples, sample_collection_folder
from colbert_explain.search.compression import MAP_PATH
from colbert_explain.storage.atomic_write import write_whole

SMALL = 128
MEASURES = [ir_measures.parse_measure(name) for name in ("nDCG@10", "RR@10", "R@100")]
#: Abstracts whose vectors are compared at a time.
BLOCK = 100
#: Of the best by a compressed score, so many are scored exactly.
DEPTHS = (20, 50, 100)
ROOT = Path(__file__).parent.parent


class Fitted(NamedTuple):
    """The vectors that maps are fitted to: their mean, and the mean of their products."""

    mean: np.ndarray
    products: np.ndarray


class Way(NamedTuple):
    """A map, and what is done before and after it.

    Attributes
    ----------
    matrix
        Shape ``(dim, small)``.
    unit
        Sizes of the parts of a mapped vector that are divided by their length.
    offset
        What is subtracted before the map.
    bits
        16 for float16, 8 for 8-bit numbers with a scale per token.
    """

    matrix: np.ndarray
    unit: tuple[int, ...] = ()
    offset: np.ndarray | float = 0.0
    bits: int = 16

    def of_query(self, vectors: np.ndarray) -> np.ndarray:
        """Map a query's vectors, shape ``(n, dim)``."""
        mapped = ((vectors - self.offset) @ self.matrix).astype(np.float32)
        for part in np.split(mapped, np.cumsum(self.unit)[:-1], axis=1) if self.unit else ():
            part /= np.linalg.norm(part, axis=1, keepdims=True)  # part of the same memory
        return mapped

    def of_document(self, vectors: np.ndarray) -> np.ndarray:
        """Map a document's vectors, as an index keeps them."""
        mapped = self.of_query(vectors)
        if self.bits == 16:
            return mapped.astype(np.float16).astype(np.float32)
        scales = np.abs(mapped).max(axis=1, keepdims=True) / 127
        return np.rint(mapped / scales) * scales


def package_texts() -> list[str]:
    """List the texts that come with the package, each once."""
    samples = [text for one in load_samples() for text in (one.query, one.document)]
    folder = Path(calibration.__file__).parent
    unrelated = [
        line
        for name in ("queries", "documents")
        for line in (folder / f"unrelated_{name}.txt").read_text(encoding="utf-8").splitlines()
    ]
    collection = [
        " ".join(filter(None, [entry.get("title"), entry["text"]]))
        for name in ("corpus", "queries")
        for entry in _json_lines(sample_collection_folder() / f"{name}.jsonl")
    ]
    return list(dict.fromkeys([*samples, *unrelated, *collection]))


def prose_of_the_repository() -> list[str]:
    """List the paragraphs of README, docs and lessons, which change more often."""
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    texts = [page.read_text(encoding="utf-8") for page in pages if page.name != "api.md"]
    for notebook in sorted((ROOT / "notebooks").glob("*.ipynb")):
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        texts += ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown"]
    without_code = (re.sub(r"```.*?```", "", text, flags=re.DOTALL) for text in texts)
    paragraphs = (part for text in without_code for part in re.split(r"\n\s*\n", text))
    return list(dict.fromkeys(part for part in paragraphs if len(part) > 40))


def _json_lines(path: Path) -> Iterator[dict[str, str]]:
    yield from map(json.loads, path.read_text(encoding="utf-8").splitlines())


def fitted(texts: list[str]) -> Fitted:
    """Encode texts, and sum up their scored vectors."""
    encoder = load_encoder()
    total, products, n = np.zeros(encoder.dim), np.zeros((encoder.dim, encoder.dim)), 0
    for text in texts:
        embedded = encoder.embed_document(text)
        vectors = embedded.vectors[embedded.tokens.scored_mask].astype(np.float64)
        total += vectors.sum(axis=0)
        products += vectors.T @ vectors
        n += len(vectors)
    return Fitted(total / n, products / n)


def axes(products: np.ndarray, size: int, power: float = 0.0) -> np.ndarray:
    """Return the ``size`` main axes of vectors, shape ``(dim, size)``, the largest first.

    Each is divided by its variance to the power of ``power / 2``: with 1 all count alike.
    """
    values, vectors = np.linalg.eigh(products)
    values, vectors = values[::-1][:size], vectors[:, ::-1][:, :size]
    # A direction and its opposite serve alike; machines differ in which they return.
    largest = np.abs(vectors).argmax(axis=0)
    vectors = vectors * np.sign(vectors[largest, range(size)])
    return (vectors * values ** (-power / 2)).astype(np.float32)


def per_layer(products: np.ndarray, sizes: tuple[int, int]) -> np.ndarray:
    """Return the main axes of each of two layers, whose states lie side by side."""
    half = len(products) // 2
    matrix = np.zeros((len(products), sum(sizes)), np.float32)
    matrix[:half, : sizes[0]] = axes(products[:half, :half], sizes[0])
    matrix[half:, sizes[0] :] = axes(products[half:, half:], sizes[1])
    return matrix


def ways(package: Fitted, prose: Fitted) -> dict[str, Way]:
    """Return every map that is measured."""
    plain, other = package.products, prose.products
    covariance = plain - np.outer(package.mean, package.mean)
    best, centred = axes(plain, SMALL), axes(covariance, SMALL)
    halves = per_layer(plain, (64, 64))
    one, whole = (SMALL,), np.eye(len(plain), dtype=np.float32)
    return {
        "96": Way(axes(plain, 96)),
        "128": Way(best),
        "192": Way(axes(plain, 192)),
        "96, unit length": Way(axes(plain, 96), (96,)),
        "128, unit length": Way(best, one),
        "192, unit length": Way(axes(plain, 192), (192,)),
        "128, centred": Way(centred, offset=package.mean),
        "128, centred, unit length": Way(centred, one, package.mean),
        "128, half whitened": Way(axes(plain, SMALL, 0.5)),
        "128, half whitened, unit length": Way(axes(plain, SMALL, 0.5), one),
        "128, whitened, unit length": Way(axes(plain, SMALL, 1.0), one),
        "64 of each layer": Way(halves),
        "64 of each layer, unit length": Way(halves, one),
        "64 of each layer, each to unit length": Way(halves, (64, 64)),
        "32 of layer 3 and 96 of layer 6, unit length": Way(per_layer(plain, (32, 96)), one),
        "96 of layer 3 and 32 of layer 6, unit length": Way(per_layer(plain, (96, 32)), one),
        "128 of the repository's prose, unit length": Way(axes(other, SMALL), one),
        "128 of both, unit length": Way(axes((plain + other) / 2, SMALL), one),
        "128, unit length, int8": Way(best, one, bits=8),
        "768, int8": Way(whole, bits=8),
    }


def scores(way: Way, queries: scifact.Vectors, documents: scifact.Vectors) -> np.ndarray:
    """Score all abstracts for all claims by MaxSim, shape ``(claims, abstracts)``."""
    asked = way.of_query(queries.vectors)
    found = np.empty((len(queries.ids), len(documents.ids)), np.float32)
    for first in range(0, len(documents.ids), BLOCK):
        starts = documents.starts[first : first + BLOCK + 1]
        vectors = np.asarray(documents.vectors[starts[0] : starts[-1]], np.float32)
        similarity = asked @ way.of_document(vectors).T
        maxima = np.maximum.reduceat(similarity, starts[:-1] - starts[0], axis=1)
        found[:, first : first + BLOCK] = np.add.reduceat(maxima, queries.starts[:-1], axis=0)
    return found


def measure(data: Path, folder: Path, n_abstracts: int | None) -> None:
    """Print what every way keeps, on the claims and abstracts of SciFact's development half."""
    documents, queries = scifact.documents(folder), scifact.queries(folder)
    n = min(n_abstracts or len(documents.ids), len(documents.ids))
    documents = documents._replace(ids=documents.ids[:n], starts=documents.starts[: n + 1])
    judged = scifact.judgments(data)
    # Where not all is encoded, claims whose relevant abstracts are.
    queries = scifact.selected(
        queries, [id_ for id_ in queries.ids if judged[id_].keys() <= set(documents.ids)]
    )

    judged = {id_: judged[id_] for id_ in queries.ids}

    def values(found: np.ndarray) -> np.ndarray:
        run = {
            query: {id_: float(one) for id_, one in zip(documents.ids, row, strict=True) if one > 0}
            for query, row in zip(queries.ids, found, strict=True)
        }
        of = {
            (m.measure, m.query_id): m.value for m in ir_measures.iter_calc(MEASURES, judged, run)
        }
        return np.array([[of[measure, id_] for id_ in queries.ids] for measure in MEASURES])

    print(f"{len(queries.ids)} claims, {n:,} abstracts, {documents.starts[-1]:,} scored tokens")
    titles = [*map(str, MEASURES), "less", "error", *(f"in {n}" for n in DEPTHS)]
    titles += [f"of {n}" for n in DEPTHS]
    print(f"{'':46}" + "".join(f"{title:>8}" for title in titles))
    exact = scores(Way(np.eye(documents.vectors.shape[1], dtype=np.float32)), queries, documents)
    best = np.argsort(-exact, axis=1, kind="stable")[:, :10]
    of_exact = values(exact)
    _print_row("exact", of_exact.mean(axis=1))
    package, prose = fitted(package_texts()), fitted(prose_of_the_repository())
    for name, way in ways(package, prose).items():
        found = scores(way, queries, documents)
        of_way = values(found)
        lost = of_exact[0] - of_way[0]
        order = np.argsort(-found, axis=1, kind="stable")
        kept, again = [], []
        for depth in DEPTHS:
            chosen = order[:, :depth]
            rows = zip(best, chosen, strict=True)
            kept.append(np.mean([np.isin(a, b).mean() for a, b in rows]))
            scored = np.full_like(exact, -np.inf)
            np.put_along_axis(scored, chosen, np.take_along_axis(exact, chosen, 1), 1)
            again.append(values(scored)[0].mean())
        error = lost.std(ddof=1) / np.sqrt(len(lost))
        _print_row(name, [*of_way.mean(axis=1), lost.mean(), error, *kept, *again])


def _print_row(name: str, values: Iterable[float]) -> None:
    print(f"{name:46}" + "".join(f"{value:8.3f}" for value in values), flush=True)


def write() -> None:
    """Write the map of the package."""
    texts = package_texts()
    encoder = load_encoder()
    provenance = encoder.provenance
    about = {
        "model": provenance.model,
        "sha256": provenance.sha256,
        "layers": list(provenance.layers),
        "method": f"the {SMALL} largest singular vectors of scored token vectors, not centred",
        "after": "mapped vectors are divided by their length",
        "text": "samples, calibration texts and sample collection of colbert_explain",
        "text_sha256": hashlib.sha256("\n".join(texts).encode()).hexdigest(),
        "made_by": "benchmarks/compression_map.py",
    }
    matrix = axes(fitted(texts).products, SMALL).astype(np.float16)
    # One entry: safetensors writes several in any order.
    write_whole(MAP_PATH, save({"map": matrix}, {"about": json.dumps(about)}))
    print(f"{MAP_PATH}: {MAP_PATH.stat().st_size:,} bytes")


def main() -> None:
    """Write the map, or measure ways to make one."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--write", action="store_true", help="write the map of the package")
    parser.add_argument("--data", type=Path, help="folder of the data sets")
    parser.add_argument("--vectors", type=Path, help="folder of scifact_vectors")
    parser.add_argument("--abstracts", type=int, help="how many at most; by default all encoded")
    options = parser.parse_args()
    if options.write:
        write()
    if options.data and options.vectors:
        measure(options.data, options.vectors, options.abstracts)


if __name__ == "__main__":
    main()
