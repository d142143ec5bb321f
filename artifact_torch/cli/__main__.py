"""`python -m artifact_torch.cli`."""

import sys

from artifact_torch.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
