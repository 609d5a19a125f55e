#include "study/ledger.h"

#include <algorithm>
#include <optional>
#include <set>

#include "base/error.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/log.h"
#include "base/model_folder.h"
#include "base/strings.h"
#include "fetch/data_file.h"
#include "run/run_folder.h"

namespace bv::study {
namespace {

constexpr int kVersion = 1;

bool HoldsAll(const std::vector<std::string>& names, const std::vector<std::string>& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const std::string& one) {
    return std::find(names.begin(), names.end(), one) != names.end();
  });
}

std::vector<std::string> Names(const Json& json, const char* key, const std::string& file,
                               const std::string& where) {
  std::vector<std::string> names;
  for (const Json& name : RequireArray(json, key, file, where)) {
    if (!name.is_string())
      throw DataError(file, Cat(where, ".", key, " holds ", name.dump(), ", not a name"));
    names.push_back(name.get<std::string>());
  }
  return names;
}

StepRecord FromJson(const Json& json, const std::string& file, const std::string& where) {
  StepRecord record;
  record.key = RequireHex(json, "key", file, where);
  record.done = RequireBool(json, "done", file, where);
  record.deleted = RequireBool(json, "deleted", file, where);
  record.heads = Names(json, "heads", file, where);
  record.begun = Names(json, "begun", file, where);
  record.seconds = RequireNumber(json, "seconds", file, where);
  record.forecast = RequireNumber(json, "forecast_seconds", file, where);
  record.finished = RequireString(json, "finished", file, where);
  return record;
}

OrderedJson ToJson(const StepRecord& record) {
  return {{"key", Hex(record.key)},
          {"done", record.done},
          {"deleted", record.deleted},
          {"heads", record.heads},
          {"begun", record.begun},
          {"seconds", record.seconds},
          {"forecast_seconds", record.forecast},
          {"finished", record.finished}};
}

// The same wherever the study lies.
std::vector<std::string> Placeless(std::vector<std::string> args, const fs::path& out) {
  const std::string prefix = (out / "").string();
  for (std::string& arg : args) {
    for (size_t at = arg.find(prefix); at != std::string::npos; at = arg.find(prefix, at))
      arg.erase(at, prefix.size());
  }
  return args;
}

}  // namespace

Ledger::Ledger(fs::path out) : out_(std::move(out)), file_(out_ / "study.json") {
  if (!fs::exists(file_)) return;
  const std::string file = file_.string();
  const Json json = ReadJsonFile(file_);
  if (RequireInteger(json, "version", 1, std::numeric_limits<int>::max(), file) > kVersion)
    throw Error(ErrorKind::kUnsupported, Cat(file, " was written by a newer version of this program"));
  for (const auto& [name, record] : RequireObject(json, "steps", file).items())
    records_[name] = FromJson(record, file, Cat("steps[", Quoted(name), "]"));
  measured_ = RequireObject(json, "measured", file);
}

const StepRecord* Ledger::Find(const std::string& name) const {
  const auto found = records_.find(name);
  return found == records_.end() ? nullptr : &found->second;
}

std::vector<std::string> Ledger::LeftOver(const std::vector<Step>& steps) const {
  std::set<std::string> planned;
  for (const Step& step : steps) planned.insert(step.name);
  std::vector<std::string> left;
  for (const auto& [name, record] : records_) {
    if (!planned.contains(name) && fs::exists(out_ / name)) left.push_back(name);
  }
  return left;
}

std::vector<StepState> Ledger::States(const std::vector<Step>& steps,
                                      const std::vector<uint64_t>& keys) const {
  std::vector<StepState> states;
  for (size_t i = 0; i < steps.size(); ++i) {
    const StepRecord* record = Find(steps[i].name);
    if (record != nullptr && record->key != keys[i]) {
      states.push_back(StepState::kChanged);
    } else if (record == nullptr || !record->done ||
               (!record->deleted && !fs::exists(out_ / steps[i].name))) {
      states.push_back(StepState::kOpen);
    } else {
      states.push_back(HoldsAll(record->heads, steps[i].heads) ? StepState::kDone : StepState::kMoreHeads);
    }
  }
  // From the end, so that what a deleted store is needed for is known before it is looked at.
  for (size_t i = steps.size(); i-- > 0;) {
    if (states[i] == StepState::kDone) continue;
    for (const size_t need : steps[i].needs) {
      const StepRecord* record = Find(steps[need].name);
      if (states[need] == StepState::kDone && record->deleted) states[need] = StepState::kAgain;
    }
  }
  return states;
}

void Ledger::Begin(const Step& step, StepState state, uint64_t key) {
  const fs::path folder = out_ / step.name;
  if (!records_.contains(step.name) && fs::exists(folder) && !fs::is_empty(folder)) {
    throw Error(ErrorKind::kUsage,
                Cat(folder.string(), " is there already and is not this study's: ", file_.string(),
                    " does not know it; move it away, or give another --out"));
  }
  StepRecord& record = records_[step.name];
  if (state == StepState::kChanged || state == StepState::kAgain) {
    record = {};
    Write();  // first: what is half gone must not count as done
    if (state == StepState::kChanged)
      LogInfo(Cat("removing ", folder.string(), ", which another plan or other data made"));
    fs::remove_all(folder);
  }
  if (!fs::exists(folder)) record.seconds = 0;
  record.key = key;
  record.begun = step.heads;
  if (state != StepState::kMoreHeads) record.done = record.deleted = false;
  Write();
}

std::vector<std::string> Ledger::HeadsFirst(const Step& step) const {
  const StepRecord* record = Find(step.name);
  if (record == nullptr || record->begun.empty() || HoldsAll(record->begun, step.heads)) return {};
  return record->begun;
}

void Ledger::Worked(const Step& step, double seconds) {
  records_.at(step.name).seconds += seconds;
  Write();
}

void Ledger::Finish(const Step& step, double forecast) {
  StepRecord& record = records_.at(step.name);
  record.done = true;
  for (const std::string& head : step.heads) {
    if (!HoldsAll(record.heads, {head})) record.heads.push_back(head);
  }
  record.begun.clear();
  record.forecast = forecast;
  record.finished = UtcNow();
  Write();
}

void Ledger::Delete(const Step& store) {
  StepRecord& record = records_.at(store.name);
  record.deleted = true;
  Write();  // first: a store that is half gone must not count as one that is there
  fs::remove_all(out_ / store.name);
}

const Json* Ledger::Measured(const std::string& name) const {
  const auto found = measured_.find(name);
  return found == measured_.end() ? nullptr : &*found;
}

void Ledger::KeepMeasured(const std::string& name, const Json& value) {
  measured_[name] = value;
  Write();
}

void Ledger::Write() const {
  OrderedJson steps = OrderedJson::object();
  for (const auto& [name, record] : records_) steps[name] = ToJson(record);
  WriteJsonFile(file_, OrderedJson{{"version", kVersion}, {"steps", steps}, {"measured", measured_}});
}

uint64_t InputHash(const std::string& input) {
  const fs::path file = fetch::FindDataFile(input);
  if (fs::is_regular_file(file)) return HashFile(file);
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(FindModelFolder(input))) {
    const std::string ending = entry.path().extension().string();
    if (entry.is_regular_file() && (ending == ".json" || ending == ".txt" || ending == ".safetensors"))
      files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  Xxh3 hash;
  for (const fs::path& path : files)
    hash.Update(Cat(path.filename().string(), " ", Hex(HashFile(path)), "\n"));
  return hash.Digest();
}

std::vector<uint64_t> StepKeys(const std::vector<Step>& steps, const fs::path& out) {
  std::map<std::string, uint64_t> inputs;
  std::vector<uint64_t> keys;
  for (const Step& step : steps) {
    OrderedJson parts = {{"args", Placeless(step.args, out)},
                         {"inputs", OrderedJson::array()},
                         {"needs", OrderedJson::array()}};
    for (const std::string& input : step.inputs) {
      if (!inputs.contains(input)) inputs[input] = InputHash(input);
      parts["inputs"].push_back(Hex(inputs[input]));
    }
    for (const size_t need : step.needs) parts["needs"].push_back(Hex(keys.at(need)));
    keys.push_back(HashText(parts.dump()));
  }
  return keys;
}

std::vector<size_t> UnneededStores(const std::vector<Step>& steps, const std::vector<StepState>& states) {
  std::set<size_t> needed;
  for (size_t i = 0; i < steps.size(); ++i) {
    if (states[i] == StepState::kDone) continue;
    needed.insert(steps[i].needs.begin(), steps[i].needs.end());
  }
  std::vector<size_t> unneeded;
  for (size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].kind == StepKind::kExtract && states[i] == StepState::kDone && !needed.contains(i))
      unneeded.push_back(i);
  }
  return unneeded;
}

}  // namespace bv::study
