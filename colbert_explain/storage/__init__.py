"""Files of this package's own: written whole, kept private, checked when they are read."""
