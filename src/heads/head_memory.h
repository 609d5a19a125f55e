// What training a head takes of memory, forecast from shapes before anything is trained. Pure functions.
#pragma once

#include <cstdint>

#include "heads/registry.h"

namespace bv {

// One batch: so many windows, of so many tokens on average and at most. kRow: tokens are not looked at.
struct BatchSize {
  int64_t windows = 16;
  int64_t tokens = 384;
  int64_t longest = 384;
};

struct HeadMemory {
  int64_t resting = 0;  // bytes as long as it is trained: weights and Adam's two averages
  int64_t step = 0;     // bytes on top while a batch passes: what the way back needs, and gradients
};

// dims: of the head's kind. Without the states themselves, which all heads share.
HeadMemory TrainingMemory(const HeadEntry& head, const BackboneDims& dims, const BatchSize& batch);
// Both together: what training this head alone takes.
int64_t TrainingBytes(const HeadEntry& head, const BackboneDims& dims, const BatchSize& batch);

}  // namespace bv
