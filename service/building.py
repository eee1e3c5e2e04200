"""Building a Bento around the current bundle: ``python -m service.building``.

``bentoml build`` takes files from the folder of ``bentofile.yaml`` only, and follows no link there. So the
bundle is first copied to ``bundle/`` beside it (not in version control); after that ``bentoml build`` alone
works as well.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

from pipelines.errors import BundleError, SouffleurError
from pipelines.settings import Settings, load_settings
from service.bundle import Bundle, open_bundle

ROOT = Path(__file__).parents[1]
STAGED = "bundle"


def stage(settings: Settings, root: Path = ROOT) -> Bundle:
    """Copy the bundle that is served into ``ROOT/bundle``, whole or not at all; returns it.

    Raises:
        BundleError: it is missing or damaged, or the disk refuses the copy.
    """
    bundle = open_bundle(settings.bundle_dir)
    target = root / STAGED
    try:
        with tempfile.TemporaryDirectory(dir=root, prefix=".bundle-") as folder:
            new = Path(folder) / "new"
            shutil.copytree(bundle.root, new, copy_function=shutil.copyfile)
            if target.exists():
                target.replace(Path(folder) / "old")
            new.replace(target)
    except (OSError, shutil.Error) as error:
        raise BundleError(
            f"The bundle {bundle.id} could not be copied to {target} ({type(error).__name__}).",
            mend="Free some disk, check the rights, and run it again.",
        ) from error
    return open_bundle(target)


def build(settings: Settings, root: Path = ROOT) -> str:
    """Build the Bento; returns its tag, as ``souffleur:<version>``.

    Raises:
        SouffleurError: the bundle is missing or damaged, or BentoML refuses to build.
    """
    stage(settings, root)
    # BentoML copies nothing but imports the service to read its name: from this very folder.
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    from bentoml import bentos
    from bentoml.exceptions import BentoMLException

    try:
        return str(bentos.build_bentofile(str(root / "bentofile.yaml"), build_ctx=str(root)).tag)
    except BentoMLException as error:
        raise SouffleurError(
            f"BentoML did not build: {type(error).__name__}.", mend="Run `bentoml build` to see why."
        ) from error


def main() -> int:
    """Build from the settings of this process and print the tag."""
    try:
        sys.stdout.write(build(load_settings()) + "\n")
    except SouffleurError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
