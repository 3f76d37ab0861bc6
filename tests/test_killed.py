"""`kill -9` at any moment of a pass loses nothing and repeats nothing."""

import random
import shutil
import signal
import subprocess
import sys
from collections import Counter
from email import message_from_bytes
from pathlib import Path

import pytest

from tests.killed_pass import second_pass, world
from tests.rig import Rig

KILLS = 30
SEED = 20261121


def first_pass(folder: Path) -> None:
    folder.mkdir()
    rig = Rig(folder, world())
    rig.run()
    rig.app.close()


def run_and_die(folder: Path, crossing: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.killed_pass", str(folder), str(crossing)],
        capture_output=True,
        text=True,
        cwd=Path(__file__).resolve().parents[1],
        check=False,
    )


def finish(folder: Path) -> tuple[str, list[str]]:
    """One clean pass after the crash: the content digest and every Message-ID in the outbox."""
    rig = second_pass(folder)
    rig.run()
    digest = rig.digest()
    identifiers = [str(message_from_bytes(path.read_bytes())["message-id"]) for path in rig.mails()]
    assert rig.app.store.problems() == []
    rig.app.close()
    return digest, identifiers


@pytest.mark.usefixtures("secrets")
def test_thirty_kills_at_random_points_end_where_an_undisturbed_pass_ends(tmp_path: Path) -> None:
    first_pass(tmp_path / "start")
    shutil.copytree(tmp_path / "start", tmp_path / "calm")
    counted = run_and_die(tmp_path / "calm", 0)
    assert counted.returncode == 0, counted.stderr
    crossings = int(counted.stdout)
    calm_digest, calm_mails = finish(tmp_path / "calm")
    assert len(calm_mails) == len(set(calm_mails)) > 3

    dice = random.Random(SEED)
    outcomes: Counter[bool] = Counter()
    for number in range(KILLS):
        folder = tmp_path / f"kill-{number}"
        shutil.copytree(tmp_path / "start", folder)
        crossing = dice.randint(1, crossings)
        killed = run_and_die(folder, crossing)
        outcomes[killed.returncode == -signal.SIGKILL] += 1
        digest, mails = finish(folder)
        assert digest == calm_digest, f"after a kill at crossing {crossing} of {crossings}"
        assert sorted(mails) == sorted(calm_mails), f"after a kill at crossing {crossing} of {crossings}"
        shutil.rmtree(folder)
    assert outcomes[True] >= KILLS - 2, "the kills did not happen"
