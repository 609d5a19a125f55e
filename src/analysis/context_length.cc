#include "analysis/context_length.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "base/json_number.h"

namespace bv {
namespace {

template <typename Keep>
LengthMean MeanWhere(const std::vector<int64_t>& lengths, Keep keep) {
  LengthMean mean;
  int64_t sum = 0;
  for (size_t i = 0; i < lengths.size(); ++i) {
    if (!keep(i)) continue;
    sum += lengths[i];
    ++mean.questions;
  }
  mean.pieces = mean.questions == 0 ? std::numeric_limits<double>::quiet_NaN()
                                    : static_cast<double>(sum) / static_cast<double>(mean.questions);
  return mean;
}

OrderedJson MeanJson(const LengthMean& mean) {
  return {{"questions", mean.questions}, {"pieces", NumberOrNull(mean.pieces)}};
}

}  // namespace

std::array<double, 4> MeanByQuarter(const std::vector<int64_t>& lengths, const std::vector<double>& values) {
  std::vector<size_t> order(lengths.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return lengths[a] < lengths[b]; });
  std::array<double, 4> means{};
  for (size_t q = 0; q < means.size(); ++q) {
    const size_t begin = order.size() * q / 4, end = order.size() * (q + 1) / 4;
    double sum = 0;
    for (size_t i = begin; i < end; ++i) sum += values[order[i]];
    means[q] = sum / static_cast<double>(end - begin);
  }
  return means;
}

std::vector<int64_t> ContextPieces(const RunSet& set) {
  const SpanLogits& logits = set.runs.at(0).logits;
  std::vector<int64_t> pieces;
  for (const auto& windows : WindowsByExample(set.data, logits)) {
    int64_t count = 0;
    for (const int64_t window : windows) {
      const auto w = static_cast<size_t>(window);
      count += logits.context[2 * w + 1] - logits.context[2 * w];
    }
    const WindowOptions& cut = set.origin.windows.cut;
    const auto last = static_cast<size_t>(windows.back());
    const auto before = static_cast<int64_t>(windows.size() - 1);
    pieces.push_back(cut.rule == WindowRule::kPaper
                         ? before * cut.doc_stride + logits.context[2 * last + 1] - logits.context[2 * last]
                         : count - before * cut.doc_stride);
  }
  return pieces;
}

ContextLengths MeasureContextLengths(const RunSet& set, const AnalysedRun& run) {
  const std::vector<int64_t> lengths = ContextPieces(set);
  const std::vector<bool> right = RightAnswers(run), first = RightAnswers(set.runs[0]);
  std::array<double, 4> quarters = MeanByQuarter(lengths, ScoresOf(run).exact_values);
  for (double& quarter : quarters) quarter *= 100;
  return {.right = MeanWhere(lengths, [&](size_t i) { return right[i]; }),
          .only_this = MeanWhere(lengths, [&](size_t i) { return right[i] && !first[i]; }),
          .only_first = MeanWhere(lengths, [&](size_t i) { return first[i] && !right[i]; }),
          .quarter_exact = quarters};
}

Finding ContextLengthFinding(const RunSet& set) {
  const std::vector<int64_t> lengths = ContextPieces(set);
  const double all = MeanWhere(lengths, [](size_t) { return true; }).pieces;
  Finding finding = {
      "context-length",
      "Context length in pieces: means over right answers, and exact match by quarters of length",
      Table({{"run", Align::kLeft},
             {"all"},
             {"right"},
             {"only this right"},
             {"questions"},
             {"only first right"},
             {"questions"},
             {"EM short"},
             {"2nd"},
             {"3rd"},
             {"EM long"}}),
      OrderedJson::array()};
  for (const AnalysedRun& run : set.runs) {
    const ContextLengths found = MeasureContextLengths(set, run);
    const auto& quarters = found.quarter_exact;
    finding.table.AddRow({run.name, all, found.right.pieces, found.only_this.pieces,
                          found.only_this.questions, found.only_first.pieces, found.only_first.questions,
                          quarters[0], quarters[1], quarters[2], quarters[3]});
    OrderedJson quarter_list = OrderedJson::array();
    for (const double exact : quarters) quarter_list.push_back(exact);
    finding.json.push_back({{"run", run.name},
                            {"mean_pieces", all},
                            {"right", MeanJson(found.right)},
                            {"only_this_right", MeanJson(found.only_this)},
                            {"only_first_right", MeanJson(found.only_first)},
                            {"quarter_exact", quarter_list}});
  }
  return finding;
}

}  // namespace bv
