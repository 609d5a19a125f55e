#include "cli/run_report.h"

#include <algorithm>

#include "base/error.h"
#include "base/log.h"
#include "base/strings.h"
#include "cli/metric_cell.h"
#include "run/run_folder.h"
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

void AddFineTuning(const fs::path& run, std::vector<ReportRow>* rows) {
  for (const FineTunePoint& point : ReadFineTunePoints(run)) {
    ReportRow row;
    row.folder = run / point.folder;
    row.kind = "BERT";
    row.parameters = CountParameters(row.folder / "model.safetensors");
    row.share = 100;
    row.seconds = point.seconds;
    for (const auto& [name, value] : point.metrics) row.metrics.emplace_back("eval_" + name, value);
    rows->push_back(std::move(row));
  }
}

void AddHead(const fs::path& run, std::vector<ReportRow>* rows) {
  const HeadResult result = ReadHeadResult(run);
  ReportRow row;
  row.folder = run;
  row.kind = "head";
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
void AddEvaluation(const fs::path& run, const SavedRun& saved, std::vector<ReportRow>* rows) {
  if (!saved.finished) throw DataError(run.string(), "this run is not finished");
  ReportRow row;
  row.folder = run;
  row.kind = saved.record.verb;
  const auto parameters = saved.record.inputs.find("parameters");
  if (parameters != saved.record.inputs.end() && parameters->is_number_integer())
    row.parameters = parameters->get<int64_t>();
  row.metrics = ReadResults(run / "all_results.json");
  rows->push_back(std::move(row));
}

// False where the folder is no run.
bool AddRun(const fs::path& folder, std::vector<ReportRow>* rows) {
  if (!fs::exists(folder / "run.json")) return false;
  const SavedRun saved = ReadRun(folder);
  if (saved.record.verb == "ensemble" || saved.record.verb == "eval") {
    AddEvaluation(folder, saved, rows);
  } else {
    fs::exists(folder / "head.json") ? AddHead(folder, rows) : AddFineTuning(folder, rows);
  }
  return true;
}

void AddFolderOfRuns(const fs::path& folder, std::vector<ReportRow>* rows) {
  if (!fs::is_directory(folder)) {
    throw Error(ErrorKind::kIo,
                Cat("'", folder.string(), "' is not a folder; a run, or a folder of runs, is needed"));
  }
  std::vector<fs::path> inside;
  for (const auto& entry : fs::directory_iterator(folder)) inside.push_back(entry.path());
  std::sort(inside.begin(), inside.end());
  const size_t before = rows->size();
  for (const auto& path : inside) {
    const bool run = fs::exists(path / "run.json");
    if (run && !ReadRun(path).finished) {
      LogWarning(Cat(path.string(), " is not finished and left out"));
    } else if (run) {
      AddRun(path, rows);
    }
  }
  if (rows->size() == before) {
    throw DataError(folder.string(), "no finished run of finetune, train, ensemble or eval is in it");
  }
}

// Cuts the leading folders that all rows share.
void ShortenNames(std::vector<ReportRow>* rows) {
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

std::vector<ReportRow> CollectRuns(const std::vector<fs::path>& folders) {
  std::vector<ReportRow> rows;
  for (const auto& given : folders) {
    // "runs/a/" is named "a" too.
    const fs::path folder = given.has_filename() ? given : given.parent_path();
    if (!AddRun(folder, &rows)) AddFolderOfRuns(folder, &rows);
  }
  if (rows.empty()) throw Error(ErrorKind::kData, "none of the runs has a result yet");
  ShortenNames(&rows);
  return rows;
}

Table RunTable(const std::vector<ReportRow>& rows) {
  Table table({{"system", Align::kLeft},
               {"EM"},
               {"F1"},
               {"HasAns EM"},
               {"HasAns F1"},
               {"NoAns"},
               {"dev loss", Align::kRight, 3},
               {"parameters"},
               {"% of BERT", Align::kRight, 3},
               {"train s", Align::kRight, 1}});
  for (const auto& row : rows) {
    table.AddRow({row.name, MetricCell(row.metrics, {"eval_exact", "eval_exact_match"}),
                  MetricCell(row.metrics, {"eval_f1"}), MetricCell(row.metrics, {"eval_HasAns_exact"}),
                  MetricCell(row.metrics, {"eval_HasAns_f1"}), MetricCell(row.metrics, {"eval_NoAns_f1"}),
                  MetricCell(row.metrics, {"eval_loss"}), row.parameters ? Cell(*row.parameters) : Cell(),
                  row.share ? Cell(*row.share) : Cell(), row.seconds ? Cell(*row.seconds) : Cell()});
  }
  return table;
}

OrderedJson RunJson(const std::vector<ReportRow>& rows) {
  OrderedJson list = OrderedJson::array();
  for (const auto& row : rows) {
    OrderedJson metrics = OrderedJson::object();
    for (const auto& [name, value] : row.metrics) metrics[name] = value;
    list.push_back({{"name", row.name},
                    {"folder", row.folder.string()},
                    {"kind", row.kind},
                    {"parameters", row.parameters ? OrderedJson(*row.parameters) : OrderedJson(nullptr)},
                    {"share_percent", row.share ? OrderedJson(*row.share) : OrderedJson(nullptr)},
                    {"train_seconds", row.seconds ? OrderedJson(*row.seconds) : OrderedJson(nullptr)},
                    {"metrics", metrics}});
  }
  return list;
}

}  // namespace bv::cli
