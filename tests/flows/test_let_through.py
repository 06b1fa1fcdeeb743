"""One customer's run, which a bound stops until the run is told to let it through."""

import pytest
from prefect.exceptions import ParameterTypeError
from prefect.settings import PREFECT_API_URL, temporary_settings

from blocks.register import register
from flows.invoice_customer import invoice_customer
from tests.prefect_server import PrefectServer
from tests.world import MONTH, World


def test_a_bound_from_the_saved_block_holds_until_it_is_let_through(
    world: World, prefect_server: PrefectServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.add_customer("K1")
    world.add_service("S-1", "K1", price="250.00")
    with temporary_settings({PREFECT_API_URL: prefect_server.api_url}):
        for name, value in {**world.environment, "SENSE_INVOICE_NET_EUR": "200"}.items():
            monkeypatch.setenv(name, value)
        assert "sensebounds/bounds" in register()
        monkeypatch.delenv("SENSE_INVOICE_NET_EUR")

        stopped = invoice_customer(MONTH, "K1", return_state=True)
        assert stopped.is_failed()
        assert "net 250.00 is above 200" in str(stopped.message)
        assert world.easybill.writes() == 0

        with pytest.raises(ParameterTypeError, match="there are line_net:CUSTOMER"):
            invoice_customer(MONTH, "K1", let_through=["invoice:K1"])

        assert invoice_customer(
            MONTH, "K1", let_through=["invoice_net:K1"], return_state=True
        ).is_completed()
        assert len(world.easybill.drafts()) == 1
