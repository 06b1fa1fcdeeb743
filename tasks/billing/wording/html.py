"""Pages in HTML: every value is escaped, and one that is missing is an error."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from tasks.billing.wording.speech import Speech


def html_pages(folder: Path, speech: Speech) -> Environment:
    """The folder's templates, with `say` and the filters of the language."""
    pages = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.globals.update(say=speech.say)
    pages.filters.update(speech.filters)
    return pages
