#include "pipeline/run_source.h"

#include <algorithm>
#include <vector>

#include "base/error.h"
#include "base/strings.h"
#include "features/window_json.h"
#include "run/run_folder.h"

namespace bv {
namespace {

constexpr size_t kNamesShown = 5;

bool HoldsHead(const fs::path& folder) {
  return fs::exists(folder / "head.json");
}

bool HoldsModel(const fs::path& folder) {
  return fs::exists(folder / "config.json");
}

// The value of an option as run.json keeps it, or nothing.
const OrderedJson* OptionValue(const OrderedJson& options, const char* name) {
  const auto option = options.find(name);
  if (option == options.end() || !option->is_object()) return nullptr;
  const auto value = option->find("value");
  return value == option->end() ? nullptr : &*value;
}

// From 1 to DecodeOptions::kMost.
int32_t CountOption(const OrderedJson& options, const char* name, int32_t otherwise,
                    const std::string& file) {
  const OrderedJson* value = OptionValue(options, name);
  if (value == nullptr) return otherwise;
  const Json option = {{"value", Json(*value)}};
  return static_cast<int32_t>(
      RequireInteger(option, "value", 1, DecodeOptions::kMost, file, Cat("options.", name)));
}

// The decoder follows the windows, unless the run says otherwise.
DecodeOptions DecodeOptionsOf(const SavedRun& run, WindowRule rule, const std::string& file) {
  const OrderedJson& options = run.record.options;
  DecodeOptions decode;
  decode.n_best = CountOption(options, "n-best", decode.n_best, file);
  decode.max_answer_length = CountOption(options, "max-answer-length", decode.max_answer_length, file);
  const OrderedJson* decoder = OptionValue(options, "decoder");
  const bool settled = decoder != nullptr && decoder->is_string() && *decoder != "auto";
  if (settled && *decoder != "hf" && *decoder != "paper")
    throw DataError(file, Cat("options.decoder is ", decoder->dump(), ", allowed: auto, hf, paper"));
  decode.decoder = settled ? ParseDecoder(decoder->get<std::string>()) : DecoderFor(rule);
  const OrderedJson* threshold = OptionValue(options, "null-threshold");
  if (threshold != nullptr && threshold->is_number()) decode.null_threshold = threshold->get<double>();
  const OrderedJson* score = OptionValue(options, "null-score");
  if (score != nullptr && *score == "max") decode.null_score = DecodeOptions::kMax;
  const auto no_answer = run.record.inputs.find("no_answer");
  if (no_answer != run.record.inputs.end() && no_answer->is_boolean()) decode.allow_no_answer = *no_answer;
  return decode;
}

// Spans, where a run does not say otherwise.
Task TaskOf(const SavedRun& run, const std::string& file) {
  const auto task = run.record.inputs.find("task");
  if (task == run.record.inputs.end()) return {};
  return TaskFromJson(Json::parse(task->dump()), file);
}

Task TaskOfModel(const fs::path& folder) {
  const BertConfig config = ReadBertConfig(folder);
  if (config.architecture != "BertForSequenceClassification") return {};
  if (config.regression || config.labels.size() == 1) return {TaskKind::kRegression, "regression", {}};
  return {TaskKind::kClassification, "classification", config.labels};
}

RunSource HeadSource(const fs::path& folder) {
  const SavedRun run = ReadRun(folder);
  const std::string file = (folder / "run.json").string();
  if (!run.finished) {
    throw DataError(folder.string(), "this run is not finished; its training goes on with the same command");
  }
  RunSource source;
  source.folder = folder;
  source.is_head = true;
  source.origin = OriginFromJson(Json::parse(run.record.inputs.dump()), file);
  source.task = TaskOf(run, file);
  source.described = true;
  source.windows = source.origin->windows;
  source.precision = source.origin->precision;
  source.decode = DecodeOptionsOf(run, source.windows.rule, file);
  return source;
}

// A model of `finetune` lies in a folder of its run; any other is taken as it is.
RunSource ModelSource(const fs::path& folder) {
  RunSource source;
  source.folder = folder;
  source.task = TaskOfModel(folder);
  const fs::path above = fs::absolute(folder).lexically_normal() / "..";
  for (const fs::path& place : {folder, above}) {
    if (!fs::exists(place / "run.json")) continue;
    const SavedRun run = ReadRun(place);
    if (run.record.verb != "finetune") continue;
    const std::string file = (place / "run.json").string();
    const Json inputs = Json::parse(run.record.inputs.dump());
    source.task = TaskOf(run, file);
    source.described = true;
    source.windows = ReadWindowOptions(inputs, file, "inputs");
    source.precision = RequireString(inputs, "precision", file, "inputs");
    source.decode = DecodeOptionsOf(run, source.windows.rule, file);
    break;
  }
  return source;
}

fs::path OnlyRunBelow(const fs::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.is_directory() && (HoldsHead(entry.path()) || HoldsModel(entry.path())))
      names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  if (names.size() == 1) return folder / names[0];
  if (names.empty()) {
    throw DataError(
        folder.string(),
        "neither a head (head.json, run.json) nor a model (config.json) is in this folder or right "
        "below it; an unfinished training?");
  }
  const size_t count = names.size();
  names.resize(std::min(kNamesShown, count));
  throw DataError(folder.string(), Cat("holds ", count, " runs (", Join(names, ", "),
                                       count > kNamesShown ? ", …" : "", "); name one of them"));
}

}  // namespace

RunSource FindRun(const fs::path& folder) {
  if (!fs::is_directory(folder)) {
    throw Error(ErrorKind::kIo, Cat("no run at '", folder.string(), "': ",
                                    fs::exists(folder) ? "not a folder" : "the folder does not exist"));
  }
  if (HoldsHead(folder)) return HeadSource(folder);
  if (HoldsModel(folder)) return ModelSource(folder);
  const fs::path below = OnlyRunBelow(folder);
  return HoldsHead(below) ? HeadSource(below) : ModelSource(below);
}

}  // namespace bv
