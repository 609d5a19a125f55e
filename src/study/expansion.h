// One experiment of a plan on its way to steps: what has been added so far, by what it is for. Internal to
// this layer; steps.cc drives it. expansion.cc adds fine-tuning, states and heads, expansion_results.cc what
// is made from heads.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "base/file.h"
#include "study/steps.h"

namespace bv::study {

// A backbone to build on: its seed of fine-tuning (the first one stands for the backbone before it) and
// epochs.
struct Backbone {
  int64_t seed = 0;
  double checkpoint = 0;
  auto operator<=>(const Backbone&) const = default;  // NOLINT(modernize-use-nullptr): clang-tidy's error
};

class Expansion {
 public:
  // Steps are added at the end of *steps.
  Expansion(const Plan& plan, size_t number, std::vector<Step>* steps);
  void Expand();

 private:
  // Heads trained by one command.
  struct Training {
    size_t step;
    Backbone backbone;
    int64_t seed;
    bool whole;  // on all of the training windows, with no label: what other results are made of
  };
  // Folders that a result is made of, and the steps that make them.
  struct Members {
    std::vector<std::string> folders;
    std::vector<size_t> steps;
  };

  std::string TaskOption() const;
  [[noreturn]] void Fail(const std::string& message) const;
  void CheckCheckpoints(const std::vector<double>& checkpoints, const std::string& what) const;
  fs::path FolderOf(const std::string& name) const { return plan_.out / name; }
  fs::path FolderOf(size_t step) const { return FolderOf(steps_[step].name); }
  fs::path CheckpointFolder(const Backbone& backbone) const;
  // Index of the new step; --out is added to its arguments.
  size_t Add(StepKind kind, const std::string& name, std::vector<std::string> args);

  void AddFineTune(int64_t seed);
  // The step that makes a store, added where it is asked for first.
  size_t StoreOf(const Backbone& backbone, States states, bool train_part);
  // Which states a group reads, by the kind of its heads.
  States StatesOf(const HeadGroup& group) const;
  HeadKind KindOf(const HeadGroup& group) const;
  std::vector<std::string> NamesOf(const HeadGroup& group) const;
  // Passes over the training windows: the plan's, else the recipe's.
  double EpochsOf(const HeadGroup& group) const;
  void AddTrainings(const HeadGroup& group, const Backbone& backbone);
  void AddTraining(const HeadGroup& group, const Backbone& backbone, double fraction, int64_t seed);
  // Groups that differ in their heads alone share a command; others need folders of their own.
  void AddHeadsTo(size_t number, const std::vector<std::string>& heads, const std::vector<std::string>& args);

  // The trainings that other results are made of, at one backbone, and their seeds in the plan's order.
  std::vector<const Training*> TrainingsAt(const Backbone& backbone) const;
  std::vector<int64_t> SeedsAt(const Backbone& backbone) const;
  // Null where the head is not trained there.
  const Training* FindTraining(const Backbone& backbone, int64_t seed, const std::string& head) const;
  void AddTransfers(const TransferPlan& transfer);
  // Nothing where the head is not trained with that seed.
  void AddTransfer(const Backbone& from, const Backbone& to, int64_t seed, const std::string& head);
  // Nothing where one of the members is missing.
  std::optional<Members> MembersAt(const EnsemblePlan& ensemble, const Backbone& backbone,
                                   int64_t seed) const;
  void AddEnsembles(const EnsemblePlan& ensemble);
  // The fine-tuned backbone and the heads of the first seed.
  Members AnalysedAt(const Backbone& backbone) const;
  size_t StoreForAblation(const Backbone& backbone);
  void AddAnalysis(const AnalysisPlan& analyses, const Backbone& backbone);
  void AddReport();

  const Plan& plan_;
  const Experiment& experiment_;
  size_t number_;
  std::vector<Step>& steps_;
  bool spans_;
  BackboneDims dims_;
  std::vector<int64_t> seeds_;  // of fine-tuning
  std::vector<Backbone> backbones_;
  std::map<int64_t, size_t> finetunes_;  // by seed
  std::map<std::tuple<Backbone, States, bool>, size_t> stores_;
  std::vector<Training> trainings_;
};

// A number of the plan as the command line has it.
std::string NumberText(double value);
bool Holds(const std::vector<double>& checkpoints, double checkpoint);
// "epoch-0", "bert-1/epoch-0.3": what everything made from a checkpoint has in its path.
std::string CheckpointPath(const Backbone& backbone);

}  // namespace bv::study
