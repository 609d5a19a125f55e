// bertvision eval: official scores of a predictions file, of a head, or of a fine-tuned model.
#include <iostream>
#include <memory>

#include "base/error.h"
#include "base/log.h"
#include "base/strings.h"
#include "cli/run_evaluation.h"
#include "cli/score_report.h"
#include "cli/system_options.h"
#include "cli/text_runs.h"
#include "cli/verbs.h"
#include "device/machine.h"
#include "run/predictions.h"
#include "store/store_reader.h"

namespace bv::cli {
namespace {

struct EvalOptions {
  fs::path data, states, out, predictions, null_odds, compare, compare_null_odds;
  SystemFlags system;
  TaskFlags task;
  double null_threshold = kOfficialNullThreshold;
  int64_t resamples = BootstrapOptions().resamples;
  int64_t seed = 0;
  int32_t threads = 0;
  bool json = false;
};

void CheckUsage(const EvalOptions& values, const Options& options) {
  if (values.data.empty() == values.states.empty()) {
    throw Error(ErrorKind::kUsage,
                values.data.empty() ? "bertvision eval needs --data, or --states with the run of a head"
                                    : "--data and --states are both given; a store holds its own questions");
  }
  if (values.predictions.empty() == values.system.run.empty()) {
    throw Error(ErrorKind::kUsage, values.predictions.empty() ? "bertvision eval needs --predictions or --run"
                                                              : "--predictions and --run are both given");
  }
  for (const char* name : {"--states", "--out"}) {
    if (values.system.run.empty() && options.Given(name))
      throw Error(ErrorKind::kUsage, Cat(name, " is given without --run, which it goes with"));
  }
  for (const char* name : {"--model", "--precision", "--windows", "--max-length", "--doc-stride", "--advance",
                           "--question-limit", "--pad-to", "--skip-bad-answers"}) {
    if (!values.states.empty() && options.Given(name))
      throw Error(ErrorKind::kUsage, Cat(name, " is given with --states, which has settled it"));
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
  if (null_odds.empty()) return {predictions.string(), ScoreSquad(data, answers), {}};
  const NullOdds odds = ReadNullOdds(null_odds, data);
  return {predictions.string(), ScoreSquad(data, answers, &odds, threshold), {}};
}

// The questions that are asked: a file's, or those that a store of states holds.
QaData Questions(const EvalOptions& values) {
  if (values.states.empty())
    return ReadSquad(values.data, {.skip_bad_answers = values.task.options.skip_bad_answers});
  QaData data = StoreReader(values.states).Examples().questions;
  RequireAnswers(data);
  return data;
}

// The run's own threshold, unless the user gives one: its answers were made with that.
ScoredFile ScoreRun(const QaData& data, const EvalOptions& values, const Options& options) {
  std::optional<double> threshold;
  if (options.Given("--null-threshold")) threshold = values.null_threshold;
  RunEvaluation evaluation =
      values.states.empty()
          ? EvaluateRun(values.system, data, threshold, options, values.threads)
          : EvaluateOnStates(values.system, values.states, data, threshold, options, values.threads);
  RequireAnswers(data);
  if (!values.out.empty()) KeepEvaluation(values.out, data, evaluation, options, values.threads);
  return {evaluation.name, std::move(*evaluation.scores), std::move(evaluation.pieces)};
}

void Eval(const EvalOptions& values, const Options& options) {
  CheckUsage(values, options);
  UseThreads(values.threads);
  const BootstrapOptions bootstrap{.resamples = values.resamples, .seed = static_cast<uint64_t>(values.seed)};
  if (IsTextRun(values.system.run)) {
    RefuseOptionsOfSpans(values.system.run, options);
    return EvalTexts(values.system, values.task,
                     {values.data, values.out, {}, {}, values.threads, values.json}, bootstrap, options);
  }
  RequireSpanTask(values.task, options);
  const QaData data = Questions(values);
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
  options.DataFile("--data", &values->data,
                   "questions with gold answers, SQuAD 1.1 or 2.0, or texts with labels");
  options
      .Path("--states", &values->states,
            "or, for a head, a store of states to run it on without a backbone; it holds the questions")
      .Shown("STORE");
  options.Path("--predictions", &values->predictions, "{id: answer}; \"\" for no answer").Shown("FILE");
  options.Path("--null-odds", &values->null_odds, "{id: null score - best score}").Shown("FILE");
  options.Number("--null-threshold", &values->null_threshold, -kInfinite, kInfinite,
                 "null odds above this count as no answer; with --run, if not given, the run's own");
  options.Path("--compare", &values->compare, "other predictions, for the paired difference").Shown("FILE");
  options.Path("--compare-null-odds", &values->compare_null_odds, "null odds of the other predictions")
      .Shown("FILE");
  values->system.Declare(options);
  options
      .Path(
          "--out", &values->out,
          "with --run, keep logits, predictions and scores there, as a run for report, ensemble and analyze")
      .Shown("FOLDER");
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
      "     or: bertvision eval --data dev.json --run runs/heads/learned-pooling\n"
      "     or: bertvision eval --states states-1/dev --run runs/heads-0.3/learned-pooling "
      "--allow-other-backbone --out runs/transfer");
  return [values, &options] { Eval(*values, options); };
}

}  // namespace bv::cli
