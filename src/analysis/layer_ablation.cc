#include "analysis/layer_ablation.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/zeros.h>

#include "analysis/run_set.h"
#include "base/error.h"
#include "base/strings.h"
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
  const QaData examples = store.Examples().questions;
  RequireAnswers(examples);
  const at::Tensor substitutes = options.substitute == LayerSubstitute::kMean
                                     ? MeanStates(store, report)
                                     : at::zeros({store.layers(), store.hidden()}, at::kFloat);
  const std::vector<SpanLogits> logits = LogitsOverStore(
      store, examples, store.layers() + 1,
      [&](const StoreBatch& batch) { return LogitsWithout(*head, batch, substitutes); }, report);
  const DecodeOptions decode = DecodeOptionsFor(examples, source.decode);
  LayerAblation ablation = {source.folder.string(), options.substitute, 0, 0, {}};
  for (size_t i = 0; i < logits.size(); ++i) {
    const SquadScores scores = ScoreAnswers(
        examples, DecodeSpans(examples, logits[i], decode, options.threads), decode.null_threshold);
    if (i == 0) {
      ablation.exact = scores.all.exact;
      ablation.f1 = scores.all.f1;
    } else {
      ablation.without.push_back({store.info().layers[i - 1], scores.all.exact, scores.all.f1});
    }
  }
  return ablation;
}

Finding LayerAblationFinding(const std::vector<LayerAblation>& ablations) {
  Finding finding = {"layer-ablation",
                     "Scores of a head with one layer's states replaced, and what that changes",
                     Table({{"run", Align::kLeft},
                            {"without layer", Align::kLeft},
                            {"replaced by", Align::kLeft},
                            {"EM"},
                            {"F1"},
                            {"EM change"},
                            {"F1 change"}}),
                     OrderedJson::array()};
  for (const LayerAblation& ablation : ablations) {
    finding.table.AddRow({ablation.run, "(none)", "", ablation.exact, ablation.f1, Cell(), Cell()});
    OrderedJson list = OrderedJson::array();
    for (const LayerAblation::Score& score : ablation.without) {
      finding.table.AddRow({"", std::to_string(score.layer), NameOf(ablation.substitute), score.exact,
                            score.f1, score.exact - ablation.exact, score.f1 - ablation.f1});
      list.push_back({{"layer", score.layer}, {"exact", score.exact}, {"f1", score.f1}});
    }
    finding.json.push_back({{"run", ablation.run},
                            {"replaced_by", NameOf(ablation.substitute)},
                            {"exact", ablation.exact},
                            {"f1", ablation.f1},
                            {"without", list}});
  }
  return finding;
}

}  // namespace bv
