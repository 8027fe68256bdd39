"""Notebooks served as dashboards. Kernels import this package: it must stay empty."""
