#include "study/forecast.h"

#include "bert/multiply_adds.h"
#include "heads/registry.h"

namespace bv::study {
namespace {

constexpr double kTrainingPasses = 3;  // forward, and backward by inputs and by weights
constexpr double kHeadPasses = 2;      // heads need no gradient of their inputs, which are most of their work
constexpr int64_t kFloatBytes = 4;

double Real(int64_t value) {
  return static_cast<double>(value);
}

double FineTuneSeconds(const Step& step, const ExperimentFigures& figures) {
  const double tokens = kTrainingPasses * step.epochs * Real(figures.train.tokens) +
                        Real(figures.dev.tokens) * static_cast<double>(step.checkpoints);
  return tokens / figures.train_rate;
}

int64_t StoreBytes(const Step& step, const ExperimentFigures& figures) {
  const DataSize& data = step.train_part ? figures.train : figures.dev;
  const int64_t vectors =
      step.rows ? data.windows * (figures.dims.layers + 1) : data.tokens * figures.dims.layers;
  return vectors * figures.dims.hidden * figures.value_bytes;
}

double HeadSeconds(const Step& step, const ExperimentFigures& figures) {
  const double rate = figures.train_rate *
                      LinearMultiplyAdds(figures.dims.layers - 1, figures.dims.hidden, figures.intermediate);
  double seconds = 0;
  for (const std::string& name : step.heads) {
    const HeadEntry head = FindHead(name, figures.dims);
    const BackboneDims own = DimsFor(head.kind, figures.dims);
    const int64_t length = figures.train.windows == 0 ? 0 : figures.train.tokens / figures.train.windows;
    const double work = head.outline(own, length).multiply_adds();
    seconds +=
        work * (kHeadPasses * step.epochs * Real(figures.train.windows) + Real(figures.dev.windows)) / rate;
  }
  return seconds;
}

Cost CostOf(const Step& step, const ExperimentFigures& figures) {
  switch (step.kind) {
    case StepKind::kFineTune:
      return {FineTuneSeconds(step, figures),
              static_cast<int64_t>(step.checkpoints) * figures.parameters * kFloatBytes};
    case StepKind::kExtract:
      return {Real((step.train_part ? figures.train : figures.dev).tokens) / figures.extract_rate,
              StoreBytes(step, figures)};
    case StepKind::kTrain:
      return {HeadSeconds(step, figures), 0};
    default:
      return {};
  }
}

}  // namespace

std::vector<Cost> Forecast(const std::vector<Step>& steps, const std::vector<ExperimentFigures>& figures) {
  std::vector<Cost> costs;
  costs.reserve(steps.size());
  for (const Step& step : steps) costs.push_back(CostOf(step, figures.at(step.experiment)));
  return costs;
}

double Correction(const std::vector<Experience>& finished, StepKind kind) {
  double forecast = 0, seconds = 0;
  for (const Experience& one : finished) {
    if (one.kind != kind || one.forecast <= 0) continue;
    forecast += one.forecast;
    seconds += one.seconds;
  }
  return forecast > 0 && seconds > 0 ? seconds / forecast : 1;
}

}  // namespace bv::study
