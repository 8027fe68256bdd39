"""Where a search fails: lost queries, their causes, and what would change them."""
