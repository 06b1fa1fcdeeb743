"""Create customers that easybill does not know; no two runs create the same one.

The ledger says before a call who creates the customer: another run then sends nothing and looks
again. What a lost answer did, a look tells; one that finds nothing proves something only when the
call can't take effect any more.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from blocks.easybill.errors import NotSent, OutcomeUnknown, Rejected, Unavailable
from blocks.easybill.models import Customer as EasybillCustomer
from blocks.easybill.models import UnreadableEntry
from blocks.ledger.ledger import CustomerCreation
from blocks.ledger.states import CreationState
from tasks.billing.invoice import Customer
from tasks.billing.issue import Fact, Issue, IssueCode
from tasks.billing.month import BillingMonth
from tasks.run.connections import Connections
from tasks.run.gate import LATE_EFFECT_S, Gate
from tasks.run.lease import request_lasts_at_most_s


@dataclass(frozen=True, slots=True)
class CustomerCreations:
    """Creates customers, and keeps by their numbers what came of it."""

    connections: Connections
    month: BillingMonth
    found: dict[str, Sequence[EasybillCustomer | UnreadableEntry]] = field(default_factory=dict)
    refused: dict[str, Issue] = field(default_factory=dict)

    def create(self, missing: Collection[Customer]) -> None:
        """Create customers that a look did not find; raises where easybill can't be asked now."""
        doubtful = [customer for customer in missing if self._create(customer) is not None]
        if not doubtful:
            return
        numbers = [customer.customer_number for customer in doubtful]
        seen = self.connections.ledger.customer_creations(numbers)
        self._look(numbers)
        self._wait_for(seen)
        self._look(numbers)
        for customer in doubtful:
            number = customer.customer_number
            if number not in self.found:
                doubt = self._create(customer, instead_of=seen[number])
                if doubt is not None:
                    self.refused[number] = doubt

    def settle(self, found: Mapping[str, Sequence[EasybillCustomer | UnreadableEntry]]) -> None:
        """Keep what a look has found of creations whose answer is not known."""
        ledger = self.connections.ledger
        for number, creation in ledger.customer_creations(found).items():
            only, *others = found[number]
            if creation.state == CreationState.SENDING and not others and only.id is not None:
                ledger.settle_customer(creation, only.id)

    def _create(
        self, customer: Customer, *, instead_of: CustomerCreation | None = None
    ) -> Issue | None:
        """Create the customer; None where it is known what came of it, else why it is not."""
        number, ledger = customer.customer_number, self.connections.ledger
        # Announced and then kept waiting for its turn, a call could be taken for a lost one.
        client = self.connections.client_for(self.month, number).with_turns(1)
        creation = ledger.announce_customer(
            number, instead_of=instead_of, flow_run_id=self.connections.flow_run_id
        )
        if creation is None:
            return self._issue(IssueCode.CREATED_ELSEWHERE, number)
        try:
            created = client.create_customer(customer_body(customer))
        except OutcomeUnknown as error:
            return self._issue(IssueCode.CREATION_IN_DOUBT, number, said=str(error))
        except Rejected as error:
            ledger.settle_customer(creation, None)
            self.refused[number] = self._issue(IssueCode.CREATION_REFUSED, number, said=str(error))
            return None
        except (Unavailable, NotSent):
            ledger.settle_customer(creation, None)
            raise
        ledger.settle_customer(creation, created.id)
        self.found[number] = [created]
        return None

    def _look(self, numbers: Collection[str]) -> None:
        left = [number for number in numbers if number not in self.found]
        found = self.connections.client_for(self.month, None).find_customers(left)
        self.settle(found)
        self.found.update(found)

    def _wait_for(self, seen: Mapping[str, CustomerCreation]) -> None:
        """Wait until each of these calls has ended, or can't take effect any more."""
        gate = self.connections.gate or Gate(lambda: None)
        longest_s = max(LATE_EFFECT_S, request_lasts_at_most_s(self.connections.lease_seconds))
        gate.wait_while(lambda: self._are_under_way(seen), at_most_s=longest_s)

    def _are_under_way(self, seen: Mapping[str, CustomerCreation]) -> bool:
        """Whether a call that was announced is still without an end."""
        sending = {
            number: creation
            for number, creation in seen.items()
            if creation.state == CreationState.SENDING
        }
        now = self.connections.ledger.customer_creations(sending)
        return any(now[number] == creation for number, creation in sending.items())

    def _issue(self, code: IssueCode, number: str, **facts: Fact) -> Issue:
        return Issue(code, number, str(self.month), facts=facts)


def customer_body(customer: Customer) -> dict[str, object]:
    """The body of `POST /customers`: what the OMS knows, in easybill's names."""
    body: dict[str, object | None] = {
        "number": customer.customer_number,
        "company_name": customer.company_name,
        "first_name": customer.first_name,
        "last_name": customer.last_name,
        "emails": [customer.email] if customer.email else None,
        "phone_1": customer.phone_number,
        "street": customer.street,
        "zip_code": customer.zip_code,
        "city": customer.city,
        "state": customer.state,
        "country": customer.country,
        "vat_identifier": customer.vat_id,
        "tax_options": customer.vat_option if customer.vat_option != "smallBusiness" else None,
        "buyer_reference": customer.buyer_reference,
    }
    # easybill asks for these two names even where one is empty.
    obligatory = {"company_name": customer.company_name, "last_name": customer.last_name}
    return {key: value for key, value in body.items() if value is not None} | obligatory
