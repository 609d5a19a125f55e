#include "study/expansion.h"

#include <algorithm>

#include "base/error.h"
#include "base/strings.h"
#include "data/task.h"
#include "heads/registry.h"
#include "train/finetune_run.h"
#include "train/head_recipes.h"
#include "train/tuned_runs.h"

namespace bv::study {
namespace {

// Where the plan names none, that of a recipe that has one, else 1.
std::vector<int64_t> SeedsOf(const std::vector<int64_t>& given, const Json& options, TunedSystem system) {
  if (!given.empty()) return given;
  const auto recipe = options.find("recipe");
  const bool named = recipe != options.end() && recipe->is_string();
  const TunedRun* tuned = named ? TunedRunOrNull(system, recipe->get<std::string>()) : nullptr;
  return {tuned != nullptr ? static_cast<int64_t>(tuned->seed) : 1};
}

std::string OptionText(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

}  // namespace

void AddOptions(const Json& options, std::vector<std::string>* args) {
  for (const auto& [key, value] : options.items()) {
    if (value.is_boolean()) {
      if (value.get<bool>()) args->push_back("--" + key);
      continue;
    }
    std::vector<std::string> texts;
    for (const Json& one : value.is_array() ? value : Json::array({value})) texts.push_back(OptionText(one));
    args->push_back("--" + key);
    args->push_back(Join(texts, ","));
  }
}

std::vector<std::string> ExtractArgs(const Experiment& experiment, const std::string& model, bool train_part,
                                     bool rows) {
  std::vector<std::string> args = {"extract", "--model", model, "--data",
                                   train_part ? experiment.train : experiment.dev};
  // By the study's rule the two parts are cut in different ways.
  if (experiment.data.contains("windows") && experiment.data["windows"] == "paper")
    args.insert(args.end(), {"--part", train_part ? "train" : "dev"});
  Json data = experiment.data;
  if (rows) {
    args.emplace_back("--cls-only");
    data.erase("pad-to");  // it changes no [CLS] state
  }
  AddOptions(data, &args);
  return args;
}

std::string NumberText(double value) {
  std::string text = Json(value).dump();
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text;
}

bool Holds(const std::vector<double>& checkpoints, double checkpoint) {
  return std::find(checkpoints.begin(), checkpoints.end(), checkpoint) != checkpoints.end();
}

std::string CheckpointPath(const Backbone& backbone) {
  const std::string epoch = EpochFolder(backbone.checkpoint);
  return backbone.checkpoint == 0 ? epoch : Cat("bert-", backbone.seed, "/", epoch);
}

Expansion::Expansion(const Plan& plan, size_t number, std::vector<Step>* steps)
    : plan_(plan), experiment_(plan.experiments[number]), number_(number), steps_(*steps) {
  spans_ = TaskNameFor(experiment_.train, TaskOption()) == "squad";
  dims_ = DimsOf(experiment_);
  seeds_ = SeedsOf(experiment_.seeds, experiment_.finetune, TunedSystem::kBert);
  for (const int64_t seed : seeds_) {
    for (const double checkpoint : experiment_.checkpoints) {
      // Before fine-tuning there is one backbone, whatever the seed.
      if (checkpoint > 0 || seed == seeds_.front()) backbones_.push_back({seed, checkpoint});
    }
  }
}

void Expansion::Expand() {
  if (experiment_.longest() > 0) {
    for (const int64_t seed : seeds_) AddFineTune(seed);
  }
  for (const HeadGroup& group : experiment_.heads) CheckCheckpoints(group.checkpoints, "heads");
  for (const Backbone& backbone : backbones_) {
    for (const HeadGroup& group : experiment_.heads) AddTrainings(group, backbone);
  }
  for (const TransferPlan& transfer : experiment_.transfers) AddTransfers(transfer);
  for (const EnsemblePlan& ensemble : experiment_.ensembles) AddEnsembles(ensemble);
  if (experiment_.analyses) {
    CheckCheckpoints(experiment_.analyses->checkpoints, "analyses");
    for (const Backbone& backbone : backbones_) AddAnalysis(*experiment_.analyses, backbone);
  }
  AddReport();
}

std::string Expansion::TaskOption() const {
  const auto task = experiment_.data.find("task");
  return task != experiment_.data.end() && task->is_string() ? task->get<std::string>() : "auto";
}

void Expansion::Fail(const std::string& message) const {
  throw Error(ErrorKind::kUsage, Cat(plan_.file, ": experiment '", experiment_.name, "' ", message));
}

void Expansion::CheckCheckpoints(const std::vector<double>& checkpoints, const std::string& what) const {
  for (const double checkpoint : checkpoints) {
    if (Holds(experiment_.checkpoints, checkpoint)) continue;
    std::vector<std::string> known;
    for (const double one : experiment_.checkpoints) known.push_back(NumberText(one));
    Fail(Cat("has ", what, " at checkpoint ", NumberText(checkpoint), "; there are ", Join(known, ", ")));
  }
}

fs::path Expansion::CheckpointFolder(const Backbone& backbone) const {
  return FolderOf(finetunes_.at(backbone.seed)) / EpochFolder(backbone.checkpoint);
}

size_t Expansion::Add(StepKind kind, const std::string& name, std::vector<std::string> args) {
  Step step;
  step.kind = kind;
  step.name = experiment_.name + "/" + name;
  if (std::any_of(steps_.begin(), steps_.end(), [&](const Step& other) { return other.name == step.name; }))
    Fail(Cat("makes ", step.name, " twice; give one of them another name"));
  step.where = Cat("experiment '", experiment_.name, "', for ", args.front());
  step.args = std::move(args);
  step.args.insert(step.args.end(), {"--out", FolderOf(step.name).string()});
  step.experiment = number_;
  steps_.push_back(std::move(step));
  return steps_.size() - 1;
}

void Expansion::AddFineTune(int64_t seed) {
  std::vector<std::string> kept;
  for (const double checkpoint : experiment_.checkpoints) {
    if (checkpoint > 0) kept.push_back(NumberText(checkpoint));
  }
  std::vector<std::string> args = {"finetune",
                                   "--model",
                                   experiment_.model,
                                   "--train",
                                   experiment_.train,
                                   "--dev",
                                   experiment_.dev,
                                   "--checkpoints",
                                   Join(kept, ","),
                                   "--seed",
                                   std::to_string(seed),
                                   "--patience",
                                   "0"};  // every checkpoint is needed
  if (!experiment_.finetune.contains("epochs"))
    args.insert(args.end(), {"--epochs", NumberText(experiment_.longest())});
  AddOptions(experiment_.data, &args);
  AddOptions(experiment_.finetune, &args);
  finetunes_[seed] = Add(StepKind::kFineTune, Cat("finetune/seed-", seed), std::move(args));
  Step& step = steps_.back();
  step.inputs = {experiment_.model, experiment_.train, experiment_.dev};
  step.epochs = experiment_.longest();
  step.checkpoints = kept.size();
}

size_t Expansion::StoreOf(const Backbone& backbone, States states, bool train_part) {
  const auto key = std::tuple(backbone, states, train_part);
  if (const auto found = stores_.find(key); found != stores_.end()) return found->second;
  const bool tuned = backbone.checkpoint > 0, rows = states == States::kRows;
  const std::string model = tuned ? CheckpointFolder(backbone).string() : experiment_.model;
  std::vector<std::string> args = ExtractArgs(experiment_, model, train_part, rows);
  AddOptions(experiment_.extract, &args);
  const size_t number = Add(
      StepKind::kExtract,
      Cat("states/", CheckpointPath(backbone), rows ? "/rows/" : "/tokens/", train_part ? "train" : "dev"),
      std::move(args));
  Step& step = steps_.back();
  step.train_part = train_part;
  step.rows = rows;
  step.inputs = {train_part ? experiment_.train : experiment_.dev};
  if (tuned) {
    step.needs = {finetunes_.at(backbone.seed)};
  } else {
    step.inputs.push_back(experiment_.model);
  }
  return stores_[key] = number;
}

States Expansion::StatesOf(const HeadGroup& group) const {
  if (spans_) {
    if (group.states == States::kRows) Fail("has heads on rows, which are for labels, and the task is squad");
    return States::kTokens;
  }
  if (group.states) return *group.states;
  for (const std::string& name : group.names) {
    if (name != "all" && name != "layers")
      return FindHead(name, dims_).kind == HeadKind::kText ? States::kTokens : States::kRows;
  }
  return States::kRows;
}

HeadKind Expansion::KindOf(const HeadGroup& group) const {
  if (spans_) return HeadKind::kSpan;
  return StatesOf(group) == States::kRows ? HeadKind::kRow : HeadKind::kText;
}

double Expansion::EpochsOf(const HeadGroup& group) const {
  const auto epochs = group.options.find("epochs"), named = group.options.find("recipe");
  if (epochs != group.options.end() && epochs->is_number()) return epochs->get<double>();
  HeadRecipe recipe = RecipeFor(KindOf(group));
  try {
    if (named != group.options.end() && *named != "auto") recipe = ParseHeadRecipe(OptionText(*named));
  } catch (const Error& error) {
    Fail(Cat("has heads with a recipe that is none: ", error.what()));
  }
  return static_cast<double>(HeadRecipeDefaults(recipe, Task(), dims_.hidden).epochs);
}

std::vector<std::string> Expansion::NamesOf(const HeadGroup& group) const {
  const HeadKind kind = KindOf(group);
  try {
    return ExpandHeadNames(group.names, DimsFor(kind, dims_), kind);
  } catch (const Error& error) {
    Fail(Cat("has heads that cannot be: ", error.what()));
  }
}

void Expansion::AddTrainings(const HeadGroup& group, const Backbone& backbone) {
  if (!group.checkpoints.empty() && !Holds(group.checkpoints, backbone.checkpoint)) return;
  for (const double fraction : group.fractions) {
    for (const int64_t seed : SeedsOf(group.seeds, group.options, TunedSystem::kAp))
      AddTraining(group, backbone, fraction, seed);
  }
}

void Expansion::AddTraining(const HeadGroup& group, const Backbone& backbone, double fraction, int64_t seed) {
  const States states = StatesOf(group);
  const std::vector<std::string> heads = NamesOf(group);
  const size_t train = StoreOf(backbone, states, true), dev = StoreOf(backbone, states, false);
  std::string name = "heads/" + CheckpointPath(backbone);
  if (!group.label.empty()) name += "/" + group.label;
  name += Cat("/seed-", seed);
  if (fraction != 1) name += "-fraction-" + NumberText(fraction);
  std::vector<std::string> args = {
      "train",  "--states",          FolderOf(train).string(), "--dev-states", FolderOf(dev).string(),
      "--seed", std::to_string(seed)};
  if (fraction != 1) args.insert(args.end(), {"--fraction", NumberText(fraction)});
  AddOptions(group.options, &args);
  const auto same = std::find_if(steps_.begin(), steps_.end(), [&](const Step& step) {
    return step.name == experiment_.name + "/" + name;
  });
  if (same != steps_.end()) return AddHeadsTo(static_cast<size_t>(same - steps_.begin()), heads, args);
  const size_t number = Add(StepKind::kTrain, name, std::move(args));
  Step& step = steps_.back();
  step.heads = heads;
  step.needs = {train, dev};
  step.rows = states == States::kRows;
  step.epochs = fraction * EpochsOf(group);
  trainings_.push_back({number, backbone, seed, fraction == 1 && group.label.empty()});
}

void Expansion::AddHeadsTo(size_t number, const std::vector<std::string>& heads,
                           const std::vector<std::string>& args) {
  Step& step = steps_[number];
  std::vector<std::string> whole = args;
  whole.insert(whole.end(), {"--out", FolderOf(step.name).string()});
  if (whole != step.args) {
    Fail(Cat("has two groups of heads with other options for one folder, ", step.name,
             "; give one of them a label"));
  }
  for (const std::string& head : heads) {
    if (std::find(step.heads.begin(), step.heads.end(), head) == step.heads.end()) step.heads.push_back(head);
  }
}

}  // namespace bv::study
