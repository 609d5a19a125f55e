#include "run/trainer_state.h"

#include <cmath>
#include <limits>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/json_number.h"
#include "base/strings.h"

namespace bv {
namespace {

constexpr int64_t kMany = std::numeric_limits<int64_t>::max();

// ordered: the same entry, with its keys as they stand in the file.
LogEntry ReadEntry(const Json& json, const OrderedJson& ordered, const std::string& file,
                   const std::string& where) {
  LogEntry entry;
  entry.epoch = RequireNumber(json, "epoch", file, where);
  entry.step = RequireInteger(json, "step", 0, kMany, file, where);
  for (const auto& [name, value] : ordered.items()) {
    if (name == "epoch" || name == "step") continue;
    if (!value.is_number() && !value.is_null()) {
      throw DataError(file, Cat("'", where, ".", name, "' is ", value.type_name(), ", a number is needed"));
    }
    entry.values.emplace_back(name, value.is_null() ? std::nan("") : value.get<double>());
  }
  return entry;
}

}  // namespace

void WriteTrainerState(const std::filesystem::path& file, const TrainerState& state) {
  OrderedJson json = OrderedJson::object();
  json["best_metric"] = state.best_metric ? NumberOrNull(*state.best_metric) : OrderedJson(nullptr);
  json["best_model_checkpoint"] =
      state.best_model_checkpoint.empty() ? OrderedJson(nullptr) : OrderedJson(state.best_model_checkpoint);
  json["epoch"] = state.epoch;
  json["global_step"] = state.global_step;
  json["is_local_process_zero"] = true;
  json["is_world_process_zero"] = true;
  json["log_history"] = OrderedJson::array();
  for (const LogEntry& entry : state.log_history) {
    OrderedJson one = OrderedJson::object();
    one["epoch"] = entry.epoch;
    for (const auto& [name, value] : entry.values) one[name] = NumberOrNull(value);
    one["step"] = entry.step;
    json["log_history"].push_back(std::move(one));
  }
  json["max_steps"] = state.max_steps;
  json["num_train_epochs"] = state.num_train_epochs;
  json["train_batch_size"] = state.train_batch_size;
  WriteJsonFile(file, json);
}

TrainerState ReadTrainerState(const std::filesystem::path& path) {
  const std::string file = path.string();
  const Json json = ReadJsonFile(path);
  TrainerState state;
  state.epoch = RequireNumber(json, "epoch", file);
  state.global_step = RequireInteger(json, "global_step", 0, kMany, file);
  state.max_steps = RequireInteger(json, "max_steps", 0, kMany, file);
  state.num_train_epochs = RequireNumber(json, "num_train_epochs", file);
  state.train_batch_size = static_cast<int32_t>(
      RequireInteger(json, "train_batch_size", 0, std::numeric_limits<int32_t>::max(), file));
  if (!RequireKey(json, "best_metric", file).is_null())
    state.best_metric = RequireNumber(json, "best_metric", file);
  if (!RequireKey(json, "best_model_checkpoint", file).is_null()) {
    state.best_model_checkpoint = RequireString(json, "best_model_checkpoint", file);
  }
  const Json& history = RequireArray(json, "log_history", file);
  const OrderedJson ordered = OrderedJson::parse(ReadFile(path))["log_history"];
  for (size_t i = 0; i < history.size(); ++i) {
    state.log_history.push_back(ReadEntry(history[i], ordered[i], file, Cat("log_history[", i, "]")));
  }
  return state;
}

}  // namespace bv
