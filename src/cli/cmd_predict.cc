// bertvision predict: answers of a head or a fine-tuned model.
#include <iostream>
#include <memory>

#include "base/error.h"
#include "base/log.h"
#include "base/strings.h"
#include "cli/answer_report.h"
#include "cli/run_record.h"
#include "cli/system_options.h"
#include "cli/text_runs.h"
#include "cli/verbs.h"
#include "device/machine.h"
#include "run/predictions.h"
#include "run/run_folder.h"

namespace bv::cli {
namespace {

constexpr size_t kCandidatesShown = 5;

struct PredictFlags {
  SystemFlags system;
  TaskFlags task;
  std::string question, context, text, text_b;
  fs::path data, out;
  double null_threshold = 0;
  int32_t threads = 0;
  bool json = false;
};

void CheckUsage(const PredictFlags& flags, const Options& options) {
  const bool question = options.Given("--question"), context = options.Given("--context");
  if (flags.data.empty() && !(question && context)) {
    throw Error(ErrorKind::kUsage, "--data, or --question and --context, are needed");
  }
  if (!flags.data.empty() && (question || context)) {
    throw Error(ErrorKind::kUsage,
                Cat(question ? "--question" : "--context", " is given together with --data"));
  }
  if (flags.data.empty() && !flags.out.empty()) {
    throw Error(ErrorKind::kUsage, "--out is given without --data; one answer goes to standard output");
  }
}

void PrintAnswers(const QaData& data, const std::vector<DecodedAnswer>& answers) {
  for (size_t i = 0; i < answers.size(); ++i) {
    std::cout << JsonLine(AnswerJson(data, data.examples[i], answers[i]));
  }
}

void Predict(const PredictFlags& flags, const Options& options) {
  UseThreads(flags.threads);
  if (IsTextRun(flags.system.run)) {
    RefuseOptionsOfSpans(flags.system.run, options);
    return PredictTexts(flags.system, flags.task,
                        {flags.data, flags.out, flags.text, flags.text_b, flags.threads, flags.json},
                        options);
  }
  RefuseOptionsOfTexts(flags.system.run, options);
  RequireSpanTask(flags.task, options);
  CheckUsage(flags, options);
  const bool one = flags.data.empty();
  const QaData data = one ? OneQuestion(flags.question, flags.context) : ReadQuestions(flags.data);
  const SpanSystem system = flags.system.Load();
  LogInfo(Cat(system.names().front(), ", backbone in ", system.precision()));
  DecodeOptions decode = flags.system.Decode(system.decode(), data, options);
  if (options.Given("--null-threshold")) decode.null_threshold = flags.null_threshold;
  std::optional<RunFolder> out;
  if (!flags.out.empty()) {
    out.emplace(flags.out, RecordOfPredictions("predict", options, flags.threads, system, data.hash));
    if (out->state() == RunState::kFinished) {
      LogInfo(Cat(flags.out.string(), " is complete already; nothing to do"));
      return;
    }
  }
  const SpanLogits logits = LogitsWithBar("predict", system, data, flags.threads);
  const std::vector<DecodedAnswer> answers = DecodeSpans(data, logits, decode, flags.threads);
  if (out) {
    WriteLogits(out->path(), logits, OriginOf(data, system.logits_windows()), decode);
    WritePredictions(out->path(), data, answers, decode.allow_no_answer);
    out->Finish();
    LogInfo(Cat(Thousands(static_cast<int64_t>(answers.size())), " answers in ", flags.out.string()));
  } else if (one && !flags.json) {
    std::cout << AnswerText(data, data.examples[0], answers[0], decode, kCandidatesShown);
  } else {
    PrintAnswers(data, answers);
  }
}

}  // namespace

Action DeclarePredict(Options& options) {
  auto flags = std::make_shared<PredictFlags>();
  flags->system.Declare(options).Required();
  options.Text("--question", &flags->question, "a question about --context");
  options.Text("--context", &flags->context, "the text that may hold its answer");
  options.Text("--text", &flags->text, "for a run of classification or regression: one text");
  options.Text("--text-b", &flags->text_b, "the second text of a pair");
  options.DataFile(
      "--data", &flags->data,
      "many questions: SQuAD (*.json), or JSONL {\"question\", \"context\", \"id\"}; - reads JSONL from "
      "standard input; or texts, as training read them");
  flags->task.Declare(options);
  options
      .Path("--out", &flags->out,
            "folder for predictions.json, nbest_predictions.json, null_odds.json (by hf's rules) and "
            "logits.safetensors; else "
            "JSONL on standard output")
      .Shown("FOLDER");
  options.Number("--null-threshold", &flags->null_threshold, -kInfinite, kInfinite,
                 "no answer if the null odds are above this; not given: as the run");
  options.Threads(&flags->threads);
  options.Json(&flags->json);
  options.Note(
      "Example: bertvision predict --run runs/heads/learned-pooling --question \"Who built the mill?\" "
      "--context \"The mill was built in 1742 by Anna Keller.\"\n"
      "     or: bertvision predict --run runs/rte/ap --text \"It rained all day.\" --text-b \"It was wet.\"");
  return [flags, &options] { Predict(*flags, options); };
}

}  // namespace bv::cli
