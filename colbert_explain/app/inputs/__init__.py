"""What a reader puts into the workbench: query, documents, files, examples, links."""
