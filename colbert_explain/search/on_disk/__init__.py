"""Collections in a folder, which open at once and need nothing but NumPy.

A collection's folder has:

- ``manifest.json``: the encoder, the segments with their digests, the deleted documents, and
  whether the build is complete (`manifest`);
- ``segments/000000``, ...: some thousand documents each, never changed once written
  (`segment_writer`, `segment`);
- ``writer.lock``: held by the one process that writes (`lock`).

What the manifest does not name was left unfinished: readers do not see it, and the next writer
removes it. So a program that is killed leaves the last state that the manifest describes.
"""

from colbert_explain.search.on_disk.engine import OnDiskEngine

__all__ = ["OnDiskEngine"]
