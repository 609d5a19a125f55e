// What the steps of a study should cost, before they are run: seconds and disk, from a few figures measured
// on the plan's data and from counted multiply-adds. Arithmetic only; who measures is the caller. Rough by
// nature: heads run at other speeds than backbones, and machines are shared.
#pragma once

#include <cstdint>
#include <vector>

#include "study/steps.h"

namespace bv::study {

// Of one experiment, as `extract --estimate` says it.
struct DataSize {
  int64_t windows = 0, tokens = 0;
};
struct ExperimentFigures {
  DataSize train, dev;
  double extract_rate = 0;  // tokens/s of the backbone as extraction runs it
  double train_rate = 0;    // and in f32, as fine-tuning does, forward alone
  BackboneDims dims;
  int64_t intermediate = 0;  // width of the feed-forward layers
  int64_t parameters = 0;    // of the backbone
  int64_t value_bytes = 2;   // of a state in the store
};

struct Cost {
  double seconds = 0;  // 0: seconds or less, not forecast
  int64_t bytes = 0;   // that stay on disk until they are deleted
};

// One for each step; figures: one for each experiment of the plan.
std::vector<Cost> Forecast(const std::vector<Step>& steps, const std::vector<ExperimentFigures>& figures);

// What work of each kind took in proportion to its forecast, for correcting the others: (kind, forecast,
// seconds) of finished steps. 1 for kinds of which none is finished.
struct Experience {
  StepKind kind;
  double forecast, seconds;
};
double Correction(const std::vector<Experience>& finished, StepKind kind);

}  // namespace bv::study
