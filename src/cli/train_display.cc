#include "cli/train_display.h"

#include <iostream>

#include "base/interrupt.h"
#include "base/log.h"
#include "base/strings.h"
#include "report/score_columns.h"
#include "report/table.h"
#include "train/task_loss.h"

namespace bv::cli {
namespace {

constexpr size_t kLossesShown = 3;

Cell Share(const HeadResult& result) {
  if (!result.backbone_parameters) return {};
  return 100 * static_cast<double>(result.parameters) / static_cast<double>(*result.backbone_parameters);
}

void PrintTable(const std::vector<HeadResult>& results) {
  std::vector<const Metrics*> rows;
  rows.reserve(results.size());
  for (const HeadResult& result : results) rows.push_back(&result.metrics);
  const std::vector<ScoreColumn> columns = ScoreColumns(rows, "eval_");
  std::vector<Column> heads = {{"head", Align::kLeft}, {"parameters"}, {"% of backbone", Align::kRight, 4}};
  AddHeads(columns, &heads);
  heads.push_back({"train loss", Align::kRight, 3});
  heads.push_back({"seconds", Align::kRight, 1});
  Table table(heads);
  for (const HeadResult& result : results) {
    std::vector<Cell> cells = {result.head, result.parameters, Share(result)};
    AddCells(columns, result.metrics, &cells);
    cells.push_back(CellOf(FindMetric(result.metrics, {"train_loss"})));
    cells.push_back(CellOf(FindMetric(result.metrics, {"train_runtime"})));
    table.AddRow(cells);
  }
  std::cout << table.Print(TableFormat::kText);
}

void PrintJson(const std::vector<HeadResult>& results) {
  OrderedJson list = OrderedJson::array();
  for (const HeadResult& result : results) {
    OrderedJson one = {
        {"head", result.head}, {"run", result.folder.string()}, {"parameters", result.parameters}};
    one["backbone_parameters"] =
        result.backbone_parameters ? OrderedJson(*result.backbone_parameters) : OrderedJson(nullptr);
    one["metrics"] = OrderedJson::object();
    for (const auto& [name, value] : result.metrics) one["metrics"][name] = value;
    list.push_back(std::move(one));
  }
  std::cout << list.dump(2) << "\n";
}

}  // namespace

void TrainDisplay::OnStart(const std::vector<std::string>& heads, size_t finished, int64_t step,
                           int64_t windows) {
  if (finished > 0) LogInfo(Cat(finished, " heads are finished already"));
  if (step > 0) LogInfo(Cat("going on from the checkpoint at step ", step));
  LogInfo(Cat(heads.size(), heads.size() == 1 ? " head, " : " heads, ", Thousands(windows), " windows"));
  names_ = heads;
  bar_.emplace("train", windows, "windows");
}

void TrainDisplay::OnStep(const HeadTrainProgress& progress) {
  smooth_.resize(progress.losses.size(), 0);
  losses_ = "loss";
  for (size_t i = 0; i < smooth_.size(); ++i) {
    const double loss = ComparableLoss(progress.losses[i], task_, reduction_);
    smooth_[i] = smooth_[i] == 0 ? loss : 0.95 * smooth_[i] + 0.05 * loss;
    if (i < kLossesShown) losses_ += Cat("  ", names_[i], " ", Fixed(smooth_[i], 3));
  }
  if (smooth_.size() > kLossesShown) losses_ += "  …";
  bar_->SetNote(losses_);
  bar_->Set(progress.windows);
}

void TrainDisplay::OnEvaluating(int64_t windows, int64_t all) {
  bar_->SetNote(Cat("dev ", Thousands(windows), "/", Thousands(all), " windows  ", losses_));
  bar_->Redraw();
}

void TrainDisplay::OnEvaluated(double epoch, const std::vector<std::string>& heads,
                               const std::vector<TaskEvaluation>& evaluations) {
  bar_->Clear();
  for (size_t i = 0; i < heads.size(); ++i)
    LogInfo(Cat("epoch ", epoch, "  ", heads[i], ScoreLine(EvaluationMetrics(evaluations[i]))));
}

bool TrainDisplay::StopRequested() {
  return InterruptRequested();
}

void PrintHeadResults(const std::vector<HeadResult>& results, bool json) {
  json ? PrintJson(results) : PrintTable(results);
}

}  // namespace bv::cli
