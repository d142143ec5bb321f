from enum import Enum

class DataSplit(Enum):
    ALL = "ALL"
    TRAIN = "TRAIN"
    VALIDATION = "VALIDATION"
    TEST = "TEST"
    @property
    def suffix(self) -> str: ...
    def append_to(self, name: str) -> str: ...
