// A study at work: its steps run one after the other as child processes of this program, with what has been
// done kept in study.json. What the user sees of it is study_display.h's. One owner, the main thread.
#pragma once

#include <string>
#include <vector>

#include "base/folder_lock.h"
#include "study/forecast.h"
#include "study/ledger.h"
#include "study/plan.h"
#include "study/steps.h"

namespace bv::cli {

struct StudySettings {
  int32_t threads = 0;
  bool quiet = false;
};

// The plan's steps. Errors: those of MakeSteps; those of Options::Parse for options that a step's verb does
// not take, with the place in the plan.
std::vector<study::Step> CheckedSteps(const study::Plan& plan);

class StudyRun {
 public:
  // Makes plan.out, locks it, and reads what has been done there. Errors: those of StepKeys, FolderLock and
  // Ledger.
  StudyRun(study::Plan plan, std::vector<study::Step> steps, StudySettings settings);

  // Times the backbones on the plan's data, unless that has been done before and nothing changed.
  void MakeForecast();
  // All that is left. Errors: kData where a step fails; kInterrupted.
  void Run();

  const study::Plan& plan() const { return plan_; }
  const std::vector<study::Step>& steps() const { return steps_; }
  const std::vector<study::StepState>& states() const { return states_; }
  // Empty before MakeForecast; corrected by what finished steps took.
  std::vector<study::Cost> costs() const;
  std::vector<std::string> left_over() const { return ledger_.LeftOver(steps_); }
  double SecondsOf(size_t step) const;  // that it took; 0: not done
  // What a finished step printed.
  std::string OutputOf(size_t step) const;

 private:
  fs::path LogOf(const study::Step& step) const;
  void RunStep(size_t number);
  // args: without threads. Errors: kData where it fails; kInterrupted.
  void RunCommand(const study::Step& step, std::vector<std::string> args);
  void DeleteUnneededStores();
  // The estimates "train", "dev" and "fp32" of an experiment; kept in study.json, so that they are made once.
  Json Measure(const study::Experiment& experiment);
  // `extract --estimate` of some data: {windows, tokens, seconds}.
  Json Estimate(const std::string& name, std::vector<std::string> args);

  study::Plan plan_;
  std::vector<study::Step> steps_;
  StudySettings settings_;
  std::vector<uint64_t> keys_;
  FolderLock lock_;
  study::Ledger ledger_;
  std::vector<study::StepState> states_;
  std::vector<study::Cost> costs_;
};

}  // namespace bv::cli
