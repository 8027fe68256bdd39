"""Find, check and load ColBERT checkpoints of every published format."""
