"""What the workbench page shows of a result, as JSON: numbers, texts and a figure."""
