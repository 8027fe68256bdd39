"""ColBERT checkpoints in every format that is published: find, check, load."""
