#include "logits/logits_file.h"

#include <map>

#include "base/error.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/strings.h"
#include "logits/logits_parts.h"

namespace bv {
namespace {

constexpr const char* kFormat = kSpanLogitsFormat;
constexpr const char* kVersion = "1";

// Only for the study's decoder.
constexpr const char* kIds = "ids";
// In the order of the checksum, ids behind them.
constexpr const char* kNames[] = {"start", "end", "offsets", "example", "window", "context", "ranges"};

std::string IdsHash(const QaData& data) {
  Xxh3 hash;
  for (const QaExample& example : data.examples) hash.Update(example.id + '\n');
  return Hex(hash.Digest());
}

std::string DecodeText(const DecodeOptions& options) {
  OrderedJson json = {{"n_best", options.n_best},
                      {"max_answer_length", options.max_answer_length},
                      {"null_threshold", options.null_threshold},
                      {"null_score", options.null_score == DecodeOptions::kMax ? "max" : "min"},
                      {"allow_no_answer", options.allow_no_answer}};
  if (options.of_paper()) json["decoder"] = DecoderName(options.decoder);
  return json.dump();
}

DecodeOptions DecodeFromText(const std::string& text, const std::string& file) {
  const std::string where = file + ", metadata 'decode'";
  const Json json = ParseJson(text, where);
  DecodeOptions options;
  options.n_best = static_cast<int32_t>(RequireInteger(json, "n_best", 1, INT32_MAX, where));
  options.max_answer_length =
      static_cast<int32_t>(RequireInteger(json, "max_answer_length", 1, INT32_MAX, where));
  options.null_threshold = RequireNumber(json, "null_threshold", where);
  const std::string& score = RequireString(json, "null_score", where);
  if (score != "min" && score != "max")
    throw DataError(where, Cat("'null_score' is ", Quoted(score), ", allowed: min, max"));
  options.null_score = score == "max" ? DecodeOptions::kMax : DecodeOptions::kMin;
  options.allow_no_answer = RequireBool(json, "allow_no_answer", where);
  if (json.contains("decoder")) {
    const std::string& decoder = RequireString(json, "decoder", where);
    if (decoder != "paper" && decoder != "paper-combined")
      throw DataError(where, Cat("'decoder' is ", Quoted(decoder), ", allowed: paper, paper-combined"));
    options.decoder = ParseDecoder(decoder);
  }
  return options;
}

void RequireEqualSizes(const SpanLogits& logits) {
  const auto pieces = static_cast<size_t>(logits.pieces()), windows = static_cast<size_t>(logits.windows());
  if (logits.end.size() == pieces && logits.ranges.size() == pieces && logits.offsets.size() == windows + 1 &&
      logits.window.size() == windows && logits.context.size() == 2 * windows &&
      (logits.ids.empty() || logits.ids.size() == pieces))
    return;
  throw Error(ErrorKind::kInternal, "span logits whose parts have different sizes");
}

// What decoding relies on; the pieces' own places are checked by the decoder, against the context.
void CheckPlaces(const SpanLogits& logits, int64_t examples, const std::string& file) {
  const auto refuse = [&](int64_t window, const char* what) {
    throw DataError(file, Cat("window ", window, ": ", what, "; the file is damaged"));
  };
  if (logits.offsets.front() != 0 || logits.offsets.back() != logits.pieces())
    throw DataError(file, "the offsets do not cover the pieces; the file is damaged");
  for (int64_t w = 0; w < logits.windows(); ++w) {
    const auto i = static_cast<size_t>(w);
    const int64_t pieces = logits.offsets[i + 1] - logits.offsets[i];
    if (pieces < 1 || pieces > logits.pieces()) refuse(w, "its offsets do not rise");
    if (logits.example[i] < 0 || logits.example[i] >= examples) refuse(w, "it belongs to no question");
    if (i > 0 && logits.window[i] <= logits.window[i - 1]) refuse(w, "the window numbers do not rise");
    const int32_t begin = logits.context[2 * i], end = logits.context[2 * i + 1];
    if (begin < 0 || end < begin || end > pieces) refuse(w, "its context lies outside of it");
  }
}

}  // namespace

LogitsOrigin OriginOf(const QaData& data, const LogitsWindows& windows) {
  return {.data = LastingPath(data.file),
          .data_hash = Hex(data.hash),
          .examples = static_cast<int64_t>(data.examples.size()),
          .examples_hash = IdsHash(data),
          .windows = windows};
}

void WriteLogits(const fs::path& folder, const SpanLogits& logits, const LogitsOrigin& origin,
                 const DecodeOptions& decode) {
  RequireEqualSizes(logits);
  static_assert(sizeof(ByteRange) == 2 * sizeof(int32_t));
  const int64_t n = logits.pieces(), b = logits.windows();
  std::vector<NamedTensor> tensors = {{kNames[0], View(logits.start, at::kFloat, {n})},
                                      {kNames[1], View(logits.end, at::kFloat, {n})},
                                      {kNames[2], View(logits.offsets, at::kLong, {b + 1})},
                                      {kNames[3], View(logits.example, at::kInt, {b})},
                                      {kNames[4], View(logits.window, at::kInt, {b})},
                                      {kNames[5], View(logits.context, at::kInt, {b, 2})},
                                      {kNames[6], View(logits.ranges, at::kInt, {n, 2})}};
  if (decode.of_paper()) tensors.push_back({kIds, View(logits.ids, at::kInt, {n})});
  std::map<std::string, std::string> metadata = {{"format", kFormat},
                                                 {"version", kVersion},
                                                 {"checksum", ChecksumOf(tensors)},
                                                 {"data", origin.data},
                                                 {"data_xxh3", origin.data_hash},
                                                 {"examples", std::to_string(origin.examples)},
                                                 {"examples_xxh3", origin.examples_hash},
                                                 {"tokenizer_fingerprint", origin.windows.tokenizer},
                                                 {"decode", DecodeText(decode)}};
  AddCut(origin.windows.cut, &metadata);
  WriteTensorFile(folder / kLogitsFile, tensors, metadata);
}

StoredLogits ReadLogits(const fs::path& folder) {
  const LogitsReader reader(folder / kLogitsFile);
  reader.RequireFormat(kFormat, kVersion);
  const at::Tensor start = reader.Tensor(kNames[0], Dtype::kF32, {-1});
  const at::Tensor example = reader.Tensor(kNames[3], Dtype::kI32, {-1});
  const int64_t n = start.numel(), b = example.numel();
  std::vector<NamedTensor> tensors = {{kNames[0], start},
                                      {kNames[1], reader.Tensor(kNames[1], Dtype::kF32, {n})},
                                      {kNames[2], reader.Tensor(kNames[2], Dtype::kI64, {b + 1})},
                                      {kNames[3], example},
                                      {kNames[4], reader.Tensor(kNames[4], Dtype::kI32, {b})},
                                      {kNames[5], reader.Tensor(kNames[5], Dtype::kI32, {b, 2})},
                                      {kNames[6], reader.Tensor(kNames[6], Dtype::kI32, {n, 2})}};
  StoredLogits stored;
  stored.decode = DecodeFromText(reader.Text("decode"), reader.path());
  if (stored.decode.of_paper()) tensors.push_back({kIds, reader.Tensor(kIds, Dtype::kI32, {n})});
  reader.RequireChecksum(tensors);
  stored.origin = {.data = reader.Text("data"),
                   .data_hash = reader.Text("data_xxh3"),
                   .examples = reader.Integer("examples", INT32_MAX),
                   .examples_hash = reader.Text("examples_xxh3"),
                   .windows = {reader.Cut(), reader.Text("tokenizer_fingerprint")}};
  stored.logits = {.start = Values<float>(tensors[0].tensor),
                   .end = Values<float>(tensors[1].tensor),
                   .ranges = Values<ByteRange>(tensors[6].tensor),
                   .offsets = Values<int64_t>(tensors[2].tensor),
                   .example = Values<int32_t>(tensors[3].tensor),
                   .window = Values<int32_t>(tensors[4].tensor),
                   .context = Values<int32_t>(tensors[5].tensor),
                   .ids = {}};
  if (stored.decode.of_paper()) stored.logits.ids = Values<int32_t>(tensors.back().tensor);
  CheckPlaces(stored.logits, stored.origin.examples, reader.path());
  return stored;
}

QaData ReadQuestionsOf(const LogitsOrigin& origin, const fs::path& file, const std::string& logits) {
  const fs::path path = file.empty() ? fs::path(origin.data) : file;
  if (!fs::exists(path)) {
    throw DataError(logits, Cat("its questions were in '", path.string(), "', which is not there",
                                file.empty() ? "; name the file with --data" : ""));
  }
  // Answers that are not in their context can only be there if they were skipped then, too.
  QaData data = path.extension() == ".json" ? ReadSquad(path, {.skip_bad_answers = true}) : ReadQaJsonl(path);
  if (Hex(data.hash) != origin.data_hash) {
    throw DataError(path.string(),
                    Cat("is another file than the one that ", logits, " answers (xxh3 ", Hex(data.hash),
                        ", then ", origin.data_hash, "); it was changed, or --data should name another"));
  }
  if (static_cast<int64_t>(data.examples.size()) > origin.examples) {
    data.examples.resize(static_cast<size_t>(origin.examples));
    SummariseAnswers(&data);
  }
  if (IdsHash(data) != origin.examples_hash) {
    throw DataError(path.string(), Cat("its first ", origin.examples, " questions are not those that ",
                                       logits, " answers; were bad answers skipped only once?"));
  }
  return data;
}

void RequireSameWindows(const LogitsOrigin& a, const std::string& a_name, const LogitsOrigin& b,
                        const std::string& b_name) {
  const auto require = [&](const char* what, const auto& here, const auto& there) {
    if (here == there) return;
    throw Error(ErrorKind::kData,
                Cat("the ", what, " is ", here, " in ", a_name, ", but ", there, " in ", b_name,
                    "; only runs on the same windows of the same questions can be "
                    "put side by side"));
  };
  require("hash of the data", a.data_hash, b.data_hash);
  require("number of questions", a.examples, b.examples);
  require("hash of the questions", a.examples_hash, b.examples_hash);
  const WindowOptions &left = a.windows.cut, &right = b.windows.cut;
  require("rule of windows", std::string(WindowRuleName(left.rule)), std::string(WindowRuleName(right.rule)));
  require("longest window", left.max_length, right.max_length);
  require("stride of windows", left.doc_stride, right.doc_stride);
  if (left.rule == WindowRule::kPaper)
    require("limit of questions", left.question_limit, right.question_limit);
  require("padding of windows", left.pad_to, right.pad_to);
  require("tokenizer's fingerprint", a.windows.tokenizer, b.windows.tokenizer);
}

}  // namespace bv
