// A plan as a list of steps: commands of this program, in an order in which each finds what it needs. Pure
// but for what decides the list: the sizes of the backbone (its config.json) and where data files lie.
// Nothing is run here.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "heads/head.h"
#include "study/plan.h"

namespace bv::study {

enum class StepKind { kFineTune, kExtract, kTrain, kTransfer, kEnsemble, kAnalyze, kReport };

struct Step {
  StepKind kind = StepKind::kFineTune;
  // Its folder below the plan's `out`, which names it too: "spans/states/epoch-0/tokens/dev".
  std::string name;
  std::string where;                // in the plan, for errors
  std::vector<std::string> args;    // the verb and its options, all but --head
  std::vector<std::string> heads;   // of a training: may be added to without doing the others again
  std::vector<std::string> inputs;  // files and models from outside the study that decide the result
  std::vector<size_t> needs;        // steps that must be done before, by index

  // For forecasts.
  size_t experiment = 0;    // its index in the plan
  double epochs = 0;        // fine-tuning and heads: passes over the training windows
  size_t checkpoints = 0;   // of fine-tuning: how many are kept
  bool train_part = false;  // of an extraction: the training data, not the dev data
  bool rows = false;        // states of [CLS] alone

  // The whole command, with the heads.
  std::vector<std::string> Command() const;
};

// The dimensions of an experiment's backbone, as heads need them, without C.
BackboneDims DimsOf(const Experiment& experiment);

// Errors (kUsage): unknown heads, heads of different kinds in a group, checkpoints and members that are not
// there, two trainings of one head in one folder; those of FindModelFolder, ReadBertConfig and FindDataFile.
std::vector<Step> MakeSteps(const Plan& plan);

// Options of a plan's table, in the order of their names, as the command line has them.
void AddOptions(const Json& options, std::vector<std::string>* args);

// The verb and options that extract one part of an experiment's data, but those of its [extract] and --out.
std::vector<std::string> ExtractArgs(const Experiment& experiment, const std::string& model, bool train_part,
                                     bool rows);

// As a shell takes it, with "bertvision" in front.
std::string ShellCommand(const std::vector<std::string>& args);

}  // namespace bv::study
