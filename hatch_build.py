"""Build hook of hatchling: compiles the kernels, and names the platform of the wheel.

Where no compiler is found, the package is built without the kernels and trains through torch.
"""

import importlib.util
import sysconfig
from pathlib import Path

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_FOLDER = "skrnn/_recurrent/_compiled"


class CustomBuildHook(BuildHookInterface):
    """Adds the compiled kernels to a wheel."""

    def initialize(self, version, build_data):
        """Build the kernels before the files of the wheel are gathered."""
        # By its path: importing skrnn would need what is not installed yet.
        path = Path(self.root, _FOLDER, "build.py")
        spec = importlib.util.spec_from_file_location("build_kernels", path)
        build_kernels = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(build_kernels)
        try:
            build_kernels.build()
        except build_kernels.BuildError as error:
            self.app.display_warning(f"{error}\nskrnn is installed without its compiled backend.")
            return
        # ctypes loads the kernels, so that they serve every version of Python.
        platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{platform}"
        build_data["artifacts"].append(f"{_FOLDER}/libraries/*")
