"""The texts of a draft's positions, where the account has templates for them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

from blocks.easybill.account import EasybillAccount
from blocks.easybill.position_text import PositionText
from tasks.billing.line_item import LineItem, LineKind, Service
from tasks.billing.month import BERLIN


@dataclass(frozen=True, slots=True)
class PositionTexts:
    """The account's templates; None: the line's title is the text."""

    service: PositionText | None = None
    cancellation_fee: PositionText | None = None

    @classmethod
    def of(cls, account: EasybillAccount) -> Self:
        """Those of the account."""
        return cls(_parsed(account.position_text), _parsed(account.cancellation_fee_text))

    def put_on(self, lines: Sequence[LineItem], service: Service) -> Sequence[LineItem]:
        """The lines of the service, each with the text of its template."""
        if self.service is None and self.cancellation_fee is None:
            return lines
        values = {
            "name": service.name,
            "description": service.description,
            "rendered_at": service.rendered_at.astimezone(BERLIN),
            "order_number": service.order_number,
            "service_code": service.service_code,
        }
        return [
            line
            if (template := self._template_of(line.kind)) is None
            else replace(line, own_position_text=template.filled(values))
            for line in lines
        ]

    def _template_of(self, kind: LineKind) -> PositionText | None:
        return self.service if kind is LineKind.SERVICE else self.cancellation_fee


NO_TEMPLATES = PositionTexts()


def _parsed(template: str | None) -> PositionText | None:
    return None if template is None else PositionText.parse(template)
