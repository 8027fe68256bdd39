"""Commands that make collections: index, rebuild."""

from __future__ import annotations

import json as json_module
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from colbert_explain.cli.application import application
from colbert_explain.cli.options import (
    DOCUMENT_LENGTH,
    MODEL,
    NAME,
    REVISION,
    check_names_of_files,
    file_to_write,
    save_text,
    usage_errors,
)
from colbert_explain.text.wording import count

if TYPE_CHECKING:
    from colbert_explain.search import Collection

_Compression = Literal["map", "int8", "map+int8"]


@application.command(
    epilog="Examples: colbert-explain index articles/ my-collection; "
    "colbert-explain index docs.jsonl my-collection --compression map+int8; "
    "colbert-explain index scifact/ http://localhost:6333 --name scifact. "
    "An interrupted build continues with the same command."
)
def index(
    documents: Annotated[
        Path,
        typer.Argument(
            help="A folder of texts, a .jsonl, .csv, .tsv or .parquet file, or a BEIR folder.",
            show_default=False,
        ),
    ],
    into: Annotated[
        str,
        typer.Argument(
            help="New folder of the collection, or the address of a Qdrant server.",
            show_default=False,
        ),
    ],
    name: Annotated[str | None, NAME] = None,
    compression: Annotated[
        _Compression | None,
        typer.Option(help="Search smaller copies of the vectors first.", show_default="none"),
    ] = None,
    json: Annotated[
        Path | None,
        file_to_write("Write the number of documents and what was left out to this file."),
    ] = None,
    csv: Annotated[
        Path | None, file_to_write("Write the documents that were left out to this file.")
    ] = None,
    model: Annotated[str | None, MODEL] = None,
    revision: Annotated[str | None, REVISION] = None,
    document_length: Annotated[int | None, DOCUMENT_LENGTH] = None,
) -> None:
    """Encode documents and keep them in a collection that can be searched.

    Documents that cannot be read are left out; the first of them are printed, with the reasons.
    """
    import pandas as pd

    import colbert_explain as ce
    from colbert_explain.text_files import frame_as_csv

    with usage_errors():
        check_names_of_files(json=json, csv=csv)
        if not documents.exists():
            raise ValueError(f"there is no file or folder {str(documents)!r}")
        encoder = ce.load_encoder(model, revision=revision, document_length=document_length)
        collection = ce.Collection.build(
            documents, encoder, into, name=name, compression=compression
        )
        for sentence in (*collection.notes, *_left_out(collection)):
            typer.echo(sentence, err=True)
        left_out = [asdict(one) for one in collection.left_out]
        if json is not None:
            content = {
                "documents": len(collection),
                "where": collection.where_it_lies,
                "left_out": left_out,
                "notes": list(collection.notes),
            }
            save_text(json, json_module.dumps(content, ensure_ascii=False, indent=1))
        if csv is not None:
            columns = ["position", "name", "reason"]
            save_text(csv, frame_as_csv(pd.DataFrame(left_out, columns=columns)))
        typer.echo(f"{count(len(collection), 'document')} in {collection.where_it_lies}")


@application.command(
    epilog="Example: colbert-explain rebuild my-collection. The stored texts are encoded again."
)
def rebuild(
    collection: Annotated[Path, typer.Argument(help="Folder of a collection.", show_default=False)],
    model: Annotated[str | None, MODEL] = None,
    revision: Annotated[str | None, REVISION] = None,
    document_length: Annotated[int | None, DOCUMENT_LENGTH] = None,
) -> None:
    """Encode the texts of an old or damaged collection again."""
    import colbert_explain as ce

    with usage_errors():
        encoder = ce.load_encoder(model, revision=revision, document_length=document_length)
        rebuilt = ce.rebuild_collection(collection, encoder)
        for sentence in _left_out(rebuilt):
            typer.echo(sentence, err=True)
        typer.echo(f"{count(len(rebuilt), 'document')} in {rebuilt.where_it_lies}")


def _left_out(collection: Collection) -> list[str]:
    """Say which documents were left out, and why."""
    from colbert_explain.analysis.unreadable_documents import left_out_sentence

    n_given = len(collection) + len(collection.left_out)
    return [left_out_sentence(collection.left_out, n_given)] if collection.left_out else []
