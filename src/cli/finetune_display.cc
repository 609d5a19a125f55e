#include "cli/finetune_display.h"

#include <iostream>

#include "base/interrupt.h"
#include "base/log.h"
#include "base/strings.h"
#include "report/score_columns.h"
#include "report/table.h"

namespace bv::cli {
namespace {

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
  bar_.Clear();
  LogInfo(Cat(point.folder, " (step ", point.step, ")", ScoreLine(point.metrics)));
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
                         const std::string& best, bool json) {
  if (json) return PrintJson(out, points, best);
  std::vector<const Metrics*> rows;
  rows.reserve(points.size());
  for (const auto& point : points) rows.push_back(&point.metrics);
  const std::vector<ScoreColumn> columns = ScoreColumns(rows, "");
  std::vector<Column> heads = {{"checkpoint", Align::kLeft}};
  AddHeads(columns, &heads);
  heads.push_back({"train s", Align::kRight, 1});
  Table table(heads);
  for (const auto& point : points) {
    std::vector<Cell> cells = {(out / point.folder).string() + (point.folder == best ? " (best)" : "")};
    AddCells(columns, point.metrics, &cells);
    cells.emplace_back(point.seconds);
    table.AddRow(cells);
  }
  std::cout << table.Print(TableFormat::kText);
}

}  // namespace bv::cli
