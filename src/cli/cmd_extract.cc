// bertvision extract: the states of every window of a data file into a store.
#include <chrono>
#include <cmath>
#include <iostream>
#include <memory>

#include "base/error.h"
#include "base/hash.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "base/model_folder.h"
#include "base/progress.h"
#include "base/strings.h"
#include "bench/encoder_rates.h"
#include "bench/store_rates.h"
#include "cli/extract_certificate.h"
#include "cli/span_options.h"
#include "cli/task_options.h"
#include "cli/verbs.h"
#include "device/precision.h"
#include "states/backbone.h"
#include "states/extract.h"
#include "store/disk_budget.h"
#include "text/tokenizer.h"

namespace bv::cli {
namespace {

using Clock = std::chrono::steady_clock;

// What the forecast of --estimate may take, or three batches, if that is more.
constexpr double kForecastSeconds = 5;

struct ExtractOptions {
  std::string model = "minilm";
  fs::path data, out;
  std::string codec = CodecName(StoreInfo().codec), precision = "auto";
  TaskFlags task;
  WindowFlags windows;
  std::string part = "any";
  std::vector<int64_t> layers;
  int64_t limit = 0, shard_mib = 256;
  double max_cost = 1;
  std::string disk_budget;
  int32_t threads = 0;
  bool cls_only = false, estimate = false, json = false;
};

struct Work {
  TaskExamples data;
  TaskWindows windows;
  Tokenizer tokenizer;
  StoreInfo info;
  int64_t pieces = 0;  // that the backbone computes
  Precision precision = Precision::kFp32;
};

// Spans may be without gold answers, for decoding alone; a text without a label is of no use.
TaskExamples ReadData(const ExtractOptions& values) {
  TaskOptions options = values.task.options;
  if (TaskNameFor(values.data, options.name) == "squad") options.labels = LabelUse::kIfPresent;
  TaskExamples data = ReadTaskExamples(values.data, options);
  LimitExamples(&data, values.limit);
  return data;
}

// The study's windows differ between training and evaluation, so the user must say what they are for.
WindowOptions Cut(const ExtractOptions& values, const Options& options, const Task& task) {
  WindowOptions cut = TaskWindowOptions(options, values.windows.Value(options), task.name);
  const bool paper = cut.rule == WindowRule::kPaper;
  if (paper && values.part == "any") {
    throw Error(
        ErrorKind::kUsage,
        "--windows paper needs --part train or --part dev: questions whose answer is not found are left out "
        "of training, and of nothing else");
  }
  if (!paper && values.part != "any")
    throw Error(ErrorKind::kUsage, "--part is given, but --windows hf has no use for it");
  if (values.cls_only && cut.pad_to > 0)
    throw Error(ErrorKind::kUsage,
                "--pad-to is given, but --cls-only keeps rows that padding does not change");
  cut.training = values.part == "train";
  return cut;
}

Work Prepare(const ExtractOptions& values, const Options& options, const BertWeights& weights,
             const fs::path& model) {
  Work work{.data = {}, .windows = {}, .tokenizer = Tokenizer::Load(model), .info = {}};
  RefuseUnusedOptions(options, TaskNameFor(values.data, values.task.options.name));
  work.data = ReadData(values);
  RequireRowsFor(work.data.task, values.cls_only);
  const WindowOptions cut = Cut(values, options, work.data.task);
  const Tokenizer& tokenizer = work.tokenizer;
  RequireTokenizerOf(weights.config, tokenizer, model);
  cut.RequirePositions(weights.config.max_positions, values.model);
  work.windows = CutTaskWindows(tokenizer, work.data, cut, values.threads);
  SayDropped(work.windows.dropped);
  const PrecisionChoice precision = ChoosePrecision(values.precision, BackboneWork::kInference);
  LogInfo(Cat("precision ", precision.name(), ": ", precision.why));
  work.precision = precision.precision;
  StoreInfo& info = work.info;
  info.backbone = LastingModelName(values.model);
  info.backbone_fingerprint = Hex(Fingerprint(weights));
  info.tokenizer_fingerprint = Hex(tokenizer.fingerprint());
  info.precision = precision.name();
  info.data = values.data.string();
  info.data_hash = Hex(work.data.hash());
  info.task = work.data.task;
  info.cut = cut;
  info.cls_only = values.cls_only;
  info.hidden = weights.config.hidden_size;
  info.codec = ParseCodec(values.codec);
  info.shard_bytes = values.shard_mib << 20;
  info.windows = static_cast<int64_t>(work.windows.windows.size());
  for (const Window& window : work.windows.windows) work.pieces += static_cast<int64_t>(window.ids.size());
  info.tokens = values.cls_only ? info.windows : work.pieces;
  return work;
}

// Seconds that the whole extraction would take, by a sample of it.
double ForecastSeconds(const WindowStates& states, const BertConfig& config, const Work& work) {
  const bench::EncoderRate rate =
      bench::MeasureWindows(states, config, work.windows.windows, kExtractBatchTokens, {kForecastSeconds, 1});
  return bench::ExtractionSeconds(work.pieces, rate.tokens_per_second.median(), 0, 0);
}

void PrintEstimate(const Work& work, double seconds, bool json) {
  const int64_t bytes = ForecastBytes(work.info);
  if (json) {
    const OrderedJson result = {
        {"windows", work.info.windows}, {"tokens", work.info.tokens}, {"bytes", bytes},
        {"seconds", seconds},           {"layers", work.info.layers}, {"codec", CodecName(work.info.codec)}};
    std::cout << result.dump() << "\n";
    return;
  }
  std::cout << "windows  " << Thousands(work.info.windows) << "\n"
            << "tokens   " << Thousands(work.info.tokens) << "\n"
            << "states   " << work.info.layers.size() << " layers x " << work.info.hidden << ", "
            << CodecName(work.info.codec) << "\n"
            << "bytes    " << Thousands(bytes) << " (" << HumanBytes(bytes) << ")\n"
            << "time     about " << HumanSeconds(seconds) << " here\n";
}

// A store of some of the examples, without a word.
void ExtractSample(const TaskExamples& examples, StoreInfo info, const fs::path& folder,
                   const ExtractOptions& values, const Tokenizer& tokenizer, const WindowStates& states) {
  const TaskWindows windows = CutTaskWindows(tokenizer, examples, info.cut, values.threads);
  info.windows = static_cast<int64_t>(windows.windows.size());
  info.tokens = 0;
  for (const Window& window : windows.windows)
    info.tokens += info.cls_only ? 1 : static_cast<int64_t>(window.ids.size());
  StoreWriter writer(folder, info, examples);
  Extract(states, windows, kExtractBatchTokens, &writer,
          [](const ExtractProgress&) { return !InterruptRequested(); });
}

WindowStates StatesFor(const ExtractOptions& values, const InferenceEncoder& encoder,
                       const BertWeights& weights, const std::vector<int32_t>& layers) {
  if (!values.cls_only) return {encoder, layers};
  return WindowStates::OfClsRows(encoder, layers, PoolerOf(weights));
}

// Before int8 states are made, computed or kept so: what they cost.
std::optional<RoundingCost> CertifyInt8(const ExtractOptions& values, const Work& work,
                                        const BertWeights& weights, const WindowStates& states) {
  const bool computed = work.precision == Precision::kInt8;
  const bool wanted = (computed || work.info.codec == Codec::kInt8) && values.max_cost < 100;
  if (!wanted || fs::exists(values.out / kIndexFile)) return std::nullopt;
  LogInfo("int8 is tried on a sample of the data first");
  InstallInterruptHandler();
  const fs::path scratch = fs::absolute(values.out).parent_path();  // the disk that has room for states
  MakeFolder(scratch);
  const Precision plain =
      computed ? ChoosePrecision("auto", BackboneWork::kInference).precision : work.precision;
  std::optional<InferenceEncoder> encoder;
  if (computed) encoder.emplace(weights, plain);
  const RoundingCost cost =
      Certify({.examples = work.data,
               .info = work.info,
               .exact_precision = PrecisionName(plain),
               .scratch = scratch,
               .threads = values.threads,
               .extract = [&](const TaskExamples& examples, const StoreInfo& info, const fs::path& folder) {
                 const bool exact = computed && info.precision != work.info.precision;
                 ExtractSample(examples, info, folder, values, work.tokenizer,
                               exact ? StatesFor(values, *encoder, weights, info.layers) : states);
               }});
  if (!values.json) std::cout << CertificateText(cost, work.info.layers);
  RequireCost(cost, values.max_cost);
  return cost;
}

void RunExtraction(const ExtractOptions& values, const Work& work, const BertWeights& weights,
                   const WindowStates& states) {
  const std::optional<RoundingCost> cost = CertifyInt8(values, work, weights, states);
  StoreWriter writer(values.out, work.info, work.data);
  if (writer.complete()) LogInfo(Cat(values.out.string(), " is complete already; nothing to do"));
  if (writer.windows_there() > 0 && !writer.complete()) {
    LogInfo(Cat("going on after ", Thousands(writer.windows_there()), " windows that are there"));
  }
  const auto begin = Clock::now();
  int64_t tokens = 0;
  {
    Progress bar("extract", work.info.windows, "windows");
    bar.StartAt(writer.windows_there());
    InstallInterruptHandler();
    Extract(states, work.windows, kExtractBatchTokens, &writer, [&](const ExtractProgress& progress) {
      tokens = progress.tokens;
      bar.Set(progress.windows);
      return !InterruptRequested();
    });
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  const int64_t bytes = writer.index().bytes();
  if (values.json) {
    OrderedJson result = {{"store", values.out.string()},
                          {"windows", work.info.windows},
                          {"tokens", work.info.tokens},
                          {"bytes", bytes},
                          {"seconds", seconds},
                          {"tokens_computed", tokens},
                          {"precision", work.info.precision},
                          {"codec", CodecName(work.info.codec)}};
    if (cost) result["certificate"] = CertificateJson(*cost, work.info.layers);
    std::cout << result.dump() << "\n";
  } else {
    std::cout << values.out.string() << ": " << Thousands(work.info.windows) << " windows, "
              << Thousands(work.info.tokens) << " tokens, " << work.info.layers.size() << " layers, "
              << HumanBytes(bytes) << " in " << HumanSeconds(seconds);
    if (tokens > 0)
      std::cout << " (" << Thousands(std::llround(static_cast<double>(tokens) / seconds)) << " tokens/s)";
    std::cout << "\n";
  }
}

// Layers and codec by the forecast, and what other stores need to go with this one.
void KeepWithinBudget(const ExtractOptions& values, const Options& options, Work* work) {
  const auto budget = ParseBytes(values.disk_budget);
  if (!budget) {
    throw Error(ErrorKind::kUsage,
                Cat("--disk-budget is ", Quoted(values.disk_budget), ", a size like 20G or 500M is needed"));
  }
  // The texts are kept too; they are about as long as the file that they come from.
  const auto texts = static_cast<int64_t>(fs::file_size(values.data));
  const BudgetChoice choice =
      FitBudget(work->info, *budget - texts, options.Given("--layers"), options.Given("--codec"));
  work->info.layers = choice.layers;
  work->info.codec = choice.codec;
  std::vector<std::string> layers;
  for (const int32_t layer : choice.layers) layers.push_back(std::to_string(layer));
  LogInfo(Cat("within ", HumanBytes(*budget), ": --codec ", CodecName(choice.codec), " --layers ",
              Join(layers, ","), ", ", HumanBytes(choice.bytes), " (", choice.why,
              "); stores that go with this one need the same layers"));
}

void RunVerb(const ExtractOptions& values, const Options& options) {
  if (!values.estimate && values.out.empty())
    throw Error(ErrorKind::kUsage, "--out is required (or --estimate)");
  UseThreads(values.threads);
  const fs::path model = FindModelFolder(values.model);
  const BertWeights weights = LoadBert(model);
  Work work = Prepare(values, options, weights, model);
  const InferenceEncoder encoder(weights, work.precision);
  if (values.cls_only && !PoolerOf(weights).defined())
    LogWarning("this model has no pooler: the rows begin with the embeddings' state");
  work.info.layers =
      StatesFor(values, encoder, weights, {values.layers.begin(), values.layers.end()}).layers();
  if (!values.disk_budget.empty()) KeepWithinBudget(values, options, &work);
  const WindowStates states = StatesFor(values, encoder, weights, work.info.layers);
  if (work.info.layers.front() == kPooledState)
    work.info.pooler_fingerprint = Hex(PoolerOf(weights).fingerprint());
  if (values.estimate) {
    PrintEstimate(work, ForecastSeconds(states, weights.config, work), values.json);
  } else {
    RunExtraction(values, work, weights, states);
  }
}

}  // namespace

Action DeclareExtract(Options& options) {
  auto values = std::make_shared<ExtractOptions>();
  options.Text("--model", &values->model, "backbone: a Hugging Face folder, a cached hub name, or minilm")
      .Shown("MODEL");
  options.DataFile("--data", &values->data, "questions, SQuAD 1.1 or 2.0, or texts with labels").Required();
  values->task.Declare(options);
  options.Path("--out", &values->out, "the store; a re-run goes on with an unfinished one").Shown("FOLDER");
  options.Choice("--codec", &values->codec, CodecNames(), "how states are kept");
  options.Number("--max-cost", &values->max_cost, 0, 100,
                 "with int8: points of its score that a head may lose on a sample; 100: do not try");
  options.Choice("--precision", &values->precision, PrecisionNames(), "how they are computed");
  values->windows.Declare(options);
  values->windows.DeclarePadding(options);
  options.Choice("--part", &values->part, {"any", "train", "dev"},
                 "by --windows paper, what the store is for; windows of hf are the same for both");
  options.Flag("--cls-only", &values->cls_only,
               "one row a window: the [CLS] states, the pooled one first; for heads of kind row");
  options.Integers("--layers", &values->layers, kPooledState, 1000,
                   "states to keep, 0 = embeddings, -1 = pooled (--cls-only); default: all");
  options.Integer("--limit", &values->limit, 0, kNoLimit, "only the first so many examples; 0: all");
  options.Integer("--shard-mib", &values->shard_mib, 1, 1 << 20, "size of a shard");
  options
      .Text("--disk-budget", &values->disk_budget,
            "size of the store at most, like 20G: picks codec and layers as far as they are not given")
      .Shown("SIZE");
  options.Flag("--estimate", &values->estimate, "say windows, tokens, bytes and minutes, and write nothing");
  options.Threads(&values->threads);
  options.Json(&values->json);
  options.Note(
      "Example: bertvision extract --model minilm --data train.json --out states/train\n"
      "     or: bertvision extract --task rte --data RTE/train.tsv --out states/rte");
  return [values, &options] { RunVerb(*values, options); };
}

}  // namespace bv::cli
