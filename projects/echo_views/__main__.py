"""`python -m projects.echo_views COMMAND`."""

import sys
from pathlib import Path

from core.cli import main

if __name__ == "__main__":
    sys.exit(main(Path(__file__).parent))
