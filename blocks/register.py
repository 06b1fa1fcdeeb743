"""Save the blocks from the environment: `python -m blocks.register`, again and again."""

import sys

from pydantic import ValidationError

from blocks.bounds.settings import SenseSettings
from blocks.easybill.settings import EasybillSettings, explain
from blocks.ledger.settings import LedgerSettings
from blocks.oms.settings import OmsSettings

Settings = OmsSettings | EasybillSettings | LedgerSettings | SenseSettings

# By the name of the block that they make.
SETTINGS: dict[str, type[Settings]] = {
    "oms": OmsSettings,
    "easybill": EasybillSettings,
    "ledger": LedgerSettings,
    "bounds": SenseSettings,
}


def register() -> list[str]:
    """Save the blocks under their names; returns these names."""
    blocks = {name: settings().to_block() for name, settings in SETTINGS.items()}
    for name, block in blocks.items():
        block.save(name, overwrite=True)
    return [f"{block.get_block_type_slug()}/{name}" for name, block in blocks.items()]


def main() -> int:
    """Save the blocks and say so; 2 where a setting is missing or wrong."""
    try:
        names = register()
    except ValidationError as error:
        sys.stderr.write(f"{explain(error)}\n")
        return 2
    sys.stdout.write(f"saved: {', '.join(names)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
