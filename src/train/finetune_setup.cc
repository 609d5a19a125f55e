#include "train/finetune_setup.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <string>

namespace bv {

void GiveTaskOutput(const Task& task, const FineTuneOptions& training, BertWeights* weights) {
  if (task.of_spans()) {
    if (!weights->has_span_output())
      weights->output = NewSpanOutput(weights->config.hidden_size, training.seed);
    return;
  }
  const bool regression = task.kind == TaskKind::kRegression;
  const std::vector<std::string> labels = regression ? std::vector<std::string>{"score"} : task.labels;
  // A regression's one output has no name that would matter.
  const bool same = regression ? weights->config.labels.size() == 1 : weights->config.labels == labels;
  if (weights->has_class_output() && same) return;
  const bool paper = training.recipe == FineTuneRecipe::kPaperTf;
  AddClassOutput(weights, labels, regression, training.seed,
                 paper ? ClassOutputInit::kHeNormal : ClassOutputInit::kBert);
}

int64_t FineTuneMemory(const BertWeights& weights, const std::vector<Window>& windows,
                       const FineTuneOptions& training) {
  int64_t parameters = 0;
  std::vector<int64_t> lengths;
  lengths.reserve(windows.size());
  for (const auto& entry : weights.encoder) parameters += entry.tensor.numel();
  for (const auto& window : windows) lengths.push_back(static_cast<int64_t>(window.ids.size()));
  const BertConfig& config = weights.config;
  // Saved tensors a token and layer: about 22 rows of the hidden size and 3 of the intermediate one.
  const int64_t per_token = config.num_layers * (22 * config.hidden_size + 3 * config.intermediate_size) * 4;
  // The worst batch: that of the longest windows.
  std::sort(lengths.begin(), lengths.end(), std::greater<>());
  const auto worst =
      std::min(lengths.size(), static_cast<size_t>(training.batch_size / training.accumulate + 1));
  const int64_t batch_tokens =
      std::accumulate(lengths.begin(), lengths.begin() + static_cast<std::ptrdiff_t>(worst), int64_t{0});
  return parameters * 16 + per_token * batch_tokens;
}

}  // namespace bv
