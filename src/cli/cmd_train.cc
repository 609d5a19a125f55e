// bertvision train: heads on hidden states, any number in one pass, from stores or straight from text.
#include <iostream>
#include <memory>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "base/progress.h"
#include "base/strings.h"
#include "cli/metric_cell.h"
#include "cli/score_columns.h"
#include "cli/span_options.h"
#include "cli/task_options.h"
#include "cli/verbs.h"
#include "device/machine.h"
#include "device/precision.h"
#include "report/table.h"
#include "train/head_recipes.h"
#include "train/head_run.h"
#include "train/task_loss.h"

namespace bv::cli {
namespace {

constexpr size_t kLossesShown = 3;

struct TrainFlags {
  fs::path states, dev_states, data, dev_data, out;
  std::string model = "minilm", precision = "auto", recipe = "auto", schedule = "constant", reduction = "sum";
  std::vector<std::string> heads;
  TaskFlags task;
  HeadTrainOptions training;
  int64_t seed = 1, width = 0;
  double save_minutes = 1, fraction = 1;
  WindowOptions windows;
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
    refuse({"--dev-data", "--model", "--precision", "--max-length", "--doc-stride", "--task", "--text-column",
            "--pair-column", "--label-column", "--with-context", "--skip-bad-answers", "--skip-bad-rows",
            "--cls-only"},
           "--data");
  }
}

std::unique_ptr<HeadData> OpenData(const TrainFlags& flags, const Options& options) {
  if (!flags.states.empty()) return OpenStores(flags.states, flags.dev_states, flags.allow_other_backbone);
  const PrecisionChoice precision = ChoosePrecision(flags.precision, BackboneWork::kInference);
  LogInfo(Cat("backbone in ", precision.name(), ": ", precision.why));
  return OpenText(
      {.train = flags.data,
       .dev = flags.dev_data,
       .task = flags.task.options,
       .cls_only = flags.cls_only,
       .model = flags.model,
       .bf16 = precision.bf16,
       .windows = TaskWindowOptions(options, flags.windows, TaskNameFor(flags.data, flags.task.options.name)),
       .threads = flags.threads});
}

// What the recipe says, and over it what the user says.
HeadTrainOptions Training(const TrainFlags& flags, const Options& options, HeadData* data) {
  const HeadRecipe recipe = flags.recipe == "auto" ? RecipeFor(data->kind()) : ParseHeadRecipe(flags.recipe);
  HeadTrainOptions training = HeadRecipeDefaults(recipe, data->task(), data->train()->hidden());
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
  training.seed = static_cast<uint64_t>(flags.seed);
  training.checkpoint_steps = given.checkpoint_steps;
  training.checkpoint_seconds = 60 * flags.save_minutes;
  return training;
}

HeadRunOptions RunOptions(const TrainFlags& flags, const Options& options, HeadData* data) {
  HeadRunOptions run;
  run.heads = flags.heads;
  run.width = flags.width;
  run.training = Training(flags, options, data);
  run.evaluation = {flags.decode.Value(), flags.threads};
  run.record.verb = "train";
  run.record.command = options.command();
  run.record.options = options.ToJson();
  run.record.seeds = {{"seed", flags.seed}};
  run.record.machine = MachineRecord(flags.threads);
  return run;
}

class Display : public HeadRunObserver {
 public:
  Display(TaskKind task, SpanReduction reduction) : task_(task), reduction_(reduction) {}
  void OnStart(const std::vector<std::string>& heads, size_t finished, int64_t step,
               int64_t windows) override {
    if (finished > 0) LogInfo(Cat(finished, " heads are finished already"));
    if (step > 0) LogInfo(Cat("going on from the checkpoint at step ", step));
    LogInfo(Cat(heads.size(), heads.size() == 1 ? " head, " : " heads, ", Thousands(windows), " windows"));
    names_ = heads;
    bar_.emplace("train", windows, "windows");
  }
  void OnStep(const HeadTrainProgress& progress) override {
    smooth_.resize(progress.losses.size(), 0);
    std::string note = "loss";
    for (size_t i = 0; i < smooth_.size(); ++i) {
      const double loss = ComparableLoss(progress.losses[i], task_, reduction_);
      smooth_[i] = smooth_[i] == 0 ? loss : 0.95 * smooth_[i] + 0.05 * loss;
      if (i < kLossesShown) note += Cat("  ", names_[i], " ", Fixed(smooth_[i], 3));
    }
    bar_->SetNote(note + (smooth_.size() > kLossesShown ? "  …" : ""));
    bar_->Set(progress.windows);
  }
  void OnEvaluated(double epoch, const std::vector<std::string>& heads,
                   const std::vector<TaskEvaluation>& evaluations) override {
    bar_->Clear();
    for (size_t i = 0; i < heads.size(); ++i)
      LogInfo(Cat("epoch ", epoch, "  ", heads[i], ScoreLine(EvaluationMetrics(evaluations[i]))));
  }
  bool StopRequested() override { return InterruptRequested(); }

 private:
  TaskKind task_;
  SpanReduction reduction_;
  std::vector<std::string> names_;
  std::vector<double> smooth_;
  std::optional<Progress> bar_;
};

Cell Share(const HeadResult& result) {
  if (!result.backbone_parameters) return {};
  return 100 * static_cast<double>(result.parameters) / static_cast<double>(*result.backbone_parameters);
}

void PrintTable(const std::vector<HeadResult>& results) {
  std::vector<const Metrics*> rows;
  for (const HeadResult& result : results) rows.push_back(&result.metrics);
  const std::vector<ScoreColumn> columns = ScoreColumns(rows, "eval_");
  std::vector<Column> heads = {{"head", Align::kLeft}, {"parameters"}, {"% of backbone", Align::kRight, 4}};
  AddHeads(columns, &heads);
  heads.push_back({"train loss", Align::kRight, 3});
  heads.push_back({"seconds", Align::kRight, 1});
  Table table(heads);
  for (const HeadResult& result : results) {
    std::vector<Cell> cells = {result.head, result.parameters, Share(result)};
    AddCells(columns, result.metrics, &cells);
    cells.push_back(MetricCell(result.metrics, {"train_loss"}));
    cells.push_back(MetricCell(result.metrics, {"train_runtime"}));
    table.AddRow(cells);
  }
  std::cout << table.Print(TableFormat::kText);
}

void PrintJson(const std::vector<HeadResult>& results) {
  OrderedJson list = OrderedJson::array();
  for (const HeadResult& result : results) {
    OrderedJson one = {
        {"head", result.head}, {"run", result.folder.string()}, {"parameters", result.parameters}};
    one["backbone_parameters"] =
        result.backbone_parameters ? OrderedJson(*result.backbone_parameters) : OrderedJson(nullptr);
    one["metrics"] = OrderedJson::object();
    for (const auto& [name, value] : result.metrics) one["metrics"][name] = value;
    list.push_back(std::move(one));
  }
  std::cout << list.dump(2) << "\n";
}

void Train(const TrainFlags& flags, const Options& options) {
  CheckUsage(flags, options);
  if (options.Given("--head") && flags.heads.empty())
    throw Error(ErrorKind::kUsage, "no head is named; give names, or all");
  UseThreads(flags.threads);
  if (!flags.data.empty()) RefuseUnusedOptions(options, TaskNameFor(flags.data, flags.task.options.name));
  const std::unique_ptr<HeadData> data = OpenData(flags, options);
  RefuseUnusedOptions(options, data->task().name);
  if (flags.fraction < 1) {
    StateSource* source = data->train();
    source->KeepOnly(FractionOfWindows(source->windows(), flags.fraction, static_cast<uint64_t>(flags.seed)));
  }
  const HeadRunOptions run = RunOptions(flags, options, data.get());
  Display display(data->task().kind, run.training.reduction);
  InstallInterruptHandler();
  const auto results = RunHeadTraining(flags.out, data.get(), run, &display);
  flags.json ? PrintJson(results) : PrintTable(results);
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
  DeclareWindows(options, &flags->windows);
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
  std::vector<std::string> recipes = HeadRecipeNames();
  recipes.insert(recipes.begin(), "auto");
  options.Choice(
      "--recipe", &flags->recipe, recipes,
      "the study's for heads of spans, rows or texts; what follows changes it. auto: by the heads' kind");
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
      "The dev data is scored after every epoch; the last epoch's scores are the result.\n"
      "Example: bertvision train --states states/train --dev-states states/dev --head all --out runs/heads");
  return [flags, &options] { Train(*flags, options); };
}

}  // namespace bv::cli
