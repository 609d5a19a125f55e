// For the parity tests: reads texts from stdin, each as its length in bytes, a newline and the bytes, and
// prints
// "[ids] [(begin, end), …]" of its pieces, in code points, as Python prints lists.
//   tokenize_lines FOLDER [plain]            plain: special tokens in texts are ordinary text
#include <iostream>
#include <string>
#include <utility>

#include "text/tokenizer.h"
#include "text/utf8.h"

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  bv::TokenizerOptions options;
  options.special_tokens_in_text = argc < 3 || std::string(argv[2]) != "plain";
  try {
    const auto tokenizer = bv::Tokenizer::Load(argv[1], options);
    std::string length, text;
    while (std::getline(std::cin, length)) {
      text.resize(std::stoul(length));
      std::cin.read(text.data(), static_cast<std::streamsize>(text.size()));
      bv::Encoding encoding = tokenizer.Encode(text);
      bv::ToCodePointRanges(text, encoding.ranges);
      std::cout << '[';
      for (size_t i = 0; i < encoding.ids.size(); ++i) std::cout << (i > 0 ? ", " : "") << encoding.ids[i];
      std::cout << "] [";
      const char* separator = "";
      for (const bv::ByteRange& range : encoding.ranges) {
        std::cout << std::exchange(separator, ", ") << '(' << range.begin << ", " << range.end << ')';
      }
      std::cout << "]\n";
    }
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
}
