// bertvision train: heads on hidden states, any number in one pass, from stores or straight from text.
#include <iostream>
#include <memory>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "base/progress.h"
#include "base/strings.h"
#include "cli/metric_cell.h"
#include "cli/span_options.h"
#include "cli/verbs.h"
#include "device/machine.h"
#include "device/precision.h"
#include "report/table.h"
#include "train/head_run.h"

namespace bv::cli {
namespace {

constexpr size_t kLossesShown = 3;

struct TrainFlags {
  fs::path states, dev_states, data, dev_data, out;
  std::string model = "minilm", precision = "auto", schedule = "constant";
  std::vector<std::string> heads = {"adapter-64-shared-skip", "learned-pooling", "last-layer"};
  HeadTrainOptions training;
  int64_t seed = 1;
  double save_minutes = 1;
  WindowOptions windows;
  DecodeFlags decode;
  int32_t threads = 0;
  bool allow_other_backbone = false, skip_bad_answers = false, json = false;
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
    refuse({"--dev-data", "--model", "--precision", "--max-length", "--doc-stride", "--skip-bad-answers"},
           "--data");
  }
}

std::unique_ptr<HeadData> OpenData(const TrainFlags& flags) {
  if (!flags.states.empty()) return OpenStores(flags.states, flags.dev_states, flags.allow_other_backbone);
  const PrecisionChoice precision = ChoosePrecision(flags.precision, BackboneWork::kInference);
  LogInfo(Cat("backbone in ", precision.name(), ": ", precision.why));
  return OpenText({.train = flags.data,
                   .dev = flags.dev_data,
                   .model = flags.model,
                   .bf16 = precision.bf16,
                   .windows = flags.windows,
                   .skip_bad_answers = flags.skip_bad_answers,
                   .threads = flags.threads});
}

HeadRunOptions RunOptions(const TrainFlags& flags, const Options& options) {
  HeadRunOptions run;
  run.heads = flags.heads;
  run.training = flags.training;
  run.training.seed = static_cast<uint64_t>(flags.seed);
  run.training.schedule = flags.schedule == "linear" ? ScheduleKind::kLinearDecay : ScheduleKind::kConstant;
  run.training.checkpoint_seconds = 60 * flags.save_minutes;
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
      // The sum of start and end; shown as their mean, like every loss of the program.
      const double loss = progress.losses[i] / 2;
      smooth_[i] = smooth_[i] == 0 ? loss : 0.95 * smooth_[i] + 0.05 * loss;
      if (i < kLossesShown) note += Cat("  ", names_[i], " ", Fixed(smooth_[i], 3));
    }
    bar_->SetNote(note + (smooth_.size() > kLossesShown ? "  …" : ""));
    bar_->Set(progress.windows);
  }
  void OnEvaluated(double epoch, const std::vector<std::string>& heads,
                   const std::vector<SpanEvaluation>& evaluations) override {
    bar_->Clear();
    for (size_t i = 0; i < heads.size(); ++i) {
      const SpanEvaluation& evaluation = evaluations[i];
      std::string line = Cat("epoch ", epoch, "  ", heads[i], "  dev loss ", Fixed(evaluation.loss, 3));
      if (evaluation.scores) {
        line += Cat("  EM ", Fixed(evaluation.scores->all.exact, 2), "  F1 ",
                    Fixed(evaluation.scores->all.f1, 2));
      }
      LogInfo(line);
    }
  }
  bool StopRequested() override { return InterruptRequested(); }

 private:
  std::vector<std::string> names_;
  std::vector<double> smooth_;
  std::optional<Progress> bar_;
};

Cell Share(const HeadResult& result) {
  if (!result.backbone_parameters) return {};
  return 100 * static_cast<double>(result.parameters) / static_cast<double>(*result.backbone_parameters);
}

void PrintTable(const std::vector<HeadResult>& results) {
  Table table({{"head", Align::kLeft},
               {"parameters"},
               {"% of backbone", Align::kRight, 4},
               {"EM"},
               {"F1"},
               {"HasAns EM"},
               {"HasAns F1"},
               {"NoAns"},
               {"dev loss", Align::kRight, 3},
               {"train loss", Align::kRight, 3},
               {"seconds", Align::kRight, 1}});
  for (const HeadResult& result : results) {
    const Metrics& metrics = result.metrics;
    table.AddRow({result.head, result.parameters, Share(result),
                  MetricCell(metrics, {"eval_exact", "eval_exact_match"}), MetricCell(metrics, {"eval_f1"}),
                  MetricCell(metrics, {"eval_HasAns_exact"}), MetricCell(metrics, {"eval_HasAns_f1"}),
                  MetricCell(metrics, {"eval_NoAns_f1"}), MetricCell(metrics, {"eval_loss"}),
                  MetricCell(metrics, {"train_loss"}), MetricCell(metrics, {"train_runtime"})});
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
  UseThreads(flags.threads);
  const std::unique_ptr<HeadData> data = OpenData(flags);
  Display display;
  InstallInterruptHandler();
  const auto results = RunHeadTraining(flags.out, data.get(), RunOptions(flags, options), &display);
  flags.json ? PrintJson(results) : PrintTable(results);
}

void DeclareData(Options& options, TrainFlags* flags) {
  options.Path("--states", &flags->states, "store to train on, made by extract").Shown("STORE");
  options.Path("--dev-states", &flags->dev_states, "store to score on").Shown("STORE");
  options.Flag("--allow-other-backbone", &flags->allow_other_backbone,
               "the two stores may come from different backbones or precisions");
  options.Path("--data", &flags->data, "or text to train on, SQuAD 1.1 or 2.0, without a store")
      .Shown("FILE");
  options.Path("--dev-data", &flags->dev_data, "text to score on").Shown("FILE");
  options
      .Text("--model", &flags->model,
            "with --data, the backbone: a Hugging Face folder, a cached hub name, or minilm")
      .Shown("MODEL");
  options.Choice("--precision", &flags->precision, PrecisionNames(), "with --data, of the backbone");
  DeclareWindows(options, &flags->windows);
  options.Flag("--skip-bad-answers", &flags->skip_bad_answers,
               "drop gold answers that are not in their context");
}

}  // namespace

Action DeclareTrain(Options& options) {
  auto flags = std::make_shared<TrainFlags>();
  DeclareData(options, flags.get());
  options.Texts("--head", &flags->heads, "which heads; all: every one, layers: a linear probe of each layer")
      .Shown("NAME,…");
  options.Path("--out", &flags->out, "each head's run is OUT/<head>; a re-run goes on with unfinished ones")
      .Required()
      .Shown("FOLDER");
  HeadTrainOptions& training = flags->training;
  options.Integer("--epochs", &training.epochs, 1, 100'000, "passes over the data");
  options.Integer("--batch-size", &training.batch_size, 1, 1 << 16, "windows a step");
  options.Number("--lr", &training.lr, 0, 10, "learning rate of Adam");
  options.Number("--weight-decay", &training.weight_decay, 0, 1, "not on biases and pooling weights");
  options.Choice("--schedule", &flags->schedule, {"constant", "linear"},
                 "of the rate after the warm-up: constant, or linear decay to 0");
  options.Number("--warmup", &training.warmup, 0, 1, "share of the steps");
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
