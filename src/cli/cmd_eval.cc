// bertvision eval: official scores of a predictions file, of a head, or of a fine-tuned model.
#include <iostream>
#include <memory>

#include "base/error.h"
#include "base/log.h"
#include "base/strings.h"
#include "cli/score_report.h"
#include "cli/system_options.h"
#include "cli/text_runs.h"
#include "cli/verbs.h"
#include "decode/answer_collector.h"
#include "device/machine.h"
#include "run/predictions.h"

namespace bv::cli {
namespace {

struct EvalOptions {
  fs::path data, predictions, null_odds, compare, compare_null_odds;
  SystemFlags system;
  TaskFlags task;
  double null_threshold = kOfficialNullThreshold;
  int64_t resamples = BootstrapOptions().resamples;
  int64_t seed = 0;
  int32_t threads = 0;
  bool json = false;
};

void CheckUsage(const EvalOptions& values, const Options& options) {
  if (values.predictions.empty() == values.system.run.empty()) {
    throw Error(ErrorKind::kUsage, values.predictions.empty() ? "bertvision eval needs --predictions or --run"
                                                              : "--predictions and --run are both given");
  }
  if (values.system.run.empty()) {
    values.system.RequireRun(options);
  } else if (!values.null_odds.empty()) {
    throw Error(ErrorKind::kUsage, "--null-odds is given without --predictions, which it belongs to");
  }
  if (options.Given("--null-threshold") && values.system.run.empty() && values.null_odds.empty() &&
      values.compare_null_odds.empty()) {
    throw Error(ErrorKind::kUsage, "--null-threshold is given without --null-odds, which it applies to");
  }
  if (!values.compare_null_odds.empty() && values.compare.empty()) {
    throw Error(ErrorKind::kUsage, "--compare-null-odds is given without --compare");
  }
}

ScoredFile Score(const QaData& data, const fs::path& predictions, const fs::path& null_odds,
                 double threshold) {
  const Predictions answers = ReadPredictions(predictions, data);
  if (null_odds.empty()) return {predictions.string(), ScoreSquad(data, answers)};
  const NullOdds odds = ReadNullOdds(null_odds, data);
  return {predictions.string(), ScoreSquad(data, answers, &odds, threshold)};
}

// The run's own threshold, unless the user gives one: its answers were made with that.
ScoredFile ScoreRun(const QaData& data, const EvalOptions& values, const Options& options) {
  const SpanSystem system = values.system.Load();
  LogInfo(Cat(system.names().front(), ", backbone in ", system.precision()));
  DecodeOptions decode = values.system.Decode(system, data);
  if (options.Given("--null-threshold")) decode.null_threshold = values.null_threshold;
  const std::vector<DecodedAnswer> answers = AnswerWithBar("eval", system, data, decode, values.threads);
  return {system.names().front(), ScoreAnswers(data, answers, decode.null_threshold)};
}

void Eval(const EvalOptions& values, const Options& options) {
  CheckUsage(values, options);
  UseThreads(values.threads);
  const BootstrapOptions bootstrap{.resamples = values.resamples, .seed = static_cast<uint64_t>(values.seed)};
  if (IsTextRun(values.system.run)) {
    return EvalTexts(values.system, values.task,
                     {values.data, {}, {}, {}, values.threads, values.json}, bootstrap);
  }
  const QaData data = ReadSquad(values.data, {.skip_bad_answers = values.task.options.skip_bad_answers});
  if (!data.has_impossible && !(values.null_odds.empty() && values.compare_null_odds.empty())) {
    LogWarning(Cat(data.file, " has no questions without an answer; the null odds are not used"));
  }
  ScoredFile scored = values.system.run.empty()
                          ? Score(data, values.predictions, values.null_odds, values.null_threshold)
                          : ScoreRun(data, values, options);
  std::optional<ScoredFile> other;
  if (!values.compare.empty())
    other = Score(data, values.compare, values.compare_null_odds, values.null_threshold);
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
  options
      .DataFile("--data", &values->data,
                "questions with gold answers, SQuAD 1.1 or 2.0, or texts with labels")
      .Required();
  options.Path("--predictions", &values->predictions, "{id: answer}; \"\" for no answer").Shown("FILE");
  options.Path("--null-odds", &values->null_odds, "{id: null score - best score}").Shown("FILE");
  options.Number("--null-threshold", &values->null_threshold, -kInfinite, kInfinite,
                 "null odds above this count as no answer; with --run, if not given, the run's own");
  options.Path("--compare", &values->compare, "other predictions, for the paired difference").Shown("FILE");
  options.Path("--compare-null-odds", &values->compare_null_odds, "null odds of the other predictions")
      .Shown("FILE");
  values->system.Declare(options);
  values->task.Declare(options);
  options.Integer("--resamples", &values->resamples, 0, 1'000'000,
                  "of the bootstrap intervals; 0: no intervals");
  options.Integer("--seed", &values->seed, 0, kNoLimit, "of the bootstrap");
  options.Threads(&values->threads);
  options.Json(&values->json);
  options.Note(
      "Scores as the official SQuAD scripts do; whether it is 1.1 or 2.0 is found in the data.\n"
      "Example: bertvision eval --data dev.json --predictions run/predictions.json --null-odds "
      "run/null_odds.json\n"
      "     or: bertvision eval --data dev.json --run runs/heads/learned-pooling");
  return [values, &options] { Eval(*values, options); };
}

}  // namespace bv::cli
