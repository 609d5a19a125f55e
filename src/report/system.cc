#include "report/system.h"

#include <cmath>
#include <map>
#include <set>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/strings.h"
#include "run/run_folder.h"

namespace bv {
namespace {

constexpr int64_t kMost = 1'000'000;

std::string TextAt(const OrderedJson& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

int64_t IntegerAt(const OrderedJson& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number_integer() ? found->get<int64_t>() : 0;
}

bool FlagOption(const OrderedJson& options, const char* name) {
  const auto found = options.find(name);
  if (found == options.end() || !found->is_object()) return false;
  const auto value = found->find("value");
  return value != found->end() && value->is_boolean() && value->get<bool>();
}

void TextOption(const OrderedJson& options, const char* name, std::string* to) {
  const auto found = options.find(name);
  if (found == options.end() || !found->is_object()) return;
  const auto value = found->find("value");
  if (value != found->end() && value->is_string()) *to = value->get<std::string>();
}

// The options of reading data that verbs of all tasks share; heads on stores have none of them.
TaskOptions ReadingOf(const OrderedJson& options) {
  TaskOptions reading;
  TextOption(options, "text-column", &reading.columns.text);
  TextOption(options, "pair-column", &reading.columns.text_b);
  TextOption(options, "label-column", &reading.columns.label);
  reading.with_context = FlagOption(options, "with-context");
  reading.skip_bad_answers = FlagOption(options, "skip-bad-answers");
  reading.skip_bad_rows = FlagOption(options, "skip-bad-rows");
  return reading;
}

// A checkpoint's own configuration, as Hugging Face writes it.
void ReadSizes(ReportSystem* system) {
  const fs::path file = system->folder / "config.json";
  if (!fs::exists(file)) return;
  const Json config = ReadJsonFile(file);
  system->layers = RequireInteger(config, "num_hidden_layers", 1, kMost, file.string()) + 1;
  system->hidden = RequireInteger(config, "hidden_size", 1, kMost, file.string());
}

void ReadRunOf(ReportSystem* system) {
  const SavedRun run = ReadRun(system->run);
  const RunRecord& record = run.record;
  system->version = run.version;
  system->command = record.command;
  system->precision = TextAt(record.inputs, "precision");
  system->processor = TextAt(record.machine, "cpu");
  system->backbone = TextAt(record.inputs, "backbone");
  system->backbone_fingerprint = TextAt(record.inputs, "backbone_fingerprint");
  system->reading = ReadingOf(record.options);
  const auto task = record.inputs.find("task");
  if (task != record.inputs.end()) {
    system->task = TaskFromJson(Json(*task), (system->run / "run.json").string());
    if (system->task->of_spans()) system->task.reset();
  }
  if (system->kind == SystemKind::kBert) {
    system->dev_hash = TextAt(record.inputs, "dev_hash");
    ReadSizes(system);
    return;
  }
  system->dev_hash = TextAt(record.inputs, "dev_data_hash");
  system->hidden = IntegerAt(record.inputs, "hidden");
  const auto layers = record.inputs.find("layers");
  if (layers != record.inputs.end() && layers->is_array())
    system->layers = static_cast<int64_t>(layers->size());
}

void ReadHistory(ReportSystem* system) {
  TrainerState state = ReadTrainerState(system->run / "trainer_state.json");
  system->history = std::move(state.log_history);
  if (state.num_train_epochs > 0) {
    system->train_windows = static_cast<double>(state.max_steps) *
                            static_cast<double>(state.train_batch_size) / state.num_train_epochs;
  }
}

// The E of a folder named epoch-E.
std::optional<double> EpochOfName(const fs::path& folder) {
  const std::string name = (folder.has_filename() ? folder : folder.parent_path()).filename().string();
  constexpr std::string_view kPrefix = "epoch-";
  if (!name.starts_with(kPrefix)) return std::nullopt;
  size_t used = 0;
  try {
    const double epoch = std::stod(name.substr(kPrefix.size()), &used);
    if (kPrefix.size() + used == name.size() && std::isfinite(epoch) && epoch >= 0) return epoch;
  } catch (const std::exception&) {  // no number, or one out of range: some other folder
  }
  return std::nullopt;
}

// Checkpoints know their epochs; heads get those of their backbones.
void FindEpochs(std::vector<ReportSystem>* systems) {
  std::map<fs::path, double> checkpoints;
  std::set<std::string> beginnings;
  for (const ReportSystem& system : *systems) {
    if (system.kind != SystemKind::kBert) continue;
    if (system.epochs) checkpoints[fs::weakly_canonical(system.folder)] = *system.epochs;
    beginnings.insert(system.backbone_fingerprint);
  }
  for (ReportSystem& system : *systems) {
    if (system.kind == SystemKind::kBert) continue;
    const auto checkpoint = checkpoints.find(fs::weakly_canonical(system.backbone));
    if (checkpoint != checkpoints.end()) {
      system.epochs = checkpoint->second;
    } else if (beginnings.contains(system.backbone_fingerprint)) {
      system.epochs = 0;
    } else {
      system.epochs = EpochOfName(system.backbone);
    }
  }
}

}  // namespace

const char* KindName(SystemKind kind) {
  switch (kind) {
    case SystemKind::kBert:
      return "BERT";
    case SystemKind::kHead:
      return "head";
    case SystemKind::kEnsemble:
      return "ensemble";
    case SystemKind::kEvaluation:
      break;
  }
  return "eval";
}

void ReadDetails(std::vector<ReportSystem>* systems) {
  for (ReportSystem& system : *systems) {
    ReadRunOf(&system);
    if (fs::exists(system.run / "trainer_state.json")) ReadHistory(&system);
  }
  FindEpochs(systems);
}

}  // namespace bv
