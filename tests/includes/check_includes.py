"""Reads every #include under src/ and fails where the layers are not what CMakeLists.txt says they are.

- A file of a layer includes only files of its own layer and of layers before it in BERTVISION_LAYERS.
- Layers before `device`, and the torch-free files of the command line, see no LibTorch header, directly or
  through our own headers.
- A file that sees LibTorch does not see fmt, spdlog or CLI11: LibTorch brings its own fmt.
- LibTorch's catch-all headers are not used: they cost seconds in every file.

Static libraries would not notice any of this. Usage: check_includes.py ROOT
"""

import fnmatch
import pathlib
import re
import sys

FIRST_TORCH_LAYER = "device"
TORCH_FREE_FILES = ["cli/main.cc", "cli/option*", "cli/values*", "cli/verbs*"]
TORCH = ("torch/", "ATen/", "c10/", "caffe2/")
NOT_BESIDE_TORCH = ("fmt/", "spdlog/", "CLI/")
CATCH_ALL = ("torch/torch.h", "torch/all.h", "torch/extension.h", "ATen/ATen.h", "torch/script.h")
INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]', re.MULTILINE)


def layers_of(root):
    text = (root / "CMakeLists.txt").read_text(encoding="utf-8")
    found = re.search(r"set\(BERTVISION_LAYERS\s+([^)]*)\)", text)
    if not found:
        raise SystemExit("check_includes: CMakeLists.txt does not set BERTVISION_LAYERS")
    return found.group(1).split()


def read_tree(root):
    """{path under src: [(quoted, included path), ...]}"""
    source = root / "src"
    return {
        str(path.relative_to(source)): [
            (mark == '"', name) for mark, name in INCLUDE.findall(path.read_text(encoding="utf-8"))
        ]
        for path in sorted(source.rglob("*"))
        if path.suffix in (".h", ".cc", ".cu", ".cuh")
    }


def seen_from(tree, file):
    """{outside header: our file that includes it} over everything the file includes of ours."""
    outside, waiting, visited = {}, [file], set()
    while waiting:
        current = waiting.pop()
        if current in visited:
            continue
        visited.add(current)
        for _, name in tree[current]:
            if name in tree:
                waiting.append(name)
            else:
                outside.setdefault(name, current)
    return outside


def layer_faults(tree, layers):
    for file, includes in tree.items():
        layer = file.split("/")[0]
        if layer not in layers:
            yield f"{file}: the folder '{layer}' is not in BERTVISION_LAYERS"
            continue
        for quoted, name in includes:
            other = name.split("/")[0]
            if quoted and name not in tree and other != "bertvision":
                yield f"{file}: includes {name}, which is not under src/"
            elif name in tree and other in layers and layers.index(other) > layers.index(layer):
                yield f"{file}: includes {name}; layer '{other}' lies above '{layer}'"


def torch_faults(tree, layers):
    free_layers = layers[: layers.index(FIRST_TORCH_LAYER)]
    for file, includes in tree.items():
        for _, name in includes:
            if name in CATCH_ALL:
                yield f"{file}: includes {name}; include the few headers that are needed"
        outside = seen_from(tree, file)
        torch = [name for name in outside if name.startswith(TORCH)]
        if not torch:
            continue
        by = f"sees {torch[0]} (included by {outside[torch[0]]})"
        if file.split("/")[0] in free_layers or any(fnmatch.fnmatch(file, free) for free in TORCH_FREE_FILES):
            yield f"{file}: {by}; it must be free of LibTorch"
        for name in outside:
            if name.startswith(NOT_BESIDE_TORCH):
                yield f"{file}: {by} and {name} (included by {outside[name]}); not both in one file"


def faults(root):
    tree, layers = read_tree(root), layers_of(root)
    return [*layer_faults(tree, layers), *torch_faults(tree, layers)], len(tree)


def main():
    found, files = faults(pathlib.Path(sys.argv[1]))
    for fault in found:
        print(f"check_includes: {fault}")
    print(f"check_includes: {files} files, {len(found)} faults")
    return 1 if found or not files else 0


if __name__ == "__main__":
    sys.exit(main())
