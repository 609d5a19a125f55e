// What of a study has been done: study.json in its folder, and from it what is left to do. One owner, which
// holds the folder's lock.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/file.h"
#include "study/steps.h"

namespace bv::study {

enum class StepState {
  kDone,
  kOpen,       // never done, or interrupted: the same command goes on
  kChanged,    // done or begun by another command or from other inputs: its folder is removed first
  kMoreHeads,  // a training that is done but for heads that the plan has now
  kAgain,      // a store that was deleted, and is needed again
};

// What study.json keeps of a step.
struct StepRecord {
  uint64_t key = 0;
  bool done = false;
  bool deleted = false;            // a store that nothing needed any more
  std::vector<std::string> heads;  // that are trained
  std::vector<std::string> begun;  // heads of a training that has not come to its end
  double seconds = 0;              // of work, earlier goes included
  double forecast = 0;             // 0: there was none
  std::string finished;            // UTC
};

class Ledger {
 public:
  // Reads out/study.json where it is there. Errors: kData for a damaged one.
  explicit Ledger(fs::path out);

  // What each step has to do. keys: of StepKeys.
  std::vector<StepState> States(const std::vector<Step>& steps, const std::vector<uint64_t>& keys) const;
  // Null for a step that was never begun.
  const StepRecord* Find(const std::string& name) const;
  // Recorded results that no step of the plan makes, by name.
  std::vector<std::string> LeftOver(const std::vector<Step>& steps) const;

  // Each is on disk when it returns. Begin removes the folder of a step that has changed, and what is left of
  // a deleted store. Errors (kUsage): a folder with something in it that this study has not begun.
  void Begin(const Step& step, StepState state, uint64_t key);
  void Worked(const Step& step, double seconds);  // whether or not it has come to its end
  void Finish(const Step& step, double forecast);
  void Delete(const Step& store);
  // Heads of an unfinished training that must come to their end before further ones can be trained beside
  // them; none where the whole training can go on.
  std::vector<std::string> HeadsFirst(const Step& step) const;

  // Figures that were measured for forecasts, kept so that they are measured once: any JSON, by any name.
  const Json* Measured(const std::string& name) const;
  void KeepMeasured(const std::string& name, const Json& value);

 private:
  bool Current(const Step& step, uint64_t key) const;
  void Write() const;

  fs::path out_, file_;
  std::map<std::string, StepRecord> records_;
  Json measured_ = Json::object();
};

// Of a data file's content, or of the files of a model that its states depend on. Errors: kIo.
uint64_t InputHash(const std::string& input);

// A key of each step, made of its command, the content of its inputs and the keys of the steps that it needs.
// Heads of a training and the place of the study are no part of it. Errors: kIo for inputs that are not
// there.
std::vector<uint64_t> StepKeys(const std::vector<Step>& steps, const fs::path& out);

// Stores that are done and that no step which is left reads; some may have been deleted by now.
std::vector<size_t> UnneededStores(const std::vector<Step>& steps, const std::vector<StepState>& states);

}  // namespace bv::study
