#include "states/backbone.h"

#include <functional>
#include <numeric>

#include "base/error.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/model_folder.h"
#include "base/strings.h"

namespace bv {

TaskWindows Backbone::CutData(const TaskExamples& data, const WindowOptions& options, int threads) const {
  options.RequirePositions(encoder.config().max_positions, name);
  return CutTaskWindows(tokenizer, data, options, threads);
}

std::vector<Window> Backbone::CutData(const QaData& questions, const WindowOptions& options,
                                      int threads) const {
  options.RequirePositions(encoder.config().max_positions, name);
  return CutQuestions(tokenizer, questions, options, threads);
}

void RequireTokenizerOf(const BertConfig& config, const Tokenizer& tokenizer, const fs::path& folder) {
  const int64_t pieces = tokenizer.vocab_size();
  if (pieces > config.vocab_size) {
    throw DataError(folder.string(),
                    Cat("the tokenizer has ", pieces, " pieces, config.json a vocab_size of ",
                        config.vocab_size, "; they belong to different models"));
  }
  // Vocabularies are padded to round numbers, by a few rows.
  if (pieces < config.vocab_size - config.vocab_size / 10) {
    LogWarning(Cat(folder.string(), ": the tokenizer has ", Thousands(pieces), " pieces, the model ",
                   Thousands(config.vocab_size), "; a vocabulary that was cut off?"));
  }
}

std::string LastingModelName(const std::string& name) {
  std::error_code unknown;
  if (!fs::is_directory(name, unknown)) return name;
  return fs::absolute(name).lexically_normal().string();
}

std::optional<Tokenizer> FindTokenizer(const std::string& name, const std::string& fingerprint) {
  try {
    Tokenizer tokenizer = Tokenizer::Load(FindModelFolder(name));
    if (Hex(tokenizer.fingerprint()) == fingerprint) return tokenizer;
    LogWarning(Cat("the tokenizer of ", name, " is ", Hex(tokenizer.fingerprint()), ", the states' was ",
                   fingerprint, ": there are no scores of pieces"));
  } catch (const Error& error) {
    LogWarning(Cat(error.what(), ": without its tokenizer there are no scores of pieces"));
  }
  return std::nullopt;
}

int64_t BackboneParameters(const BertConfig& config) {
  const int64_t hidden = config.hidden_size;
  int64_t total = (hidden * hidden + hidden) + (2 * hidden + 2);
  for (const WeightEntry& entry : EncoderTable(config)) {
    total += std::accumulate(entry.shape.begin(), entry.shape.end(), int64_t{1}, std::multiplies<>());
  }
  return total;
}

Backbone LoadBackbone(const std::string& name, Precision precision) {
  const fs::path folder = FindModelFolder(name);
  BertWeights weights = LoadBert(folder);
  Tokenizer tokenizer = Tokenizer::Load(folder);
  RequireTokenizerOf(weights.config, tokenizer, folder);
  return {.name = LastingModelName(name),
          .encoder = InferenceEncoder(weights, precision),
          .output = std::move(weights.output),
          .pooler = PoolerOf(weights),
          .labels = weights.config.labels,
          .tokenizer = std::move(tokenizer),
          .fingerprint = Fingerprint(weights),
          .precision = precision,
          .parameters = BackboneParameters(weights.config)};
}

}  // namespace bv
