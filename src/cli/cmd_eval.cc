// bertvision eval: official scores of a predictions file.
#include <iostream>
#include <memory>

#include "base/error.h"
#include "base/log.h"
#include "base/strings.h"
#include "cli/score_report.h"
#include "cli/verbs.h"
#include "run/predictions.h"

namespace bv::cli {
namespace {

struct EvalOptions {
  fs::path data, predictions, null_odds, compare, compare_null_odds;
  double null_threshold = kOfficialNullThreshold;
  bool skip_bad_answers = false;
  int64_t resamples = BootstrapOptions().resamples;
  int64_t seed = 0;
  bool json = false;
};

ScoredFile Score(const QaData& data, const fs::path& predictions, const fs::path& null_odds,
                 double threshold) {
  const Predictions answers = ReadPredictions(predictions, data);
  if (null_odds.empty()) return {predictions.string(), ScoreSquad(data, answers)};
  const NullOdds odds = ReadNullOdds(null_odds, data);
  return {predictions.string(), ScoreSquad(data, answers, &odds, threshold)};
}

void Eval(const EvalOptions& values, const Options& options) {
  if (options.Given("--null-threshold") && values.null_odds.empty() && values.compare_null_odds.empty()) {
    throw Error(ErrorKind::kUsage, "--null-threshold is given without --null-odds, which it applies to");
  }
  if (!values.compare_null_odds.empty() && values.compare.empty()) {
    throw Error(ErrorKind::kUsage, "--compare-null-odds is given without --compare");
  }
  const QaData data = ReadSquad(values.data, {.skip_bad_answers = values.skip_bad_answers});
  if (!data.has_impossible && !(values.null_odds.empty() && values.compare_null_odds.empty())) {
    LogWarning(Cat(data.file, " has no questions without an answer; the null odds are not used"));
  }
  ScoredFile scored = Score(data, values.predictions, values.null_odds, values.null_threshold);
  std::optional<ScoredFile> other;
  if (!values.compare.empty())
    other = Score(data, values.compare, values.compare_null_odds, values.null_threshold);
  const BootstrapOptions bootstrap{.resamples = values.resamples, .seed = static_cast<uint64_t>(values.seed)};
  const ScoreReport report = MakeReport(data, std::move(scored), std::move(other), bootstrap);
  if (values.json) {
    std::cout << ReportJson(report).dump(2, ' ', false, OrderedJson::error_handler_t::replace) << "\n";
  } else {
    std::cout << ReportTable(data, report);
  }
}

}  // namespace

Action DeclareEval(Options& options) {
  auto values = std::make_shared<EvalOptions>();
  options.Path("--data", &values->data, "questions with gold answers, SQuAD 1.1 or 2.0")
      .Required()
      .Shown("FILE");
  options.Path("--predictions", &values->predictions, "{id: answer}; \"\" for no answer")
      .Required()
      .Shown("FILE");
  options.Path("--null-odds", &values->null_odds, "{id: null score - best score}").Shown("FILE");
  options.Number("--null-threshold", &values->null_threshold, -kInfinite, kInfinite,
                 "null odds above this count as no answer");
  options.Path("--compare", &values->compare, "other predictions, for the paired difference").Shown("FILE");
  options.Path("--compare-null-odds", &values->compare_null_odds, "null odds of the other predictions")
      .Shown("FILE");
  options.Flag("--skip-bad-answers", &values->skip_bad_answers,
               "drop gold answers that are not in their context");
  options.Integer("--resamples", &values->resamples, 0, 1'000'000,
                  "of the bootstrap intervals; 0: no intervals");
  options.Integer("--seed", &values->seed, 0, kNoLimit, "of the bootstrap");
  options.Json(&values->json);
  options.Note(
      "Scores as the official SQuAD scripts do; whether it is 1.1 or 2.0 is found in the data.\n"
      "Example: bertvision eval --data dev.json --predictions run/predictions.json --null-odds "
      "run/null_odds.json");
  return [values, &options] { Eval(*values, options); };
}

}  // namespace bv::cli
