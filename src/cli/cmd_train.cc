// bertvision train: heads on hidden states, any number in one pass, from stores or straight from text.
#include <memory>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "base/strings.h"
#include "cli/run_record.h"
#include "cli/span_options.h"
#include "cli/task_options.h"
#include "cli/train_display.h"
#include "cli/verbs.h"
#include "device/machine.h"
#include "device/precision.h"
#include "train/head_recipes.h"
#include "train/head_run.h"
#include "train/tuned_runs.h"

namespace bv::cli {
namespace {

const TunedRun* TunedRunOf(const std::string& recipe) {
  return TunedRunOrNull(TunedSystem::kAp, recipe);
}

struct TrainFlags {
  fs::path states, dev_states, data, dev_data, out;
  std::string model = "minilm", precision = "auto", recipe = "auto", schedule = "constant", reduction = "sum";
  std::vector<std::string> heads;
  TaskFlags task;
  HeadTrainOptions training;
  int64_t seed = 1, width = 0;
  double save_minutes = 1, fraction = 1;
  WindowFlags windows;
  DecodeFlags decode;
  int32_t threads = 0;
  bool cls_only = false, allow_other_backbone = false, json = false;
};

void CheckUsage(const TrainFlags& flags, const Options& options) {
  if (flags.states.empty() == flags.data.empty()) {
    throw Error(ErrorKind::kUsage, flags.states.empty()
                                       ? "--states or --data is needed: stores, or text with a model"
                                       : "--states and --data are both given: name stores or text, not both");
  }
  const auto refuse = [&](std::initializer_list<const char*> names, const char* without) {
    for (const char* name : names) {
      if (options.Given(name))
        throw Error(ErrorKind::kUsage, Cat(name, " is given without ", without, ", which it goes with"));
    }
  };
  if (flags.states.empty()) {
    refuse({"--dev-states", "--allow-other-backbone"}, "--states");
  } else {
    refuse({"--dev-data", "--model", "--precision", "--windows", "--max-length", "--doc-stride", "--advance",
            "--question-limit", "--pad-to", "--task", "--text-column", "--pair-column", "--label-column",
            "--with-context", "--skip-bad-answers", "--skip-bad-rows", "--cls-only"},
           "--data");
  }
}

// The task and the windows that the flags and their recipe mean. Errors (kUsage): the recipe is another
// task's.
struct DataPlan {
  TaskOptions task;
  WindowOptions windows;
};

DataPlan PlanOf(const TrainFlags& flags, const Options& options) {
  const TunedRun* tuned = TunedRunOf(flags.recipe);
  DataPlan plan{flags.task.options, {}};
  UseTaskOf(tuned, &plan.task);
  const std::string name = TaskNameFor(flags.data, plan.task.name);
  if (tuned != nullptr) tuned->RequireTask(name);
  RefuseUnusedOptions(options, name);
  plan.windows = TaskWindowOptions(options, flags.windows.Value(options), name);
  UseLengthOf(tuned, options, &plan.windows);
  return plan;
}

std::unique_ptr<HeadData> OpenData(const TrainFlags& flags, const Options& options) {
  if (!flags.states.empty()) return OpenStores(flags.states, flags.dev_states, flags.allow_other_backbone);
  const DataPlan plan = PlanOf(flags, options);
  if (flags.cls_only && plan.windows.pad_to > 0)
    throw Error(ErrorKind::kUsage,
                "--pad-to is given, but --cls-only takes rows that padding does not change");
  const PrecisionChoice precision = ChoosePrecision(flags.precision, BackboneWork::kInference);
  LogInfo(Cat("backbone in ", precision.name(), ": ", precision.why));
  return OpenText({.train = flags.data,
                   .dev = flags.dev_data,
                   .task = plan.task,
                   .cls_only = flags.cls_only,
                   .model = flags.model,
                   .precision = precision.precision,
                   .windows = plan.windows,
                   .threads = flags.threads});
}

// What the recipe says, and over it what the user says.
HeadTrainOptions Training(const TrainFlags& flags, const Options& options, HeadRecipe recipe,
                          HeadData* data) {
  HeadTrainOptions training = HeadRecipeDefaults(recipe, data->task(), data->train()->hidden());
  if (const TunedRun* run = TunedRunOf(flags.recipe)) UseTunedRun(*run, &training);
  const HeadTrainOptions& given = flags.training;
  if (options.Given("--epochs")) training.epochs = given.epochs;
  if (options.Given("--batch-size")) training.batch_size = given.batch_size;
  if (options.Given("--lr")) training.lr = given.lr;
  if (options.Given("--weight-decay")) training.weight_decay = given.weight_decay;
  if (options.Given("--warmup")) training.warmup = given.warmup;
  if (options.Given("--beta1")) training.adam.beta1 = given.adam.beta1;
  if (options.Given("--beta2")) training.adam.beta2 = given.adam.beta2;
  if (options.Given("--epsilon")) training.adam.epsilon = given.adam.epsilon;
  if (options.Given("--clip")) training.adam.clip_norm = given.adam.clip_norm;
  if (options.Given("--schedule"))
    training.schedule = flags.schedule == "linear" ? ScheduleKind::kLinearDecay : ScheduleKind::kConstant;
  if (options.Given("--reduction"))
    training.reduction = flags.reduction == "sum" ? SpanReduction::kSum : SpanReduction::kMean;
  if (options.Given("--seed")) training.seed = static_cast<uint64_t>(flags.seed);
  training.checkpoint_steps = given.checkpoint_steps;
  training.checkpoint_seconds = 60 * flags.save_minutes;
  return training;
}

// The values that are the recipe's, the task's or the user's.
OrderedJson TrainingRecord(const std::string& recipe, const HeadRunOptions& run) {
  const HeadTrainOptions& training = run.training;
  return {{"recipe", recipe},
          {"epochs", training.epochs},
          {"batch_size", training.batch_size},
          {"lr", training.lr},
          {"weight_decay", training.weight_decay},
          {"warmup", training.warmup},
          {"width", run.width}};
}

HeadRunOptions RunOptions(const TrainFlags& flags, const Options& options, HeadData* data) {
  const bool by_kind = flags.recipe == "auto";
  const HeadRecipe recipe = by_kind ? RecipeFor(data->kind()) : ParseHeadRecipe(flags.recipe);
  const TunedRun* tuned = TunedRunOf(flags.recipe);
  HeadRunOptions run;
  run.heads = flags.heads;
  if (recipe == HeadRecipe::kPaperAp) run.heads = {PaperApHead(data->kind(), flags.heads)};
  run.width = tuned != nullptr && !options.Given("--width") ? tuned->width : flags.width;
  run.training = Training(flags, options, recipe, data);
  run.evaluation = {flags.decode.Value(options, data->origin().windows.rule), flags.threads, nullptr};
  if (run.evaluation.decode.of_paper() && data->task().of_spans() && data->dev() != nullptr)
    run.evaluation.tokenizer = data->tokenizer();
  run.record = NewRecord("train", options, flags.threads);
  run.record.seeds = {{"seed", run.training.seed}};
  run.record.inputs = TrainingRecord(by_kind ? HeadRecipeName(recipe) : flags.recipe, run);
  return run;
}

// What is wrong with the recipe on these data.
void CheckRecipe(const TrainFlags& flags, HeadData* data) {
  const TunedRun* tuned = TunedRunOf(flags.recipe);
  if (tuned == nullptr) return;
  tuned->RequireTask(data->task().name);
  if (!flags.states.empty()) tuned->RequireLength(data->origin().windows.max_length);
}

void Train(const TrainFlags& flags, const Options& options) {
  if (flags.recipe != "auto") ParseHeadRecipe(flags.recipe);  // before anything is loaded
  CheckUsage(flags, options);
  if (options.Given("--head") && flags.heads.empty())
    throw Error(ErrorKind::kUsage, "no head is named; give names, or all");
  UseThreads(flags.threads);
  const std::unique_ptr<HeadData> data = OpenData(flags, options);
  RefuseUnusedOptions(options, data->task().name);
  SayDropped(data->dropped());
  CheckRecipe(flags, data.get());
  const HeadRunOptions run = RunOptions(flags, options, data.get());
  WarnOfOtherWidth(TunedRunOf(flags.recipe), data->train()->hidden());
  if (flags.fraction < 1) {
    StateSource* source = data->train();
    source->KeepOnly(FractionOfWindows(source->windows(), flags.fraction, run.training.seed));
  }
  TrainDisplay display(data->task().kind, run.training.reduction);
  InstallInterruptHandler();
  const auto results = RunHeadTraining(flags.out, data.get(), run, &display);
  PrintHeadResults(results, flags.json);
}

void DeclareData(Options& options, TrainFlags* flags) {
  options.Path("--states", &flags->states, "store to train on, made by extract").Shown("STORE");
  options.Path("--dev-states", &flags->dev_states, "store to score on").Shown("STORE");
  options.Flag("--allow-other-backbone", &flags->allow_other_backbone,
               "the two stores may come from different backbones or precisions");
  options.DataFile("--data", &flags->data,
                   "or data to train on, without a store: questions or texts with labels");
  options.DataFile("--dev-data", &flags->dev_data, "data to score on");
  flags->task.Declare(options);
  options.Flag("--cls-only", &flags->cls_only, "with --data: [CLS] states alone, for heads of kind row");
  options
      .Text("--model", &flags->model,
            "with --data, the backbone: a Hugging Face folder, a cached hub name, or minilm")
      .Shown("MODEL");
  options.Choice("--precision", &flags->precision, PrecisionNames(), "with --data, of the backbone");
  flags->windows.Declare(options);
  flags->windows.DeclarePadding(options);
}

}  // namespace

Action DeclareTrain(Options& options) {
  auto flags = std::make_shared<TrainFlags>();
  DeclareData(options, flags.get());
  options
      .Texts("--head", &flags->heads,
             "which heads; all: every one that reads these states, layers: a linear probe of each layer; not "
             "given: "
             "three for spans, else all")
      .Shown("NAME,…");
  options.Path("--out", &flags->out, "each head's run is OUT/<head>; a re-run goes on with unfinished ones")
      .Required()
      .Shown("FOLDER");
  options.Integer("--width", &flags->width, 0, 100'000,
                  "of adapters whose name does not say it; 0: their own");
  HeadTrainOptions& training = flags->training;
  options
      .Text("--recipe", &flags->recipe,
            Cat("the study's way: ", Join(HeadRecipeNames(), ", "),
                ", or a tuned run (see below); what follows changes it. auto: by the heads' kind"))
      .Shown("NAME");
  options.Integer("--epochs", &training.epochs, 1, 100'000, "passes over the data (rows: 10)");
  options.Number("--fraction", &flags->fraction, 0, 1,
                 "train on this share of the windows, at random by the seed; 0: fresh weights, only scored");
  options.Integer("--batch-size", &training.batch_size, 1, 1 << 16,
                  "windows a step (rows: 64; texts: the task's)");
  options.Number("--lr", &training.lr, 0, 10, "learning rate of Adam (texts: the task's)");
  options.Number("--weight-decay", &training.weight_decay, 0, 1,
                 "not on biases and pooling weights (texts: 0.01)");
  options.Choice("--schedule", &flags->schedule, {"constant", "linear"},
                 "of the rate after the warm-up: constant, or linear decay to 0");
  options.Number("--warmup", &training.warmup, 0, 1, "share of the steps (texts: 0.1)");
  options.Number("--beta1", &training.adam.beta1, 0, 0.999999, "of Adam");
  options.Number("--beta2", &training.adam.beta2, 0, 0.999999, "of Adam");
  options.Number("--epsilon", &training.adam.epsilon, 1e-12, 1, "of Adam (texts: 1e-6)");
  options.Number("--clip", &training.adam.clip_norm, 0, 1e6, "gradient norm at most; 0: never");
  options.Choice("--reduction", &flags->reduction, {"sum", "mean"}, "of the losses of start and end");
  options.Integer("--seed", &flags->seed, 0, kNoLimit, "of initial weights and order");
  flags->decode.Declare(options);
  options.Number("--save-minutes", &flags->save_minutes, 0, 100'000,
                 "save for a resume so often; 0: not by time");
  options.Integer("--save-steps", &training.checkpoint_steps, 0, kNoLimit,
                  "and every so many steps; 0: by time alone");
  options.Threads(&flags->threads);
  options.Json(&flags->json);
  options.Note(
      Cat("Tuned runs of the study for --recipe: ", TunedRunList(TunedSystem::kAp),
          ".\nThey are paper-ap, which trains the head ap (spans: ap-squad), with a rate, a seed and "
          "sizes of their own, and say --task."));
  options.Note(
      "The dev data is scored after every epoch; the last epoch's scores are the result.\n"
      "Example: bertvision train --states states/train --dev-states states/dev --head all --out runs/heads");
  return [flags, &options] { Train(*flags, options); };
}

}  // namespace bv::cli
