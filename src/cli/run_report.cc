#include "cli/run_report.h"

#include <algorithm>

#include "base/error.h"
#include "base/log.h"
#include "base/strings.h"
#include "cli/score_columns.h"
#include "run/run_folder.h"
#include "store/store_index.h"
#include "tensorfile/tensor_file.h"
#include "train/finetune_run.h"
#include "train/head_run.h"

namespace bv::cli {
namespace {

int64_t CountParameters(const fs::path& file) {
  const TensorFile tensors(file);
  int64_t count = 0;
  for (const auto& name : tensors.names()) count += tensors.Get(name).numel();
  return count;
}

// A path option's value as the run recorded it; empty where it was not given.
fs::path RecordedPath(const SavedRun& run, const char* option) {
  const auto found = run.record.options.find(option);
  if (found == run.record.options.end() || !found->is_object()) return {};
  const auto value = found->find("value");
  if (value == found->end() || !value->is_string()) return {};
  return value->get<std::string>();
}

// The dev data of a head: given as text, or named by the store that was extracted from it.
fs::path DevDataOfHead(const fs::path& folder) {
  const SavedRun run = ReadRun(folder);
  if (fs::path text = RecordedPath(run, "dev-data"); !text.empty()) return text;
  const auto store = FindRecorded(folder, RecordedPath(run, "dev-states"));
  // Stores are large and often gone by now, or written anew: then the data is not found this way.
  try {
    return store ? ReadStoreIndex(*store).info.data : "";
  } catch (const Error&) {
    return {};
  }
}

void AddFineTuning(const fs::path& run, std::vector<ReportSystem>* rows) {
  const fs::path dev = RecordedPath(ReadRun(run), "dev");
  for (const FineTunePoint& point : ReadFineTunePoints(run)) {
    ReportSystem row;
    row.folder = run / point.folder;
    if (!fs::exists(row.folder / "model.safetensors")) {
      LogWarning(Cat(row.folder.string(), " is gone and left out"));
      continue;
    }
    row.run = run;
    row.kind = SystemKind::kBert;
    row.dev = dev;
    row.epochs = point.epoch;
    row.parameters = CountParameters(row.folder / "model.safetensors");
    row.share = 100;
    row.seconds = point.seconds;
    for (const auto& [name, value] : point.metrics) row.metrics.emplace_back("eval_" + name, value);
    rows->push_back(std::move(row));
  }
}

void AddHead(const fs::path& run, std::vector<ReportSystem>* rows) {
  const HeadResult result = ReadHeadResult(run);
  ReportSystem row;
  row.folder = row.run = run;
  row.kind = SystemKind::kHead;
  row.head = result.head;
  row.dev = DevDataOfHead(run);
  row.parameters = result.parameters;
  if (result.backbone_parameters) {
    row.share =
        100.0 * static_cast<double>(result.parameters) / static_cast<double>(*result.backbone_parameters);
  }
  row.metrics = result.metrics;
  for (const auto& [name, value] : result.metrics) {
    if (name == "train_runtime") row.seconds = value;
  }
  rows->push_back(std::move(row));
}

// An ensemble, or an evaluation that was kept: scores without a training.
void AddEvaluation(const fs::path& run, const SavedRun& saved, std::vector<ReportSystem>* rows) {
  if (!saved.finished) throw DataError(run.string(), "this run is not finished");
  ReportSystem row;
  row.folder = row.run = run;
  row.kind = saved.record.verb == "ensemble" ? SystemKind::kEnsemble : SystemKind::kEvaluation;
  row.dev = RecordedPath(saved, "data");
  const auto parameters = saved.record.inputs.find("parameters");
  if (parameters != saved.record.inputs.end() && parameters->is_number_integer())
    row.parameters = parameters->get<int64_t>();
  row.metrics = ReadResults(run / "all_results.json");
  rows->push_back(std::move(row));
}

// False where the folder is no run.
bool AddRun(const fs::path& folder, std::vector<ReportSystem>* rows) {
  if (!fs::exists(folder / "run.json")) return false;
  const SavedRun saved = ReadRun(folder);
  if (saved.record.verb == "ensemble" || saved.record.verb == "eval") {
    AddEvaluation(folder, saved, rows);
  } else {
    fs::exists(folder / "head.json") ? AddHead(folder, rows) : AddFineTuning(folder, rows);
  }
  return true;
}

// Runs right in the folder and in folders of it, `depth` deep.
void AddRunsBelow(const fs::path& folder, int depth, std::vector<ReportSystem>* rows) {
  std::vector<fs::path> inside;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.is_directory()) inside.push_back(entry.path());
  }
  std::sort(inside.begin(), inside.end());
  for (const auto& path : inside) {
    if (!fs::exists(path / "run.json")) {
      if (depth > 1) AddRunsBelow(path, depth - 1, rows);
    } else if (ReadRun(path).finished) {
      AddRun(path, rows);
    } else {
      LogWarning(Cat(path.string(), " is not finished and left out"));
    }
  }
}

void AddFolderOfRuns(const fs::path& folder, std::vector<ReportSystem>* rows) {
  constexpr int kDepth = 3;
  if (!fs::is_directory(folder)) {
    throw Error(ErrorKind::kIo,
                Cat("'", folder.string(), "' is not a folder; a run, or a folder of runs, is needed"));
  }
  const size_t before = rows->size();
  AddRunsBelow(folder, kDepth, rows);
  if (rows->size() == before) {
    throw DataError(folder.string(), "no finished run of finetune, train, ensemble or eval is in it");
  }
}

// Cuts the leading folders that all rows share.
void ShortenNames(std::vector<ReportSystem>* rows) {
  fs::path common = rows->front().folder.parent_path();
  for (const auto& row : *rows) {
    while (!common.empty() && fs::relative(row.folder, common).string().starts_with("..")) {
      common = common.has_relative_path() ? common.parent_path() : fs::path();
    }
  }
  for (auto& row : *rows)
    row.name = (common.empty() ? row.folder : fs::relative(row.folder, common)).string();
}

}  // namespace

std::vector<ReportSystem> CollectRuns(const std::vector<fs::path>& folders) {
  std::vector<ReportSystem> rows;
  for (const auto& given : folders) {
    // "runs/a/" is named "a" too.
    const fs::path folder = given.has_filename() ? given : given.parent_path();
    if (!AddRun(folder, &rows)) AddFolderOfRuns(folder, &rows);
  }
  if (rows.empty()) throw Error(ErrorKind::kData, "none of the runs has a result yet");
  ShortenNames(&rows);
  return rows;
}

Table RunTable(const std::vector<ReportSystem>& rows) {
  std::vector<const Metrics*> metrics;
  for (const ReportSystem& row : rows) metrics.push_back(&row.metrics);
  const std::vector<ScoreColumn> columns = ScoreColumns(metrics, "eval_");
  std::vector<Column> heads = {{"system", Align::kLeft}};
  AddHeads(columns, &heads);
  heads.push_back({"parameters"});
  heads.push_back({"% of BERT", Align::kRight, 3});
  heads.push_back({"train s", Align::kRight, 1});
  Table table(heads);
  for (const auto& row : rows) {
    std::vector<Cell> cells = {row.name};
    AddCells(columns, row.metrics, &cells);
    cells.push_back(row.parameters > 0 ? Cell(row.parameters) : Cell());
    cells.push_back(row.share ? Cell(*row.share) : Cell());
    cells.push_back(row.seconds ? Cell(*row.seconds) : Cell());
    table.AddRow(cells);
  }
  return table;
}

OrderedJson RunJson(const std::vector<ReportSystem>& rows) {
  OrderedJson list = OrderedJson::array();
  for (const auto& row : rows) {
    OrderedJson metrics = OrderedJson::object();
    for (const auto& [name, value] : row.metrics) metrics[name] = value;
    list.push_back({{"name", row.name},
                    {"folder", row.folder.string()},
                    {"kind", KindName(row.kind)},
                    {"parameters", row.parameters > 0 ? OrderedJson(row.parameters) : OrderedJson(nullptr)},
                    {"share_percent", row.share ? OrderedJson(*row.share) : OrderedJson(nullptr)},
                    {"train_seconds", row.seconds ? OrderedJson(*row.seconds) : OrderedJson(nullptr)},
                    {"metrics", metrics}});
  }
  return list;
}

}  // namespace bv::cli
