"""`python -m tests.pages` writes the pages that are made from the code."""

from tests.pages import PAGES, write

if __name__ == "__main__":
    for name in PAGES:
        write(name)
