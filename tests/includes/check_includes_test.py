"""The include checker on made-up trees: what it must find, and what it must let pass."""

import pathlib
import tempfile
import unittest

import check_includes

CMAKE = "set(BERTVISION_LAYERS\n  base text\n  device heads cli)\n"


def faults_of(files):
    with tempfile.TemporaryDirectory() as name:
        root = pathlib.Path(name)
        (root / "CMakeLists.txt").write_text(CMAKE)
        for file, content in files.items():
            path = root / "src" / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content)
        return check_includes.faults(root)[0]


class CheckIncludes(unittest.TestCase):
    def assert_fault(self, files, *words):
        found = faults_of(files)
        self.assertEqual(len(found), 1, found)
        for word in words:
            self.assertIn(word, found[0])

    def test_looking_down_is_fine(self):
        files = {
            "base/a.h": "#include <vector>\n",
            "text/b.cc": '#include "base/a.h"\n#include <spdlog/spdlog.h>\n',
            "heads/c.h": '#include <ATen/core/Tensor.h>\n#include "text/d.h"\n',
            "text/d.h": "",
            "cli/cmd_x.cc": '#include "heads/c.h"\n#include "bertvision/api.h"\n',
        }
        self.assertEqual(faults_of(files), [])

    def test_looking_up_is_found(self):
        self.assert_fault({"base/a.cc": '#include "text/b.h"\n', "text/b.h": ""}, "base/a.cc", "lies above 'base'")

    def test_missing_file_is_found(self):
        self.assert_fault({"base/a.cc": '#  include "base/gone.h"\n'}, "base/gone.h, which is not under src/")

    def test_folder_outside_the_list_is_found(self):
        self.assert_fault({"extra/a.cc": ""}, "'extra' is not in BERTVISION_LAYERS")

    def test_torch_in_a_low_layer_is_found(self):
        self.assert_fault({"text/a.cc": "#include <c10/core/Device.h>\n"}, "text/a.cc", "free of LibTorch")

    def test_torch_in_the_command_line_is_found_through_headers(self):
        files = {"cli/main.cc": '#include "heads/h.h"\n', "heads/h.h": "#include <ATen/core/Tensor.h>\n"}
        self.assert_fault(files, "cli/main.cc", "included by heads/h.h")

    def test_fmt_beside_torch_is_found_through_headers(self):
        files = {
            "base/log.h": "#include <fmt/core.h>\n",
            "heads/a.cc": '#include <torch/csrc/autograd/function.h>\n#include "base/log.h"\n',
        }
        self.assert_fault(files, "heads/a.cc", "fmt/core.h", "included by base/log.h")

    def test_catch_all_header_is_found(self):
        self.assert_fault({"heads/a.cc": "#include <ATen/ATen.h>\n"}, "ATen/ATen.h", "the few headers")


if __name__ == "__main__":
    unittest.main()
