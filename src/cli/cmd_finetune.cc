// bertvision finetune: a backbone with a span output, for fractions of an epoch or several.
#include <chrono>
#include <iostream>
#include <memory>

#include "base/error.h"
#include "base/hash.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "base/model_folder.h"
#include "base/progress.h"
#include "base/strings.h"
#include "cli/metric_cell.h"
#include "cli/span_options.h"
#include "cli/verbs.h"
#include "device/machine.h"
#include "device/precision.h"
#include "report/table.h"
#include "run/run_folder.h"
#include "text/tokenizer.h"
#include "train/checkpoint_folder.h"
#include "train/finetune_run.h"

namespace bv::cli {
namespace {

struct FineTuneFlags {
  std::string task = "squad", model = "minilm", recipe = "default", precision = "auto", metric = "f1";
  fs::path train, dev, out;
  double epochs = 2, lr = 0, weight_decay = 0.01, warmup = 0.1, clip = 1.0, save_minutes = 5;
  std::vector<double> checkpoints;
  int64_t batch_size = 16, accumulate = 1, seed = 1, patience = 0, save_steps = 0;
  WindowOptions windows;
  DecodeFlags decode;
  int32_t threads = 0;
  bool no_dropout = false, skip_bad_answers = false, json = false;
};

// What the recipe says, and over it what the user says.
FineTuneOptions Training(const FineTuneFlags& flags, const Options& options, int64_t hidden_size) {
  FineTuneOptions training = RecipeDefaults(ParseRecipe(flags.recipe), hidden_size);
  if (options.Given("--epochs")) training.epochs = flags.epochs;
  if (flags.lr > 0) training.lr = flags.lr;
  if (options.Given("--batch-size")) training.batch_size = flags.batch_size;
  if (options.Given("--weight-decay")) training.weight_decay = flags.weight_decay;
  if (options.Given("--warmup")) training.warmup = flags.warmup;
  if (options.Given("--clip")) training.clip_norm = flags.clip;
  training.accumulate = flags.accumulate;
  training.seed = static_cast<uint64_t>(flags.seed);
  training.dropout = !flags.no_dropout;
  training.bf16 = ChoosePrecision(flags.precision, BackboneWork::kFineTuning).bf16;
  return training;
}

class Display : public FineTuneObserver {
 public:
  explicit Display(int64_t total_steps) : bar_("finetune", total_steps, "steps") {}
  void OnResume(int64_t step) override { LogInfo(Cat("going on from the checkpoint at step ", step)); }
  void OnStep(int64_t step, int64_t total, double epoch, const FineTuneStep& result) override {
    smooth_ = smooth_ == 0 ? result.loss : 0.9 * smooth_ + 0.1 * result.loss;
    bar_.SetNote(Cat("epoch ", Fixed(epoch, 2), "  loss ", Fixed(smooth_, 3)));
    bar_.Set(step);
    Forecast(total - step);
  }
  void OnEvaluating(int64_t done, int64_t total) override {
    bar_.SetNote(Cat("evaluating ", Thousands(done), "/", Thousands(total), " windows"));
    bar_.Redraw();
  }
  void OnPoint(const FineTunePoint& point) override {
    bar_.Clear();
    std::string line = Cat(point.folder, " (step ", point.step, ")");
    for (const auto& [name, value] : point.metrics) {
      if (name == "exact" || name == "exact_match" || name == "f1" || name == "loss")
        line += Cat("  ", name, " ", Fixed(value, 2));
    }
    LogInfo(line);
  }
  bool StopRequested() override { return InterruptRequested(); }

 private:
  // The first step warms up; the next few tell how long the rest takes.
  void Forecast(int64_t left) {
    constexpr int kSample = 4;
    if (++steps_ == 1) begin_ = std::chrono::steady_clock::now();
    if (steps_ != 1 + kSample) return;
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin_;
    bar_.Clear();
    LogInfo(Cat("about ", HumanSeconds(seconds.count() / kSample * static_cast<double>(left)),
                " to go, without evaluations"));
  }

  Progress bar_;
  double smooth_ = 0;
  int steps_ = 0;
  std::chrono::steady_clock::time_point begin_;
};

RunRecord Record(const FineTuneFlags& flags, const Options& options, const FineTuneOptions& training,
                 const BertWeights& weights, const Tokenizer& tokenizer, const QaData& train,
                 const QaData* dev) {
  RunRecord record;
  record.verb = "finetune";
  record.command = options.command();
  record.options = options.ToJson();
  record.seeds = {{"seed", flags.seed}};
  record.inputs = {{"backbone", flags.model},
                   {"backbone_fingerprint", Hex(Fingerprint(weights))},
                   {"tokenizer_fingerprint", Hex(tokenizer.fingerprint())},
                   {"train_hash", Hex(train.hash)},
                   {"max_length", flags.windows.max_length},
                   {"doc_stride", flags.windows.doc_stride},
                   {"recipe", flags.recipe},
                   {"epochs", training.epochs},
                   {"lr", training.lr},
                   {"batch_size", training.batch_size},
                   {"weight_decay", training.weight_decay},
                   {"warmup", training.warmup},
                   {"clip_norm", training.clip_norm},
                   {"precision", training.bf16 ? "bf16" : "fp32"}};
  if (dev != nullptr) record.inputs["dev_hash"] = Hex(dev->hash);
  record.machine = MachineRecord(flags.threads);
  return record;
}

void PrintPoints(const fs::path& out, const std::vector<FineTunePoint>& points, const std::string& best,
                 bool json) {
  if (json) {
    OrderedJson list = OrderedJson::array();
    for (const auto& point : points) {
      OrderedJson metrics = OrderedJson::object();
      for (const auto& [key, value] : point.metrics) metrics[key] = value;
      list.push_back({{"epoch", point.epoch},
                      {"step", point.step},
                      {"folder", (out / point.folder).string()},
                      {"train_seconds", point.seconds},
                      {"best", point.folder == best},
                      {"metrics", metrics}});
    }
    std::cout << list.dump(2) << "\n";
    return;
  }
  Table table({{"checkpoint", Align::kLeft},
               {"EM"},
               {"F1"},
               {"HasAns EM"},
               {"HasAns F1"},
               {"NoAns"},
               {"dev loss", Align::kRight, 3},
               {"train s", Align::kRight, 1}});
  for (const auto& point : points) {
    const auto& m = point.metrics;
    table.AddRow({(out / point.folder).string() + (point.folder == best ? " (best)" : ""),
                  MetricCell(m, {"exact", "exact_match"}), MetricCell(m, {"f1"}),
                  MetricCell(m, {"HasAns_exact"}), MetricCell(m, {"HasAns_f1"}), MetricCell(m, {"NoAns_f1"}),
                  MetricCell(m, {"loss"}), point.seconds});
  }
  std::cout << table.Print(TableFormat::kText);
}

// Bytes at the peak: weights, gradients and two moments in fp32, and what a batch keeps for the way back.
int64_t ForecastMemory(const BertWeights& weights, const std::vector<Window>& windows,
                       const FineTuneOptions& training) {
  int64_t parameters = 0, tokens = 0;
  for (const auto& entry : weights.encoder) parameters += entry.tensor.numel();
  for (const auto& window : windows) tokens += static_cast<int64_t>(window.ids.size());
  const BertConfig& config = weights.config;
  // Saved tensors a token and layer: about 22 rows of the hidden size and 3 of the intermediate one.
  const int64_t per_token = config.num_layers * (22 * config.hidden_size + 3 * config.intermediate_size) * 4;
  const int64_t batch_tokens =
      tokens / static_cast<int64_t>(windows.size()) * training.batch_size / training.accumulate;
  return parameters * 16 + per_token * batch_tokens;
}

void RunVerb(const FineTuneFlags& flags, const Options& options) {
  UseThreads(flags.threads);
  const fs::path model = FindModelFolder(flags.model);
  BertWeights weights = LoadBert(model);
  const Tokenizer tokenizer = Tokenizer::Load(model);
  if (flags.windows.max_length > weights.config.max_positions) {
    throw Error(ErrorKind::kUsage,
                Cat("--max-length ", flags.windows.max_length, " is more than the model's ",
                    weights.config.max_positions, " positions"));
  }
  FineTuneRunOptions run_options;
  run_options.training = Training(flags, options, weights.config.hidden_size);
  for (const double epoch : flags.checkpoints) {
    if (epoch > run_options.training.epochs) {
      throw Error(ErrorKind::kUsage, Cat("--checkpoints has epoch ", epoch,
                                         ", the training ends at --epochs ", run_options.training.epochs));
    }
  }
  run_options.checkpoints = flags.checkpoints;
  run_options.save_seconds = flags.save_minutes * 60;
  run_options.save_steps = flags.save_steps;
  run_options.patience = flags.patience;
  run_options.metric = flags.metric;
  run_options.evaluation = {flags.decode.Value(), flags.threads};

  const QaData train = ReadSquad(flags.train, {.skip_bad_answers = flags.skip_bad_answers});
  RequireAnswers(train);
  std::optional<QaData> dev;
  if (!flags.dev.empty()) {
    dev = ReadSquad(flags.dev, {.skip_bad_answers = flags.skip_bad_answers});
    RequireAnswers(*dev);
  }
  FineTuneData data;
  data.train = MakeWindows(tokenizer, train, flags.windows, flags.threads);
  if (dev) {
    data.dev = &*dev;
    data.dev_windows = MakeWindows(tokenizer, *dev, flags.windows, flags.threads);
  }
  RunFolder run(
      flags.out,
      Record(flags, options, run_options.training, weights, tokenizer, train, dev ? &*dev : nullptr),
      {"save-steps", "save-minutes"});
  if (run.state() == RunState::kFinished) {
    LogInfo(Cat(flags.out.string(), " is complete already"));
    RemoveCheckpoints(run.path());  // a kill may have come before this
    const auto points = ReadFineTunePoints(run.path());
    PrintPoints(flags.out, points, ReadTrainerState(run / "trainer_state.json").best_model_checkpoint,
                flags.json);
    return;
  }
  if (!weights.has_span_output())
    weights.output = NewSpanOutput(weights.config.hidden_size, run_options.training.seed);
  const auto windows = static_cast<int64_t>(data.train.size());
  const int64_t steps = StepAtEpoch(run_options.training.epochs, windows, run_options.training.batch_size);
  LogInfo(Cat(Thousands(windows), " windows, ", Thousands(steps), " steps of ",
              run_options.training.batch_size, " at a rate of ", run_options.training.lr, "; memory about ",
              HumanBytes(ForecastMemory(weights, data.train, run_options.training))));
  Display display(steps);
  InstallInterruptHandler();
  const FineTuneSummary summary = RunFineTuning(run.path(), &weights, data, run_options, &display);
  if (summary.stopped_early)
    LogInfo(Cat("stopped early: no better ", flags.metric, " in ", flags.patience, " evaluations"));
  run.Finish();
  RemoveCheckpoints(run.path());
  PrintPoints(flags.out, summary.points, summary.best, flags.json);
}

}  // namespace

Action DeclareFinetune(Options& options) {
  auto flags = std::make_shared<FineTuneFlags>();
  options.Choice("--task", &flags->task, {"squad"}, "what the output layer learns");
  options.Text("--model", &flags->model, "backbone: a Hugging Face folder, a cached hub name, or minilm")
      .Shown("MODEL");
  options.Path("--train", &flags->train, "questions with answers, SQuAD 1.1 or 2.0").Required().Shown("FILE");
  options.Path("--dev", &flags->dev, "questions that every checkpoint is scored on").Shown("FILE");
  options.Path("--out", &flags->out, "run folder; a re-run goes on with an unfinished one")
      .Required()
      .Shown("FOLDER");
  options.Number("--epochs", &flags->epochs, 0.0001, 10000, "passes over the data, also fractions");
  options.Numbers("--checkpoints", &flags->checkpoints, 0.0001, 10000,
                  "epochs at which to keep and score the model, such as 0.1,0.3,1");
  options.Choice("--recipe", &flags->recipe, RecipeNames(),
                 "optimiser, schedule and loss; the paper's two are paper-tf and paper-torch");
  options.Number("--lr", &flags->lr, 0, 1, "peak learning rate; 0: the recipe's for this size of model");
  options.Integer("--batch-size", &flags->batch_size, 1, 1 << 16, "windows a step (paper-tf: 4)");
  options.Integer("--accumulate", &flags->accumulate, 1, 1 << 16,
                  "passes that a batch is split into, to save memory");
  options.Number("--weight-decay", &flags->weight_decay, 0, 1, "not on biases and LayerNorm (paper-tf: 0)");
  options.Number("--warmup", &flags->warmup, 0, 1, "share of the steps (paper-tf: 0)");
  options.Number("--clip", &flags->clip, 0, 1e6, "gradient norm at most; 0: never (both paper recipes: 0)");
  options.Flag("--no-dropout", &flags->no_dropout, "train without dropout");
  options.Choice("--precision", &flags->precision, PrecisionNames(), "of the products; auto is fp32 here");
  options.Integer("--seed", &flags->seed, 0, kNoLimit, "of output layer, order and dropout");
  options.Integer("--patience", &flags->patience, 0, 1000,
                  "stop after so many evaluations without a better metric; 0: never");
  options.Choice("--metric", &flags->metric, {"f1", "exact", "best_f1", "loss"},
                 "decides which checkpoint is best");
  DeclareWindows(options, &flags->windows);
  flags->decode.Declare(options);
  options.Number("--save-minutes", &flags->save_minutes, 0, 100000,
                 "save for a resume at least this often; 0: not by time");
  options.Integer("--save-steps", &flags->save_steps, 0, kNoLimit,
                  "and every so many steps; 0: by time alone");
  options.Flag("--skip-bad-answers", &flags->skip_bad_answers,
               "drop gold answers that are not in their context");
  options.Threads(&flags->threads);
  options.Json(&flags->json);
  options.Note(
      "Every checkpoint OUT/epoch-E is a folder that transformers loads, with its predictions and scores.\n"
      "Example: bertvision finetune --model minilm --train train.json --dev dev.json --checkpoints 0.3,1 "
      "--out runs/ft");
  return [flags, &options] { RunVerb(*flags, options); };
}

}  // namespace bv::cli
