"""Set-up against a pretended apt: what it refuses, and that it says what to do."""

import os
import pathlib
import shutil
import stat
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Bootstrap(unittest.TestCase):
    def run_with(self, simulation, user=0, without=()):
        """Runs the package half with nothing installed; `simulation` is the shell text that answers `apt-get -s`."""
        with tempfile.TemporaryDirectory() as folder:
            tools = pathlib.Path(folder)
            for name, text in {
                "dpkg-query": "exit 1",
                "id": f"echo {user}",
                "sudo": "exit 1",
                "apt-get": f'echo "$*" >> {tools}/calls\ncase "$1" in -s) {simulation} ;; *) exit 0 ;; esac',
                "python3": "echo downloads",
            }.items():
                if name in without:
                    continue
                path = tools / name
                path.write_text(f"#!/bin/bash\n{text}\n", encoding="utf-8")
                path.chmod(path.stat().st_mode | stat.S_IXUSR)
            done = subprocess.run(
                [ROOT / "scripts/bootstrap", "build"], capture_output=True, text=True, stdin=subprocess.DEVNULL,
                env={**os.environ, "PATH": f"{tools}:/usr/bin:/bin"}, check=False)  # fmt: skip
            calls = tools / "calls"
            return done, calls.read_text(encoding="utf-8").splitlines() if calls.exists() else []

    def test_an_installation_that_would_remove_a_package_is_refused_with_its_command(self):
        done, calls = self.run_with('echo "Remv libboost1.74-dev [1.74]"')
        self.assertEqual(done.returncode, 1)
        self.assertIn("Remv libboost1.74-dev", done.stderr)
        self.assertIn("apt-get install --no-install-recommends", done.stderr)
        self.assertFalse([call for call in calls if not call.startswith("-s ")], "something besides simulations ran")

    def test_what_is_missing_is_installed_without_recommends_and_without_removals(self):
        done, calls = self.run_with("true")
        self.assertEqual(done.returncode, 0, done.stderr)
        install = [call for call in calls if " install " in call and not call.startswith("-s ")]
        self.assertEqual(len(install), 1)
        for word in ("--no-install-recommends", "--no-remove", "libfmt-dev"):
            self.assertIn(word, install[0])
        self.assertIn("downloads", done.stdout)

    def test_a_package_that_apt_does_not_know_ends_with_the_command(self):
        done, calls = self.run_with('echo "E: Unable to locate package"; exit 100')
        self.assertEqual(done.returncode, 1)
        self.assertTrue([call for call in calls if call.endswith("update")], "the lists were not refreshed")
        self.assertIn("\n    apt-get update && apt-get install", done.stderr)
        self.assertNotIn("sudo", done.stderr, "root has no need of it, and a bare Debian does not have it")

    def test_without_root_and_with_nobody_to_type_a_password_the_command_is_printed(self):
        done, calls = self.run_with("true", user=1000)
        self.assertEqual(done.returncode, 1)
        self.assertIn("sudo apt-get update && sudo apt-get install --no-install-recommends", done.stderr)
        self.assertEqual(calls, [])

    @unittest.skipIf(shutil.which("sudo"), "this machine has sudo")
    def test_without_root_and_sudo_the_command_is_for_su(self):
        done, calls = self.run_with("true", user=1000, without=("sudo",))
        self.assertEqual(done.returncode, 1)
        self.assertIn("su -c 'apt-get update && apt-get install --no-install-recommends", done.stderr)
        self.assertEqual(calls, [])


if __name__ == "__main__":
    unittest.main()
