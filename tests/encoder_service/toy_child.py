"""The toys' service as a program that `EncoderChild` starts: it ends with its parent."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from colbert_explain.encoder_service.serve import serve
from tests.conftest import ToyEncoder
from tests.toy_pipeline import text_encoder


def main() -> None:
    arguments = json.loads(sys.argv[1])
    if "socket" in arguments:
        arguments["socket"] = Path(arguments["socket"])
    serve(
        **arguments,
        with_parent=True,
        load=lambda named, settings: text_encoder(ToyEncoder(), named.model or "toy"),
    )


if __name__ == "__main__":
    main()
