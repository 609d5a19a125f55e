#include "analysis/layer_ablation.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/zeros.h>

#include "analysis/run_set.h"
#include "base/error.h"
#include "base/json_number.h"
#include "base/strings.h"
#include "metrics/task_scores.h"
#include "pipeline/run_head.h"
#include "pipeline/span_system.h"
#include "store/batch_stream.h"

namespace bv {
namespace {

using Report = std::function<bool(int64_t done, int64_t total)>;

// [L, H] f32: each layer's mean over all tokens of the store, summed in f64.
at::Tensor MeanStates(const StoreReader& store, const Report& report) {
  const at::NoGradGuard no_grad;
  at::Tensor sum = at::zeros({store.layers(), store.hidden()}, at::kDouble);
  BatchStream stream(store, {});
  StoreBatch batch;
  int64_t tokens = 0;
  for (int64_t done = 0; stream.Next(&batch);) {
    sum += batch.states.to(at::kFloat).sum(0, false, at::kDouble);
    tokens += batch.states.size(0);
    done += batch.windows();
    if (report && !report(done, store.windows()))
      throw Error(ErrorKind::kInterrupted, "stopped; nothing was written");
  }
  return (sum / static_cast<double>(std::max<int64_t>(tokens, 1))).to(at::kFloat);
}

// The head's logits with all layers, then without each of them.
std::vector<at::Tensor> LogitsWithout(const Head& head, const StoreBatch& batch,
                                      const at::Tensor& substitutes) {
  std::vector<at::Tensor> logits = {HeadLogits(head, batch)};
  // The store's own states may be a view into its file, which is never written to.
  StoreBatch changed = batch;
  changed.states = batch.states.clone();
  for (int64_t l = 0; l < batch.states.size(1); ++l) {
    const at::Tensor layer = changed.states.select(1, l);
    layer.copy_(substitutes.select(0, l).expand_as(layer));
    logits.push_back(HeadLogits(head, changed));
    layer.copy_(batch.states.select(1, l));
  }
  return logits;
}

using Compute = std::function<std::vector<at::Tensor>(const StoreBatch& batch)>;

// With all layers, then without each.
std::vector<Metrics> SpanScores(const StoreReader& store, const QaData& examples, const DecodeOptions& of_run,
                                const Compute& compute, int threads, const Report& report) {
  const DecodeOptions decode = DecodeOptionsFor(examples, of_run);
  std::vector<Metrics> all;
  for (const SpanLogits& logits : LogitsOverStore(store, examples, store.layers() + 1, compute, report)) {
    const SquadScores scores =
        ScoreAnswers(examples, DecodeSpans(examples, logits, decode, threads), decode.null_threshold);
    all.push_back({{"exact", scores.all.exact}, {"f1", scores.all.f1}});
  }
  return all;
}

std::vector<Metrics> TextScores(const StoreReader& store, const TaskExamples& examples,
                                const Compute& compute, const Report& report) {
  std::vector<Metrics> all;
  for (const TextLogits& logits : TextLogitsOverStore(store, examples, store.layers() + 1, compute, report))
    all.push_back(ScorePredictions(examples, DecideTexts(examples, logits).values));
  return all;
}

// As tables of scores call them.
Column ColumnOf(const std::string& score, const char* what) {
  if (score == "exact") return {Cat("EM", what)};
  return score == "f1" ? Column{Cat("F1", what)} : Column{Cat(score, what), Align::kRight, 4};
}

OrderedJson ScoresJson(const Metrics& scores) {
  OrderedJson json = OrderedJson::object();
  for (const auto& [name, value] : scores) json[name] = NumberOrNull(value);
  return json;
}

const char* NameOf(LayerSubstitute substitute) {
  return substitute == LayerSubstitute::kMean ? "mean" : "zero";
}

}  // namespace

LayerAblation AblateLayers(const fs::path& head_run, const fs::path& store_folder,
                           const LayerAblationOptions& options, const Report& report) {
  const RunSource source = FindRun(head_run);
  const StoreReader store(store_folder);
  RequireStatesOf(source, store, options.allow_other_backbone);
  const std::unique_ptr<Head> head = LoadHeadOf(source);
  const TaskExamples examples = store.Examples();
  if (examples.task.of_spans()) RequireAnswers(examples.questions);
  const at::Tensor substitutes = options.substitute == LayerSubstitute::kMean
                                     ? MeanStates(store, report)
                                     : at::zeros({store.layers(), store.hidden()}, at::kFloat);
  const auto compute = [&](const StoreBatch& batch) { return LogitsWithout(*head, batch, substitutes); };
  const std::vector<Metrics> scores =
      examples.task.of_spans()
          ? SpanScores(store, examples.questions, source.decode, compute, options.threads, report)
          : TextScores(store, examples, compute, report);
  LayerAblation ablation = {source.folder.string(), options.substitute, scores[0], {}};
  for (size_t i = 1; i < scores.size(); ++i)
    ablation.without.push_back({store.info().layers[i - 1], scores[i]});
  return ablation;
}

Finding LayerAblationFinding(const std::vector<LayerAblation>& ablations) {
  std::vector<Column> columns = {
      {"run", Align::kLeft}, {"without layer", Align::kLeft}, {"replaced by", Align::kLeft}};
  for (const char* what : {"", " change"}) {
    for (const auto& [score, value] : ablations.at(0).scores) columns.push_back(ColumnOf(score, what));
  }
  Finding finding = {"layer-ablation",
                     "Scores of a head with one layer's states replaced, and what that changes",
                     Table(std::move(columns)), OrderedJson::array()};
  for (const LayerAblation& ablation : ablations) {
    const auto add = [&](std::vector<Cell> cells, const Metrics& scores, bool changed) {
      for (const auto& [score, value] : scores) cells.emplace_back(value);
      for (size_t i = 0; i < scores.size(); ++i) {
        cells.emplace_back();
        if (changed) cells.back() = scores[i].second - ablation.scores[i].second;
      }
      finding.table.AddRow(std::move(cells));
    };
    add({ablation.run, "(none)", ""}, ablation.scores, false);
    OrderedJson list = OrderedJson::array();
    for (const LayerAblation::Without& one : ablation.without) {
      add({"", std::to_string(one.layer), NameOf(ablation.substitute)}, one.scores, true);
      list.push_back({{"layer", one.layer}});
      list.back().update(ScoresJson(one.scores));
    }
    OrderedJson json = {{"run", ablation.run}, {"replaced_by", NameOf(ablation.substitute)}};
    json.update(ScoresJson(ablation.scores));
    json["without"] = std::move(list);
    finding.json.push_back(std::move(json));
  }
  return finding;
}

}  // namespace bv
