"""Templates of notebooks' pages, compiled once for all visitors.

Voilà (seen in 0.5.13) makes a Jinja environment for every page, which compiles two dozen templates
anew: a tenth of a second before the first byte, in which the server answers nobody else.
"""

from __future__ import annotations

from types import CodeType

import jinja2
from jinja2.bccache import Bucket
from voila import notebook_renderer
from voila.exporter import VoilaExporter


class CompiledTemplates(jinja2.BytecodeCache):
    """Compiled templates, kept in memory by name and content."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Fill a bucket with what is known of its template."""
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code of a template that was compiled."""
        if bucket.code is not None:
            self._codes[bucket.key, bucket.checksum] = bucket.code


_COMPILED = CompiledTemplates()


class PageExporter(VoilaExporter):
    """Voilà's exporter, whose environments share their compiled templates."""

    @property
    def environment(self) -> jinja2.Environment:
        """The environment of one page."""
        environment: jinja2.Environment = super().environment
        environment.bytecode_cache = _COMPILED
        return environment


def share_compiled_templates() -> None:
    """Let Voilà make its pages with `PageExporter`; it has no setting for the class."""
    notebook_renderer.VoilaExporter = PageExporter
