"""The Voilà server: pages, kernels, messages."""
