"""`python -m projects.nerve_noisy_act COMMAND`."""

import sys
from pathlib import Path

from core.cli import main

if __name__ == "__main__":
    sys.exit(main(Path(__file__).parent))
