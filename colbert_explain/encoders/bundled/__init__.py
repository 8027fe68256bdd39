"""The encoder that comes with the package: all-MiniLM-L6-v2, with one vector per token."""
