"""How set-up finds Debian's archive among a machine's apt sources."""

import importlib.util
import pathlib
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "fetch_deps.py"
spec = importlib.util.spec_from_file_location("fetch_deps", SCRIPT)
fetch_deps = importlib.util.module_from_spec(spec)
spec.loader.exec_module(fetch_deps)

ALIASES = {"bookworm", "stable", "oldstable", "trixie"}


class AptSources(unittest.TestCase):
    def deb822(self, text):
        return [out for _, _, out in fetch_deps.deb822_sources(text, ALIASES, "trixie")]

    def one_line(self, text):
        return [out for _, _, out in fetch_deps.one_line_sources(text, ALIASES, "trixie")]

    def test_the_main_stanza_is_taken_with_its_suite_replaced(self):
        found = self.deb822(
            "Types: deb deb-src\n# a comment\nURIs: http://mirror.example/debian\nSuites: bookworm bookworm-updates\n"
            "Components: main contrib\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n"
        )
        self.assertEqual(len(found), 1)
        self.assertIn("Suites: trixie\n", found[0])
        self.assertIn("Components: main\n", found[0])
        self.assertIn("Types: deb\n", found[0])
        self.assertIn("Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg\n", found[0])

    def test_security_third_parties_and_disabled_stanzas_are_left_out(self):
        main = "Types: deb\nURIs: http://m.example/{}\nSuites: {}\nComponents: {}\n{}"
        for stanza in (
            main.format("debian-security", "bookworm-security", "main", ""),
            main.format("linux/debian", "bookworm", "stable", ""),
            main.format("node", "nodistro", "main", ""),
            main.format("debian", "bookworm", "main", "Enabled: no\n"),
            "Types: deb-src\nURIs: http://m.example/debian\nSuites: bookworm\nComponents: main\n",
            "",
        ):
            self.assertEqual(self.deb822(stanza), [], stanza)

    def test_an_embedded_key_is_kept_whole(self):
        found = self.deb822(
            "Types: deb\nURIs: http://m.example/debian\nSuites: stable\nComponents: main\nSigned-By:\n -----BEGIN\n .\n abc\n"
        )
        self.assertIn("Signed-By: \n -----BEGIN\n .\n abc\n", found[0])

    def test_one_line_sources_keep_their_options(self):
        found = self.one_line(
            "# deb http://old.example/debian bookworm main\n"
            "deb [signed-by=/k.gpg arch=amd64] https://m.example/debian bookworm main non-free-firmware\n"
            "deb http://m.example/debian-security bookworm-security main\n"
            "deb-src http://m.example/debian bookworm main\n"
            "deb http://m.example/debian/ bookworm main # with a remark\n"
        )
        self.assertEqual(
            found,
            [
                "deb [signed-by=/k.gpg arch=amd64] https://m.example/debian trixie main\n",
                "deb http://m.example/debian/ trixie main\n",
            ],
        )

    def test_a_mirror_of_debian_comes_before_anything_else(self):
        self.assertLess(fetch_deps.rank("http://m.example/debian"), fetch_deps.rank("http://m.example/other"))
        self.assertEqual(fetch_deps.rank("http://m.example/debian/"), 0)


if __name__ == "__main__":
    unittest.main()
