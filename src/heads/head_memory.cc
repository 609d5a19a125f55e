#include "heads/head_memory.h"

namespace bv {
namespace {

constexpr double kBytes = 4;  // of an f32 value
// On the way back, the largest stage's gradient exists twice: of what came out and of what came in.
constexpr double kGradients = 2;

}  // namespace

HeadMemory TrainingMemory(const HeadEntry& head, const BackboneDims& dims, const BatchSize& batch) {
  const auto sizes = head.build(dims, HeadInit::SizesOnly());
  HeadOutline outline = sizes->Outline(batch.tokens);
  if (outline.on_grid()) outline = sizes->Outline(batch.longest);
  const auto parameters = static_cast<double>(outline.parameters());
  const auto windows = static_cast<double>(batch.windows);
  HeadMemory memory;
  memory.resting = static_cast<int64_t>(kBytes * 3 * parameters);
  memory.step = static_cast<int64_t>(
      kBytes * (parameters + windows * (outline.kept() + kGradients * outline.largest())));
  return memory;
}

int64_t TrainingBytes(const HeadEntry& head, const BackboneDims& dims, const BatchSize& batch) {
  const HeadMemory memory = TrainingMemory(head, dims, batch);
  return memory.resting + memory.step;
}

}  // namespace bv
