"""A page that needs no network."""
