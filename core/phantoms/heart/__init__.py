"""A beating heart in three dimensions, scanned in the eight standard views of echocardiography."""

from core.phantoms.heart.machines import MACHINES
from core.phantoms.heart.scene import HeartCine, HeartFrame, HeartScene
from core.phantoms.heart.views import VIEWS

__all__ = ["MACHINES", "VIEWS", "HeartCine", "HeartFrame", "HeartScene"]
