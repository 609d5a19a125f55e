#include "report/run_setting.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "run/run_folder.h"

namespace bv {
namespace {

// Options that say where things are, how a run is watched, or which other heads are trained beside it; and
// those that have a place of their own in a setting.
constexpr auto kOptionsApart = std::to_array<std::string_view>(
    {"out", "config", "threads", "quiet", "verbose", "json", "states", "data", "dev-states", "dev-data",
     "model", "train", "dev", "head", "save-minutes", "save-steps", "seed", "fraction",
     "allow-other-backbone"});
constexpr auto kInputsApart =
    std::to_array<std::string_view>({"backbone", "backbone_fingerprint", "pooler_fingerprint", "dev_data"});

template <typename List>
bool Holds(const List& list, const std::string& name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

OrderedJson ValueOf(const OrderedJson& options, const char* name) {
  const auto found = options.find(name);
  return found != options.end() && found->is_object() ? found->value("value", OrderedJson()) : OrderedJson();
}

// Sorted, so that versions that write options in another order agree.
Json Counting(const RunRecord& record) {
  Json options = Json::object(), inputs = Json::object();
  for (const auto& [name, option] : record.options.items()) {
    if (!Holds(kOptionsApart, name)) options[name] = ValueOf(record.options, name.c_str());
  }
  for (const auto& [name, value] : record.inputs.items()) {
    if (!Holds(kInputsApart, name)) inputs[name] = value;
  }
  return {{"verb", record.verb}, {"options", options}, {"inputs", inputs}};
}

void AddSeed(const RunRecord& record, RunSetting* setting) {
  const auto seed = record.seeds.find("seed");
  const bool known = seed != record.seeds.end() && seed->is_number_integer();
  setting->seeds.push_back(known ? seed->get<int64_t>() : 0);
}

Json Fingerprint(const RunRecord& record) {
  Json fingerprints = Json::array();
  for (const char* name : {"backbone_fingerprint", "pooler_fingerprint"}) {
    if (record.inputs.contains(name)) fingerprints.push_back(Json(record.inputs.at(name)));
  }
  return fingerprints;
}

// The run of finetune that a head's backbone is a checkpoint of.
std::optional<RunRecord> FineTuningOf(const fs::path& run, const fs::path& checkpoint) {
  const fs::path folder = checkpoint.has_filename() ? checkpoint : checkpoint.parent_path();
  const auto found = FindRecorded(run, folder);
  if (!found || !fs::exists(found->parent_path() / "run.json")) return std::nullopt;
  try {
    RunRecord record = ReadRun(found->parent_path()).record;
    if (record.verb == "finetune") return record;
  } catch (const Error&) {  // not what the head was trained with, then
  }
  return std::nullopt;
}

Json BackboneOf(const ReportSystem& system, const RunRecord& record, RunSetting* setting) {
  const auto named = record.inputs.find("backbone");
  const fs::path checkpoint =
      named != record.inputs.end() && named->is_string() ? named->get<std::string>() : "";
  const auto tuning = FineTuningOf(system.run, checkpoint);
  if (!tuning) return Fingerprint(record);
  AddSeed(*tuning, setting);
  const fs::path folder = checkpoint.has_filename() ? checkpoint : checkpoint.parent_path();
  return {{"run", Counting(*tuning)}, {"began", Fingerprint(*tuning)}, {"at", folder.filename().string()}};
}

}  // namespace

std::optional<RunSetting> SettingOf(const ReportSystem& system) {
  if (system.kind != SystemKind::kBert && system.kind != SystemKind::kHead) return std::nullopt;
  const RunRecord record = ReadRun(system.run).record;
  RunSetting setting;
  AddSeed(record, &setting);
  Json all = {{"run", Counting(record)}, {"head", system.head}};
  if (system.kind == SystemKind::kHead) {
    all["backbone"] = BackboneOf(system, record, &setting);
    const OrderedJson fraction = ValueOf(record.options, "fraction");
    if (fraction.is_number()) setting.fraction = fraction.get<double>();
  } else {
    all["backbone"] = Fingerprint(record);
    all["epochs"] = system.epochs.value_or(0);
  }
  setting.text = all.dump(-1, ' ', false, Json::error_handler_t::replace);
  return setting;
}

}  // namespace bv
