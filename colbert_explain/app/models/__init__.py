"""Which encoder a workbench uses."""
