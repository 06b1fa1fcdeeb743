"""What the probe measures on the sandbox, and that it leaves nothing."""

import pytest
from pydantic import SecretStr

from blocks.easybill.account import EasybillAccount
from blocks.easybill.probe import ProbeRefused, probe, probe_finalised
from tests.easybill_sandbox import RunningSandbox


@pytest.fixture
def account(sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> EasybillAccount:
    monkeypatch.setattr("blocks.easybill.probe.MEGABYTES", (1,))
    monkeypatch.setattr("blocks.easybill.probe.POSITIONS", (100,))
    return EasybillAccount(
        api_key=SecretStr(sandbox.api_key),
        base_url=sandbox.base_url,
        requests_per_minute=100_000,
        account="test",
    )


def test_it_measures_and_cleans_up(account: EasybillAccount, sandbox: RunningSandbox) -> None:
    said = list(probe(account, keep=False))
    assert "external_id twice: accepted: it need not be unique" in said
    assert "most positions: 100 accepted, more was not tried" in said
    assert any(line.startswith("linking a file changes edited_at: ") for line in said)
    assert sandbox.drafts() == []
    assert sandbox.attachments() == []
    assert sandbox.http.get("/customers").json()["items"] == []


def test_a_finalised_probe_is_tried_and_nothing_else(
    account: EasybillAccount, sandbox: RunningSandbox
) -> None:
    list(probe(account, keep=True))
    (kept,) = sandbox.drafts()
    with pytest.raises(ProbeRefused, match="finalise it by hand first"):
        list(probe_finalised(account, kept["id"]))
    sandbox.finalise(kept["id"])
    said = list(probe_finalised(account, kept["id"]))
    assert said[0].startswith("PUT on a finalised document: ")
    assert said[1].startswith("DELETE on a finalised document: ")
    with pytest.raises(ProbeRefused, match="not one of the probe's"):
        list(probe_finalised(account, 999_999))


def test_the_production_account_is_not_probed(account: EasybillAccount) -> None:
    with pytest.raises(ProbeRefused, match="EASYBILL_ACCOUNT"):
        list(probe(account.model_copy(update={"account": "main"}), keep=False))
