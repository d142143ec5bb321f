"""What a test file says that compiles: `pytestmark = COMPILES`."""

from typing import Final

import pytest

COMPILES: Final = [
    pytest.mark.filterwarnings("ignore:Guards may run slower"),  # torch on Python 3.13.0
    pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning"),  # torch.compile loads it
    # torch.compile reads it of what it is given, and is warned of once a process
    pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor that is not a leaf"),
    pytest.mark.usefixtures("nothing_is_compiled_yet"),
]
