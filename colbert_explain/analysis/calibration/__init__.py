"""How unusual a query token's maximum is among documents that have nothing to do with it."""

from __future__ import annotations

from colbert_explain.analysis.calibration._calibrate import calibrate
from colbert_explain.analysis.calibration.distribution import Calibration

__all__ = ["Calibration", "calibrate"]
