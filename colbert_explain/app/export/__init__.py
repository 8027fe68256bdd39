"""Files that a reader saves, and the Python that makes what is on show."""
