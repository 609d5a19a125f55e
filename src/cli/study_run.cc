#include "cli/study_run.h"

#include <algorithm>
#include <chrono>

#include "base/child_process.h"
#include "base/error.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/interrupt.h"
#include "base/log.h"
#include "base/model_folder.h"
#include "base/strings.h"
#include "bert/config.h"
#include "cli/study_display.h"
#include "cli/verbs.h"
#include "states/backbone.h"
#include "store/store_index.h"

namespace bv::cli {
namespace {

using study::Cost;
using study::Step;
using study::StepKind;
using study::StepState;
using Clock = std::chrono::steady_clock;

constexpr int kInterruptedCode = 130;
// Examples that the backbone's speed in training precision is timed on.
constexpr const char* kTimedExamples = "200";

// The verb declares the options and reads them, so that a slip is found before anything runs.
void CheckOptions(const Step& step) {
  const auto& verbs = Verbs();
  const auto verb = std::find_if(verbs.begin(), verbs.end(),
                                 [&](const Verb& one) { return one.name == step.args.front(); });
  Options options(verb->name, verb->summary);
  const Action action = verb->declare(options);
  const std::vector<std::string> command = step.Command();
  try {
    options.Parse({command.begin() + 1, command.end()});
  } catch (const Error& error) {
    throw Error(error.kind(), Cat(step.where, ": ", error.what()));
  }
}

// What `extract --estimate --json` gives, and study.json keeps.
void CheckEstimate(const Json& estimate, const std::string& file) {
  constexpr int64_t kMost = int64_t{1} << 50;
  RequireInteger(estimate, "windows", 0, kMost, file);
  RequireInteger(estimate, "tokens", 0, kMost, file);
  RequireNumber(estimate, "seconds", file);
}

double RateOf(const Json& estimate) {
  const double seconds = estimate.at("seconds").get<double>();
  return seconds > 0 ? estimate.at("tokens").get<double>() / seconds : 1;
}

study::DataSize SizeOf(const Json& estimate) {
  return {estimate.at("windows").get<int64_t>(), estimate.at("tokens").get<int64_t>()};
}

// What `extract --estimate` is asked about an experiment, without what all such commands have.
struct EstimateArgs {
  std::vector<std::string> train, dev;  // as they will be extracted
  std::vector<std::string> fp32;        // a part of the training data in the precision of fine-tuning
};

EstimateArgs EstimateArgsOf(const study::Experiment& experiment) {
  EstimateArgs args = {study::ExtractArgs(experiment, experiment.model, true, false),
                       study::ExtractArgs(experiment, experiment.model, false, false),
                       {}};
  args.fp32 = args.train;
  args.fp32.insert(args.fp32.end(), {"--precision", "fp32", "--limit", kTimedExamples});
  study::AddOptions(experiment.extract, &args.train);
  study::AddOptions(experiment.extract, &args.dev);
  return args;
}

// measured: of StudyRun::Measure.
study::ExperimentFigures FiguresOf(const study::Experiment& experiment, const Json& measured) {
  const BertConfig config = ReadBertConfig(FindModelFolder(experiment.model));
  const auto codec = experiment.extract.find("codec");
  study::ExperimentFigures figures;
  figures.train = SizeOf(measured.at("train"));
  figures.dev = SizeOf(measured.at("dev"));
  figures.extract_rate = RateOf(measured.at("train"));
  figures.train_rate = RateOf(measured.at("fp32"));
  figures.dims = study::DimsOf(experiment);
  figures.intermediate = config.intermediate_size;
  figures.parameters = BackboneParameters(config);
  figures.value_bytes = CodecBytes(codec == experiment.extract.end() ? StoreInfo().codec
                                                                     : ParseCodec(codec->get<std::string>()));
  return figures;
}

const fs::path& MadeFolder(const fs::path& folder) {
  MakeFolder(folder);
  return folder;
}

}  // namespace

std::vector<Step> CheckedSteps(const study::Plan& plan) {
  std::vector<Step> steps = study::MakeSteps(plan);
  for (const Step& step : steps) CheckOptions(step);
  return steps;
}

StudyRun::StudyRun(study::Plan plan, std::vector<Step> steps, StudySettings settings)
    : plan_(std::move(plan)),
      steps_(std::move(steps)),
      settings_(settings),
      keys_(study::StepKeys(steps_, plan_.out)),
      lock_(MadeFolder(plan_.out)),
      ledger_(plan_.out),
      states_(ledger_.States(steps_, keys_)) {}

fs::path StudyRun::LogOf(const Step& step) const {
  std::string name = step.name;
  std::replace(name.begin(), name.end(), '/', '_');
  return plan_.out / "logs" / (name + ".txt");
}

std::string StudyRun::OutputOf(size_t step) const {
  const fs::path log = LogOf(steps_.at(step));
  return fs::exists(log) ? ReadFile(log) : "";
}

double StudyRun::SecondsOf(size_t step) const {
  const study::StepRecord* record = ledger_.Find(steps_.at(step).name);
  return record != nullptr && record->done ? record->seconds : 0;
}

Json StudyRun::Estimate(const std::string& name, std::vector<std::string> args) {
  args.insert(args.end(),
              {"--estimate", "--json", "--quiet", "--threads", std::to_string(settings_.threads)});
  const fs::path log = plan_.out / "logs" / ("estimate_" + name + ".json");
  const int code = RunSelf(args, log);
  if (code == kInterruptedCode || InterruptRequested())
    throw Error(ErrorKind::kInterrupted, "interrupted while timing the backbone; nothing was begun");
  if (code != 0) {
    throw Error(ErrorKind::kData, Cat("the backbone could not be timed: exit code ", code, " from ",
                                      study::ShellCommand(args)));
  }
  Json estimate = ReadJsonFile(log);
  CheckEstimate(estimate, log.string());
  return estimate;
}

Json StudyRun::Measure(const study::Experiment& experiment) {
  const EstimateArgs args = EstimateArgsOf(experiment);
  const std::string key =
      Hex(HashText(Cat(study::ShellCommand(args.train), study::ShellCommand(args.dev), settings_.threads,
                       study::InputHash(experiment.train), study::InputHash(experiment.dev),
                       study::InputHash(experiment.model))));
  if (ledger_.Measured(key) == nullptr) {
    const Json train = Estimate(experiment.name + "_train", args.train);
    const Json dev = Estimate(experiment.name + "_dev", args.dev);
    const Json fp32 = Estimate(experiment.name + "_fp32", args.fp32);
    ledger_.KeepMeasured(key, {{"train", train}, {"dev", dev}, {"fp32", fp32}});
  }
  const Json& measured = *ledger_.Measured(key);
  const std::string file = (plan_.out / "study.json").string();
  for (const char* part : {"train", "dev", "fp32"})
    CheckEstimate(RequireObject(measured, part, file, "measured"), file);
  return measured;
}

void StudyRun::MakeForecast() {
  fs::create_directories(plan_.out / "logs");
  std::vector<study::ExperimentFigures> figures;
  for (const study::Experiment& experiment : plan_.experiments)
    figures.push_back(FiguresOf(experiment, Measure(experiment)));
  costs_ = study::Forecast(steps_, figures);
}

std::vector<Cost> StudyRun::costs() const {
  std::vector<study::Experience> finished;
  for (size_t i = 0; i < steps_.size(); ++i) {
    const study::StepRecord* record = ledger_.Find(steps_[i].name);
    if (record != nullptr && record->done)
      finished.push_back({steps_[i].kind, record->forecast, record->seconds});
  }
  std::vector<Cost> costs = costs_;
  for (size_t i = 0; i < costs.size(); ++i) costs[i].seconds *= study::Correction(finished, steps_[i].kind);
  return costs;
}

void StudyRun::RunCommand(const Step& step, std::vector<std::string> args) {
  // Threads are no part of a plan: they decide how fast it goes.
  if (step.kind != StepKind::kReport)
    args.insert(args.end(), {"--threads", std::to_string(settings_.threads)});
  if (settings_.quiet) args.emplace_back("--quiet");
  const auto begin = Clock::now();
  const int code = RunSelf(args, LogOf(step));
  ledger_.Worked(step, std::chrono::duration<double>(Clock::now() - begin).count());
  if (code == 0) return;
  if (code == kInterruptedCode || InterruptRequested())
    throw Error(ErrorKind::kInterrupted,
                Cat("interrupted in ", step.name, "; the same command goes on there"));
  throw Error(ErrorKind::kData, Cat(step.name, " failed with exit code ", code,
                                    " (its message is above; its command: ", plan_.file,
                                    " with --commands); the same command goes on there"));
}

void StudyRun::RunStep(size_t number) {
  const Step& step = steps_[number];
  // A training that was interrupted goes on with the heads it had; those that the plan has got since come
  // after.
  if (const std::vector<std::string> first = ledger_.HeadsFirst(step);
      !first.empty() && states_[number] != StepState::kChanged) {
    Step part = step;
    part.heads = first;
    RunCommand(part, part.Command());
  }
  ledger_.Begin(step, states_[number], keys_[number]);
  RunCommand(step, step.Command());
  ledger_.Finish(step, costs_.empty() ? 0 : costs_[number].seconds);
  states_[number] = StepState::kDone;
}

void StudyRun::DeleteUnneededStores() {
  if (!plan_.delete_stores) return;
  for (const size_t store : study::UnneededStores(steps_, states_)) {
    if (ledger_.Find(steps_[store].name)->deleted) continue;
    LogInfo(Cat("no step needs ", (plan_.out / steps_[store].name).string(), " any more: deleted"));
    ledger_.Delete(steps_[store]);
  }
}

void StudyRun::Run() {
  fs::create_directories(plan_.out / "logs");
  InstallInterruptHandler();
  for (size_t i = 0; i < steps_.size(); ++i) {
    if (states_[i] == StepState::kDone) continue;
    if (InterruptRequested())
      throw Error(ErrorKind::kInterrupted,
                  Cat("interrupted before ", steps_[i].name, "; the same command goes on there"));
    ShowStep(*this, i);
    RunStep(i);
    DeleteUnneededStores();
  }
  DeleteUnneededStores();
}

}  // namespace bv::cli
