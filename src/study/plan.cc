#include "study/plan.h"

#include <limits>
#include <set>

#include "base/error.h"
#include "base/file.h"
#include "base/strings.h"
#include "base/toml.h"
#include "study/plan_table.h"

namespace bv::study {
namespace {

constexpr double kMostEpochs = 10'000;
constexpr int64_t kMostSeed = std::numeric_limits<int64_t>::max();

// Options of every verb, and those that decide where things are: never a plan's to give.
std::vector<std::string> Reserved(std::vector<std::string> more) {
  for (const char* name : {"out", "config", "quiet", "verbose", "help", "json", "threads", "estimate"})
    more.emplace_back(name);
  return more;
}

std::vector<double> Checkpoints(PlanTable& table) {
  if (!table.Has("checkpoints")) return {};
  return table.Numbers("checkpoints", 0, kMostEpochs);
}

void ReadData(PlanTable table, Experiment* experiment) {
  experiment->train = table.Text("train");
  experiment->dev = table.Text("dev");
  experiment->data = table.Options("finetune and extract", Reserved({"model", "data", "limit", "part"}));
}

void ReadFineTune(PlanTable table, Experiment* experiment) {
  experiment->checkpoints = table.Numbers("checkpoints", 0, kMostEpochs);
  if (table.Has("seeds")) experiment->seeds = table.Integers("seeds", 0, kMostSeed);
  experiment->finetune = table.Options(
      "finetune", Reserved({"model", "train", "dev", "seed", "task", "patience", "windows", "pad-to"}));
  if (experiment->checkpoints.back() == 0)
    table.Fail("has no checkpoint above 0; leave the table out for a backbone that is not fine-tuned");
  const auto epochs = experiment->finetune.find("epochs");
  if (epochs == experiment->finetune.end()) return;
  if (!epochs->is_number() || epochs->get<double>() < experiment->checkpoints.back()) {
    table.Fail(Cat("has epochs = ", epochs->dump(), " and a checkpoint at ", experiment->checkpoints.back(),
                   ", which must not be later"));
  }
}

HeadGroup ReadHeads(PlanTable table) {
  HeadGroup group;
  group.names = table.Texts("names");
  if (table.Has("label")) group.label = table.Name("label");
  if (group.label.starts_with("seed-"))
    table.Fail("has a label that begins with 'seed-', as folders of seeds do");
  if (table.Has("seeds")) group.seeds = table.Integers("seeds", 0, kMostSeed);
  if (table.Has("fractions")) group.fractions = table.Numbers("fractions", 0, 1);
  group.checkpoints = Checkpoints(table);
  const std::string states = table.Text("states", "");
  if (!states.empty() && states != "tokens" && states != "rows")
    table.Fail(Cat("has states = ", Quoted(states), ", allowed: tokens, rows"));
  if (!states.empty()) group.states = states == "rows" ? States::kRows : States::kTokens;
  group.options = table.Options("train", Reserved({"states", "dev-states", "data", "dev-data", "head",
                                                   "model", "seed", "fraction", "cls-only", "task"}));
  return group;
}

EnsemblePlan ReadEnsemble(PlanTable table) {
  EnsemblePlan ensemble;
  ensemble.name = table.Name("name");
  ensemble.members = table.Texts("members");
  ensemble.checkpoints = Checkpoints(table);
  ensemble.options = table.Options("ensemble", Reserved({"runs", "data"}));
  return ensemble;
}

TransferPlan ReadTransfer(PlanTable table) {
  TransferPlan transfer;
  transfer.heads = table.Texts("heads");
  transfer.from = table.Number("from", 0, kMostEpochs);
  transfer.to = table.Numbers("to", 0, kMostEpochs);
  table.RequireEmpty();
  return transfer;
}

AnalysisPlan ReadAnalyses(PlanTable table) {
  AnalysisPlan analyses;
  analyses.what = table.Has("what") ? table.Texts("what") : std::vector<std::string>{"all"};
  analyses.checkpoints = Checkpoints(table);
  analyses.options = table.Options("analyze", Reserved({"runs", "states", "data"}));
  return analyses;
}

// The one table of a name, or none.
template <typename Read>
void ReadOne(PlanTable& parent, const std::string& key, Read read) {
  std::vector<PlanTable> tables = parent.Tables(key);
  if (tables.size() > 1) parent.Fail(Cat("has ", tables.size(), " tables [", key, "], one is allowed"));
  if (!tables.empty()) read(std::move(tables.front()));
}

Experiment ReadExperiment(PlanTable table) {
  Experiment experiment;
  experiment.name = table.Name("name");
  if (experiment.name == "logs" || experiment.name == "study.json")
    table.Fail(Cat("has name = '", experiment.name, "', which the study itself uses"));
  experiment.model = table.Text("model", experiment.model);
  table.CallIt(Cat("experiment '", experiment.name, "'"));
  if (!table.Has("data")) table.Fail("has no table [experiment.data]");
  ReadOne(table, "data", [&](PlanTable data) { ReadData(std::move(data), &experiment); });
  ReadOne(table, "finetune", [&](PlanTable finetune) { ReadFineTune(std::move(finetune), &experiment); });
  ReadOne(table, "extract", [&](PlanTable extract) {
    experiment.extract = extract.Options(
        "extract", Reserved({"model", "data", "cls-only", "task", "limit", "part", "windows", "pad-to"}));
  });
  for (PlanTable& heads : table.Tables("heads")) experiment.heads.push_back(ReadHeads(std::move(heads)));
  for (PlanTable& one : table.Tables("ensembles"))
    experiment.ensembles.push_back(ReadEnsemble(std::move(one)));
  for (PlanTable& one : table.Tables("transfers"))
    experiment.transfers.push_back(ReadTransfer(std::move(one)));
  ReadOne(table, "analyses",
          [&](PlanTable analyses) { experiment.analyses = ReadAnalyses(std::move(analyses)); });
  ReadOne(table, "report", [&](PlanTable report) {
    experiment.report = report.Options("report", Reserved({"runs", "data"}));
  });
  table.RequireEmpty();
  return experiment;
}

Plan FromToml(const Json& toml, const std::string& file) {
  PlanTable top(toml, file, "");
  Plan plan;
  plan.file = file;
  plan.title = top.Text("title", fs::path(file).stem().string());
  plan.out = top.Text("out", "");
  plan.delete_stores = top.Flag("delete-stores", false);
  std::set<std::string> names;
  for (PlanTable& table : top.Tables("experiment")) {
    plan.experiments.push_back(ReadExperiment(std::move(table)));
    if (!names.insert(plan.experiments.back().name).second)
      top.Fail(Cat("has two experiments named '", plan.experiments.back().name, "'"));
  }
  top.RequireEmpty();
  if (plan.experiments.empty()) top.Fail("has no [[experiment]]");
  return plan;
}

}  // namespace

double Experiment::longest() const {
  const auto epochs = finetune.find("epochs");
  return epochs != finetune.end() ? epochs->get<double>() : checkpoints.back();
}

Plan ParsePlan(const std::string& text, const std::string& file) {
  return FromToml(ParseToml(text, file), file);
}

Plan ReadPlan(const fs::path& file) {
  return FromToml(ReadTomlFile(file), file.string());
}

}  // namespace bv::study
