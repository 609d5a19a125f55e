// bertvision tokenize: lines of text to lines of JSON with pieces' ids, type ids and offsets.
#include <charconv>
#include <iostream>
#include <memory>
#include <vector>

#include "base/error.h"
#include "base/model_folder.h"
#include "base/parallel.h"
#include "base/strings.h"
#include "cli/verbs.h"
#include "text/tokenizer.h"
#include "text/utf8.h"

namespace bv::cli {
namespace {

constexpr size_t kBlockBytes = size_t{4} << 20;  // of input that is in memory at a time
constexpr int64_t kGrain = 64;                   // lines a thread takes at a time

struct TokenizeOptions {
  std::string model = "minilm";
  bool pair = false, plain_special_tokens = false;
  int32_t threads = 0;
};

// The three lists of one output line, grown piece by piece.
class PieceLine {
 public:
  void Add(int32_t id, int type, ByteRange range) {
    Number(id, &ids_);
    Number(type, &types_);
    if (!offsets_.empty()) offsets_ += ',';
    std::string entry;
    Number(range.begin, &entry);
    Number(range.end, &entry);
    offsets_ += '[' + entry + ']';
  }
  // Adds the pieces of one text, with offsets in code points.
  void AddText(const Tokenizer& tokenizer, std::string_view text, int type) {
    Encoding encoding = tokenizer.Encode(text);
    ToCodePointRanges(text, encoding.ranges);
    for (size_t i = 0; i < encoding.ids.size(); ++i) Add(encoding.ids[i], type, encoding.ranges[i]);
  }
  std::string Json() const {
    return Cat("{\"ids\":[", ids_, "],\"type_ids\":[", types_, "],\"offsets\":[", offsets_, "]}\n");
  }

 private:
  static void Number(int32_t value, std::string* list) {
    char digits[16];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    if (!list->empty()) *list += ',';
    list->append(digits, end);
  }

  std::string ids_, types_, offsets_;
};

std::string TokenizeLine(const Tokenizer& tokenizer, std::string_view line, bool pair, int64_t number) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  const size_t tab = pair ? line.find('\t') : line.npos;
  if (pair && (tab == line.npos || line.find('\t', tab + 1) != line.npos)) {
    throw DataError("stdin", Cat("line ", number, " has ", tab == line.npos ? "no tab" : "more than one tab",
                                 ", --pair needs two texts with one tab between them"));
  }
  PieceLine out;
  out.Add(tokenizer.cls_id(), 0, {});
  out.AddText(tokenizer, line.substr(0, tab), 0);
  out.Add(tokenizer.sep_id(), 0, {});
  if (pair) {
    out.AddText(tokenizer, line.substr(tab + 1), 1);
    out.Add(tokenizer.sep_id(), 1, {});
  }
  return out.Json();
}

// Up to kBlockBytes of lines; false at the end of the input.
bool ReadBlock(std::vector<std::string>* lines) {
  lines->clear();
  size_t bytes = 0;
  for (std::string line; bytes < kBlockBytes && std::getline(std::cin, line);) {
    bytes += line.size() + 1;
    lines->push_back(std::move(line));
  }
  if (std::cin.bad()) throw IoError("cannot read", "stdin");
  return !lines->empty();
}

void Tokenize(const TokenizeOptions& values) {
  std::ios::sync_with_stdio(false);
  const auto tokenizer = Tokenizer::Load(FindModelFolder(values.model),
                                         {.special_tokens_in_text = !values.plain_special_tokens});
  const int threads = values.threads > 0 ? values.threads : DefaultThreads();
  int64_t done = 0;
  for (std::vector<std::string> lines; ReadBlock(&lines); done += static_cast<int64_t>(lines.size())) {
    ParallelRanges(static_cast<int64_t>(lines.size()), kGrain, threads, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        std::string& line = lines[static_cast<size_t>(i)];
        line = TokenizeLine(tokenizer, line, values.pair, done + i + 1);
      }
    });
    for (const std::string& line : lines) std::cout << line;
  }
}

}  // namespace

Action DeclareTokenize(Options& options) {
  auto values = std::make_shared<TokenizeOptions>();
  options
      .Text("--model", &values->model, "whose tokenizer: a Hugging Face folder, a cached hub name, or minilm")
      .Shown("MODEL");
  options.Flag("--pair", &values->pair, "a line is two texts with a tab between them");
  options.Flag("--plain-special-tokens", &values->plain_special_tokens,
               "[SEP] and the like in a text are ordinary text");
  options.Threads(&values->threads);
  options.Note(
      "Reads lines from stdin and writes a line of JSON for each: ids, type_ids, offsets (code points), with "
      "[CLS] and [SEP].\n"
      "Example: echo 'Hello, world' | bertvision tokenize");
  return [values] { Tokenize(*values); };
}

}  // namespace bv::cli
