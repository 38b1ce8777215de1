"""Print requirements.lock from pip's resolution report (``make lock``)."""

import json
import sys
from pathlib import Path

# mediapipe and syncnet-python ask for the OpenCV build with a window system, which needs system libraries; the headless
# build is the same module without them (docs/decisions/0001).
LEFT_OUT = {"speak-bench", "opencv-contrib-python"}

packages = {
    (entry["metadata"]["name"].lower().replace("_", "-"), entry["metadata"]["version"])
    for entry in json.loads(Path(sys.argv[1]).read_text())["install"]
}
print("# Written by `make lock`. Installed with --no-deps: docs/decisions/0001-lock-without-gui-opencv.md")
for name, version in sorted(packages):
    if name not in LEFT_OUT:
        print(f"{name}=={version}")
