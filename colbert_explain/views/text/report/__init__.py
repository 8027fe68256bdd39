"""The report: an explanation in sentences."""
