"""What the launcher writes is whole and private under any umask, and what it finds is tightened without following."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from egpay_local import os_account, paths, private_files
from egpay_local.backing.embedded import scratch


@pytest.fixture(autouse=True)
def loosest_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def test_a_reader_meets_the_old_text_or_the_new_one_and_never_a_part(tmp_path: Path) -> None:
    texts, path = ("a" * 500_000, "b" * 500_000), tmp_path / "run.json"
    private_files.write(path, texts[0])
    ended = threading.Event()

    def rewrite() -> None:
        for number in range(60):
            private_files.write(path, texts[number % 2])
        ended.set()

    writer = threading.Thread(target=rewrite)
    writer.start()
    seen = set()
    while not ended.is_set():
        seen.add(path.read_text())
    writer.join()
    assert seen <= set(texts)
    assert [found.name for found in tmp_path.iterdir()] == ["run.json"]


def test_a_file_is_private_though_a_readable_one_was_there_before(tmp_path: Path) -> None:
    (tmp_path / "env").write_text("old")
    private_files.write(tmp_path / "env", "new")
    assert _mode(tmp_path / "env") == 0o600
    (tmp_path / "log").touch(mode=0o666)
    with open(tmp_path / "log", "wb", opener=private_files.opened):
        assert _mode(tmp_path / "log") == 0o600


def test_tightening_takes_the_rights_of_group_and_others_and_keeps_the_owners(tmp_path: Path) -> None:
    home = tmp_path / "home"
    (home / "deep").mkdir(parents=True, mode=0o777)
    (home / "deep" / "program").touch(mode=0o775)
    (home / "deep" / "letters").touch(mode=0o644)
    private_files.tighten(home)
    assert [_mode(path) for path in (home, home / "deep")] == [0o700, 0o700]
    assert _mode(home / "deep" / "program") == 0o700
    assert _mode(home / "deep" / "letters") == 0o600


def test_tightening_changes_nothing_that_a_link_points_at(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir(mode=0o755)
    (tmp_path / "outside" / "file").touch(mode=0o644)
    (tmp_path / "home").mkdir(mode=0o755)
    (tmp_path / "home" / "folder").symlink_to(tmp_path / "outside")
    (tmp_path / "home" / "file").symlink_to(tmp_path / "outside" / "file")
    private_files.tighten(tmp_path / "home")
    assert _mode(tmp_path / "outside") == 0o755
    assert _mode(tmp_path / "outside" / "file") == 0o644


def test_a_group_may_pass_through_a_named_folder_and_see_nothing_of_it(tmp_path: Path) -> None:
    (tmp_path / "home" / "inner").mkdir(parents=True, mode=0o755)
    private_files.tighten(tmp_path / "home", {tmp_path / "home": os.getegid()})
    assert (_mode(tmp_path / "home"), _mode(tmp_path / "home" / "inner")) == (0o710, 0o700)


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_a_start_takes_no_copy_for_finished_that_another_one_is_still_making() -> None:
    with scratch() as state:
        ready, unfinished = (state / "servers" / name for name in ("postgresql-1.0", ".postgresql-1.0.4711"))
        for folder in (ready, unfinished):
            folder.mkdir(parents=True)
        paths.prepare(state)
        account = os_account.for_postgres()
        assert unfinished.stat().st_uid == os.getuid()
        assert ready.stat().st_uid == (os.getuid() if account.uid is None else account.uid)
