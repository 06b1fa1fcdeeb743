"""The catalogue: what each code of an issue says, and what to do next; a file per language."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from jinja2 import DictLoader, Environment, StrictUndefined, Template

from tasks.billing.issue import Issue, IssueCode
from tasks.billing.wording.speech import ENGLISH, Speech
from tasks.billing.words import one_line

NAMED = 3


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of one code in one language, as templates over the issue's subject and facts."""

    text: Template
    next_step: Template


def text_of(issue: Issue, language: str = "en") -> str:
    """What is wrong, without a full stop."""
    # What others said may be a whole sentence.
    return _filled(catalogue(language)[issue.code].text, issue).rstrip(".")


def next_step_of(issue: Issue, language: str = "en") -> str:
    """What to do about it, without a full stop; empty where there is nothing to do."""
    return _filled(catalogue(language)[issue.code].next_step, issue)


def sentences_of(issue: Issue, language: str = "en") -> str:
    """What is wrong and what to do, as sentences."""
    said = (text_of(issue, language), next_step_of(issue, language))
    return " ".join(f"{sentence}." for sentence in said if sentence)


def said_of(issues: Sequence[Issue], language: str = "en") -> str:
    """Why a customer is not invoiced and what to do, in one line without a full stop.

    The first few issues; a customer may have hundreds of rows that are not valid.
    """
    said = [sentences_of(issue, language) for issue in issues[:NAMED]]
    if (more := len(issues) - NAMED) > 0:
        speech = Speech(language)
        said.append(speech.say("And {issues}", issues=speech.counted(more, "more issue")))
    return " ".join(said).rstrip(".")


@cache
def catalogue(language: str) -> Mapping[IssueCode, Wording]:
    """The words of every code; English ones where another language has none."""
    english = {} if language == ENGLISH else catalogue(ENGLISH)
    file = files(__package__).joinpath(f"issues.{language}.toml")
    content = tomllib.loads(file.read_text(encoding="utf-8"))
    # What an issue says is plain text; pages and artifacts escape it as they need.
    environment = Environment(
        loader=DictLoader(content.pop("shared")),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - plain text, escaped where shown
    )
    environment.filters.update(Speech(language).filters)
    own = {
        IssueCode(code): Wording(
            environment.from_string(words["text"]), environment.from_string(words["next_step"])
        )
        for code, words in content.items()
    }
    return {**english, **own}


def _filled(template: Template, issue: Issue) -> str:
    subject = {
        "name": issue.name,
        "customer_number": issue.customer_number,
        "month": issue.month,
        "service_id": issue.service_id,
        "document_id": issue.document_id,
    }
    return one_line(template.render({**subject, **issue.facts}))
