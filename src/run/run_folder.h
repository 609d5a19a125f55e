// A run: the folder that holds everything one training or prediction produced. This file knows run.json
// alone, which is written first and says what was asked for, from what, where and when; what else lies in the
// folder has files of its own in this layer (results.h, predictions.h, trainer_state.h, event_writer.h) or
// belongs to higher layers. One owner; a second process that writes the same folder is refused.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/folder_lock.h"
#include "base/json.h"

namespace bv {

// What a run is, for run.json. The JSON pieces are objects.
struct RunRecord {
  std::string verb;
  std::vector<std::string> command;             // as typed
  OrderedJson options = OrderedJson::object();  // {name: {"value": …, "from": "default|config|command line"}}
  OrderedJson seeds = OrderedJson::object();
  OrderedJson inputs = OrderedJson::object();   // fingerprints and hashes of what the run reads
  OrderedJson machine = OrderedJson::object();  // processor, threads, libraries, precision chosen
};

enum class RunState { kNew, kResumed, kFinished };

class RunFolder {
 public:
  // Creates the folder and its run.json, or goes on with the same run in it: same verb, and equal values of
  // all options and inputs except those named in may_differ and the ones that cannot change a result (out,
  // config, threads, quiet, verbose, json). Errors: kUsage for a folder with files that are no run's, and for
  // another run, with the first difference; kIo where another process writes in the folder.
  RunFolder(std::filesystem::path folder, const RunRecord& record,
            const std::vector<std::string>& may_differ = {});

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }
  // kFinished: the same run has been done before; nothing has been changed.
  RunState state() const { return state_; }
  // Marks the run as complete. Call it when every other file is in place.
  void Finish();

 private:
  std::filesystem::path path_;
  std::optional<FolderLock> lock_;  // as long as this lives, except for a finished run
  RunState state_ = RunState::kNew;
  OrderedJson content_;
};

struct SavedRun {
  RunRecord record;
  std::string version;  // of the program that made it
  bool finished = false;
};

// Errors (kData) name the folder or the key of run.json.
SavedRun ReadRun(const std::filesystem::path& folder);

// Where a file or folder is that a run was given as `recorded`: as it stands, from the current folder, or
// from a folder above the run, the nearest first. Nothing if it is nowhere. What is found may have changed
// since.
std::optional<std::filesystem::path> FindRecorded(const std::filesystem::path& run,
                                                  const std::filesystem::path& recorded);

// "2026-05-17T09:30:00Z", now.
std::string UtcNow();

}  // namespace bv
