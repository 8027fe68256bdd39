"""An encoder service with toy models, as a program: no model to load, and every wait is a file's.

Its one argument is a JSON object: ``folder``, where files decide what waits, and the arguments of
`serve`. A text that begins with "wait NAME" is held at its first window until ``folder/NAME`` is
there; so is the loading of the model "slow".
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from colbert_explain.encoder_service.serve import serve
from tests.conftest import ToyEncoder
from tests.toy_pipeline import text_encoder

#: The default model, as a request names it.
TOY = "toy"


class HeldEncoder(ToyEncoder):
    """A toy that waits where its text says so."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def _embed(self, side, text, progress):
        words = text.split()
        if words[:1] == ["wait"]:
            total = 10
            while not (self.folder / words[1]).exists():
                progress(0, total)
                time.sleep(0.005)
        if words[:1] == ["fail"]:
            raise RuntimeError(f"no room for {text!r}")
        return super()._embed(side, text, progress)


def main() -> None:
    arguments = json.loads(sys.argv[1])
    folder = Path(arguments.pop("folder"))
    if arguments.get("socket"):
        arguments["socket"] = Path(arguments["socket"])

    def load(named, settings):
        if named.model == "slow":
            while not (folder / "slow").exists():
                time.sleep(0.005)
        if named.model == "damaged":
            raise ValueError("model must be whole, but its weights are damaged")
        return text_encoder(HeldEncoder(folder), named.model or TOY)

    def say(sentence: str) -> None:
        sys.stdout.write(f"{sentence}\n")
        sys.stdout.flush()

    try:
        serve(**arguments, announce=say, load=load)
    except (ValueError, OSError) as error:
        raise SystemExit(f"Error: {error}") from error


if __name__ == "__main__":
    main()
