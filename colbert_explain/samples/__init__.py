"""Texts to start from: pairs of query and document, and one long article."""

from colbert_explain.samples.load import Sample, load_samples

__all__ = ["Sample", "load_samples"]
