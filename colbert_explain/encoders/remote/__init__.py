"""Encoders that run in another process or on another machine; nothing here imports torch."""
