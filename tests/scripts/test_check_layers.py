"""The layer check itself: run by scripts/lint."""

import importlib.util
import pathlib
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).resolve().parents[2] / "scripts" / "check_layers.py"
spec = importlib.util.spec_from_file_location("check_layers", SCRIPT)
check_layers = importlib.util.module_from_spec(spec)
spec.loader.exec_module(check_layers)


class CheckLayers(unittest.TestCase):
    def found(self, files):
        """Sentences with places for a tree of the given files, which always has the rooms base, net and model."""
        with tempfile.TemporaryDirectory() as folder:
            tree = pathlib.Path(folder)
            for room in ("base", "net", "model", "engines", "audio", "testing", "api"):
                (tree / "src" / room).mkdir(parents=True)
            for name, text in files.items():
                path = tree / "src" / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            return [(p.relative_to(tree / "src").as_posix(), n, s) for p, n, s in check_layers.violations(tree)]

    def test_a_room_may_include_itself_and_what_stands_below_it(self):
        self.assertEqual(self.found({"net/a.cc": '#include "net/a.h"\n#include "base/result.h"\n#include <vector>\n'}), [])

    def test_an_edge_that_is_not_in_the_table_is_named_with_its_line(self):
        found = self.found({"net/a.cc": '// first\n#include "model/registry.h"\n'})
        self.assertEqual([(name, line) for name, line, _ in found], [("net/a.cc", 2)])
        self.assertIn("net may not include model", found[0][2])

    def test_nothing_stands_below_base(self):
        self.assertIn("nothing", self.found({"base/a.h": '#include "net/a.h"\n'})[0][2])

    def test_a_subfolder_belongs_to_its_room(self):
        self.assertEqual(self.found({"engines/onnx/a.cc": '#include "audio/a.h"\n#include "engines/onnx/b.h"\n'}), [])
        self.assertEqual(len(self.found({"engines/onnx/a.cc": '#include "net/a.h"\n'})), 1)

    def test_fakes_are_for_tests_only(self):
        self.assertEqual(self.found({"model/a_test.cc": '#include "testing/fake_clock.h"\n'}), [])
        self.assertEqual(self.found({"model/fake_world.h": '#include "testing/fake_clock.h"\n'}), [])
        self.assertEqual(len(self.found({"model/a.cc": '#include "testing/fake_clock.h"\n'})), 1)
        self.assertEqual(len(self.found({"model/a.cc": '#include "model/fake_world.h"\n'})), 1)

    def test_a_library_stays_behind_its_door(self):
        self.assertEqual(self.found({"net/a.cc": "#include <boost/asio.hpp>\n"}), [])
        self.assertIn("belongs to net", self.found({"api/a.cc": "#include <boost/asio.hpp>\n"})[0][2])

    def test_a_room_that_nobody_wrote_down_is_refused(self):
        self.assertIn("not in the table", self.found({"attic/a.h": "\n"})[0][2])

    def test_a_path_without_its_room_is_refused(self):
        self.assertEqual(len(self.found({"net/a.cc": '#include "a.h"\n'})), 1)

    def test_comments_and_strings_are_no_includes(self):
        self.assertEqual(self.found({"net/a.cc": '// #include "model/a.h"\nconst char* s = "x";\n'}), [])

    def test_the_table_has_no_cycles(self):
        edges = {room: set(names.split()) for room, names in check_layers.EDGES.items() if names != "*"}
        edges.pop("testing")
        while edges:
            free = [room for room, names in edges.items() if not names & set(edges)]
            self.assertTrue(free, f"these include each other: {sorted(edges)}")
            for room in free:
                edges.pop(room)


if __name__ == "__main__":
    unittest.main()
