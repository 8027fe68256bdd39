"""What the widgets of the pages show, as JSON."""
