#include "train/head_scoring.h"

#include <chrono>
#include <span>

#include "train/head_evaluation.h"
#include "train/task_loss.h"

namespace bv {
namespace {

// Dev windows a batch. Only speed depends on it.
constexpr int64_t kDevBatch = 32;

void Collect(const HeadData& data, const StateBatch& batch, const std::vector<at::Tensor>& logits,
             TaskCollector* collector) {
  const bool spans = data.task().of_spans();
  const auto* offsets = batch.offsets.const_data_ptr<int64_t>();
  std::vector<at::Tensor> dense;
  dense.reserve(logits.size());
  for (const at::Tensor& one : logits) dense.push_back(one.contiguous());
  for (size_t window = 0; window < batch.windows.size(); ++window) {
    const auto row = static_cast<int64_t>(window);
    const int64_t begin = spans ? offsets[window] : row, end = spans ? offsets[window + 1] : row + 1;
    std::vector<std::span<const float>> rows;
    rows.reserve(dense.size());
    for (const at::Tensor& one : dense) {
      const int64_t columns = one.size(1);
      rows.emplace_back(one.const_data_ptr<float>() + columns * begin,
                        static_cast<size_t>(columns * (end - begin)));
    }
    const PlacedWindow placed = data.Place(batch, window);
    collector->Add(placed.place, placed.ranges, rows, placed.ids);
  }
}

}  // namespace

std::optional<std::vector<TaskEvaluation>> ScoreHeads(HeadData* data, const std::vector<const Head*>& heads,
                                                      const SpanEvaluationOptions& options,
                                                      const std::function<bool(int64_t windows)>& go_on) {
  const auto begin = std::chrono::steady_clock::now();
  const TaskKind kind = data->task().kind;
  TaskCollector collector(data->dev_examples(), static_cast<int64_t>(heads.size()));
  bool stopped = false;
  int64_t done = 0;
  const std::vector<double> losses =
      EvaluateHeads(data->dev(), heads, kind, kDevBatch,
                    [&](const StateBatch& batch, const std::vector<at::Tensor>& logits) {
                      Collect(*data, batch, logits, &collector);
                      done += static_cast<int64_t>(batch.windows.size());
                      stopped = !go_on(done);
                      return !stopped;
                    });
  if (stopped) return std::nullopt;
  std::vector<TaskEvaluation> evaluations;
  for (size_t i = 0; i < heads.size(); ++i)
    evaluations.push_back(collector.Evaluate(static_cast<int64_t>(i), options));
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  for (size_t i = 0; i < heads.size(); ++i) {
    SetCost(&evaluations[i], ComparableLoss(losses[i], kind, SpanReduction::kSum), seconds,
            data->dev()->windows());
  }
  return evaluations;
}

}  // namespace bv
