"""The one widget that is the page of a workbench."""
