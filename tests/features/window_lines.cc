// For the parity test: prints the windows of a SQuAD file, one a line:
// "example [ids] [type ids] [(begin, end), …] start end", offsets in code points, as Python prints lists.
// With a question limit, the windows are those of the study's own path.
//   window_lines MODEL_FOLDER DATA MAX_LENGTH DOC_STRIDE [QUESTION_LIMIT train|dev]
#include <iostream>
#include <string>

#include "base/parallel.h"
#include "features/paper_windows.h"
#include "features/windows.h"
#include "print_window.h"
#include "text/utf8.h"

namespace {

void Print(const bv::QaData& data, bv::Window window) {
  const auto& example = data.examples[static_cast<size_t>(window.example)];
  const std::span<bv::ByteRange> ranges(window.ranges);
  const auto begin = static_cast<size_t>(window.context_begin);
  bv::ToCodePointRanges(example.question, ranges.first(begin));
  bv::ToCodePointRanges(data.Context(example), ranges.subspan(begin));
  PrintWindow(window);
  std::cout << ' ' << window.start << ' ' << window.end << '\n';
}

std::vector<bv::Window> Make(const bv::Tokenizer& tokenizer, const bv::QaData& data, int argc, char** argv) {
  const int max_length = std::stoi(argv[3]), stride = std::stoi(argv[4]), threads = bv::DefaultThreads();
  if (argc == 5) return bv::MakeWindows(tokenizer, data, {max_length, stride}, threads);
  const bool training = std::string(argv[6]) == "train";
  return bv::MakePaperWindows(tokenizer, data, {max_length, stride, std::stoi(argv[5]), training}, threads);
}

}  // namespace

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  try {
    const auto tokenizer = bv::Tokenizer::Load(argv[1]);
    const bv::QaData data = bv::ReadSquad(argv[2]);
    for (const auto& window : Make(tokenizer, data, argc, argv)) Print(data, window);
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
