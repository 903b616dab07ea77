#!/usr/bin/env python3
"""Checks that nothing of ours runs before main: no object file of the program has a constructor section.

    scripts/check_static_init.py BUILD_FOLDER

Looks at the objects of src/ (tests excepted) for .init_array, .ctors or .preinit_array. Start-up is the product, and a
constructor at namespace scope is paid for by every start, unseen by the timeline. What is allowed is named below, with why.
"""

import pathlib
import re
import subprocess
import sys

# File below src/ (a pattern): why its constructors are borne. Programs other than hearth are free to have theirs.
ALLOWED = {
    r"net/.*\.cc": "Asio's headers make their error categories and service ids, a few stores each",
    r"cli/__/main\.cc": "the look at the processor, which has to come before constructors of libraries; some hundred instructions",
    r"cli/.*\.cc": "CLI11's header makes eight validators in each file: together 0.1 ms of a start, measured",
    r"engines/onnx/graph/.*": "the tool hearth-graph, with protobuf's headers; the server never links it",
    r".*_main\.cc": "tools of their own, not the server",
}


def main(arguments):
    build = pathlib.Path(arguments[0]).resolve()
    objects = {}
    for path in sorted((build / "src").rglob("*.o")):
        # …/src/<room>/CMakeFiles/<target>.dir/<file>.o; a source in a subfolder keeps it behind <target>.dir
        before, _, after = path.relative_to(build / "src").as_posix().partition("CMakeFiles/")
        target, _, source = after.partition(".dir/")
        if not target.endswith("_test") and not source.endswith("_test.cc.o"):
            objects[path] = before + source.removesuffix(".o")
    if not objects:
        print(f"static init: no objects in {build}; build it first")
        return 1
    count = 0
    names = list(objects)
    for begin in range(0, len(names), 200):
        some = [str(name) for name in names[begin : begin + 200]]
        dump = subprocess.run(["objdump", "-h", *some], text=True, capture_output=True, check=True)
        for part in re.split(r"\n(?=/\S+:\s+file format)", "\n" + dump.stdout):
            match = re.match(r"\s*(/\S+):\s+file format", part)
            if match and re.search(r"\s\.(init_array|preinit_array|ctors)\b", part):
                source = objects[pathlib.Path(match.group(1))]
                if not any(re.fullmatch(pattern, source) for pattern in ALLOWED):
                    print(f"src/{source}: something in it runs before main (objdump -h shows a constructor section)")
                    count += 1
    print(f"static init: {count} files with constructors" if count else f"static init: none in {len(objects)} objects")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
