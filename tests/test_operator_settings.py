import os
from pathlib import Path

import pytest

from colbert_explain.operator_settings import OperatorSettings


def test_without_variables_nothing_but_the_bundled_encoder_is_allowed():
    settings = OperatorSettings.from_environment({})
    assert settings == OperatorSettings()
    assert settings.models == ()
    assert settings.model_folders == ()
    assert not settings.keep_embeddings


def test_every_setting_is_read_from_its_variable(tmp_path):
    values = {
        "LARGEST_TEXT": "5000",
        "LARGEST_FILE": " 4096 ",
        "MOST_DOCUMENTS": "7",
        "CONCURRENT_ENCODINGS": "3",
        "MODELS": "one/model, other/model,",
        "MODEL_FOLDERS": f"{tmp_path}{os.pathsep}/somewhere/else",
        "KEEP_EMBEDDINGS": "1",
        "CACHE_FOLDER": str(tmp_path / "cache"),
        "CACHE_SIZE": "1000000",
        "IDLE_MINUTES": "0.5",
        "MOST_KERNELS": "12",
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
        keep_embeddings=True,
        cache_folder=tmp_path / "cache",
        cache_size=1_000_000,
        idle_minutes=0.5,
        most_kernels=12,
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LARGEST_TEXT", "many"),
        ("LARGEST_FILE", "0"),
        ("MOST_DOCUMENTS", "-1"),
        ("CONCURRENT_ENCODINGS", "1.5"),
        ("CACHE_SIZE", "1 GB"),
        ("MOST_KERNELS", "0"),
        ("MOST_KERNELS", "few"),
        ("KEEP_EMBEDDINGS", "yes"),
        ("IDLE_MINUTES", "0"),
        ("IDLE_MINUTES", "nan"),
        ("IDLE_MINUTES", "soon"),
    ],
)
def test_a_value_that_a_variable_does_not_take_is_refused_by_name(name, value):
    with pytest.raises(ValueError, match=f"^COLBERT_EXPLAIN_{name} must be .*, got '{value}'"):
        OperatorSettings.from_environment({f"COLBERT_EXPLAIN_{name}": value})
