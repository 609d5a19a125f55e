#include "train/rounding_cost.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <memory>

#include "base/error.h"
#include "heads/registry.h"
#include "states/store_source.h"
#include "store/store_reader.h"
#include "train/head_data.h"
#include "train/head_recipes.h"
#include "train/head_run.h"
#include "train/head_scoring.h"
#include "train/head_trainer.h"

namespace bv {
namespace {

constexpr uint64_t kSeed = 1;
constexpr int64_t kBatch = 32;
// Passes over the small sample, after which a head is good enough to be spoilt.
constexpr int64_t kEpochs = 10;

std::vector<double> LayerErrors(const StoreReader& exact, const StoreReader& rounded) {
  StoreSource wanted(exact), got(rounded);
  wanted.StartEpoch({.batch_size = kBatch});
  got.StartEpoch({.batch_size = kBatch});
  at::Tensor errors = at::zeros({exact.layers()}, at::kDouble), squares = errors.clone();
  StateBatch a, b;
  while (wanted.Next(&a)) {
    if (!got.Next(&b) || a.windows != b.windows || a.states.sizes() != b.states.sizes())
      throw Error(ErrorKind::kInternal, "rounded states are of other windows than the exact ones");
    const at::Tensor states = a.states.to(at::kFloat);
    errors += (b.states.to(at::kFloat) - states).square().sum({0, 2}, false, at::kDouble);
    squares += states.square().sum({0, 2}, false, at::kDouble);
  }
  const at::Tensor relative = (errors / squares.clamp_min(1e-300)).sqrt();
  const auto* values = relative.const_data_ptr<double>();
  return {values, values + relative.numel()};
}

std::string HeadFor(HeadKind kind) {
  if (kind == HeadKind::kSpan) return DefaultHeads(kind).front();
  return kind == HeadKind::kRow ? "tiny-tenney" : "ap";
}

// Of spans the score of questions that have an answer, which unanswerable ones cannot swamp.
std::string MetricOf(const TaskEvaluation& evaluation) {
  const Metrics metrics = EvaluationMetrics(evaluation);
  if (!std::holds_alternative<SpanEvaluation>(evaluation)) return metrics.front().first;
  const auto has_answers = std::find_if(metrics.begin(), metrics.end(),
                                        [](const auto& metric) { return metric.first == "HasAns_f1"; });
  return has_answers == metrics.end() ? "f1" : has_answers->first;
}

// Scores of spans are in percent already.
double PointsOf(const TaskEvaluation& evaluation, const std::string& name) {
  for (const auto& [metric, value] : EvaluationMetrics(evaluation)) {
    if (metric == name) return std::holds_alternative<SpanEvaluation>(evaluation) ? value : 100 * value;
  }
  throw Error(ErrorKind::kInternal, "an evaluation lacks the metric " + name);
}

double ShareAnsweredAlike(const TaskEvaluation& a, const TaskEvaluation& b) {
  int64_t same = 0, all = 0;
  const auto compare = [&](const auto& left, const auto& right, const auto& alike) {
    all = static_cast<int64_t>(left.size());
    for (size_t i = 0; i < left.size(); ++i) same += alike(left[i], right[i]) ? 1 : 0;
  };
  if (std::holds_alternative<SpanEvaluation>(a)) {
    compare(std::get<SpanEvaluation>(a).answers, std::get<SpanEvaluation>(b).answers,
            [](const DecodedAnswer& x, const DecodedAnswer& y) { return x.text == y.text; });
  } else {
    compare(std::get<TextEvaluation>(a).predictions.values, std::get<TextEvaluation>(b).predictions.values,
            [](double x, double y) { return x == y; });
  }
  return all > 0 ? static_cast<double>(same) / static_cast<double>(all) : 1;
}

TaskEvaluation Score(HeadData* data, const Head& head, int threads) {
  SpanEvaluationOptions options;
  options.threads = threads;
  return ScoreHeads(data, {&head}, options, [](int64_t) { return true; })->front();
}

}  // namespace

RoundingCost MeasureRounding(const fs::path& train, const fs::path& exact, const fs::path& rounded,
                             int threads) {
  RoundingCost cost;
  cost.layer_errors = LayerErrors(StoreReader(exact), StoreReader(rounded));
  const auto data = OpenStores(train, exact, false);
  cost.trained = data->train()->windows();
  cost.held_out = data->dev()->windows();
  if (!data->dev_examples().labelled()) return cost;
  cost.head = HeadFor(data->kind());
  const BackboneDims dims = data->dims(0);
  const auto head = BuildHead(cost.head, dims, kSeed);
  HeadTrainOptions recipe = HeadRecipeDefaults(RecipeFor(data->kind()), data->task(), dims.hidden);
  recipe.epochs = kEpochs;
  recipe.seed = kSeed;
  HeadTrainer(data->train(), {head.get()}, recipe).Run({});
  const TaskEvaluation before = Score(data.get(), *head, threads);
  // Rounded states may be of another precision than those of the training store: that is what is measured.
  const TaskEvaluation after = Score(OpenStores(train, rounded, true).get(), *head, threads);
  cost.metric = MetricOf(before);
  cost.exact = PointsOf(before, cost.metric);
  cost.rounded = PointsOf(after, cost.metric);
  if (data->task().kind != TaskKind::kRegression) cost.same = ShareAnsweredAlike(before, after);
  return cost;
}

}  // namespace bv
