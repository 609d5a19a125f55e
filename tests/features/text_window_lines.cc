// For the parity test: prints the windows of texts, one a line: "example [ids] [type ids] [(begin, end), …]",
// offsets in code points, as Python prints lists. TASK is a GLUE task, or "text" or "pair" for JSON lines
// with the keys "text" and "text_b".
//   text_window_lines MODEL_FOLDER TASK DATA MAX_LENGTH
#include <iostream>
#include <string>

#include "base/parallel.h"
#include "data/glue_tasks.h"
#include "features/text_windows.h"
#include "print_window.h"
#include "text/utf8.h"

namespace {

void Print(const bv::TextData& data, bv::Window window) {
  const auto& example = data.examples[static_cast<size_t>(window.example)];
  const std::span<bv::ByteRange> ranges(window.ranges);
  const auto second = data.pair ? static_cast<size_t>(window.context_begin) : ranges.size();
  bv::ToCodePointRanges(example.text_a, ranges.first(second));
  bv::ToCodePointRanges(example.text_b, ranges.subspan(second));
  PrintWindow(window);
  std::cout << '\n';
}

bv::TextData Read(const std::string& task, const std::string& file) {
  if (task != "text" && task != "pair") return bv::ReadGlue(bv::FindGlueTask(task), file);
  bv::TextOptions options;
  options.labels = bv::LabelUse::kIgnored;
  if (task == "pair") options.columns.text_b = "text_b";
  return bv::ReadTextData(file, options);
}

}  // namespace

int main(int, char** argv) {
  std::ios::sync_with_stdio(false);
  try {
    const auto tokenizer = bv::Tokenizer::Load(argv[1]);
    const bv::TextData data = Read(argv[2], argv[3]);
    const bv::TextWindowOptions options{.max_length = std::stoi(argv[4])};
    for (const auto& window : bv::MakeTextWindows(tokenizer, data, options, bv::DefaultThreads())) {
      Print(data, window);
    }
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
