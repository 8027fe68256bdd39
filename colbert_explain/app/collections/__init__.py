"""Which collection a page shows: opened, indexed or dropped onto it."""
