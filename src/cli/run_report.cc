#include "cli/run_report.h"

#include <algorithm>
#include <cmath>

#include "analysis/layers.h"
#include "base/error.h"
#include "base/log.h"
#include "base/strings.h"
#include "report/run_setting.h"
#include "report/score_columns.h"
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

// The dev data of a head: given as text, or what its store was extracted from.
fs::path DevDataOfHead(const fs::path& folder) {
  const SavedRun run = ReadRun(folder);
  const auto noted = run.record.inputs.find("dev_data");
  if (noted != run.record.inputs.end() && noted->is_string()) return noted->get<std::string>();
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
  const auto dev = saved.record.inputs.find("dev_data");
  if (row.dev.empty() && dev != saved.record.inputs.end() && dev->is_string())
    row.dev = dev->get<std::string>();
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
  constexpr int kDepth = 6;  // of a study: experiment, heads, backbone, checkpoint, seed, head
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

// A row's scores: of several seeds with the lowest and highest.
void AddRowCells(const std::vector<ScoreColumn>& columns, const ReportRow& row, std::vector<Cell>* cells) {
  for (const ScoreColumn& column : columns) {
    const auto score = ScoreIn(column, row.system.metrics);
    const auto range = SpreadIn(column, row);
    cells->push_back(CellOf(score));
    if (score && range) cells->back() = Spread{*score, range->low, range->high};
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

void AddLayerWeights(std::vector<ReportSystem>* systems) {
  for (ReportSystem& system : *systems) {
    if (system.kind != SystemKind::kHead || !fs::exists(system.folder / "head.safetensors")) continue;
    const auto use = LayerUseOf(ReadHeadLayers({system.folder}).front());
    if (!use) continue;
    LayerWeights& weights = system.layer_weights.emplace();
    weights.what = use->what;
    weights.layers.assign(use->layers.begin(), use->layers.end());
    double whole = 0;
    for (const double value : use->values) whole += std::abs(value);
    for (const double value : use->values) weights.weights.push_back(whole > 0 ? value / whole : 0);
  }
}

std::vector<ReportRow> RowsOf(const std::vector<ReportSystem>& systems, bool gather_seeds) {
  return gather_seeds ? GatherSeeds(systems) : SingleRows(systems);
}

Table RunTable(const std::vector<ReportRow>& rows) {
  std::vector<const Metrics*> metrics;
  bool fractions = false;
  for (const ReportRow& row : rows) {
    metrics.push_back(&row.system.metrics);
    fractions = fractions || row.fraction < 1;
  }
  const std::vector<ScoreColumn> columns = ScoreColumns(metrics, "eval_");
  std::vector<Column> heads = {{"system", Align::kLeft}};
  if (fractions) heads.push_back({"fraction"});
  AddHeads(columns, &heads);
  heads.push_back({"parameters"});
  heads.push_back({"% of BERT", Align::kRight, 3});
  heads.push_back({"train s", Align::kRight, 1});
  Table table(heads);
  for (const ReportRow& row : rows) {
    const ReportSystem& system = row.system;
    std::vector<Cell> cells = {system.name};
    if (fractions) cells.emplace_back(row.fraction);
    AddRowCells(columns, row, &cells);
    cells.push_back(system.parameters > 0 ? Cell(system.parameters) : Cell());
    cells.push_back(CellOf(system.share));
    cells.push_back(CellOf(system.seconds));
    table.AddRow(cells);
  }
  return table;
}

OrderedJson RunJson(const std::vector<ReportSystem>& systems) {
  OrderedJson list = OrderedJson::array();
  for (const ReportSystem& system : systems) {
    OrderedJson metrics = OrderedJson::object();
    for (const auto& [name, value] : system.metrics) metrics[name] = value;
    list.push_back(
        {{"name", system.name},
         {"folder", system.folder.string()},
         {"kind", KindName(system.kind)},
         {"parameters", system.parameters > 0 ? OrderedJson(system.parameters) : OrderedJson(nullptr)},
         {"share_percent", system.share ? OrderedJson(*system.share) : OrderedJson(nullptr)},
         {"train_seconds", system.seconds ? OrderedJson(*system.seconds) : OrderedJson(nullptr)},
         {"metrics", metrics}});
  }
  for (const ReportRow& row : GatherSeeds(systems)) {
    for (const size_t member : row.members) {
      OrderedJson& one = list[member];
      one["line"] = row.system.name;
      const auto setting = SettingOf(systems[member]);
      one["seeds"] = setting ? OrderedJson(setting->seeds) : OrderedJson::array();
      one["fraction"] = row.fraction;
    }
  }
  return list;
}

}  // namespace bv::cli
