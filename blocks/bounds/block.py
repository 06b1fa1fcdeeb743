"""The Prefect block with the bounds of the checks."""

from prefect.blocks.core import Block
from pydantic import HttpUrl

from blocks.bounds.bounds import Bounds


class SenseBounds(Bounds, Block):
    """What an ordinary month looks like; what is unusual is reported, or stopped."""

    _block_type_name = "SenseBounds"
    _block_type_slug = "sensebounds"
    # One of Prefect's own logos.
    _logo_url = HttpUrl(
        "https://cdn.sanity.io/images/3ugk85nk/production"
        "/0b47a017e1b40381de770c17647c49cdf6388d1c-250x250.png"
    )
