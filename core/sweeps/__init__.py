"""From a tracked freehand sweep to the coronal image of its volume (volume projection imaging)."""
