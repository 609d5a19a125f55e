#include "report/loss_charts.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>

#include "base/strings.h"
#include "report/run_charts.h"

namespace bv {
namespace {

std::vector<ChartPoint> Curve(const std::vector<LogEntry>& history, const std::string& key) {
  std::vector<ChartPoint> points;
  for (const LogEntry& entry : history) {
    for (const auto& [name, value] : entry.values) {
      if (name == key && std::isfinite(value)) points.push_back({entry.epoch, value, std::nullopt, ""});
    }
  }
  return points;
}

Chart EmptyChart(std::string id, std::string title, bool of_spans) {
  return {.id = std::move(id),
          .title = std::move(title),
          .note = Cat("Lines: training loss. Lines with points: dev loss.",
                      of_spans ? " Both are means over first and last piece." : ""),
          .x_title = "epochs",
          .y_title = "loss"};
}

bool OfSpans(const ReportSystem& system) {
  return !system.task;
}

void AddRun(const ReportSystem& system, const std::string& name, Chart* chart) {
  ChartSeries train = {.name = name + ", training",
                       .key = name,
                       .points = Averaged(Curve(system.history, "loss"), kCurvePoints)};
  ChartSeries dev = {.name = name + ", dev",
                     .marks = SeriesMarks::kLineAndPoints,
                     .key = name,
                     .points = Curve(system.history, "eval_loss")};
  if (!train.points.empty()) chart->series.push_back(std::move(train));
  if (!dev.points.empty()) chart->series.push_back(std::move(dev));
}

Chart FineTuningLosses(const std::vector<ReportSystem>& systems) {
  Chart chart = EmptyChart("loss-fine-tuning", "Losses of fine-tuning",
                           std::all_of(systems.begin(), systems.end(), OfSpans));
  std::set<std::filesystem::path> seen;
  for (const ReportSystem& system : systems) {
    if (system.kind != SystemKind::kBert || !seen.insert(system.run).second) continue;
    AddRun(system, system.run.filename().string(), &chart);
  }
  return chart;
}

}  // namespace

std::vector<ChartPoint> Averaged(const std::vector<ChartPoint>& points, size_t most) {
  if (points.size() <= most) return points;
  std::vector<ChartPoint> result;
  for (size_t part = 0; part < most; ++part) {
    const size_t begin = part * points.size() / most, end = (part + 1) * points.size() / most;
    ChartPoint mean;
    for (size_t i = begin; i < end; ++i) {
      mean.x += points[i].x;
      mean.y += points[i].y;
    }
    mean.x /= static_cast<double>(end - begin);
    mean.y /= static_cast<double>(end - begin);
    result.push_back(mean);
  }
  return result;
}

std::vector<Chart> LossCharts(const std::vector<ReportSystem>& systems) {
  std::vector<Chart> charts = {FineTuningLosses(systems)};
  std::vector<std::filesystem::path> folders;  // of heads; charts[i + 1] is that of folders[i]
  for (const ReportSystem& system : systems) {
    if (system.kind == SystemKind::kBert) continue;
    const std::filesystem::path folder = system.folder.parent_path();
    const auto at = static_cast<size_t>(std::find(folders.begin(), folders.end(), folder) - folders.begin());
    if (at == folders.size()) {
      folders.push_back(folder);
      // As far as names tell folders apart; folders of seeds are often named alike.
      const std::string named = std::filesystem::path(system.name).parent_path().string();
      charts.push_back(
          EmptyChart(Cat("loss-heads-", folders.size()),
                     Cat("Losses of the heads in ", named.empty() ? folder.filename().string() : named),
                     OfSpans(system)));
    }
    AddRun(system, system.folder.filename().string(), &charts[at + 1]);
  }
  return charts;
}

}  // namespace bv
