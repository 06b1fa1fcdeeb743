"""The REST API: what each address does."""

from starlette.routing import Route

from blocks.easybill.exact_json import Json
from blocks.easybill.sandbox.calls import Call, routes_of
from blocks.easybill.sandbox.filters import CUSTOMER_FILTERS, DOCUMENT_FILTERS
from blocks.easybill.sandbox.refusal import invalid
from blocks.easybill.sandbox.state import Sandbox
from blocks.easybill.sandbox.validation import (
    accepted_attachment,
    accepted_customer,
    accepted_document,
    accepted_payment,
)


def routes(sandbox: Sandbox) -> list[Route]:
    """All addresses of the API that the sandbox knows."""
    customers, documents = sandbox.customers, sandbox.documents
    attachments, versions = sandbox.attachments, sandbox.documents.versions

    def finalise(call: Call) -> Json:
        call.note_unknown_query()
        return documents.finalise(call.id)

    async def upload(call: Call) -> Json:
        async with call.http.form() as form:
            file = form.get("file")
            if file is None or isinstance(file, str):
                raise invalid("A file is expected, as multipart/form-data", "file")
            call.violations.extend(f"{name} is unknown" for name in form if name != "file")
            return attachments.create(file.filename or "file", await file.read())

    def change_customer(call: Call) -> Json:
        return customers.change(call.id, call.sent(accepted_customer))

    def change_document(call: Call) -> Json:
        return documents.change(call.id, call.sent(accepted_document), call.reason_for_change)

    def list_versions(call: Call) -> Json:
        documents.read(call.id)
        return call.listed(lambda wanted: versions.of_document(call.id, wanted), {})

    def link(call: Call) -> Json:
        return attachments.link(call.id, call.sent(accepted_attachment))

    return routes_of(
        ("GET", "/logins", lambda call: call.listed(sandbox.logins, {})),
        ("GET", "/logins/{id:int}", lambda call: sandbox.login(call.id)),
        ("GET", "/customers", lambda call: call.listed(customers.page, CUSTOMER_FILTERS)),
        ("POST", "/customers", lambda call: customers.create(call.sent(accepted_customer))),
        ("GET", "/customers/{id:int}", lambda call: customers.read(call.id)),
        ("PUT", "/customers/{id:int}", change_customer),
        ("DELETE", "/customers/{id:int}", lambda call: customers.delete(call.id)),
        ("GET", "/documents", lambda call: call.listed(documents.page, DOCUMENT_FILTERS)),
        ("POST", "/documents", lambda call: documents.create(call.sent(accepted_document))),
        ("GET", "/documents/{id:int}", lambda call: documents.read(call.id)),
        ("PUT", "/documents/{id:int}", change_document),
        ("DELETE", "/documents/{id:int}", lambda call: documents.delete(call.id)),
        ("PUT", "/documents/{id:int}/done", finalise),
        ("POST", "/documents/{id:int}/cancel", lambda call: documents.cancel(call.id)),
        ("GET", "/documents/{id:int}/versions", list_versions),
        (
            "GET",
            "/documents/{id:int}/versions/{version_id:int}",
            lambda call: versions.one(call.id, call.id_of("version_id")),
        ),
        ("GET", "/document-payments", lambda call: call.listed(sandbox.payments.page, {})),
        (
            "POST",
            "/document-payments",
            lambda call: sandbox.payments.create(call.sent(accepted_payment)),
        ),
        ("GET", "/attachments", lambda call: call.listed(attachments.page, {})),
        ("POST", "/attachments", upload),
        ("GET", "/attachments/{id:int}", lambda call: attachments.read(call.id)),
        ("PUT", "/attachments/{id:int}", link),
        ("DELETE", "/attachments/{id:int}", lambda call: attachments.delete(call.id)),
        ("GET", "/attachments/{id:int}/content", lambda call: attachments.content(call.id)[1]),
    )
