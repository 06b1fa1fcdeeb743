"""What an accountant does by a button of the pages: finalise, edit, delete, archive."""

from collections.abc import Callable

from starlette.datastructures import FormData
from starlette.requests import Request as HttpRequest
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from blocks.easybill.exact_json import Json
from blocks.easybill.sandbox import german
from blocks.easybill.sandbox.refusal import Refused
from blocks.easybill.sandbox.state import Sandbox

Act = Callable[[int, FormData], str]


def routes(sandbox: Sandbox) -> list[Route]:
    """The addresses that the buttons post to; each answers with the page to show next."""

    def finalise(document_id: int, _: FormData) -> str:
        sandbox.documents.finalise(document_id)
        return f"/documents/{document_id}"

    def delete(document_id: int, _: FormData) -> str:
        sandbox.documents.delete(document_id)
        return "/"

    def edit(document_id: int, form: FormData) -> str:
        sandbox.documents.change(
            document_id, _edited(sandbox.documents.read(document_id)["items"], form)
        )
        return f"/documents/{document_id}"

    def archive(customer_id: int, form: FormData) -> str:
        is_archived = sandbox.customers.read(customer_id)["archived"]
        sandbox.customers.change(customer_id, {"archived": not is_archived})
        document = str(form.get("document", ""))
        return f"/documents/{document}" if document.isdigit() else "/"

    return [
        _route("/documents/{id:int}/finalise", finalise),
        _route("/documents/{id:int}/delete", delete),
        _route("/documents/{id:int}/edit", edit),
        _route("/customers/{id:int}/archive", archive),
    ]


def _route(path: str, act: Act) -> Route:
    async def answer(http: HttpRequest) -> Response:
        # Another site's page could post to a sandbox on this machine.
        if http.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
            return PlainTextResponse("Nur von den eigenen Seiten aus.", 403)
        try:
            shown_next = act(int(http.path_params["id"]), await http.form())
        except Refused as refused:
            return PlainTextResponse(str(refused), refused.status)
        except ValueError as error:
            return PlainTextResponse(str(error), 400)
        return RedirectResponse(shown_next, 303)

    return Route(path, answer, methods=["POST"])


def _edited(items: list[Json], form: FormData) -> Json:
    """The fields that the form changes; a quantity that is as it was is not touched."""
    changed = []
    for place, item in enumerate(items):
        given = str(form.get(f"quantity_{place}", ""))
        if given != (item["quantity_str"] or german.number(item["quantity"])):
            item = {**item, "quantity": german.number_of(given), "quantity_str": None}
        changed.append(item)
    # A browser sends line breaks as CR LF.
    text = str(form.get("text_prefix", "")).replace("\r\n", "\n")
    return {"text_prefix": text, "items": changed}
