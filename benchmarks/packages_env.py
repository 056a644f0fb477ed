"""Make the environment with the packages that packages.py compares with; the library never needs it.

    python benchmarks/packages_env.py

The packages come from PyPI into ``.benchmark-packages`` at the root of the checkout.
"""

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / ".benchmark-packages"
PYTHON = FOLDER / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
PACKAGES = ("heormodel==0.7.4", "pyheor==0.4.1")


def main() -> None:
    subprocess.run([sys.executable, "-m", "venv", str(FOLDER)], check=True)
    subprocess.run([str(PYTHON), "-m", "pip", "install", "--quiet", *PACKAGES], check=True)


if __name__ == "__main__":
    main()
