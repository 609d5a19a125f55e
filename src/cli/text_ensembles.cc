#include "cli/text_ensembles.h"

#include <cmath>
#include <iostream>
#include <optional>

#include "analysis/text_comparison.h"
#include "analysis/text_ensemble.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/json_number.h"
#include "base/log.h"
#include "base/strings.h"
#include "cli/run_record.h"
#include "cli/span_options.h"
#include "metrics/task_scores.h"
#include "report/table.h"
#include "run/run_folder.h"
#include "run/text_predictions.h"

namespace bv::cli {
namespace {

// What is said of an ensemble.
struct Report {
  const TextEnsembleFlags& flags;
  const TextRunSet& set;
  std::vector<double> weights;  // one per run; empty but for weighted
  AnalysedTextRun ensemble;
  size_t best = 0;  // the run with the highest main score
  std::optional<TextComparison> difference;
  std::optional<TextsOutOfSample> out_of_sample;
};

void CheckOptions(const TextEnsembleFlags& flags, const Options& options) {
  for (const char* name : DecodeOptionNames()) {
    if (options.Given(name))
      throw Error(ErrorKind::kUsage,
                  Cat(name, " is given, but the runs are of labels or values, not of answers"));
  }
  if (options.Given("--data")) {
    throw Error(ErrorKind::kUsage,
                "--data is given, but runs of labels or values keep ids and labels beside their logits");
  }
  if (flags.out_of_sample && (flags.mode != EnsembleMode::kWeighted || !flags.weights.empty())) {
    throw Error(ErrorKind::kUsage,
                "--out-of-sample fits weights, and nothing else is fitted for labels or values: it goes with "
                "--mode weighted without --weights");
  }
}

void CheckSet(const TextEnsembleFlags& flags, const TextRunSet& set) {
  RequireMembers(set.runs.size(), flags.weights);
  if (flags.mode == EnsembleMode::kWeighted && flags.weights.empty()) RequireLabels(set);
}

std::vector<double> MainScores(const TextRunSet& set) {
  std::vector<double> scores;
  for (const AnalysedTextRun& run : set.runs) scores.push_back(ScoreOf(run, MainMetric(set.task())));
  return scores;
}

size_t Best(const std::vector<double>& scores) {
  size_t best = 0;
  for (size_t i = 1; i < scores.size(); ++i) {
    if (std::isnan(scores[best]) || scores[i] > scores[best]) best = i;
  }
  return best;
}

Report Make(const TextEnsembleFlags& flags, const TextRunSet& set) {
  Report report = {flags, set, {}, {Cat("ensemble (", flags.mode_name, ")"), flags.out, {}, {}, {}},
                   0,     {},  {}};
  if (flags.mode == EnsembleMode::kWeighted)
    report.weights = flags.weights.empty() ? WeightsOfRuns(MainScores(set)) : flags.weights;
  std::vector<const TextLogits*> members;
  for (const AnalysedTextRun& run : set.runs) members.push_back(&run.logits);
  report.ensemble.logits = CombineTexts(members, !set.of_classes(), flags.mode, report.weights);
  DecideRun(set, &report.ensemble);
  if (!set.labelled()) return report;
  report.best = Best(MainScores(set));
  if (flags.resamples > 0) {
    report.difference =
        CompareTextRuns(set, set.runs[report.best], report.ensemble,
                        {.resamples = flags.resamples, .seed = static_cast<uint64_t>(flags.seed)});
  }
  if (flags.out_of_sample)
    report.out_of_sample = ScoreTextsOutOfSample(set, static_cast<uint64_t>(flags.seed));
  return report;
}

std::string DifferenceText(const Report& report) {
  std::string text = Cat("\nensemble minus ", report.set.runs[report.best].name, ": ");
  std::vector<std::string> parts;
  for (const auto& one : report.difference->differences) {
    parts.push_back(Cat(one.metric, " ", one.value > 0 ? "+" : "", Fixed(one.value, 4), " (",
                        Fixed(one.interval.low, 4), " to ", Fixed(one.interval.high, 4), ")"));
  }
  text += Join(parts, ", ");
  if (const auto& mcnemar = report.difference->mcnemar) {
    text += Cat("; only the ensemble has ", mcnemar->only_second, " right, only the other ",
                mcnemar->only_first, " (McNemar p = ", Fixed(mcnemar->exact_p, 4), ")");
  }
  return text + "\n";
}

std::string Text(const Report& report) {
  const TextRunSet& set = report.set;
  if (!set.labelled())
    return Cat(report.ensemble.predictions.values.size(), " predictions; the data has no labels\n");
  std::vector<Column> columns = {{"system", Align::kLeft}, {"weight", Align::kRight, 3}};
  for (const auto& [name, value] : report.ensemble.scores) columns.push_back({name, Align::kRight, 4});
  Table table(columns);
  const auto add = [&](const std::string& name, Cell weight, const Metrics& scores) {
    std::vector<Cell> cells = {name, std::move(weight)};
    for (const auto& [metric, value] : scores) cells.emplace_back(value);
    table.AddRow(std::move(cells));
  };
  for (size_t i = 0; i < set.runs.size(); ++i)
    add(set.runs[i].name, report.weights.empty() ? Cell() : Cell(report.weights[i]), set.runs[i].scores);
  table.AddRule();
  add(report.ensemble.name, Cell(), report.ensemble.scores);
  if (report.out_of_sample) add("ensemble, out of sample", Cell(), report.out_of_sample->scores);
  std::string text = table.Print(TableFormat::kText);
  if (report.difference) text += DifferenceText(report);
  if (report.out_of_sample)
    text += "Out of sample: each half of the rows is predicted with the weights that the other half gives.\n";
  return text;
}

OrderedJson ScoresJson(const Metrics& scores) {
  OrderedJson json = OrderedJson::object();
  for (const auto& [name, value] : scores) json[name] = NumberOrNull(value);
  return json;
}

OrderedJson SystemJson(const AnalysedTextRun& run) {
  OrderedJson json = {{"name", run.name}, {"run", run.folder.string()}};
  json.update(ScoresJson(run.scores));
  return json;
}

OrderedJson ReportJson(const Report& report) {
  OrderedJson json = {{"mode", report.flags.mode_name}, {"task", TaskToJson(report.set.task())}};
  if (!report.weights.empty()) json["weights"] = report.weights;
  json["ensemble"] = SystemJson(report.ensemble);
  json["runs"] = OrderedJson::array();
  for (const AnalysedTextRun& run : report.set.runs) json["runs"].push_back(SystemJson(run));
  if (report.difference) {
    json["difference"] = {{"to", report.set.runs[report.best].name}};
    json["difference"].update(TextComparisonJson(*report.difference));
  }
  if (report.out_of_sample) {
    json["out_of_sample"] = {{"scores", ScoresJson(report.out_of_sample->scores)},
                             {"weights", report.out_of_sample->weights}};
  }
  return json;
}

RunRecord Record(const Report& report, const Options& options) {
  const StoredTextLogits& rows = report.set.rows;
  RunRecord record = NewRecord("ensemble", options, report.flags.threads);
  record.seeds = {{"seed", report.flags.seed}};
  OrderedJson members = OrderedJson::array();
  for (const AnalysedTextRun& run : report.set.runs)
    members.push_back(Hex(HashFile(run.folder / kLogitsFile)));
  record.inputs = {{"members", members},
                   {"task", TaskToJson(rows.examples.task)},
                   {"dev_data", rows.examples.file()},
                   {"dev_data_hash", Hex(rows.examples.hash())}};
  return record;
}

void Keep(const Report& report, const Options& options) {
  const fs::path& out = report.flags.out;
  RunFolder run(out, Record(report, options), {"runs", "dev_data", "resamples"});
  if (run.state() == RunState::kFinished) {
    LogInfo(Cat(out.string(), " is complete already; nothing was written"));
    return;
  }
  StoredTextLogits kept = report.set.rows;
  kept.logits = report.ensemble.logits;
  WriteTextLogits(run.path(), kept);
  WriteTextPredictions(run.path(), kept.examples, report.ensemble.predictions);
  if (report.set.labelled()) WriteResults(run.path(), "eval", report.ensemble.scores);
  if (report.out_of_sample) WriteResults(run.path(), "out_of_sample", report.out_of_sample->scores);
  WriteJsonFile(run.path() / "ensemble.json", ReportJson(report));
  run.Finish();
  LogInfo(Cat("the ensemble is in ", out.string()));
}

}  // namespace

void EnsembleTexts(const TextEnsembleFlags& flags, const Options& options) {
  CheckOptions(flags, options);
  const TextRunSet set = LoadTextRuns(flags.runs);
  CheckSet(flags, set);
  const Report report = Make(flags, set);
  if (!flags.out.empty()) Keep(report, options);
  if (flags.json) {
    std::cout << ReportJson(report).dump(2, ' ', false, OrderedJson::error_handler_t::replace) << "\n";
  } else {
    std::cout << Text(report);
  }
}

}  // namespace bv::cli
