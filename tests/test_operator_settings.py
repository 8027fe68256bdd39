import os
from pathlib import Path

import pytest

from colbert_explain.library_settings import LibrarySettings
from colbert_explain.operator_settings import OperatorSettings


def test_without_variables_nothing_but_the_bundled_encoder_is_allowed():
    settings = OperatorSettings.from_environment({})
    assert settings == OperatorSettings()
    assert settings.models == ()
    assert settings.model_folders == ()
    assert settings.collections == ()
    assert not settings.keep_embeddings


def test_every_setting_is_read_from_its_variable(tmp_path):
    values = {
        "LARGEST_TEXT": "5000",
        "LARGEST_FILE": " 4096 ",
        "MOST_DOCUMENTS": "7",
        "CONCURRENT_ENCODINGS": "3",
        "MODELS": "one/model, other/model,",
        "MODEL_FOLDERS": f"{tmp_path}{os.pathsep}/somewhere/else",
        "COLLECTIONS": os.pathsep.join(
            [str(tmp_path), "http://localhost:6333#news", "https://a.example/db#b", "*"]
        ),
        "LARGEST_COLLECTION": "777",
        "KEEP_EMBEDDINGS": "1",
        "CACHE_FOLDER": str(tmp_path / "cache"),
        "CACHE_SIZE": "1000000",
        "IDLE_MINUTES": "0.5",
        "MOST_KERNELS": "12",
        "SPARE_KERNEL": "0",
        "ENCODER_QUEUE": "9",
        "ENCODER_MINUTES": "1.5",
        "ENCODER_MODELS": "3",
        "ENCODER_THREADS": "4",
    }
    settings = OperatorSettings.from_environment(
        {f"COLBERT_EXPLAIN_{name}": value for name, value in values.items()}
    )
    assert settings == OperatorSettings(
        largest_text=5000,
        largest_file=4096,
        most_documents=7,
        concurrent_encodings=3,
        models=("one/model", "other/model"),
        model_folders=(tmp_path.resolve(), Path("/somewhere/else")),
        collections=(
            str(tmp_path.resolve()),
            "http://localhost:6333#news",
            "https://a.example/db#b",
            "*",
        ),
        largest_collection=777,
        keep_embeddings=True,
        cache_folder=tmp_path / "cache",
        cache_size=1_000_000,
        idle_minutes=0.5,
        most_kernels=12,
        spare_kernel=False,
        encoder_queue=9,
        encoder_minutes=1.5,
        encoder_models=3,
        encoder_threads=4,
    )


def test_a_value_that_a_variable_does_not_take_is_refused_by_name():
    for name, value in (
        ("LARGEST_TEXT", "many"),
        ("LARGEST_FILE", "0"),
        ("MOST_DOCUMENTS", "-1"),
        ("CONCURRENT_ENCODINGS", "1.5"),
        ("CACHE_SIZE", "1 GB"),
        ("CACHE_SIZE", "9" * 20),
        ("CACHE_FOLDER", "~nobody-of-this-name/cache"),
        ("MODEL_FOLDERS", "~nobody-of-this-name/models"),
        ("MOST_KERNELS", "0"),
        ("MOST_KERNELS", "few"),
        ("KEEP_EMBEDDINGS", "yes"),
        ("SPARE_KERNEL", "2"),
        ("IDLE_MINUTES", "0"),
        ("IDLE_MINUTES", "nan"),
        ("IDLE_MINUTES", "soon"),
    ):
        with pytest.raises(ValueError, match=f"^COLBERT_EXPLAIN_{name} must be .*, got '{value}'"):
            OperatorSettings.from_environment({f"COLBERT_EXPLAIN_{name}": value})


def test_a_value_of_thousands_of_digits_is_refused_in_one_short_sentence():
    with pytest.raises(ValueError, match=r"^COLBERT_EXPLAIN_CACHE_SIZE must be a whole") as caught:
        OperatorSettings.from_environment({"COLBERT_EXPLAIN_CACHE_SIZE": "9" * 5000})
    assert len(str(caught.value)) < 150


def test_what_the_library_asks_for_is_a_part_of_them_and_reads_no_other(tmp_path):
    environment = {
        "COLBERT_EXPLAIN_KEEP_EMBEDDINGS": "1",
        "COLBERT_EXPLAIN_CACHE_FOLDER": str(tmp_path),
        "COLBERT_EXPLAIN_CACHE_SIZE": "5",
    }
    library = LibrarySettings.from_environment({**environment, "COLBERT_EXPLAIN_IDLE_MINUTES": "x"})
    assert library == LibrarySettings(keep_embeddings=True, cache_folder=tmp_path, cache_size=5)
    settings = OperatorSettings.from_environment(environment)
    assert isinstance(settings, LibrarySettings)
    for name in ("keep_embeddings", "cache_folder", "cache_size"):
        assert getattr(settings, name) == getattr(library, name)
