#include "cli/finetune_display.h"

#include <algorithm>
#include <iostream>

#include "base/interrupt.h"
#include "base/log.h"
#include "base/strings.h"
#include "cli/metric_cell.h"
#include "report/table.h"

namespace bv::cli {
namespace {

// Of an evaluation's values: not scores.
bool IsCost(const std::string& name) {
  return name == "loss" || name == "runtime" || name == "samples_per_second";
}

std::vector<std::string> ScoreNames(const std::vector<FineTunePoint>& points) {
  std::vector<std::string> names;
  for (const FineTunePoint& point : points) {
    for (const auto& [name, value] : point.metrics) {
      if (!IsCost(name) && std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  return names;
}

void PrintJson(const std::filesystem::path& out, const std::vector<FineTunePoint>& points,
               const std::string& best) {
  OrderedJson list = OrderedJson::array();
  for (const auto& point : points) {
    OrderedJson metrics = OrderedJson::object();
    for (const auto& [key, value] : point.metrics) metrics[key] = value;
    list.push_back({{"epoch", point.epoch},
                    {"step", point.step},
                    {"folder", (out / point.folder).string()},
                    {"train_seconds", point.seconds},
                    {"best", point.folder == best},
                    {"metrics", metrics}});
  }
  std::cout << list.dump(2) << "\n";
}

// Columns of a table of spans: title and the names that the value may have.
struct ScoreColumn {
  std::string title;
  std::vector<std::string> names;
  int digits = 2;
};

std::vector<ScoreColumn> ColumnsFor(const Task& task, const std::vector<FineTunePoint>& points) {
  if (task.of_spans()) {
    return {{"EM", {"exact", "exact_match"}},
            {"F1", {"f1"}},
            {"HasAns EM", {"HasAns_exact"}},
            {"HasAns F1", {"HasAns_f1"}},
            {"NoAns", {"NoAns_f1"}}};
  }
  std::vector<ScoreColumn> columns;
  for (const std::string& name : ScoreNames(points)) columns.push_back({name, {name}, 4});
  return columns;
}

}  // namespace

void FineTuneDisplay::OnResume(int64_t step) {
  LogInfo(Cat("going on from the checkpoint at step ", step));
}

void FineTuneDisplay::OnStep(int64_t step, int64_t total, double epoch, const FineTuneStep& result) {
  smooth_ = smooth_ == 0 ? result.loss : 0.9 * smooth_ + 0.1 * result.loss;
  bar_.SetNote(Cat("epoch ", Fixed(epoch, 2), "  loss ", Fixed(smooth_, 3)));
  bar_.Set(step);
  Forecast(total - step);
}

void FineTuneDisplay::OnEvaluating(int64_t done, int64_t total) {
  bar_.SetNote(Cat("evaluating ", Thousands(done), "/", Thousands(total), " windows"));
  bar_.Redraw();
}

void FineTuneDisplay::OnPoint(const FineTunePoint& point) {
  constexpr size_t kScoresShown = 2;
  bar_.Clear();
  std::string line = Cat(point.folder, " (step ", point.step, ")");
  size_t shown = 0;
  for (const auto& [name, value] : point.metrics) {
    if (name == "loss" || (!IsCost(name) && shown++ < kScoresShown))
      line += Cat("  ", name, " ", Fixed(value, 3));
  }
  LogInfo(line);
}

bool FineTuneDisplay::StopRequested() {
  return InterruptRequested();
}

// The first step warms up; the next few tell how long the rest takes.
void FineTuneDisplay::Forecast(int64_t left) {
  constexpr int kSample = 4;
  if (++steps_ == 1) begin_ = std::chrono::steady_clock::now();
  if (steps_ != 1 + kSample) return;
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin_;
  bar_.Clear();
  LogInfo(Cat("about ", HumanSeconds(seconds.count() / kSample * static_cast<double>(left)),
              " to go, without evaluations"));
}

void PrintFineTunePoints(const std::filesystem::path& out, const std::vector<FineTunePoint>& points,
                         const std::string& best, const Task& task, bool json) {
  if (json) return PrintJson(out, points, best);
  const std::vector<ScoreColumn> columns = ColumnsFor(task, points);
  std::vector<Column> heads = {{"checkpoint", Align::kLeft}};
  for (const ScoreColumn& column : columns) heads.push_back({column.title, Align::kRight, column.digits});
  heads.push_back({"dev loss", Align::kRight, 3});
  heads.push_back({"train s", Align::kRight, 1});
  Table table(heads);
  for (const auto& point : points) {
    std::vector<Cell> row = {(out / point.folder).string() + (point.folder == best ? " (best)" : "")};
    for (const ScoreColumn& column : columns) row.push_back(MetricCell(point.metrics, column.names));
    row.push_back(MetricCell(point.metrics, {"loss"}));
    row.emplace_back(point.seconds);
    table.AddRow(row);
  }
  std::cout << table.Print(TableFormat::kText);
}

}  // namespace bv::cli
