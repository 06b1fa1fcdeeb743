"""The Prefect block with the bounds of the checks."""

from prefect.blocks.core import Block

from blocks.bounds.bounds import Bounds


class SenseBounds(Bounds, Block):
    """What an ordinary month looks like; what is unusual is reported, or stopped."""

    _block_type_name = "SenseBounds"
    _block_type_slug = "sensebounds"
