"""Texts to start from: pairs of query and document, a long article, and a judged collection."""

from colbert_explain.samples.load import Sample, load_samples, sample_collection_folder

__all__ = ["Sample", "load_samples", "sample_collection_folder"]
