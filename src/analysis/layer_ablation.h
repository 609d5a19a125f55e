// What a trained head loses when one layer's states are taken away (its own weights stay as they are): each
// layer in turn is replaced, and the head scored again on a store. One pass over the store for all layers.
//
// By default a state is replaced by the layer's mean over all tokens of the store: the head then sees what it
// sees on average and loses only what tells tokens apart. Zeros are offered too, but no layer ever gives
// them: a head's answers to them mix the loss of the layer with the surprise.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "analysis/finding.h"
#include "base/file.h"
#include "run/results.h"

namespace bv {

enum class LayerSubstitute { kMean, kZero };

struct LayerAblation {
  struct Without {
    int32_t layer = 0;
    Metrics scores;
  };
  std::string run;
  LayerSubstitute substitute = LayerSubstitute::kMean;
  Metrics scores;  // with all layers: exact and f1 in percent, or those of a task of texts
  std::vector<Without> without;
};

struct LayerAblationOptions {
  LayerSubstitute substitute = LayerSubstitute::kMean;
  bool allow_other_backbone = false;
  int threads = 1;
};

// report gets the windows done and all of a pass; false stops with Error(kInterrupted). Errors: those of the
// head, the store, and of states that are not the head's.
LayerAblation AblateLayers(const fs::path& head_run, const fs::path& store,
                           const LayerAblationOptions& options,
                           const std::function<bool(int64_t done, int64_t total)>& report);

Finding LayerAblationFinding(const std::vector<LayerAblation>& ablations);

}  // namespace bv
