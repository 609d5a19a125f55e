// Which layers matter to trained heads, read from their weights: what learned pooling gives each layer, how
// large the weights of a layer's adapter and of its rows in the output are, and what linear probes of single
// layers reach. Needs head folders only, no logits and no states. Pure reading.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "analysis/finding.h"
#include "base/file.h"

namespace bv {

// One head; a list is empty where the head has nothing of the kind, else it has an entry per layer.
struct HeadLayers {
  std::string name;  // of the run, without what all have in common
  fs::path folder;
  std::vector<int32_t> layers;   // numbers of the states it reads, 0 = embeddings
  std::vector<double> pooling;   // scale * softmax(weight): what each state is multiplied with (spec B.1)
  std::vector<double> adapter;   // Frobenius norm of each layer's adapter, where layers have their own (B.4)
  std::vector<double> output;    // Frobenius norm of the output's rows for each layer's features (B.5)
  std::optional<int32_t> probe;  // the layer that a linear probe reads
  double exact = 0, f1 = 0;      // percent on the dev data, NaN where there was none
};

// Heads among the folders and right below them; other folders are passed over. Errors: kData for damaged
// heads and runs.
std::vector<HeadLayers> ReadHeadLayers(const std::vector<fs::path>& folders);

Finding LayersFinding(const std::vector<HeadLayers>& heads);

// What a head takes of each layer, in one row of numbers.
struct LayerUse {
  std::string what;  // "pooling", "output norm", "adapter norm": the first of these that the head has
  std::vector<int32_t> layers;
  std::vector<double> values;
};

// Nothing of a head that has no weights for single layers.
std::optional<LayerUse> LayerUseOf(const HeadLayers& head);

}  // namespace bv
