"""Encoders and rerankers in another process or on another machine."""
