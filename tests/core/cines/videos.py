"""Small videos as scanners and phones write them."""

import av
import numpy as np


def moving(frames=10, size=(48, 64)):
    """A bright block that moves over a dark ground, (frames, H, W, 3), each frame another mean."""
    images = np.zeros((frames, *size, 3), np.uint8)
    for number, image in enumerate(images):
        image[:] = (20 + 8 * number, 60, 90)
        image[8:24, 4 * number : 4 * number + 16] = (200, 180, 40)
    return images


def write_video(path, images, codec="libx264", pixels="yuv420p", *, fps=25, form=None):
    with av.open(str(path), "w", format=form) as container:
        stream = container.add_stream(codec, rate=fps)
        stream.height, stream.width = images.shape[1:3]
        stream.pix_fmt = pixels
        for image in images:
            for packet in stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    return path
