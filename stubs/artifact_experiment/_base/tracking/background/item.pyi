# Private upstream: `StopFlag` is the only thing that makes a logging thread end after its queue.
from dataclasses import dataclass

@dataclass(frozen=True)
class StopFlag:
    name: str = "stop_flag"
    value: None = None
