"""How a denoiser learns without clean targets: adversaries for unpaired images, and pretexts."""

from core.restoration.adversary import Adversary, Scene
from core.restoration.autoencoding import Autoencoding
from core.restoration.blind_spot import BlindSpot
from core.restoration.cycle import CycleAdversary
from core.restoration.dual import DualAdversary
from core.restoration.hiding import GridPhases, RandomNeighbours
from core.restoration.standardise import Standardise

__all__ = [
    "Adversary",
    "Autoencoding",
    "BlindSpot",
    "CycleAdversary",
    "DualAdversary",
    "GridPhases",
    "RandomNeighbours",
    "Scene",
    "Standardise",
]
