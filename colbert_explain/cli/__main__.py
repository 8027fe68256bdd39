"""Run the command line: ``python -m colbert_explain.cli``."""

from colbert_explain.cli import main

if __name__ == "__main__":
    main()
