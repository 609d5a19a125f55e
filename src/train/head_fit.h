// Whether training heads together fits into memory, by forecast, before it starts. Not a measurement. Pure
// functions but for RequireMemory's look at the machine.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "heads/head_memory.h"
#include "states/state_source.h"

namespace bv {

struct FitRequest {
  std::vector<std::string> heads;
  BackboneDims dims;
  BatchSize batch;
};

// What a source's batches will be like; longest: most tokens of a window. Batches of random windows differ,
// so a fifth is added to the mean.
BatchSize BatchOf(const StateSource& source, int64_t windows, int64_t longest);

// Bytes that the training takes: of all heads what rests, of the largest what one step needs, and the states.
int64_t ForecastBytes(const FitRequest& request);

// Error(kUnsupported) where that is more than `available`, with the heads that alone are too large and the
// batch size that would do, if one does.
void RequireFit(const FitRequest& request, int64_t available);
// With what this machine has to give; nothing is checked where it does not say.
void RequireMemory(const FitRequest& request);

}  // namespace bv
