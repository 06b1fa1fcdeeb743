"""The catalogue: what each code of an issue says, and what to do next; a file per language."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from jinja2 import DictLoader, Environment, StrictUndefined, Template

from tasks.billing.issue import Issue, IssueCode
from tasks.billing.money import amount_text
from tasks.billing.words import counted, one_line


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of one code in one language, as templates over the issue's subject and facts."""

    text: Template
    next_step: Template


def text_of(issue: Issue, language: str = "en") -> str:
    """What is wrong, without a full stop."""
    return _filled(catalogue(language)[issue.code].text, issue)


def next_step_of(issue: Issue, language: str = "en") -> str:
    """What to do about it, without a full stop; empty where there is nothing to do."""
    return _filled(catalogue(language)[issue.code].next_step, issue)


def sentences_of(issue: Issue, language: str = "en") -> str:
    """What is wrong and what to do, as sentences."""
    said = (text_of(issue, language), next_step_of(issue, language))
    return " ".join(f"{sentence.rstrip('.')}." for sentence in said if sentence)


@cache
def catalogue(language: str) -> Mapping[IssueCode, Wording]:
    """The words of every code."""
    file = files(__package__).joinpath(f"issues.{language}.toml")
    content = tomllib.loads(file.read_text(encoding="utf-8"))
    # What an issue says is plain text; pages and artifacts escape it as they need.
    environment = Environment(
        loader=DictLoader(content.pop("shared")),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 - plain text, escaped where shown
    )
    environment.filters.update(amount=amount_text, counted=counted, number=_number)
    return {
        IssueCode(code): Wording(
            environment.from_string(words["text"]), environment.from_string(words["next_step"])
        )
        for code, words in content.items()
    }


def _filled(template: Template, issue: Issue) -> str:
    subject = {
        "name": issue.name,
        "customer_number": issue.customer_number,
        "month": issue.month,
        "service_id": issue.service_id,
        "document_id": issue.document_id,
    }
    return one_line(template.render({**subject, **issue.facts}))


def _number(count: int) -> str:
    return f"{count:,}"
