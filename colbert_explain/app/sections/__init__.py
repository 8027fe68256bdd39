"""What stands below the page's picture: best sentences, two compared, the table, files to save."""
