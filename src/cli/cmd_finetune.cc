// bertvision finetune: a backbone with the output of a task, for fractions of an epoch or several.
#include <memory>
#include <optional>

#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "base/model_folder.h"
#include "base/strings.h"
#include "cli/finetune_display.h"
#include "cli/run_record.h"
#include "cli/span_options.h"
#include "cli/task_options.h"
#include "cli/verbs.h"
#include "data/glue_tasks.h"
#include "device/machine.h"
#include "device/precision.h"
#include "features/window_json.h"
#include "run/run_folder.h"
#include "states/backbone.h"
#include "text/tokenizer.h"
#include "train/best_metric.h"
#include "train/checkpoint_folder.h"
#include "train/finetune_run.h"
#include "train/finetune_setup.h"
#include "train/tuned_runs.h"

namespace bv::cli {
namespace {

const TunedRun* TunedRunOf(const std::string& recipe) {
  return TunedRunOrNull(TunedSystem::kBert, recipe);
}

struct FineTuneFlags {
  std::string model = "minilm", recipe = "default", precision = "auto", metric;
  TaskFlags task;
  fs::path train, dev, out;
  double epochs = 2, lr = 0, weight_decay = 0.01, warmup = 0.1, clip = 1.0, save_minutes = 5;
  std::vector<double> checkpoints;
  int64_t batch_size = 16, accumulate = 1, seed = 1, patience = 0, save_steps = 0;
  WindowFlags windows;
  DecodeFlags decode;
  int32_t threads = 0;
  bool no_dropout = false, json = false;
};

// What the recipe says, and over it what the user says.
FineTuneOptions Training(const FineTuneFlags& flags, const Options& options, int64_t hidden_size,
                         const Task& task) {
  FineTuneOptions training = RecipeDefaults(ParseRecipe(flags.recipe), hidden_size);
  if (const GlueTask* glue = GlueTaskOrNull(task.name)) UseGlueRecipe(glue->recipe, hidden_size, &training);
  if (const TunedRun* run = TunedRunOf(flags.recipe)) UseTunedRun(*run, &training);
  if (options.Given("--epochs")) training.epochs = flags.epochs;
  if (flags.lr > 0) training.lr = flags.lr;
  if (options.Given("--batch-size")) training.batch_size = flags.batch_size;
  if (options.Given("--weight-decay")) training.weight_decay = flags.weight_decay;
  if (options.Given("--warmup")) training.warmup = flags.warmup;
  if (options.Given("--clip")) training.clip_norm = flags.clip;
  training.accumulate = flags.accumulate;
  if (options.Given("--seed")) training.seed = static_cast<uint64_t>(flags.seed);
  training.dropout = !flags.no_dropout;
  training.precision = ChoosePrecision(flags.precision, BackboneWork::kFineTuning).precision;
  return training;
}

RunRecord Record(const FineTuneFlags& flags, const Options& options, const FineTuneRunOptions& run,
                 const WindowOptions& windows, const BertWeights& weights, const Tokenizer& tokenizer,
                 const TaskExamples& train, const TaskExamples* dev) {
  const FineTuneOptions& training = run.training;
  RunRecord record = NewRecord("finetune", options, flags.threads);
  record.seeds = {{"seed", training.seed}};
  record.inputs = {{"backbone", flags.model},
                   {"backbone_fingerprint", Hex(Fingerprint(weights))},
                   {"tokenizer_fingerprint", Hex(tokenizer.fingerprint())},
                   {"train_hash", Hex(train.hash())}};
  AddWindowOptions(windows, &record.inputs);
  record.inputs["recipe"] = flags.recipe;
  record.inputs["epochs"] = training.epochs;
  record.inputs["lr"] = training.lr;
  record.inputs["batch_size"] = training.batch_size;
  record.inputs["weight_decay"] = training.weight_decay;
  record.inputs["warmup"] = training.warmup;
  record.inputs["clip_norm"] = training.clip_norm;
  record.inputs["metric"] = run.metric;
  record.inputs["patience"] = run.patience;
  record.inputs["precision"] = PrecisionName(training.precision);
  if (dev != nullptr) {
    record.inputs["dev_data"] = LastingPath(dev->file());
    record.inputs["dev_hash"] = Hex(dev->hash());
  }
  if (!train.task.of_spans()) record.inputs["task"] = TaskToJson(train.task);
  return record;
}

// Examples and windows of both files.
struct Data {
  TaskExamples train;
  std::optional<TaskExamples> dev;
  WindowOptions cut;
  FineTuneData windows;
};

Data ReadData(const FineTuneFlags& flags, const Options& options, const Tokenizer& tokenizer,
              int64_t positions) {
  Data data;
  const TunedRun* tuned = TunedRunOf(flags.recipe);
  TaskOptions task = flags.task.options;
  UseTaskOf(tuned, &task);
  const std::string name = TaskNameFor(flags.train, task.name);
  if (tuned != nullptr) tuned->RequireTask(name);
  RefuseUnusedOptions(options, name);
  data.train = ReadTaskExamples(flags.train, task);
  data.cut = TaskWindowOptions(options, flags.windows.Value(options), name);
  UseLengthOf(tuned, options, &data.cut);
  data.cut.RequirePositions(positions, flags.model);
  WindowOptions for_training = data.cut;
  for_training.training = true;
  data.windows.train = CutTaskWindows(tokenizer, data.train, for_training, flags.threads);
  SayDropped(data.windows.train.dropped);
  if (flags.dev.empty()) return data;
  task.name = data.train.task.name;
  task.label_names = data.train.task.labels;
  data.dev = ReadTaskExamples(flags.dev, task);
  data.windows.dev_cut = {data.cut, Hex(tokenizer.fingerprint())};
  data.windows.dev_windows = CutTaskWindows(tokenizer, *data.dev, data.cut, flags.threads);
  return data;
}

FineTuneRunOptions RunOptions(const FineTuneFlags& flags, const Options& options, const Tokenizer& tokenizer,
                              WindowRule windows, const FineTuneOptions& training, const Task& task) {
  for (const double epoch : flags.checkpoints) {
    if (epoch > training.epochs) {
      throw Error(ErrorKind::kUsage, Cat("--checkpoints has epoch ", epoch,
                                         ", the training ends at --epochs ", training.epochs));
    }
  }
  if (flags.dev.empty() && (flags.patience > 0 || !flags.metric.empty())) {
    throw Error(ErrorKind::kUsage, Cat(flags.patience > 0 ? "--patience" : "--metric",
                                       " is given without --dev, whose scores it watches"));
  }
  FineTuneRunOptions run;
  run.training = training;
  run.checkpoints = flags.checkpoints;
  run.save_seconds = flags.save_minutes * 60;
  run.save_steps = flags.save_steps;
  const BestRule rule = RecipeBestRule(training.recipe, task.name);
  run.patience = options.Given("--patience") ? flags.patience : rule.patience;
  run.metric = options.Given("--metric") ? flags.metric : rule.metric;
  run.evaluation = {flags.decode.Value(options, windows), flags.threads, &tokenizer};
  return run;
}

void RunVerb(const FineTuneFlags& flags, const Options& options) {
  ParseRecipe(flags.recipe);  // whether there is such a one, before anything is loaded
  UseThreads(flags.threads);
  const fs::path model = FindModelFolder(flags.model);
  BertWeights weights = LoadBert(model);
  const Tokenizer tokenizer = Tokenizer::Load(model);
  RequireTokenizerOf(weights.config, tokenizer, model);
  Data data = ReadData(flags, options, tokenizer, weights.config.max_positions);
  if (data.dev) data.windows.dev = &*data.dev;
  const Task& task = data.train.task;
  const FineTuneRunOptions run_options =
      RunOptions(flags, options, tokenizer, data.cut.rule,
                 Training(flags, options, weights.config.hidden_size, task), task);
  const FineTuneOptions& training = run_options.training;
  // What is wrong with the plan is said before the folder is made.
  const BestMetric metric(run_options.metric, task);
  PlannedPoints(run_options, static_cast<int64_t>(data.windows.train.windows.size()));
  RunFolder run(
      flags.out,
      Record(flags, options, run_options, data.cut, weights, tokenizer, data.train, data.windows.dev),
      {"save-steps", "save-minutes", "dev_data"});
  if (run.state() == RunState::kFinished) {
    LogInfo(Cat(flags.out.string(), " is complete already"));
    RemoveCheckpoints(run.path());  // a kill may have come before this
    const auto points = ReadFineTunePoints(run.path());
    PrintFineTunePoints(flags.out, points, ReadTrainerState(run / "trainer_state.json").best_model_checkpoint,
                        flags.json);
    return;
  }
  WarnOfOtherWidth(TunedRunOf(flags.recipe), weights.config.hidden_size);
  GiveTaskOutput(task, training, &weights);
  const std::vector<Window>& windows = data.windows.train.windows;
  const auto count = static_cast<int64_t>(windows.size());
  const int64_t steps = StepAtEpoch(training.epochs, count, training.batch_size);
  LogInfo(Cat(Thousands(count), " windows, ", Thousands(steps), " steps of ", training.batch_size,
              " at a rate of ", training.lr, "; memory about ",
              HumanBytes(FineTuneMemory(weights, windows, training))));
  FineTuneDisplay display(steps);
  InstallInterruptHandler();
  const FineTuneSummary summary =
      RunFineTuning(run.path(), &weights, task, data.windows, run_options, &display);
  if (summary.stopped_early)
    LogInfo(Cat("stopped early: no better score in ", run_options.patience, " evaluations"));
  run.Finish();
  RemoveCheckpoints(run.path());
  PrintFineTunePoints(flags.out, summary.points, summary.best, flags.json);
}

}  // namespace

Action DeclareFinetune(Options& options) {
  auto flags = std::make_shared<FineTuneFlags>();
  options.Text("--model", &flags->model, "backbone: a Hugging Face folder, a cached hub name, or minilm")
      .Shown("MODEL");
  options.DataFile("--train", &flags->train, "questions with answers, SQuAD 1.1 or 2.0, or texts with labels")
      .Required();
  options.DataFile("--dev", &flags->dev, "data that every checkpoint is scored on");
  flags->task.Declare(options);
  options.Path("--out", &flags->out, "run folder; a re-run goes on with an unfinished one")
      .Required()
      .Shown("FOLDER");
  options.Number("--epochs", &flags->epochs, 0.0001, 10000, "passes over the data, also fractions");
  options.Numbers("--checkpoints", &flags->checkpoints, 0.0001, 10000,
                  "epochs at which to keep and score the model, such as 0.1,0.3,1");
  options
      .Text("--recipe", &flags->recipe,
            Cat("optimiser, schedule and loss: ", Join(RecipeNames(), ", "), ", or a tuned run (see below)"))
      .Shown("NAME");
  options.Number("--lr", &flags->lr, 0, 1, "peak learning rate; 0: the recipe's for this size of model");
  options.Integer("--batch-size", &flags->batch_size, 1, 1 << 16, "windows a step (paper-tf: 4)");
  options.Integer("--accumulate", &flags->accumulate, 1, 1 << 16,
                  "passes that a batch is split into, to save memory");
  options.Number("--weight-decay", &flags->weight_decay, 0, 1, "not on biases and LayerNorm (paper-tf: 0)");
  options.Number("--warmup", &flags->warmup, 0, 1, "share of the steps (paper-tf: 0)");
  options.Number("--clip", &flags->clip, 0, 1e6, "gradient norm at most; 0: never (both paper recipes: 0)");
  options.Flag("--no-dropout", &flags->no_dropout, "train without dropout");
  options.Choice("--precision", &flags->precision, {"auto", "fp32", "bf16"},
                 "of the products; auto is fp32 here");
  options.Integer("--seed", &flags->seed, 0, kNoLimit, "of output layer, order and dropout");
  options.Integer("--patience", &flags->patience, 0, 1000,
                  "stop after so many evaluations without a better metric; 0: never");
  options.Text(
      "--metric", &flags->metric,
      "decides which checkpoint is best: a score of the task, or loss; not given: F1 where there is one, "
      "else the task's first");
  flags->windows.Declare(options);
  flags->windows.DeclarePadding(options);
  flags->decode.Declare(options);
  options.Number("--save-minutes", &flags->save_minutes, 0, 100000,
                 "save for a resume at least this often; 0: not by time");
  options.Integer("--save-steps", &flags->save_steps, 0, kNoLimit,
                  "and every so many steps; 0: by time alone");
  options.Threads(&flags->threads);
  options.Json(&flags->json);
  options.Note(Cat("Tuned runs of the study for --recipe: ", TunedRunList(TunedSystem::kBert),
                   ".\nThey are paper-torch with a rate and a seed of their own, and say --task."));
  options.Note(
      "Every checkpoint OUT/epoch-E is a folder that transformers loads, with its predictions and scores.\n"
      "Example: bertvision finetune --model minilm --train train.json --dev dev.json --checkpoints 0.3,1 "
      "--out runs/ft\n"
      "     or: bertvision finetune --task rte --train RTE/train.tsv --dev RTE/dev.tsv --epochs 3 --out "
      "runs/rte");
  return [flags, &options] { RunVerb(*flags, options); };
}

}  // namespace bv::cli
