"""Look again: what easybill says of the month's drafts, after a run's last write."""

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.tasks import exponential_backoff

from tasks.easybill.upload import MonthDelivery
from tasks.run.retrying import easybill_had_no_time


def look_again(delivery: MonthDelivery) -> None:
    """List the month's documents anew; raises easybill's errors as they are."""
    delivery.lookup.list_documents_anew()


@task(
    name="look-again",
    persist_result=False,
    cache_policy=NO_CACHE,
    retries=3,
    retry_delay_seconds=exponential_backoff(backoff_factor=2),
    retry_condition_fn=easybill_had_no_time,
)
def look_again_task(delivery: MonthDelivery) -> None:
    """List the documents; repeated where easybill had no time."""
    look_again(delivery)
