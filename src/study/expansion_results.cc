// What is made from heads and fine-tuned backbones: transfers, ensembles, analyses, the report.
#include <algorithm>
#include <utility>

#include "base/strings.h"
#include "study/expansion.h"
#include "train/finetune_run.h"

namespace bv::study {
namespace {

constexpr const char* kBert = "bert";    // as a member of an ensemble: the fine-tuned backbone
constexpr const char* kHeads = "heads";  // all heads
constexpr const char* kAblation = "layer-ablation";

template <typename T>
bool Contains(const std::vector<T>& values, const T& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

// Linux takes no word of a command beyond 128 KiB.
constexpr size_t kLongestWord = 100'000;

// --runs with commas between the folders; a long list is several words, which such options take as one list.
void AddRuns(const std::vector<std::string>& folders, std::vector<std::string>* args) {
  args->emplace_back("--runs");
  std::string word;
  for (const std::string& folder : folders) {
    if (!word.empty() && word.size() + 1 + folder.size() > kLongestWord)
      args->push_back(std::exchange(word, ""));
    word += (word.empty() ? "" : ",") + folder;
  }
  args->push_back(word);
}

}  // namespace

std::vector<const Expansion::Training*> Expansion::TrainingsAt(const Backbone& backbone) const {
  std::vector<const Training*> found;
  for (const Training& training : trainings_) {
    if (training.whole && training.backbone == backbone) found.push_back(&training);
  }
  return found;
}

std::vector<int64_t> Expansion::SeedsAt(const Backbone& backbone) const {
  std::vector<int64_t> seeds;
  for (const Training* training : TrainingsAt(backbone)) {
    if (!Contains(seeds, training->seed)) seeds.push_back(training->seed);
  }
  return seeds;
}

const Expansion::Training* Expansion::FindTraining(const Backbone& backbone, int64_t seed,
                                                   const std::string& head) const {
  for (const Training* training : TrainingsAt(backbone)) {
    if (training->seed == seed && Contains(steps_[training->step].heads, head)) return training;
  }
  return nullptr;
}

void Expansion::AddTransfers(const TransferPlan& transfer) {
  if (!spans_) Fail("has a transfer, and its task is not squad: heads of spans alone can be transferred");
  CheckCheckpoints({transfer.from}, "a transfer");
  CheckCheckpoints(transfer.to, "a transfer");
  for (const Backbone& from : backbones_) {
    if (from.checkpoint != transfer.from) continue;
    for (const double checkpoint : transfer.to) {
      const Backbone to = {checkpoint == 0 ? seeds_.front() : from.seed, checkpoint};
      for (const std::string& head : transfer.heads) {
        const size_t before = steps_.size();
        for (const int64_t seed : SeedsAt(from)) AddTransfer(from, to, seed, head);
        if (steps_.size() == before) {
          Fail(Cat("has a transfer of ", Quoted(head), ", which is not trained on all windows at checkpoint ",
                   NumberText(from.checkpoint)));
        }
      }
    }
  }
}

void Expansion::AddTransfer(const Backbone& from, const Backbone& to, int64_t seed, const std::string& head) {
  const Training* training = FindTraining(from, seed, head);
  if (training == nullptr) return;
  const size_t heads = training->step;
  const size_t dev = StoreOf(to, States::kTokens, false);  // heads of spans read no other
  Add(StepKind::kTransfer,
      Cat("transfers/", CheckpointPath(from), "/seed-", seed, "/", head, "/to-", EpochFolder(to.checkpoint)),
      {"eval", "--run", (FolderOf(heads) / head).string(), "--states", FolderOf(dev).string(),
       "--allow-other-backbone"});
  steps_.back().needs = {heads, dev};
}

std::optional<Expansion::Members> Expansion::MembersAt(const EnsemblePlan& ensemble, const Backbone& backbone,
                                                       int64_t seed) const {
  Members members;
  for (const std::string& name : ensemble.members) {
    const size_t before = members.folders.size();
    if (name == kBert && backbone.checkpoint > 0) {
      members.folders.push_back(CheckpointFolder(backbone).string());
      members.steps.push_back(finetunes_.at(backbone.seed));
    }
    for (const Training* training : TrainingsAt(backbone)) {
      if (training->seed != seed) continue;
      for (const std::string& head : steps_[training->step].heads) {
        if (name != kHeads && name != head) continue;
        members.folders.push_back((FolderOf(training->step) / head).string());
        members.steps.push_back(training->step);
      }
    }
    if (members.folders.size() == before) return std::nullopt;
  }
  return members;
}

void Expansion::AddEnsembles(const EnsemblePlan& ensemble) {
  CheckCheckpoints(ensemble.checkpoints, Cat("the ensemble ", Quoted(ensemble.name)));
  const size_t before = steps_.size();
  for (const Backbone& backbone : backbones_) {
    if (!ensemble.checkpoints.empty() && !Holds(ensemble.checkpoints, backbone.checkpoint)) continue;
    for (const int64_t seed : SeedsAt(backbone)) {
      const std::optional<Members> members = MembersAt(ensemble, backbone, seed);
      if (!members) continue;
      std::vector<std::string> args = {"ensemble"};
      AddRuns(members->folders, &args);
      AddOptions(ensemble.options, &args);
      Add(StepKind::kEnsemble,
          Cat("ensembles/", CheckpointPath(backbone), "/seed-", seed, "/", ensemble.name), std::move(args));
      steps_.back().needs = members->steps;
    }
  }
  if (steps_.size() == before) {
    Fail(Cat(
        "has the ensemble ", Quoted(ensemble.name), " of ", Join(ensemble.members, ", "),
        ", which are nowhere together: heads count that are trained on all windows and have no label, and "
        "'bert' is there from the first fine-tuned checkpoint on"));
  }
}

Expansion::Members Expansion::AnalysedAt(const Backbone& backbone) const {
  Members members;
  if (backbone.checkpoint > 0) {
    members.folders.push_back(CheckpointFolder(backbone).string());
    members.steps.push_back(finetunes_.at(backbone.seed));
  }
  const std::vector<int64_t> seeds = SeedsAt(backbone);
  for (const Training* training : TrainingsAt(backbone)) {
    if (training->seed != seeds.front()) continue;
    members.steps.push_back(training->step);
    for (const std::string& head : steps_[training->step].heads)
      members.folders.push_back((FolderOf(training->step) / head).string());
  }
  return members;
}

size_t Expansion::StoreForAblation(const Backbone& backbone) {
  bool rows = false, tokens = false;
  for (const Training* training : TrainingsAt(backbone)) (steps_[training->step].rows ? rows : tokens) = true;
  if (rows == tokens) {
    Fail(Cat("has the analysis ", kAblation,
             rows ? ", which takes one store, and heads on both rows and tokens"
                  : " and no heads to make it with"));
  }
  return StoreOf(backbone, rows ? States::kRows : States::kTokens, false);
}

void Expansion::AddAnalysis(const AnalysisPlan& analyses, const Backbone& backbone) {
  if (!analyses.checkpoints.empty() && !Holds(analyses.checkpoints, backbone.checkpoint)) return;
  Members members = AnalysedAt(backbone);
  if (members.folders.empty()) return;
  std::vector<std::string> args = {"analyze"};
  AddRuns(members.folders, &args);
  args.insert(args.end(), {"--what", Join(analyses.what, ",")});
  if (Contains(analyses.what, std::string(kAblation))) {
    const size_t store = StoreForAblation(backbone);
    members.steps.push_back(store);
    args.insert(args.end(), {"--states", FolderOf(store).string()});
  }
  AddOptions(analyses.options, &args);
  Add(StepKind::kAnalyze, "analyses/" + CheckpointPath(backbone), std::move(args));
  steps_.back().needs = members.steps;
}

void Expansion::AddReport() {
  std::vector<std::string> runs;
  std::vector<size_t> needs;
  for (size_t i = 0; i < steps_.size(); ++i) {
    const Step& step = steps_[i];
    if (step.experiment != number_ || step.kind == StepKind::kExtract || step.kind == StepKind::kAnalyze)
      continue;
    needs.push_back(i);
    if (step.kind != StepKind::kTrain) {
      runs.push_back(FolderOf(i).string());
      continue;
    }
    for (const std::string& head : step.heads) runs.push_back((FolderOf(i) / head).string());
  }
  if (runs.empty())
    Fail("has neither [experiment.finetune] nor [[experiment.heads]], so there is nothing to do");
  std::vector<std::string> args = {"report"};
  AddRuns(runs, &args);
  args.insert(args.end(), {"--data", experiment_.dev});
  AddOptions(experiment_.report, &args);
  Add(StepKind::kReport, "report", std::move(args));
  steps_.back().inputs = {experiment_.dev};
  steps_.back().needs = needs;
}

}  // namespace bv::study
