"""What this program calls itself where its version is recorded. It imports nothing of ours, so that anybody may."""

from importlib import metadata
from typing import Final

VERSION: Final = metadata.version("liasse")
SOFTWARE: Final = f"Liasse {VERSION}"
