"""What every page part stands on: widgets, scripts, styles, messages."""
