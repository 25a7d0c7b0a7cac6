"""Beating-heart frames: how long they take, and how well a linear classifier tells the views apart.

    OMP_NUM_THREADS=1 python -m benchmarks.heart_phantom

The classifier sees frames of 24 x 32 pixels, screen and all, and is tested on other patients.
"""

from __future__ import annotations

import time
from itertools import count

import cv2
import numpy as np
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import confusion_matrix
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.timing import alternate, one_thread, write_results
from core.phantoms.heart import MACHINES, VIEWS, HeartScene

SCALES = 0.25, 1.0
PATIENTS, TRAINING = 60, 42


def milliseconds() -> dict[str, float]:
    """CPU time of a frame, by machine and scale; the start of a cine is shared by 12 frames."""
    seconds: dict[str, float] = {}
    frames = count()
    for scale in SCALES:
        scenes = {name: HeartScene(patients=9, scale=scale, machines=[name]) for name in MACHINES}
        calls = {
            f"{name} at {scale:g}": lambda scene=scene: scene[next(frames) // 3 % len(scene)]
            for name, scene in scenes.items()
        }
        seconds |= alternate(calls, repeats=96, clock=time.process_time)
    return {name: round(1000 * s, 2) for name, s in seconds.items()}


def thumbnails(scene: HeartScene) -> np.ndarray:
    """All frames as grey thumbnails, (n, 768), 0 to 1."""
    greys = (cv2.cvtColor(scene[i].image, cv2.COLOR_RGB2GRAY) for i in range(len(scene)))
    small = [cv2.resize(grey, (32, 24), interpolation=cv2.INTER_AREA).ravel() for grey in greys]
    return np.array(small) / 255


def separability() -> dict[str, object]:
    """Accuracy on the patients that were not trained on, and the confusions (truth in rows)."""
    scene = HeartScene(patients=PATIENTS, frames=4, scale=0.25)
    images, training = thumbnails(scene), scene.patient < TRAINING
    classifier = make_pipeline(
        StandardScaler(), PCA(60, random_state=0), LogisticRegression(C=0.05, max_iter=500)
    )
    classifier.fit(images[training], scene.view[training])
    predicted, truth = classifier.predict(images[~training]), scene.view[~training]
    confusions = confusion_matrix(truth, predicted).tolist()
    accuracy = round(float((predicted == truth).mean()), 4)
    return {"views": VIEWS, "accuracy": accuracy, "confusions": confusions}


def main() -> None:
    """Measure, print, write."""
    one_thread()
    figures = {"milliseconds": milliseconds(), "linear classifier": separability()}
    for name, figure in figures.items():
        print(name, figure)
    print(write_results("heart_phantom", figures))


if __name__ == "__main__":
    main()
