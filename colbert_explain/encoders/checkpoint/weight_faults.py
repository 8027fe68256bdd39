"""What is wrong with the weights of a file, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping

Shape = tuple[int, ...]


def weight_faults(
    found: Mapping[str, Shape],
    wanted: Mapping[str, Shape],
    *,
    not_needed: Callable[[str], bool] = lambda _name: False,
) -> list[str]:
    """List in words which weights are missing, unexpected or of another shape.

    Parameters
    ----------
    found, wanted
        Names and shapes in the file, and those that the model has.
    not_needed
        Which names may be in the file without being wanted.
    """
    return [
        *(f"{name} is missing" for name in wanted if name not in found),
        *(f"{name} is unexpected" for name in found if name not in wanted and not not_needed(name)),
        *(
            f"{name} must have shape {wanted[name]}, got {shape}"
            for name, shape in found.items()
            if name in wanted and shape != wanted[name]
        ),
    ]
