"""What befalls a process by itself: it dies, or stands still for a while."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mishaps:
    """What befalls a process, counted in its steps outside (0: never)."""

    dies_at: int = 0
    dies_after_effect: bool = False
    pauses_at: int = 0
    pause_seconds: float = 0.0
    pauses_before_sending: int = 0


NO_MISHAPS = Mishaps()
