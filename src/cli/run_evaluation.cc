#include "cli/run_evaluation.h"

#include <functional>

#include "base/hash.h"
#include "base/log.h"
#include "base/strings.h"
#include "cli/run_record.h"
#include "features/window_json.h"
#include "pipeline/run_head.h"
#include "run/predictions.h"
#include "run/results.h"
#include "run/run_folder.h"

namespace bv::cli {
namespace {

void Score(const QaData& data, std::optional<double> null_threshold, int threads,
           const std::function<const Tokenizer*()>& tokenizer, RunEvaluation* evaluation) {
  if (null_threshold) evaluation->decode.null_threshold = *null_threshold;
  evaluation->answers = DecodeSpans(data, evaluation->logits, evaluation->decode, threads);
  if (!data.has_answers) return;
  evaluation->scores = ScoreAnswers(data, evaluation->answers, evaluation->decode.null_threshold);
  if (!evaluation->decode.of_paper()) return;
  if (const Tokenizer* found = tokenizer())
    evaluation->pieces = ScoreAnswerPieces(data, *found, evaluation->answers);
}

}  // namespace

RunEvaluation EvaluateRun(const SystemFlags& system, const QaData& data, std::optional<double> null_threshold,
                          const Options& given, int threads) {
  const SpanSystem loaded = system.Load();
  const DecodeOptions decode = system.Decode(loaded.decode(), data, given);
  LogInfo(Cat(loaded.names().front(), ", backbone in ", loaded.precision()));
  RunEvaluation evaluation = {
      .name = loaded.names().front(),
      .logits = LogitsWithBar("eval", loaded, data, threads),
      .windows = loaded.logits_windows(),
      .decode = decode,
      .answers = {},
      .scores = {},
      .pieces = {},
      .parameters = {},
      .inputs = {{"system", loaded.fingerprint()}, {"precision", loaded.precision()}}};
  Score(
      data, null_threshold, threads, [&] { return &loaded.tokenizer(); }, &evaluation);
  return evaluation;
}

RunEvaluation EvaluateOnStates(const SystemFlags& system, const fs::path& states, const QaData& data,
                               std::optional<double> null_threshold, const Options& given, int threads) {
  const RunSource source = FindRun(system.run);
  const StoreReader store(states);
  RequireStatesOf(source, store, system.allow_other_backbone);
  const std::unique_ptr<Head> head = LoadHeadOf(source);
  const DecodeOptions decode = system.Decode(source.decode, data, given);
  const auto compute = [&](const StoreBatch& batch) {
    return std::vector<at::Tensor>{HeadLogits(*head, batch)};
  };
  RunEvaluation evaluation = {
      .name = source.folder.string(),
      .logits = std::move(LogitsOverStore(store, data, 1, compute, WindowsBar("eval")).front()),
      .windows = LogitsWindowsOf(OriginOf(store.info(), states)),
      .decode = decode,
      .answers = {},
      .scores = {},
      .pieces = {},
      .parameters = head->ParameterCount(),
      .inputs = {{"head", Hex(HashFile(source.folder / "head.safetensors"))},
                 {"trained_on_backbone", source.origin->backbone_fingerprint},
                 {"backbone_fingerprint", store.info().backbone_fingerprint},
                 {"precision", store.info().precision}}};
  std::optional<Tokenizer> tokenizer;
  const auto find = [&] {
    tokenizer = FindTokenizer(LastingModelName(store.info().backbone), store.info().tokenizer_fingerprint);
    return tokenizer ? &*tokenizer : nullptr;
  };
  Score(data, null_threshold, threads, find, &evaluation);
  return evaluation;
}

void KeepEvaluation(const fs::path& out, const QaData& data, const RunEvaluation& evaluation,
                    const Options& options, int threads) {
  RunRecord record = NewRecord("eval", options, threads);
  record.inputs = evaluation.inputs;
  AddWindowOptions(evaluation.windows.cut, &record.inputs);
  record.inputs["tokenizer_fingerprint"] = evaluation.windows.tokenizer;
  if (evaluation.parameters) record.inputs["parameters"] = *evaluation.parameters;
  record.inputs["dev_data"] = LastingPath(data.file);
  record.inputs["dev_data_hash"] = Hex(data.hash);
  RunFolder run(out, record, {"run", "states", "dev_data", "resamples", "seed"});
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
    if (evaluation.pieces) {
      for (const auto& entry : PieceMetrics(*evaluation.pieces)) metrics.push_back(entry);
    }
    WriteResults(run.path(), "eval", metrics);
  }
  run.Finish();
  LogInfo(Cat(Thousands(static_cast<int64_t>(evaluation.answers.size())), " answers in ", out.string()));
}

}  // namespace bv::cli
