// A head on disk: head.json and head.safetensors in one folder. Self-contained, and it proves itself: beside
// kind, dimensions and weights stand outputs expected for inputs that are generated from a seed, and loading
// runs them again. Not a run folder: what training says about itself is written elsewhere.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "heads/head.h"

namespace bv {

struct SavedHead {
  std::unique_ptr<Head> head;
  uint64_t backbone = 0;  // fingerprint of the backbone whose states it was trained on
};

// Writes both files, head.json last; it holds size and checksum of the other. The folder must exist. The head
// is on the CPU or elsewhere; its weights are checked to be finite (kData).
void SaveHead(const std::filesystem::path& folder, const Head& head, uint64_t backbone);

// Reads, checks and runs the generated inputs, as f32 and as bf16 states. Errors: kIo, kData (damaged or
// disagreeing files, NaN, outputs beyond the stated tolerance), kUnsupported (a newer format or unknown
// head).
SavedHead LoadHead(const std::filesystem::path& folder);

// Copies the tensors of a file, named as the head's parameters and buffers are, into the head. Errors
// (kData): a tensor is missing or too many, has another shape or dtype, or is not finite.
void LoadTensors(const Head& head, const TensorFile& file);

}  // namespace bv
