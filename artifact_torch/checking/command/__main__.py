"""`python -m artifact_torch.checking.command`."""

import sys

from artifact_torch.checking.command.main import main

if __name__ == "__main__":
    sys.exit(main())
