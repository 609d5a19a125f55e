#include "run/run_folder.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <string_view>

#include "base/error.h"
#include "base/file.h"
#include "base/strings.h"
#include "base/version.h"

namespace bv {
namespace {

constexpr int kFormat = 1;
constexpr std::string_view kRunFile = "run.json";
constexpr auto kFiles = std::to_array<std::string_view>(
    {kRunFile, "trainer_state.json", "train_results.json", "eval_results.json", "all_results.json",
     "predictions.json", "null_odds.json", "nbest_predictions.json", "probabilities.json",
     "logits.safetensors", "head.json", "head.safetensors"});
constexpr std::array kHarmless = {"out", "config", "threads", "quiet", "verbose", "json"};

// What runs write in their folders; nobody else's leftovers are removed.
bool IsRunFile(const std::string& name) {
  return std::find(kFiles.begin(), kFiles.end(), name) != kFiles.end() || name.starts_with("epoch-") ||
         name.starts_with("predict_results_");
}

// Nothing is touched in a folder that is not ours. A run that was killed at once leaves its half-written
// run.json alone.
void CheckMayBeUsed(const fs::path& folder) {
  if (fs::exists(folder / kRunFile)) return;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (PartialOf(entry.path().filename().string()) == kRunFile) continue;
    throw Error(ErrorKind::kUsage,
                Cat("'", folder.string(), "' holds ", Quoted(entry.path().filename().string()),
                    " but no run.json: it is no run's folder; name a new or empty one"));
  }
}

bool Ignored(const std::string& key, const std::vector<std::string>& may_differ) {
  return std::find(kHarmless.begin(), kHarmless.end(), key) != kHarmless.end() ||
         std::find(may_differ.begin(), may_differ.end(), key) != may_differ.end();
}

const OrderedJson& ValueOf(const OrderedJson& option) {
  return option.is_object() && option.contains("value") ? option["value"] : option;
}

// As text with sorted keys: a number read back is equal to the number written, whatever its C++ type.
std::string Comparable(const OrderedJson& option) {
  return Json::parse(ValueOf(option).dump()).dump();
}

// Keys that one side lacks are another version's, or not known yet, and no difference.
void RefuseDifferences(const OrderedJson& now, const OrderedJson& before, const std::string& prefix,
                       const fs::path& folder, const std::vector<std::string>& may_differ) {
  for (const auto& [key, value] : now.items()) {
    const auto found = before.find(key);
    if (found == before.end() || Ignored(key, may_differ)) continue;
    const std::string a = Comparable(value), b = Comparable(*found);
    if (a == b) continue;
    throw Error(ErrorKind::kUsage, Cat("'", folder.string(), "' holds another run: ", prefix, key, " is ", a,
                                       ", there it is ", b, "; ask for the same or name another folder"));
  }
}

OrderedJson NewContent(const RunRecord& record) {
  OrderedJson content = OrderedJson::object();
  content["format"] = kFormat;
  content["version"] = kVersion;
  content["verb"] = record.verb;
  content["command"] = record.command;
  content["state"] = "running";
  content["started"] = UtcNow();
  content["resumed"] = OrderedJson::array();
  content["options"] = record.options;
  content["seeds"] = record.seeds;
  content["inputs"] = record.inputs;
  content["machine"] = record.machine;
  return content;
}

}  // namespace

RunFolder::RunFolder(fs::path folder, const RunRecord& record, const std::vector<std::string>& may_differ)
    : path_(std::move(folder)) {
  MakeFolder(path_);
  lock_.emplace(path_);
  CheckMayBeUsed(path_);
  RemovePartialFiles(path_, IsRunFile);
  const fs::path file = path_ / kRunFile;
  if (!fs::exists(file)) {
    content_ = NewContent(record);
    WriteJsonFile(file, content_);
    return;
  }
  const SavedRun saved = ReadRun(path_);
  if (saved.record.verb != record.verb) {
    throw Error(ErrorKind::kUsage, Cat("'", path_.string(), "' holds a run of '", saved.record.verb,
                                       "', not of '", record.verb, "'; name another folder"));
  }
  RefuseDifferences(record.options, saved.record.options, "--", path_, may_differ);
  RefuseDifferences(record.inputs, saved.record.inputs, "input ", path_, may_differ);
  content_ = OrderedJson::parse(ReadFile(file));
  state_ = saved.finished ? RunState::kFinished : RunState::kResumed;
  if (saved.finished) {
    lock_.reset();
    return;
  }
  content_["resumed"].push_back(UtcNow());
  WriteJsonFile(file, content_);
}

void RunFolder::Finish() {
  if (state_ == RunState::kFinished) return;
  content_["state"] = "finished";
  content_["finished"] = UtcNow();
  WriteJsonFile(path_ / kRunFile, content_);
}

SavedRun ReadRun(const fs::path& folder) {
  const fs::path path = folder / kRunFile;
  if (!fs::exists(path)) {
    throw Error(ErrorKind::kData, Cat("'", folder.string(), "' is no run: run.json is missing",
                                      fs::exists(folder) ? "" : ", and so is the folder"));
  }
  const std::string file = path.string();
  const Json json = ReadJsonFile(path);
  RequireInteger(json, "format", 1, kFormat, file);
  SavedRun run;
  run.version = RequireString(json, "version", file);
  run.record.verb = RequireString(json, "verb", file);
  for (const Json& part : RequireArray(json, "command", file)) {
    if (!part.is_string()) throw DataError(file, "'command' holds something that is no string");
    run.record.command.push_back(part.get<std::string>());
  }
  const std::string& state = RequireString(json, "state", file);
  if (state != "running" && state != "finished") {
    throw DataError(file, Cat("'state' is ", Quoted(state), ", running or finished is needed"));
  }
  run.finished = state == "finished";
  RequireArray(json, "resumed", file);
  run.record.options = RequireObject(json, "options", file);
  run.record.seeds = RequireObject(json, "seeds", file);
  run.record.inputs = RequireObject(json, "inputs", file);
  run.record.machine = RequireObject(json, "machine", file);
  return run;
}

std::optional<fs::path> FindRecorded(const fs::path& run, const fs::path& recorded) {
  if (recorded.empty()) return std::nullopt;
  if (fs::exists(recorded)) return recorded;
  if (recorded.is_absolute()) return std::nullopt;
  fs::path folder = fs::absolute(run).lexically_normal();
  while (folder.has_relative_path()) {
    folder = folder.parent_path();
    if (fs::exists(folder / recorded)) return folder / recorded;
  }
  return std::nullopt;
}

std::string UtcNow() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text.data();
}

}  // namespace bv
