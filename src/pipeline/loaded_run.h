// What systems of spans and of texts load alike: a run's backbone in the right precision, the states
// that it reads, its windows. Heads are loaded by run_head.h. Free functions; what they give is immutable.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/hash.h"
#include "heads/head.h"
#include "pipeline/run_source.h"
#include "pipeline/system_options.h"
#include "states/backbone.h"
#include "states/window_states.h"

namespace bv {

// Tokens of a batch: large enough for the products, small enough for the caches.
constexpr int64_t kSystemBatchTokens = 4096;

// Errors (kUsage): another model for a run that is a model itself; those of LoadBackbone.
std::unique_ptr<const Backbone> LoadBackboneOf(const RunSource& source, const SystemOptions& options);

// The states that a run reads: a head's layers, or the last one. Errors (kData): another backbone than the
// head's.
WindowStates StatesOf(const RunSource& source, const Backbone& backbone, bool allow_other_backbone);

// A hash over everything that decides a system's logits, but for the precision.
class SystemHash {
 public:
  explicit SystemHash(const Backbone& backbone);
  void Add(const std::vector<NamedTensor>& tensors);
  void Add(const Head& head);
  std::string Digest() const;  // 16 hexadecimal digits

 private:
  Xxh3 hash_;
};

// Those of the run with what the options change. A model that no run describes may have fewer positions than
// the defaults need, and gets less. Errors (kUsage): options that do not fit the rule; another rule or
// padding than a head's states had.
WindowOptions WindowsOf(const RunSource& source, const Backbone& backbone, const SystemOptions& options);

}  // namespace bv
