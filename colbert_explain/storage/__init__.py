"""The package's own files: written whole, kept private, checked when they are read."""
