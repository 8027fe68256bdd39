"""How unusual a query token's maximum is among documents that have nothing to do with it."""

from __future__ import annotations

from colbert_explain.calibration.distribution import Calibration
from colbert_explain.calibration.measuring import calibrate

__all__ = ["Calibration", "calibrate"]
