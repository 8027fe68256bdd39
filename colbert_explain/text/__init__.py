"""What is known of a text without a model."""
