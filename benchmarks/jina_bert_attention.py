"""What does ALiBi without a bias matrix save? A JinaBERT-size encoder, three ways, on the CPU.

Run by hand; 8,192 tokens through all 12 layers take about three minutes a round on two cores::

    python -m benchmarks jina_bert_attention --tokens 8192 --layers 12 --rounds 3

The weights are random: neither time nor memory depends on them. Seconds are medians of passes
that take turns, so that another job on the machine slows all variants alike; each variant keeps
to a process of its own, where the peak of the resident size during its first pass, above the
size just before it, is its extra memory. Sizes other than JinaBERT's number of layers are
measured as they are: nothing in the table is extrapolated.
"""

from __future__ import annotations

import argparse
import math
import statistics
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import NamedTuple

import psutil
import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

from colbert_explain.encoders.jina_bert import model as jina_bert
from colbert_explain.encoders.jina_bert.config import JinaBertConfig
from colbert_explain.encoders.jina_bert.model import JinaBertModel

CONFIG = {
    "vocab_size": 30528,
    "hidden_size": 768,
    "num_attention_heads": 12,
    "intermediate_size": 3072,
    "type_vocab_size": 2,
    "layer_norm_eps": 1e-12,
    "feed_forward_type": "geglu",
    "position_embedding_type": "alibi",
}
Attend = Callable[[Tensor, Tensor, Tensor, Tensor, Tensor | None], Tensor]


class Pass(NamedTuple):
    """One forward pass: seconds, extra memory in bytes, and some of the output to compare."""

    seconds: float
    extra: int
    sample: list[list[float]]


def full_bias(strip: Tensor, tokens: int) -> Tensor:
    """Make the whole bias, keys in reversed order, shape (1, heads, tokens, tokens)."""
    return strip.as_strided((1, len(strip), tokens, tokens), (0, 2 * tokens - 1, 1, 1)).contiguous()


def kept(make: Callable[[Tensor, int], Tensor]) -> Callable[[Tensor, int], Tensor]:
    """Make the bias in the first layer and keep it for the others, as the reference does."""
    made: dict[int, Tensor] = {}

    def bias(strip: Tensor, tokens: int) -> Tensor:
        if tokens not in made:
            made[tokens] = make(strip, tokens)
        return made[tokens]

    return bias


def written_out() -> Attend:
    """Compute softmax(QK' / sqrt(d) + bias) V, in place where eager PyTorch allows it."""
    bias = kept(full_bias)

    def attend(
        query: Tensor, key: Tensor, value: Tensor, strip: Tensor, _: Tensor | None
    ) -> Tensor:
        scores = query @ key.transpose(2, 3)
        scores /= math.sqrt(query.shape[-1])
        scores += bias(strip, query.shape[2])
        return scores.softmax(-1) @ value

    return attend


def full_mask() -> Attend:
    """Call the same kernel as ours with the bias as a float mask in full."""
    bias = kept(full_bias)

    def attend(
        query: Tensor, key: Tensor, value: Tensor, strip: Tensor, _: Tensor | None
    ) -> Tensor:
        mask = bias(strip, query.shape[2])
        return scaled_dot_product_attention(query, key, value, attn_mask=mask)

    return attend


VARIANTS: dict[str, Callable[[], Attend]] = {
    "ours: the strip through strides": lambda: jina_bert.attend,
    "softmax(QK' + bias)V written out": written_out,
    "SDPA with the full float mask": full_mask,
}


def peak_during(work: Callable[[], object]) -> int:
    """Highest resident size in bytes while ``work`` runs, looked at every 2 ms."""
    process, done, highest = psutil.Process(), threading.Event(), [0]

    def watch() -> None:
        while not done.wait(0.002):
            highest[0] = max(highest[0], process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        work()
    finally:
        done.set()
        watcher.join()
    return highest[0]


def worker(name: str, tokens: int, layers: int, threads: int, pipe: Connection) -> None:
    """Build the model, then make a pass, with a bias made anew, whenever the pipe says so."""
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    config = JinaBertConfig.from_dict(CONFIG | {"num_hidden_layers": layers})
    model = JinaBertModel(config).eval().requires_grad_(False)
    ids = torch.randint(0, config.vocab_size, (1, tokens))
    original = jina_bert.attend
    model(ids[:, :64])  # threads and kernels are started before anything is measured
    while pipe.recv():
        jina_bert.attend = VARIANTS[name]()
        sample: list[list[float]] = []
        before, began = psutil.Process().memory_info().rss, time.perf_counter()

        def run(sample: list[list[float]] = sample) -> None:
            sample += model(ids).last_hidden_state[0, :: max(1, tokens // 16), :8].tolist()

        peak = peak_during(run)
        pipe.send(Pass(time.perf_counter() - began, peak - before, sample))
        jina_bert.attend = original  # lets go of the bias


def measure(tokens: int, layers: int, rounds: int, threads: int) -> dict[str, list[Pass]]:
    """Let the variants take turns; all their processes are there from the start."""
    context = get_context("spawn")
    pipes, processes = {}, []
    for name in VARIANTS:
        pipes[name], other = context.Pipe()
        arguments = (name, tokens, layers, threads, other)
        processes.append(context.Process(target=worker, args=arguments, daemon=True))
        processes[-1].start()
    passes: dict[str, list[Pass]] = {name: [] for name in VARIANTS}
    for number in range(rounds):
        for name, pipe in pipes.items():
            pipe.send(True)
            passes[name].append(pipe.recv())
            print(f"round {number + 1}: {name}: {passes[name][-1].seconds:.1f} s", file=sys.stderr)
    for pipe in pipes.values():
        pipe.send(False)
    for process in processes:
        process.join()
    return passes


def print_table(passes: dict[str, list[Pass]]) -> None:
    """Print a row per variant; ratios are to ours, differences are of the outputs."""
    ours = next(iter(passes.values()))
    base = statistics.median(one.seconds for one in ours)
    print("| attention | seconds, median (range) | times ours | extra GB | of ours | max diff. |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, own in passes.items():
        seconds = [one.seconds for one in own]
        median = statistics.median(seconds)
        difference = (torch.tensor(own[0].sample) - torch.tensor(ours[0].sample)).abs().max()
        print(
            f"| {name} | {median:.1f} ({min(seconds):.1f} to {max(seconds):.1f}) "
            f"| {median / base:.2f} | {own[0].extra / 1e9:.2f} "
            f"| {own[0].extra / ours[0].extra:.1f} | {difference:.1e} |"
        )


def print_requirements(passes: dict[str, list[Pass]]) -> None:
    """Say of each requirement whether it holds; a ratio is the median of the rounds' ratios."""
    ours, written, full = passes.values()

    def times(others: list[Pass]) -> float:
        pairs = zip(others, ours, strict=True)
        return statistics.median(other.seconds / own.seconds for other, own in pairs)

    extra, others = ours[0].extra, full[0].extra
    for holds, sentence in (
        (extra <= 1e9, f"extra memory at most 1.0 GB: {extra / 1e9:.2f} GB"),
        (times(written) >= 3, f"at least 3 times as fast as written out: {times(written):.2f}"),
        (times(full) >= 1, f"no slower than SDPA with the full mask: {times(full):.2f} times"),
        (extra <= others / 10, f"at most a tenth of its extra memory: 1/{others / extra:.1f}"),
    ):
        print(f"{'holds' if holds else 'FAILS'}: {sentence}")


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tokens", type=int, default=8192)
    parser.add_argument("--layers", type=int, default=12)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    options = parser.parse_args()
    passes = measure(options.tokens, options.layers, options.rounds, options.threads)
    print_table(passes)
    print()
    print_requirements(passes)
    print(
        f"\n{options.tokens} tokens, {options.layers} layers, float32, {options.threads} threads, "
        f"{options.rounds} rounds, torch {torch.__version__}; load average "
        f"{psutil.getloadavg()[0]:.1f}. Each variant has a process of its own, where a thread "
        "reads the resident size every 2 ms; extra memory is the peak during the first pass, above "
        "the size just before it."
    )


if __name__ == "__main__":
    main()
