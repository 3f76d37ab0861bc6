"""What a pass with nothing due costs: wall time and peak memory of the whole process, and of a bare interpreter.

python bench/idle_pass.py [--runs 15]
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from monitor.standin.credentials import STAND_IN_ENV


def measure(command: list[str], runs: int) -> tuple[float, float]:
    """Median wall seconds and peak MiB of a command, a warm-up aside."""
    walls, peaks = [], []
    for number in range(runs + 1):
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            sys.exit(f"{' '.join(command)}: exit code {process.returncode}")
        if number:
            walls.append(time.perf_counter() - started)
            peaks.append(usage.ru_maxrss / 1024)
    return statistics.median(walls), max(peaks)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    os.environ |= STAND_IN_ENV
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # compiled once, as on a user's machine
    otklik = str(Path(sys.executable).with_name("otklik"))
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config.yaml"
        subprocess.run([otklik, "demo", "--once", "--dir", folder], check=True, stdout=subprocess.DEVNULL)
        # Nothing is due for a day: the pass opens everything it must and finds no work.
        config.write_text(config.read_text(encoding="utf-8").replace("every: 1m", "every: 1d"), encoding="utf-8")
        _postpone(Path(folder) / "otklik.db")
        wall, peak = measure([otklik, "run", "-c", str(config)], runs)
    bare_wall, bare_peak = measure([sys.executable, "-c", "pass"], runs)
    print(f"pass with nothing due  {wall:.3f} s  {peak:.0f} MiB   (median of {runs}; peak)")
    print(f"bare interpreter       {bare_wall:.3f} s  {bare_peak:.0f} MiB")


def _postpone(database: Path) -> None:
    import sqlite3

    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE listing SET next_check_at = '2999-01-01T00:00:00.000000Z'")
    connection.close()


if __name__ == "__main__":
    main()
