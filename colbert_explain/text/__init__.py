"""Words, sentences and records of a text, without a model."""
