"""A text with its matches marked."""
