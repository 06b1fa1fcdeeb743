"""What all pages of the sandbox share: frame, style and small parts."""

from collections.abc import Iterable
from html import escape

_STYLE = """
:root { --ink: #1d2733; --soft: #66717e; --line: #e3e7ec; --paper: #fff; --ground: #f4f6f8;
  --accent: #0b6e99; --draft: #fff3d6; --draft-ink: #7a5200;
  --final: #dcf3e4; --final-ink: #14532d }
* { box-sizing: border-box }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif }
header.top { background: var(--paper); border-bottom: 1px solid var(--line); padding: .9rem 2rem }
header.top a { color: inherit; text-decoration: none; font-weight: 650 }
header.top small { color: var(--soft); margin-left: .75rem }
main { max-width: 1240px; margin: 1.75rem auto 3rem; padding: 0 2rem }
h1 { font-size: 1.45rem; margin: 0 0 1rem } h2 { font-size: 1rem; margin: 1.75rem 0 .5rem }
address { font-style: normal }
a { color: var(--accent) } .soft { color: var(--soft) }
.card { background: var(--paper); border: 1px solid var(--line); border-radius: 10px }
.sheet { padding: 2rem 2.25rem } .scroll { overflow-x: auto }
table { border-collapse: collapse; width: 100% }
th { text-align: left; font-size: .8rem; font-weight: 600; color: var(--soft) }
th, td { padding: .55rem .75rem; border-bottom: 1px solid var(--line); vertical-align: top }
tr:last-child td { border-bottom: 0 }
.list { font-size: .9rem } .list th, .list td { padding: .55rem .6rem }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
.keep { white-space: nowrap } .text { white-space: pre-line; overflow-wrap: anywhere }
.tag { border-radius: 99px; padding: .1rem .6rem; font-size: .8rem; font-weight: 600 }
.draft { background: var(--draft); color: var(--draft-ink) }
.final { background: var(--final); color: var(--final-ink) }
form { display: flex; gap: .6rem; flex-wrap: wrap; align-items: center; margin: 0 0 1rem }
input, select, button { font: inherit; padding: .4rem .65rem; border: 1px solid var(--line);
  border-radius: 7px; background: var(--paper); color: inherit }
button { background: var(--accent); border-color: var(--accent); color: #fff; cursor: pointer }
.sums { display: flex; gap: 2.5rem; flex-wrap: wrap; padding: .9rem 1.25rem; margin: 0 0 1rem }
.sums b { display: block; font-size: 1.15rem; font-variant-numeric: tabular-nums }
.pages { display: flex; gap: 1.25rem; align-items: center; margin: 1rem 0 }
.two { display: grid; grid-template-columns: 1fr auto; gap: 2.5rem; margin-bottom: 1.25rem }
dl { display: grid; grid-template-columns: auto auto; gap: .2rem 1.5rem; margin: 0 }
dt { color: var(--soft) } dd { margin: 0; text-align: right }
.totals { width: auto; min-width: 22rem; margin: .5rem 0 0 auto }
.totals td { border: 0; padding: .2rem .75rem }
.totals .sum td { border-top: 1px solid var(--ink); font-weight: 650; padding-top: .45rem }
.empty { padding: 2.5rem; text-align: center; color: var(--soft) }
"""


def frame(title: str, content: str) -> str:
    """A whole page. The content is HTML, the title is text."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>"
        '<header class="top"><a href="/">easybill sandbox</a>'
        "<small>a local rehearsal; nothing here reaches easybill</small></header>"
        f"<main>{content}</main></body></html>"
    )


def text(value: object) -> str:
    """A value as HTML text; nothing for null."""
    return "" if value is None else escape(str(value))


def state_tag(*, is_draft: bool) -> str:
    """Whether it is a draft still."""
    name = "draft" if is_draft else "final"
    return f'<span class="tag {name}">{name}</span>'


def file_links(files: Iterable[tuple[int, str]]) -> str:
    """Links to the contents of attachments, given their ids and names."""
    return "<br>".join(
        f'<a href="/attachments/{file_id}">{text(name)}</a>' for file_id, name in files
    )
