// A backbone ready to compute: tokenizer and encoder of one model folder, in one precision. What training
// straight from text and prediction start from. Immutable; safe from any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/file.h"

#include "bert/inference_encoder.h"
#include "features/task_windows.h"
#include "states/window_states.h"
#include "text/tokenizer.h"

namespace bv {

struct Backbone {
  std::string name;  // as given, but a folder as an absolute path, so that it is found from anywhere
  InferenceEncoder encoder;
  std::vector<NamedTensor> output;  // weight and bias of the task's layer, as BertWeights::output
  Pooler pooler;
  std::vector<std::string> labels;  // of a classification output
  Tokenizer tokenizer;
  uint64_t fingerprint = 0;  // of the encoder's weights
  Precision precision = Precision::kFp32;
  int64_t parameters = 0;  // of the encoder, embeddings included

  // The windows of the data, or of questions alone. Errors (kUsage): windows longer than the encoder's
  // positions; those of CutTaskWindows.
  TaskWindows CutData(const TaskExamples& data, const WindowOptions& options, int threads) const;
  std::vector<Window> CutData(const QaData& questions, const WindowOptions& options, int threads) const;
};

// name: as FindModelFolder takes it. Errors: its own, those of LoadBert and Tokenizer::Load; kData for a
// vocabulary that is larger than the encoder's.
Backbone LoadBackbone(const std::string& name, Precision precision);

// Throws kData unless every piece of the tokenizer has a row in the model's vocabulary; warns where the model
// has many more than the tokenizer.
void RequireTokenizerOf(const BertConfig& config, const Tokenizer& tokenizer, const fs::path& folder);

// The tokenizer of a model by its fingerprint (16 hexadecimal digits), for what can do without: where it is
// not found any more, or is another one, there is a warning and nothing is given.
std::optional<Tokenizer> FindTokenizer(const std::string& name, const std::string& fingerprint);

// The name that finds the same model from any folder: paths become absolute, names stay.
std::string LastingModelName(const std::string& name);

// What a head's share of its backbone is a share of, in every verb: the parameters of an encoder of this
// configuration with its embeddings, its pooler and a span output, the way the published counts are made
// (docs/heads.md).
int64_t BackboneParameters(const BertConfig& config);

}  // namespace bv
