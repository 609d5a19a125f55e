// bertvision bench: what this machine does with a model and a data file.
#include <iostream>
#include <memory>
#include <optional>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/model_folder.h"
#include "base/progress.h"
#include "base/strings.h"
#include "bench/bench_run.h"
#include "bench/made_windows.h"
#include "cli/bench_report.h"
#include "cli/span_options.h"
#include "cli/task_options.h"
#include "cli/verbs.h"
#include "device/machine.h"
#include "device/precision.h"
#include "features/task_windows.h"
#include "kernels/int8_product.h"
#include "states/backbone.h"
#include "text/tokenizer.h"

namespace bv::cli {
namespace {

struct BenchFlags {
  std::string model = "minilm", precision = "all", only = "all";
  fs::path data, scratch;
  TaskFlags task;
  WindowFlags windows;
  std::vector<int64_t> lengths;
  int64_t limit = 0, repeats = 25;
  double seconds = 60;
  int32_t threads = 0;
  bool json = false;

  bool Wants(const char* part) const { return only == "all" || only == part; }
};

void CheckUsage(const BenchFlags& flags, const Options& options) {
  if (!flags.data.empty())
    return RefuseUnusedOptions(options, TaskNameFor(flags.data, flags.task.options.name));
  if (flags.only == "data") throw Error(ErrorKind::kUsage, "--only data needs --data, the file to measure");
  for (const char* name : {"--limit", "--task", "--text-column", "--pair-column", "--label-column",
                           "--with-context", "--skip-bad-answers", "--skip-bad-rows", "--windows",
                           "--max-length", "--doc-stride", "--advance", "--question-limit"}) {
    if (options.Given(name))
      throw Error(ErrorKind::kUsage, Cat(name, " is given without --data, which it goes with"));
  }
}

std::vector<Precision> PrecisionsOf(const BenchFlags& flags) {
  if (flags.precision == "all") {
    std::vector<Precision> all = {Precision::kFp32};
    if (kernels::Int8Product::Available()) all.push_back(Precision::kInt8);
    if (ThisCpu().FastBf16()) all.push_back(Precision::kBf16);
    return all;
  }
  const PrecisionChoice choice = ChoosePrecision(flags.precision, BackboneWork::kInference);
  return {choice.precision};
}

std::vector<int64_t> LengthsOf(const BenchFlags& flags, const BertConfig& config) {
  if (!flags.Wants("lengths")) return {};
  for (const int64_t length : flags.lengths) {
    if (length > config.max_positions)
      throw Error(ErrorKind::kUsage, Cat("--lengths: found ", length, ", the model ", flags.model, " has ",
                                         config.max_positions, " positions"));
  }
  return flags.lengths.empty() ? bench::UsualLengths(config.max_positions) : flags.lengths;
}

// The windows of --data as extract cuts them, and what is known of them.
struct CutData {
  std::vector<Window> windows;
  BenchedData facts;
};

CutData Cut(const BenchFlags& flags, const Options& options, const BertConfig& config,
            const fs::path& model) {
  TaskOptions reading = flags.task.options;
  if (TaskNameFor(flags.data, reading.name) == "squad") reading.labels = LabelUse::kIfPresent;
  TaskExamples examples = ReadTaskExamples(flags.data, reading);
  LimitExamples(&examples, flags.limit);
  const WindowOptions cut = TaskWindowOptions(options, flags.windows.Value(options), examples.task.name);
  const Tokenizer tokenizer = Tokenizer::Load(model);
  RequireTokenizerOf(config, tokenizer, model);
  cut.RequirePositions(config.max_positions, flags.model);
  CutData data;
  data.facts.cut_seconds = bench::SecondsOf(
      [&] { data.windows = CutTaskWindows(tokenizer, examples, cut, flags.threads).windows; });
  if (data.windows.empty()) throw DataError(flags.data.string(), "there are no windows to measure");
  StoreInfo store;
  store.codec = kForecastCodec;
  store.hidden = config.hidden_size;
  store.layers.resize(static_cast<size_t>(config.state_layers()));
  store.windows = static_cast<int64_t>(data.windows.size());
  for (const Window& window : data.windows) store.tokens += static_cast<int64_t>(window.ids.size());
  data.facts.file = flags.data.string();
  data.facts.windows = store.windows;
  data.facts.tokens = store.tokens;
  data.facts.bytes = ForecastBytes(store);
  return data;
}

bench::BenchResult RunWithBar(const bench::BenchRequest& request) {
  Progress bar("bench", bench::Parts(request), "parts");
  int64_t begun = 0;
  bench::BenchObserver observer;
  observer.begin = [&](const std::string& part) {
    bar.SetNote(part);
    bar.Set(begun++);
  };
  observer.before_store = [] { InstallInterruptHandler(); };
  observer.stop = [] { return InterruptRequested(); };
  return bench::RunBench(request, observer);
}

void Bench(const BenchFlags& flags, const Options& options) {
  CheckUsage(flags, options);
  UseThreads(flags.threads);
  const fs::path model = FindModelFolder(flags.model);
  const BertWeights weights = LoadBert(model);
  bench::BenchRequest request;
  request.weights = &weights;
  request.precisions = PrecisionsOf(flags);
  request.lengths = LengthsOf(flags, weights.config);
  request.encoder = flags.only != "store";
  request.store = flags.Wants("store");
  request.scratch = flags.scratch;
  request.effort = {flags.seconds, flags.repeats};
  BenchSubject subject{flags.model, weights.config, flags.threads, std::nullopt};
  CutData data;
  if (!flags.data.empty()) {
    data = Cut(flags, options, weights.config, model);
    subject.data = data.facts;
    if (flags.only != "lengths") request.data = &data.windows;
  }
  const bench::BenchResult result = RunWithBar(request);
  if (flags.json) {
    std::cout << BenchJson(subject, result).dump(2) << "\n";
  } else {
    std::cout << BenchText(subject, result);
  }
}

}  // namespace

Action DeclareBench(Options& options) {
  auto flags = std::make_shared<BenchFlags>();
  options.Text("--model", &flags->model, "backbone: a Hugging Face folder, a cached hub name, or minilm")
      .Shown("MODEL");
  options.Choice("--precision", &flags->precision, {"all", "fp32", "int8", "bf16"},
                 "how states are computed; all: every one that this machine has instructions for");
  options.Choice("--only", &flags->only, {"all", "lengths", "data", "store"}, "measure this part alone");
  options.Integers("--lengths", &flags->lengths, bench::kShortestWindow, 1 << 16,
                   "of made-up windows, in pieces; default: 32, 128 and 384");
  options.DataFile("--data", &flags->data,
                   "measure windows of this file too, and say what time and disk all of it would take");
  options.Integer("--limit", &flags->limit, 0, kNoLimit,
                  "with --data: only the first so many examples; 0: all");
  flags->task.Declare(options);
  flags->windows.Declare(options);
  options
      .Path("--scratch", &flags->scratch,
            "where the folder for a store is made and removed again; default: the system's temporary folder")
      .Shown("FOLDER");
  options.Number("--seconds", &flags->seconds, 1, 86'400, "about how long to measure");
  options.Integer("--repeats", &flags->repeats, 1, 1000, "timings of each measurement at most");
  options.Threads(&flags->threads);
  options.Json(&flags->json);
  options.Note(
      "Leave the machine alone meanwhile. What each figure means: docs/benchmarks.md.\n"
      "Examples: bertvision bench\n"
      "          bertvision bench --model bert-base-uncased --data squad2/train --scratch /data");
  return [flags, &options] { Bench(*flags, options); };
}

}  // namespace bv::cli
