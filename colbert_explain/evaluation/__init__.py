"""How good a ranking is, and why a search fails: measures and audits."""
