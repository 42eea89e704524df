"""Python's own start-up hook, for a stack that is to lack a protection: patches modules as they are imported.

With this folder on PYTHONPATH, MUTATIONS names modules in it; each has PATCHES, module → function that changes it.
A name that the product no longer has fails the import, and so the test.
https://docs.python.org/3/library/site.html#module-sitecustomize
"""

import os
import sys
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType


class Patching(MetaPathFinder):
    """Finds the modules that are to be patched as any other, and patches them right after they have run."""

    def __init__(self, names: list[str]) -> None:
        self._patches = [patch for name in names for patch in import_module(name).PATCHES.items()]

    def find_spec(self, fullname: str, path=None, target=None) -> ModuleSpec | None:
        """Return the ordinary spec with a loader that patches; None leaves the module to the ordinary finders."""
        patches = [patch for name, patch in self._patches if name == fullname]
        spec = PathFinder.find_spec(fullname, path) if patches else None
        if spec is not None:
            run = spec.loader.exec_module

            def run_and_patch(module: ModuleType) -> None:
                run(module)
                for patch in patches:
                    patch(module)

            spec.loader.exec_module = run_and_patch
        return spec


sys.meta_path.insert(0, Patching(os.environ.get("MUTATIONS", "").split()))
