"""The package holds every file of the store: what is served from a checkout is served from an image, too."""

import subprocess
import sys
import zipfile
from importlib.resources import files
from pathlib import Path

import egpay_storefront

MEMBER = Path(__file__).resolve().parents[1]


def test_the_wheel_holds_every_file_of_the_site(tmp_path: Path) -> None:
    uv = Path(sys.executable).parent / "uv"
    subprocess.run([uv, "build", "--wheel", "--offline", "--quiet", "-o", tmp_path, MEMBER], check=True)
    [wheel] = tmp_path.glob("*.whl")
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if not name.endswith("/")}
    package = Path(str(files(egpay_storefront)))
    site = {
        path.relative_to(package.parent).as_posix()
        for path in (package / egpay_storefront.FOLDER).rglob("*")
        if path.is_file()
    }
    assert len(site) > 20
    assert site - packed == set()
    assert {"egpay_storefront/__init__.py", "egpay_storefront/py.typed"} <= packed
