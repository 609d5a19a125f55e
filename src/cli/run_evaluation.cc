#include "cli/run_evaluation.h"

#include "base/hash.h"
#include "base/log.h"
#include "base/strings.h"
#include "device/machine.h"
#include "pipeline/run_head.h"
#include "run/predictions.h"
#include "run/results.h"
#include "run/run_folder.h"

namespace bv::cli {
namespace {

void Score(const QaData& data, std::optional<double> null_threshold, int threads, RunEvaluation* evaluation) {
  if (null_threshold) evaluation->decode.null_threshold = *null_threshold;
  evaluation->answers = DecodeSpans(data, evaluation->logits, evaluation->decode, threads);
  if (data.has_answers)
    evaluation->scores = ScoreAnswers(data, evaluation->answers, evaluation->decode.null_threshold);
}

}  // namespace

RunEvaluation EvaluateRun(const SystemFlags& system, const QaData& data, std::optional<double> null_threshold,
                          int threads) {
  const SpanSystem loaded = system.Load();
  LogInfo(Cat(loaded.names().front(), ", backbone in ", loaded.precision()));
  RunEvaluation evaluation = {
      .name = loaded.names().front(),
      .logits = LogitsWithBar("eval", loaded, data, threads),
      .windows = loaded.logits_windows(),
      .decode = system.Decode(loaded.decode(), data),
      .answers = {},
      .scores = {},
      .parameters = {},
      .inputs = {{"system", loaded.fingerprint()}, {"precision", loaded.precision()}}};
  Score(data, null_threshold, threads, &evaluation);
  return evaluation;
}

RunEvaluation EvaluateOnStates(const SystemFlags& system, const fs::path& states, const QaData& data,
                               std::optional<double> null_threshold, int threads) {
  const RunSource source = FindRun(system.run);
  const StoreReader store(states);
  RequireStatesOf(source, store, system.allow_other_backbone);
  const std::unique_ptr<Head> head = LoadHeadOf(source);
  const auto compute = [&](const StoreBatch& batch) {
    return std::vector<at::Tensor>{HeadLogits(*head, batch)};
  };
  RunEvaluation evaluation = {
      .name = source.folder.string(),
      .logits = std::move(LogitsOverStore(store, data, 1, compute, WindowsBar("eval")).front()),
      .windows = LogitsWindowsOf(OriginOf(store.info(), states)),
      .decode = system.Decode(source.decode, data),
      .answers = {},
      .scores = {},
      .parameters = head->ParameterCount(),
      .inputs = {{"head", Hex(HashFile(source.folder / "head.safetensors"))},
                 {"trained_on_backbone", source.origin->backbone_fingerprint},
                 {"backbone_fingerprint", store.info().backbone_fingerprint},
                 {"precision", store.info().precision}}};
  Score(data, null_threshold, threads, &evaluation);
  return evaluation;
}

void KeepEvaluation(const fs::path& out, const QaData& data, const RunEvaluation& evaluation,
                    const Options& options, int threads) {
  RunRecord record;
  record.verb = "eval";
  record.command = options.command();
  record.options = options.ToJson();
  record.inputs = evaluation.inputs;
  record.inputs["max_length"] = evaluation.windows.max_length;
  record.inputs["doc_stride"] = evaluation.windows.doc_stride;
  record.inputs["tokenizer_fingerprint"] = evaluation.windows.tokenizer;
  if (evaluation.parameters) record.inputs["parameters"] = *evaluation.parameters;
  record.inputs["dev_data"] = LastingPath(data.file);
  record.inputs["dev_data_hash"] = Hex(data.hash);
  record.machine = MachineRecord(threads);
  RunFolder run(out, record, {"dev_data", "resamples", "seed"});
  if (run.state() == RunState::kFinished) {
    LogInfo(Cat(out.string(), " is complete already; nothing was written"));
    return;
  }
  WriteLogits(run.path(), evaluation.logits, OriginOf(data, evaluation.windows), evaluation.decode);
  WritePredictions(run.path(), data, evaluation.answers);
  if (evaluation.scores) {
    Metrics metrics;
    const OrderedJson official = OfficialJson(*evaluation.scores);
    for (const auto& [key, value] : official.items()) metrics.emplace_back(key, value.get<double>());
    WriteResults(run.path(), "eval", metrics);
  }
  run.Finish();
  LogInfo(Cat(Thousands(static_cast<int64_t>(evaluation.answers.size())), " answers in ", out.string()));
}

}  // namespace bv::cli
