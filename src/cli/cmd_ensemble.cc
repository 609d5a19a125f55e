// bertvision ensemble: one system from the logits of several runs on the same windows; no model is needed.
// Here for spans; runs of labels and values go to text_ensembles.h.
#include <iostream>
#include <memory>

#include "analysis/ensemble.h"
#include "analysis/text_run_set.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/strings.h"
#include "cli/ensemble_report.h"
#include "cli/run_record.h"
#include "cli/span_options.h"
#include "cli/text_ensembles.h"
#include "cli/verbs.h"
#include "features/window_json.h"
#include "run/predictions.h"
#include "run/results.h"
#include "run/run_folder.h"

namespace bv::cli {
namespace {

struct EnsembleFlags {
  std::vector<fs::path> runs;
  fs::path data, out;
  std::string mode = "max", null_score = "run";
  std::vector<double> weights;
  double null_threshold = 0;
  int32_t n_best = 0, max_answer_length = 0;
  bool out_of_sample = false, json = false;
  int64_t resamples = BootstrapOptions().resamples;
  int64_t seed = 0;
  int32_t threads = 0;
};

EnsembleMode Mode(const std::string& name) {
  if (name == "add") return EnsembleMode::kAdd;
  return name == "max" ? EnsembleMode::kMax : EnsembleMode::kWeighted;
}

void CheckUsage(const EnsembleFlags& flags, const RunSet& set) {
  RequireMembers(set.runs.size(), flags.weights);
  if (flags.out_of_sample || (flags.mode == "weighted" && flags.weights.empty())) RequireScores(set);
}

// As given, else by the runs' scores on these very questions.
std::vector<double> Weights(const EnsembleFlags& flags, const RunSet& set) {
  if (flags.mode != "weighted" || !flags.weights.empty()) return flags.weights;
  std::vector<double> f1;
  for (const AnalysedRun& run : set.runs) f1.push_back(ScoresOf(run).all.f1);
  return WeightsByScore(f1);
}

// Combined probabilities are those of the study's decoder too, which takes them as they are (spec section G).
DecodeOptions Decode(const EnsembleFlags& flags, const RunSet& set, const Options& options) {
  DecodeOptions decode = set.runs[0].decode;
  for (const AnalysedRun& run : set.runs) {
    if (run.decode.of_paper() == decode.of_paper()) continue;
    throw Error(ErrorKind::kUsage,
                Cat(set.runs[0].name, " and ", run.name,
                    " have answers by different rules (--decoder); an ensemble needs one and the same"));
  }
  if (decode.of_paper()) decode.decoder = DecodeOptions::kPaperCombined;
  RefuseForDecoder(options, decode);
  if (set.data.has_answers) decode.allow_no_answer = set.data.has_impossible;
  if (flags.n_best > 0) decode.n_best = flags.n_best;
  if (flags.max_answer_length > 0) decode.max_answer_length = flags.max_answer_length;
  if (options.Given("--null-threshold")) decode.null_threshold = flags.null_threshold;
  if (flags.null_score != "run")
    decode.null_score = flags.null_score == "max" ? DecodeOptions::kMax : DecodeOptions::kMin;
  return decode;
}

AnalysedRun Combine(const EnsembleFlags& flags, const RunSet& set, const std::vector<double>& weights,
                    const DecodeOptions& decode) {
  std::vector<const SpanLogits*> members;
  for (const AnalysedRun& run : set.runs) members.push_back(&run.logits);
  AnalysedRun ensemble = {Cat("ensemble (", flags.mode, ")"), flags.out, {}, decode, {}, {}};
  ensemble.logits = CombineLogits(members, Mode(flags.mode), weights);
  DecodeRun(set, &ensemble);
  return ensemble;
}

RunRecord Record(const EnsembleFlags& flags, const Options& options, const RunSet& set) {
  RunRecord record = NewRecord("ensemble", options, flags.threads);
  record.seeds = {{"seed", flags.seed}};
  OrderedJson members = OrderedJson::array();
  for (const AnalysedRun& run : set.runs) members.push_back(Hex(HashFile(run.folder / kLogitsFile)));
  record.inputs = {{"members", members},
                   {"dev_data", LastingPath(set.data.file)},
                   {"dev_data_hash", set.origin.data_hash}};
  AddWindowOptions(set.origin.windows.cut, &record.inputs);
  record.inputs["tokenizer_fingerprint"] = set.origin.windows.tokenizer;
  return record;
}

void Keep(const EnsembleFlags& flags, const Options& options, const EnsembleReport& report) {
  const RunSet& set = *report.set;
  RunFolder run(flags.out, Record(flags, options, set), {"runs", "dev_data", "resamples"});
  if (run.state() == RunState::kFinished) {
    LogInfo(Cat(flags.out.string(), " is complete already; nothing was written"));
    return;
  }
  const AnalysedRun& ensemble = *report.ensemble;
  WriteLogits(run.path(), ensemble.logits, OriginOf(set.data, set.origin.windows), ensemble.decode);
  WritePredictions(run.path(), set.data, ensemble.answers, ensemble.decode.allow_no_answer);
  if (ensemble.scores) {
    Metrics metrics;
    const OrderedJson official = OfficialJson(*ensemble.scores);
    for (const auto& [key, value] : official.items()) metrics.emplace_back(key, value.get<double>());
    WriteResults(run.path(), "eval", metrics);
  }
  if (!report.out_of_sample.empty()) {
    const OutOfSampleScores& last = report.out_of_sample.back();
    WriteResults(run.path(), "out_of_sample", {{"exact", last.exact}, {"f1", last.f1}});
  }
  WriteJsonFile(run.path() / "ensemble.json", EnsembleJson(report));
  run.Finish();
  LogInfo(Cat("the ensemble is in ", flags.out.string()));
}

void Ensemble(const EnsembleFlags& flags, const Options& options) {
  if (!flags.weights.empty() && flags.mode != "weighted")
    throw Error(ErrorKind::kUsage,
                Cat("--weights is given with --mode ", flags.mode, "; it goes with weighted"));
  if (AreTextRuns(flags.runs)) {
    return EnsembleTexts({flags.runs, flags.out, flags.mode, Mode(flags.mode), flags.weights,
                          flags.out_of_sample, flags.json, flags.resamples, flags.seed, flags.threads},
                         options);
  }
  const RunSet set = LoadRuns(flags.runs, flags.data, flags.threads);
  CheckUsage(flags, set);
  EnsembleReport report = {flags.mode, Weights(flags, set), &set, nullptr, 0, {}, {}};
  const DecodeOptions decode = Decode(flags, set, options);
  const AnalysedRun ensemble = Combine(flags, set, report.weights, decode);
  report.ensemble = &ensemble;
  if (set.data.has_answers) {
    for (size_t i = 1; i < set.runs.size(); ++i) {
      if (ScoresOf(set.runs[i]).all.f1 > ScoresOf(set.runs[report.best]).all.f1) report.best = i;
    }
    if (flags.resamples > 0)
      report.difference =
          CompareRuns(set.runs[report.best], ensemble,
                      {.resamples = flags.resamples, .seed = static_cast<uint64_t>(flags.seed)});
  }
  if (flags.out_of_sample && decode.of_paper()) {
    throw Error(ErrorKind::kUsage,
                "--out-of-sample is given, but the study's decoder, which made these answers, has no "
                "threshold to fit");
  }
  if (flags.out_of_sample)
    report.out_of_sample =
        ScoreOutOfSample(set, Mode(flags.mode), flags.weights, decode, static_cast<uint64_t>(flags.seed));
  if (!flags.out.empty()) Keep(flags, options, report);
  if (flags.json) {
    std::cout << EnsembleJson(report).dump(2, ' ', false, OrderedJson::error_handler_t::replace) << "\n";
  } else {
    std::cout << EnsembleText(report);
  }
}

}  // namespace

Action DeclareEnsemble(Options& options) {
  auto flags = std::make_shared<EnsembleFlags>();
  options
      .Paths("--runs", &flags->runs,
             "two or more of one task, on the same questions or rows; a folder of runs stands for all in it")
      .Required()
      .Shown("FOLDER,…");
  options.Choice(
      "--mode", &flags->mode, {"max", "add", "weighted"},
      "of the runs' probabilities of starts and ends, or of labels: the largest, the sum, or a weighted "
      "sum; of values: the mean (add) or a weighted mean");
  options
      .Numbers("--weights", &flags->weights, 0, 1e9,
               "with --mode weighted, one per run; not given: in the proportion of their F1 on these "
               "questions, of labels and values the task's first score")
      .Shown("NUMBER,…");
  options.Flag("--out-of-sample", &flags->out_of_sample,
               "also fit threshold and weights on half of the contexts (or rows), judge on the other, and "
               "the reverse");
  options.Path("--data", &flags->data, "the questions, if they are not where the runs say").Shown("FILE");
  options.Path("--out", &flags->out, "keep logits, predictions and scores there, as a run").Shown("FOLDER");
  options.Integer("--n-best", &flags->n_best, 0, 1000,
                  "spans tried per window and kept per question; 0: as the first run");
  options.Integer("--max-answer-length", &flags->max_answer_length, 0, 1000,
                  "pieces of an answer at most; 0: as the first run");
  options.Choice("--null-score", &flags->null_score, {"run", "min", "max"},
                 "over the windows of a question; run: as the first run");
  options.Number(
      "--null-threshold", &flags->null_threshold, -kInfinite, kInfinite,
      "no answer if the null odds, a difference of log probabilities, are above this; not given: as "
      "the first run");
  options.Integer("--resamples", &flags->resamples, 0, 1'000'000,
                  "of the bootstrap interval of the difference to the best run; 0: no difference");
  options.Integer("--seed", &flags->seed, 0, kNoLimit, "of the halves and the bootstrap");
  options.Threads(&flags->threads);
  options.Json(&flags->json);
  options.Note(
      "Runs hold logits.safetensors: heads and checkpoints that were trained with dev data, and what eval "
      "--out, predict --out and ensemble --out leave.\n"
      "Example: bertvision ensemble --runs runs/ft/epoch-1,runs/heads/adapter-386-shared-skip "
      "--out-of-sample --out runs/both");
  return [flags, &options] { Ensemble(*flags, options); };
}

}  // namespace bv::cli
