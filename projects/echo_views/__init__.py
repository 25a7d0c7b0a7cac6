"""Standard views of the heart in ultrasound cines: the thesis's configs and experiments."""
