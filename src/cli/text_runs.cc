#include "cli/text_runs.h"

#include <iostream>
#include <optional>

#include "base/error.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/strings.h"
#include "cli/run_record.h"
#include "cli/span_options.h"
#include "data/code_points.h"
#include "logits/text_logits_file.h"
#include "metrics/task_scores.h"
#include "pipeline/run_source.h"
#include "pipeline/text_system.h"
#include "report/table.h"
#include "run/run_folder.h"
#include "run/text_predictions.h"
#include "train/text_evaluation.h"

namespace bv::cli {
namespace {

// The user's file read as the run's training data was: same task, same labels.
TaskExamples ReadFor(const TextSystem& system, const TaskFlags& flags, const fs::path& data, LabelUse labels,
                     const Options& given) {
  TaskOptions options = flags.options;
  if (options.name == "auto") options.name = system.task().name;
  RefuseUnusedOptions(given, options.name);
  options.labels = labels;
  options.label_names = system.task().labels;
  TaskExamples examples = ReadTaskExamples(data, options);
  // Without labels in the file its classes are unknown, not different.
  if (examples.task.kind == system.task().kind && !examples.labelled()) {
    examples.task.labels = system.task().labels;
    examples.texts.label_names = system.task().labels;
  }
  return examples;
}

TaskExamples OneText(const TextSystem& system, const TextRunFlags& flags, const Options& given) {
  TaskExamples examples;
  examples.task = system.task();
  examples.task.pair = !flags.text_b.empty();
  if (examples.task.of_questions()) {
    throw Error(ErrorKind::kUsage,
                Cat("--text is given, but ", system.name(), " judges questions about contexts; give --data"));
  }
  RefuseUnusedOptions(given, system.task().name);
  examples.texts.file = "the command line";
  examples.texts.hash = HashText(Cat(flags.text.size(), ":", flags.text, flags.text_b));
  examples.texts.pair = !flags.text_b.empty();
  examples.texts.regression = examples.task.kind == TaskKind::kRegression;
  examples.texts.label_names = examples.task.labels;
  TextExample example;
  example.id = "1";
  example.text_a = flags.text;
  example.text_b = flags.text_b;
  examples.texts.examples = {example};
  return examples;
}

void CheckUsage(const TextRunFlags& flags) {
  if (flags.data.empty() == flags.text.empty()) {
    throw Error(ErrorKind::kUsage, flags.data.empty() ? "--data or --text is needed for this run"
                                                      : "--data and --text are both given");
  }
  if (!flags.text_b.empty() && flags.text.empty())
    throw Error(ErrorKind::kUsage, "--text-b is given without --text");
  if (flags.data.empty() && !flags.out.empty())
    throw Error(ErrorKind::kUsage, "--out is given without --data; one label goes to standard output");
  for (const auto& [name, text] : {std::pair("--text", &flags.text), std::pair("--text-b", &flags.text_b)}) {
    if (const auto place = FirstInvalidUtf8(*text))
      throw Error(ErrorKind::kUsage, Cat(name, " is not UTF-8 at byte ", *place));
  }
}

void PrintOne(const TaskExamples& examples, const TextPredictions& predictions) {
  if (examples.task.labels.empty()) {
    std::cout << Fixed(predictions.values[0], 4) << "\n";
    return;
  }
  Table table({{"label", Align::kLeft}, {"probability", Align::kRight, 4}, {"logit", Align::kRight, 3}});
  const std::vector<double> shares = predictions.Probabilities(0);
  for (size_t label = 0; label < shares.size(); ++label)
    table.AddRow({examples.task.labels[label], shares[label], double{predictions.LogitsOf(0)[label]}});
  std::cout << examples.task.labels[static_cast<size_t>(predictions.values[0])] << "\n\n"
            << table.Print(TableFormat::kText);
}

void RefuseOptionsOfOthers(const fs::path& run, const std::vector<const char*>& names, const char* made_for,
                           const Options& options) {
  for (const char* name : names) {
    if (options.Declares(name) && options.Given(name))
      throw Error(ErrorKind::kUsage, Cat(name, " is given, but ", run.string(), " was made for ", made_for));
  }
}

// Right or wrong per example, for the interval of the accuracy.
std::vector<double> Hits(const TaskExamples& examples, const TextPredictions& predictions) {
  std::vector<double> hits;
  for (int64_t i = 0; i < examples.size(); ++i)
    hits.push_back(predictions.values[static_cast<size_t>(i)] == GoldValue(examples, i) ? 1.0 : 0.0);
  return hits;
}

// A folder that holds the same evaluation already is left alone.
void Keep(const TextSystem& system, const TaskExamples& examples, const TextEvaluation& evaluation,
          const TextRunFlags& flags, const Options& options) {
  RunRecord record = RecordOfPredictions("eval", options, flags.threads, system, examples.hash());
  record.inputs["dev_data"] = LastingPath(examples.file());
  record.inputs["dev_data_hash"] = Hex(examples.hash());
  RunFolder run(flags.out, record, {"dev_data", "resamples", "seed"});
  if (run.state() == RunState::kFinished) {
    LogInfo(Cat(flags.out.string(), " is complete already; nothing was written"));
    return;
  }
  WriteTextLogits(run.path(), examples, evaluation.logits, system.logits_windows());
  WriteTextPredictions(run.path(), examples, evaluation.predictions);
  WriteResults(run.path(), "eval", evaluation.scores);
  run.Finish();
  LogInfo(Cat(Thousands(examples.size()), " predictions in ", flags.out.string()));
}

}  // namespace

bool IsTextRun(const fs::path& run) {
  return !run.empty() && !FindRun(run).task.of_spans();
}

void RefuseOptionsOfSpans(const fs::path& run, const Options& options) {
  std::vector<const char*> names = {"--question", "--context", "--states", "--compare", "--decoder"};
  for (const char* name : DecodeOptionNames()) names.push_back(name);
  RefuseOptionsOfOthers(run, names, "texts", options);
}

void RefuseOptionsOfTexts(const fs::path& run, const Options& options) {
  RefuseOptionsOfOthers(run, {"--text", "--text-b"}, "questions", options);
}

void PredictTexts(const SystemFlags& system_flags, const TaskFlags& task, const TextRunFlags& flags,
                  const Options& options) {
  CheckUsage(flags);
  const TextSystem system = system_flags.LoadTexts();
  LogInfo(Cat(system.name(), ", backbone in ", system.precision()));
  const bool one = flags.data.empty();
  const TaskExamples examples =
      one ? OneText(system, flags, options)
          : ReadFor(system, task, flags.data,
                    system.task().of_questions() ? LabelUse::kIgnored : LabelUse::kIfPresent, options);
  std::optional<RunFolder> out;
  if (!flags.out.empty()) {
    out.emplace(flags.out, RecordOfPredictions("predict", options, flags.threads, system, examples.hash()));
    if (out->state() == RunState::kFinished) {
      LogInfo(Cat(flags.out.string(), " is complete already; nothing to do"));
      return;
    }
  }
  const TextLogits logits = system.Logits(examples, flags.threads, WindowsBar("predict"));
  const TextPredictions predictions = DecideTexts(examples, logits);
  if (out) {
    WriteTextLogits(out->path(), examples, logits, system.logits_windows());
    WriteTextPredictions(out->path(), examples, predictions);
    out->Finish();
    LogInfo(Cat(Thousands(examples.size()), " predictions in ", flags.out.string()));
  } else if (one && !flags.json) {
    PrintOne(examples, predictions);
  } else {
    for (int64_t i = 0; i < examples.size(); ++i)
      std::cout << JsonLine(TextPredictionJson(examples, predictions, i));
  }
}

void EvalTexts(const SystemFlags& system_flags, const TaskFlags& task, const TextRunFlags& flags,
               const BootstrapOptions& bootstrap, const Options& options) {
  const TextSystem system = system_flags.LoadTexts();
  LogInfo(Cat(system.name(), ", backbone in ", system.precision()));
  const TaskExamples examples = ReadFor(system, task, flags.data, LabelUse::kRequired, options);
  const TextEvaluation evaluation =
      MakeTextEvaluation(examples, system.Logits(examples, flags.threads, WindowsBar("eval")));
  const Metrics& scores = evaluation.scores;
  if (!flags.out.empty()) Keep(system, examples, evaluation, flags, options);
  std::optional<Interval> accuracy;
  if (!examples.task.labels.empty() && bootstrap.resamples > 0) {
    const std::vector<double> hits = Hits(examples, evaluation.predictions);
    accuracy = BootstrapMeans({hits}, bootstrap).front();
  }
  if (flags.json) {
    OrderedJson json = {
        {"system", system.name()}, {"task", TaskToJson(examples.task)}, {"examples", examples.size()}};
    for (const auto& [name, value] : scores) json[name] = value;
    if (accuracy) json["accuracy_interval"] = {accuracy->low, accuracy->high};
    std::cout << json.dump(2, ' ', false, OrderedJson::error_handler_t::replace) << "\n";
    return;
  }
  Table table({{"score", Align::kLeft}, {"value", Align::kRight, 4}, {"95 % interval", Align::kLeft}});
  for (const auto& [name, value] : scores) {
    const bool with_interval = name == "accuracy" && accuracy;
    table.AddRow(
        {name, value,
         with_interval ? Cell(Cat(Fixed(accuracy->low, 4), " to ", Fixed(accuracy->high, 4))) : Cell()});
  }
  std::cout << system.name() << " on " << Thousands(examples.size()) << " examples of " << examples.file()
            << "\n\n"
            << table.Print(TableFormat::kText);
}

}  // namespace bv::cli
