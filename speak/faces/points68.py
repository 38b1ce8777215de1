"""The 68 face points of iBUG (300-W, Sagonas et al. 2013), in their order, taken from the 478 of our landmarker.

The baselines were made with these points, and most published landmark distances are taken over them. The originals
find them with dlib or face-alignment; the nearest mesh points stand in for them here. Jaw points differ most: the mesh
follows the face's outline, dlib's jaw lies a little inside it.

| iBUG | | mesh points |
| --- | --- | --- |
| 0-16 | jaw, the picture's left to right | ``JAW`` |
| 17-26 | brows | ``BROWS`` |
| 27-35 | bridge and base of the nose | ``NOSE`` |
| 36-47 | rims of the eyes, from the corner clockwise | ``EYES`` |
| 48-67 | lips: 12 outer, then 8 inner | ``MOUTH`` |
"""

import numpy as np

JAW = (127, 234, 93, 58, 172, 136, 149, 148, 152, 377, 378, 365, 397, 288, 323, 454, 356)
"""Nearest to equal steps along the outline, ear to chin to ear."""
BROWS = (70, 63, 105, 66, 107, 336, 296, 334, 293, 300)
NOSE = (168, 197, 5, 4, 75, 97, 2, 326, 305)
EYES = (33, 160, 158, 133, 153, 144, 362, 385, 387, 263, 373, 380)
MOUTH = (61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181, 78, 82, 13, 312, 308, 317, 14, 87)
POINTS = (*JAW, *BROWS, *NOSE, *EYES, *MOUTH)


def points68(landmarks: np.ndarray) -> np.ndarray:
    """(..., 478, 3) landmarks in pixels to (..., 68, 2) float64."""
    return np.asarray(landmarks, np.float64)[..., POINTS, :2]
