"""The picture of the workbench's page: headline, heatmap, strip and read-out."""
