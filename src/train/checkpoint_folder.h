// The folders checkpoint-<step> of a training: each appears whole or not at all, and the newest is what a
// resumed run starts from. What is inside is the trainers' business.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>

namespace bv {

// The step of the newest checkpoint-<step> in the folder; nothing when there is none, or no folder.
std::optional<int64_t> NewestCheckpoint(const std::filesystem::path& folder);
std::filesystem::path CheckpointPath(const std::filesystem::path& folder, int64_t step);

// Creates the folder where needed, calls write(scratch folder), and renames that to checkpoint-<step>. Older
// checkpoints and the scratch folders of killed writers are removed afterwards.
void CommitCheckpoint(const std::filesystem::path& folder, int64_t step,
                      const std::function<void(const std::filesystem::path&)>& write);

// Removes all of them: the training is complete.
void RemoveCheckpoints(const std::filesystem::path& folder);

}  // namespace bv
